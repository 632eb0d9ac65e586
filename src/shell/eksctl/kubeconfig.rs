//! `eksctl utils write-kubeconfig`, and the kubeconfig that other commands write and clean up (eks 27.1).

use serde_json::{Value, json};

use super::named_cluster;
use super::tool::{Account, Cluster, Outcome, Tool};
use crate::shell::kubeconfig::Kubeconfig;

/// What both entries of a cluster are called: `NAME.REGION.eksctl.io`.
fn entry_name(cluster: &Cluster) -> String {
    format!("{}.{}.eksctl.io", cluster.name, cluster.account.region)
}

/// The name of a user as eksctl shows it: the last part of the caller's ARN.
fn username(account: &Account) -> &str {
    account.arn.rsplit_once('/').map_or("iam-root-account", |(_, name)| name)
}

/// The file that the flags name, if they name one.
fn path(tool: &Tool<'_, '_>, cluster: &str) -> Outcome<Option<String>> {
    let parsed = tool.parsed;
    let home = &tool.ctx.session.workstation().home;
    match (parsed.value("kubeconfig"), parsed.on("auto-kubeconfig")) {
        (Some(_), true) => Err("--kubeconfig and --auto-kubeconfig cannot be used at the same time".to_owned()),
        (None, true) => Ok(Some(format!("{home}/.kube/eksctl/clusters/{cluster}"))),
        (Some(path), false) => Ok(Some(tool.ctx.session.workstation().expand_home(path))),
        (None, false) => Ok(None),
    }
}

/// Writes cluster, user and context, and says so. Gives the path of the file.
///
/// # Errors
/// The cluster is gone; the file cannot be read or written.
pub fn save(tool: &mut Tool<'_, '_>, cluster: &Cluster) -> Outcome<String> {
    let path = path(tool, &cluster.name)?;
    let answer = tool.eks(cluster, "DescribeCluster", json!({ "name": cluster.name }))?;
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (name, region) = (entry_name(cluster), &cluster.account.region);
    let user = format!("{}@{name}", username(&cluster.account));
    let mut args = vec!["eks", "get-token", "--output", "json", "--cluster-name", &cluster.name, "--region", region];
    if let Some(role) = tool.parsed.value("authenticator-role-arn") {
        args.extend(["--role-arn", role]);
    }
    let mut env = vec![json!({ "name": "AWS_STS_REGIONAL_ENDPOINTS", "value": "regional" })];
    if let Some(profile) = &cluster.account.profile {
        env.push(json!({ "name": "AWS_PROFILE", "value": profile }));
    }
    let exec = json!({
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "args": args,
        "command": "aws",
        "env": env,
        "interactiveMode": "IfAvailable",
        "provideClusterInfo": false,
    });
    let server = json!({
        "certificate-authority-data": text("/cluster/certificateAuthority/data"),
        "server": text("/cluster/endpoint"),
    });
    let read = Kubeconfig::load_or_new(tool.ctx, path.as_deref());
    let before = read.map_err(|why| format!("writing kubeconfig: unable to read existing kubeconfig file: {why}"))?;
    let mut config = before.clone();
    config.put("clusters", &name, Some(server));
    config.put("users", &user, Some(json!({ "exec": exec })));
    config.put("contexts", &user, Some(json!({ "cluster": name, "user": user })));
    if tool.parsed.value("set-kubeconfig-context") != Some("false") {
        config.set_current(&user);
    }
    let saved = config.save(tool.ctx, &before);
    saved.map_err(|failure| format!("writing kubeconfig: {}", failure.printed().trim_end()))?;
    let file = config.default_file().to_owned();
    tool.success(format!("saved kubeconfig as {file:?}"));
    Ok(file)
}

/// Takes out what [`save`] wrote into the file of every day, and says so if there was something.
pub fn clean_up(tool: &mut Tool<'_, '_>, cluster: &Cluster) {
    let Ok(before) = Kubeconfig::load_or_new(tool.ctx, None) else { return };
    let name = entry_name(cluster);
    let is_its = |context: &Value| context.get("cluster").and_then(Value::as_str) == Some(&name);
    let contexts: Vec<String> = before
        .entries("contexts")
        .into_iter()
        .filter(|(_, context)| is_its(context))
        .map(|(name, _)| name.to_owned())
        .collect();
    let mut config = before.clone();
    config.put("clusters", &name, None);
    for context in &contexts {
        config.put("contexts", context, None);
        config.put("users", context, None);
        if before.current_context() == context {
            config.set_current("");
        }
    }
    if config != before && config.save(tool.ctx, &before).is_ok() {
        tool.success("kubeconfig has been updated");
    }
}

/// `eksctl utils write-kubeconfig`.
///
/// # Errors
/// No such cluster; a file that cannot be read or written.
pub fn write(tool: &mut Tool<'_, '_>) -> Outcome {
    let (name, region) = named_cluster(tool)?;
    let cluster = tool.connect(&name, region.as_deref())?;
    save(tool, &cluster).map(drop)
}
