//! `eksctl create|get|delete cluster`. Network and stacks are not simulated: what counts for access is made by calls.
//!
//! The lines of the log are those of public outputs (eks 27.2); lines about nodes are left out.

use serde_json::{Value, json};

use super::checks;
use super::config_file::{self, ClusterConfig};
use super::nodegroup::{self, Group};
use super::printer::{self, Format};
use super::tool::{Account, Level, Outcome, Tool};
use super::{access_entry, identity_mapping, irsa, kubeconfig, named_cluster, stack};
use crate::aws::eks::AuthenticationMode;

/// What eksctl installs on every cluster.
const ADDONS: [&str; 4] = ["metrics-server", "vpc-cni", "kube-proxy", "coredns"];

/// What is to be made, from flags or file.
fn wanted(tool: &mut Tool<'_, '_>) -> Outcome<(ClusterConfig, bool)> {
    if let Some(path) = tool.parsed.value("config-file") {
        let config = config_file::read(tool, path)?;
        return Ok((config, true));
    }
    let parsed = tool.parsed;
    let mut config = ClusterConfig {
        name: parsed.name("name")?,
        region: parsed.text("region").to_owned(),
        version: parsed.text("version").to_owned(),
        with_oidc: parsed.on("with-oidc"),
        ..ClusterConfig::default()
    };
    for pair in parsed.list("tags") {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(format!(
                "invalid argument {pair:?} for \"--tags\" flag: {pair} must be formatted as key=value"
            ));
        };
        config.tags.insert(key.to_owned(), value.to_owned());
    }
    if config.name.is_empty() {
        let seconds = tool.ctx.session.world().clock.0 / 1000;
        config.name = format!("playground-cluster-{seconds}");
    }
    if !parsed.on("without-nodegroup") && !parsed.on("fargate") && !parsed.on("enable-auto-mode") {
        let group = parsed.text("nodegroup-name").to_owned();
        config.groups.push(nodegroup::from_flags(tool, &group)?);
    }
    Ok((config, false))
}

/// `eksctl create cluster`.
///
/// # Errors
/// Faults of flags and file; IAM or EKS refuses.
pub fn create(tool: &mut Tool<'_, '_>) -> Outcome {
    let (config, by_file) = wanted(tool)?;
    checks::check(&config.mode, &config.entries)?;
    let asked = Some(config.region.as_str()).filter(|region| !region.is_empty());
    let account = tool.sign_in(asked)?;
    let (name, region) = (config.name.clone(), account.region.clone());
    let version = if config.version.is_empty() { "1.33".to_owned() } else { config.version.clone() };
    tool.info(format!("eksctl version {}", super::VERSION));
    tool.info(format!("using region {region}"));
    for group in &config.groups {
        tool.info(format!("nodegroup {:?} will use \"\" [AmazonLinux2023/{version}]", group.name));
    }
    tool.info(format!("using Kubernetes version {version}"));
    let (managed, own) = config.groups.iter().partition::<Vec<&Group>, _>(|group| group.managed);
    let nodes = match (managed.is_empty(), own.is_empty()) {
        (true, true) => "",
        (false, true) => "managed nodes",
        (true, false) => "un-managed nodes",
        (false, false) => "managed nodes and un-managed nodes",
    };
    tool.info(format!("creating EKS cluster {name:?} in {region:?} region with {nodes}"));
    stacks(tool, &config, by_file);
    let at = format!("--region={region} --cluster={name}");
    tool.info(format!(
        "if you encounter any issues, check CloudFormation console or try 'eksctl utils describe-stacks {at}'"
    ));
    let place = format!("for cluster {name:?} in {region:?}");
    tool.info(format!(
        "Kubernetes API endpoint access will use default of {{publicAccess=true, privateAccess=false}} {place}"
    ));
    tool.info(format!("CloudWatch logging will not be enabled {place}"));
    tool.info(format!(
        "you can enable it with 'eksctl utils update-cluster-logging --enable-types={{SPECIFY-YOUR-LOG-TYPES-HERE (e.g. \
         all)}} {at}'"
    ));
    let missing: Vec<&str> =
        ADDONS.into_iter().filter(|addon| !config.addons.iter().any(|(known, _)| known == addon)).collect();
    if !missing.is_empty() {
        tool.info(format!("default addons {} were not specified, will install them as EKS addons", missing.join(", ")));
    }
    tool.info(tasks(&config));
    if let Err(why) = carry_out(tool, &account, &config, &version, &missing) {
        tool.warn("1 error(s) occurred and cluster hasn't been created properly, you may wish to check CloudFormation console");
        tool.info(format!("to cleanup resources, run 'eksctl delete cluster --region={region} --name={name}'"));
        tool.log(Level::Critical, &why);
        return Err(format!("failed to create cluster {name:?}"));
    }
    Ok(())
}

fn stacks(tool: &mut Tool<'_, '_>, config: &ClusterConfig, by_file: bool) {
    let managed = config.groups.iter().filter(|group| group.managed).count();
    let own = config.groups.len() - managed;
    if !by_file {
        if let Some(group) = config.groups.first() {
            let kind = if group.managed { "managed nodegroup" } else { "nodegroup" };
            tool.info(format!(
                "will create 2 separate CloudFormation stacks for cluster itself and the initial {kind}"
            ));
        }
        return;
    }
    let names: Vec<&str> = config.groups.iter().map(|group| group.name.as_str()).collect();
    match names.as_slice() {
        [] => {}
        [one] => tool.info(format!("1 nodegroup ({one}) was included (based on the include/exclude rules)")),
        all => tool.info(format!(
            "{} nodegroups ({}) were included (based on the include/exclude rules)",
            all.len(),
            all.join(", ")
        )),
    }
    for (count, kind) in [(own, "nodegroup"), (managed, "managed nodegroup")] {
        if count > 0 {
            tool.info(format!("will create a CloudFormation stack for cluster itself and {count} {kind} stack(s)"));
        }
    }
}

/// The tree of tasks, as eksctl draws it.
fn tasks(config: &ClusterConfig) -> String {
    let mut first = vec!["1 task: { create addons }".to_owned(), "wait for control plane to become ready".to_owned()];
    if config.with_oidc {
        first.push("associate IAM OIDC provider".to_owned());
        first.push("no tasks".to_owned());
    }
    let create = |group: &Group| {
        let kind = if group.managed { "managed nodegroup" } else { "nodegroup" };
        format!("create {kind} {:?}", group.name)
    };
    let groups: Vec<String> = config.groups.iter().map(create).collect();
    let indented = |tasks: &[String], by: &str| tasks.iter().map(|task| format!("{by}{task},\n")).collect::<String>();
    let inner = |deep: &str| format!("{} sequential sub-tasks: {{ \n{}", first.len(), indented(&first, deep));
    let body = match groups.as_slice() {
        [] => format!("    {}    }} \n", inner("        ")),
        [one] => format!(
            "    2 sequential sub-tasks: {{ \n        {}        }},\n        {one},\n    }} \n",
            inner("            ")
        ),
        all => format!(
            "    2 sequential sub-tasks: {{ \n        {}        }},\n        {} parallel sub-tasks: {{ \n{}        }},\n    }} \n",
            inner("            "),
            all.len(),
            indented(all, "            ")
        ),
    };
    format!("\n2 sequential tasks: {{ create cluster control plane {:?}, \n{body}}}\n", config.name)
}

fn carry_out(
    tool: &mut Tool<'_, '_>,
    account: &Account,
    config: &ClusterConfig,
    version: &str,
    missing: &[&str],
) -> Outcome {
    let name = &config.name;
    let stack = format!("eksctl-{name}-cluster");
    tool.info(format!("building cluster stack {stack:?}"));
    tool.info(format!("deploying stack {stack:?}"));
    let failed = |why: String| format!("creating CloudFormation stack {stack:?}: {why}");
    if tool.ctx.session.world().cluster(name).is_some() {
        // With a cluster there is a stack of this name, or EKS refuses a second cluster of it: which is not simulated.
        return Err(failed(format!("AlreadyExistsException: Stack [{stack}] already exists")));
    }
    tool.info(format!("waiting for CloudFormation stack {stack:?}"));
    let role = match config.service_role.as_str() {
        "" => stack::make_role(tool, account, &stack, "ServiceRole", "eks.amazonaws.com")?,
        role => role.to_owned(),
    };
    let mode = if config.mode.is_empty() { AuthenticationMode::ApiAndConfigMap.name() } else { &config.mode };
    let mut tags = stack::tags(name);
    if let Some(members) = tags.as_object_mut() {
        members.insert("Name".to_owned(), format!("{stack}/ControlPlane").into());
        members.extend(config.tags.iter().map(|(key, value)| (key.clone(), value.clone().into())));
    }
    let input = json!({
        "name": name,
        "version": version,
        "roleArn": role,
        "resourcesVpcConfig": {
            "subnetIds": ["subnet-0aaa0000000000001", "subnet-0aaa0000000000002"],
            "endpointPublicAccess": true,
            "endpointPrivateAccess": false,
        },
        "accessConfig": {
            "authenticationMode": mode,
            "bootstrapClusterCreatorAdminPermissions": config.bootstrap.unwrap_or(true),
        },
        "tags": tags,
    });
    if let Err(why) = tool.must(&account.caller, "EKS", "CreateCluster", input) {
        // The stack takes back what it made.
        stack::delete_roles(tool, account, &stack);
        return Err(failed(why));
    }
    let cluster = tool.connect(name, Some(&account.region))?;
    if config.with_oidc {
        irsa::provide(tool, &cluster)?;
    }
    let addons = missing.iter().map(|name| ((*name).to_owned(), String::new())).chain(config.addons.clone());
    for (addon, version) in addons {
        tool.info(format!("creating addon: {addon}"));
        let mut input = json!({ "clusterName": name, "addonName": addon });
        if let (false, Some(members)) = (version.is_empty() || version == "latest", input.as_object_mut()) {
            members.insert("addonVersion".to_owned(), version.into());
        }
        tool.eks(&cluster, "CreateAddon", input)?;
        tool.info(format!("successfully created addon: {addon}"));
    }
    let mut own = Vec::new();
    for group in &config.groups {
        let role = nodegroup::make(tool, &cluster, group)?;
        if !group.managed {
            own.push(role);
        }
    }
    for role in own {
        nodegroup::admit(tool, &cluster, &role)?;
    }
    if !config.entries.is_empty() {
        access_entry::create_all(tool, &cluster, &config.entries)?;
    }
    for mapping in &config.mappings {
        identity_mapping::create_checked(tool, &cluster, mapping)?;
    }
    irsa::create_all(tool, &cluster, &config.service_accounts)?;
    tool.info("waiting for the control plane to become ready");
    let file = match tool.parsed.value("write-kubeconfig") {
        Some("false") => None,
        _ => Some(kubeconfig::save(tool, &cluster)?),
    };
    tool.info("no tasks");
    tool.success(format!("all EKS cluster resources for {name:?} have been created"));
    if let Some(file) = file {
        tool.info(format!("kubectl command should work with {file:?}, try 'kubectl get nodes'"));
    }
    tool.success(format!("EKS cluster {name:?} in {:?} region is ready", account.region));
    Ok(())
}

/// `eksctl get cluster`.
///
/// # Errors
/// No such cluster.
pub fn get(tool: &mut Tool<'_, '_>) -> Outcome {
    let format = tool.format()?;
    let (name, region) = match tool.parsed.value("config-file") {
        Some(path) => config_file::read(tool, path).map(|config| (config.name, Some(config.region)))?,
        None => (tool.parsed.name("name")?, tool.parsed.value("region").map(str::to_owned)),
    };
    if !name.is_empty() && tool.parsed.on("all-regions") {
        return Err(
            "--all-regions is for listing all clusters, it must be used without cluster name flag/argument".to_owned()
        );
    }
    if name.is_empty() {
        return list(tool, region.as_deref(), format);
    }
    let account = tool.sign_in(region.as_deref())?;
    let lost = |why: String| format!("unable to describe control plane {name:?}: {why}");
    let answer = tool.must(&account.caller, "EKS", "DescribeCluster", json!({ "name": name })).map_err(lost)?;
    let cluster = answer.get("cluster").cloned().unwrap_or_default();
    if format != Format::Table {
        tool.out.push_str(&printer::list(vec![capitals(&cluster)], format));
        return Ok(());
    }
    let text = |pointer: &str| cluster.pointer(pointer).and_then(Value::as_str).unwrap_or("-").to_owned();
    let texts = |pointer: &str| {
        let items = cluster.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        let mut items: Vec<&str> = items.filter_map(Value::as_str).collect();
        items.sort_unstable();
        items.join(",")
    };
    let created = text("/createdAt").split(['.', '+']).next().unwrap_or_default().to_owned() + "Z";
    let row = vec![
        text("/name"),
        text("/version"),
        text("/status"),
        created,
        text("/resourcesVpcConfig/vpcId"),
        texts("/resourcesVpcConfig/subnetIds"),
        texts("/resourcesVpcConfig/securityGroupIds"),
        "EKS".to_owned(),
    ];
    let columns = ["NAME", "VERSION", "STATUS", "CREATED", "VPC", "SUBNETS", "SECURITYGROUPS", "PROVIDER"];
    tool.out.push_str(&printer::table("clusters", &columns, vec![row]));
    Ok(())
}

/// Members as the SDK for Go names them.
fn capitals(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let named = |(name, value): (&String, &Value)| {
                let mut letters = name.chars();
                let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
                (first + letters.as_str(), if name == "tags" { value.clone() } else { capitals(value) })
            };
            Value::Object(members.iter().map(named).collect())
        }
        Value::Array(items) => items.iter().map(capitals).collect(),
        other => other.clone(),
    }
}

fn list(tool: &mut Tool<'_, '_>, region: Option<&str>, format: Format) -> Outcome {
    let account = tool.sign_in(region)?;
    let answer = tool.must(&account.caller, "EKS", "ListClusters", json!({}))?;
    let mut summaries = Vec::new();
    for name in answer.get("clusters").and_then(Value::as_array).into_iter().flatten() {
        let described = tool.call(&account.caller, "DescribeCluster", json!({ "name": name }));
        let owned = described.is_ok_and(|answer| stack::has_tag(answer.pointer("/cluster/tags")));
        let owned = if owned { "True" } else { "False" };
        summaries.push(json!({ "Name": name, "Region": account.region, "Owned": owned }));
    }
    if account.region != tool.ctx.session.world().region {
        summaries.clear();
    }
    if format != Format::Table {
        tool.out.push_str(&printer::list(summaries, format));
        return Ok(());
    }
    let text =
        |summary: &Value, member: &str| summary.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let rows = summaries.iter().map(|summary| ["Name", "Region", "Owned"].map(|member| text(summary, member)).to_vec());
    tool.out.push_str(&printer::table("clusters", &["NAME", "REGION", "EKSCTL CREATED"], rows.collect()));
    Ok(())
}

/// `eksctl delete cluster`.
///
/// # Errors
/// No such cluster; EKS refuses.
pub fn delete(tool: &mut Tool<'_, '_>) -> Outcome {
    let (name, region) = match tool.parsed.value("config-file") {
        Some(path) => config_file::read(tool, path).map(|config| (config.name, Some(config.region)))?,
        None => named_cluster(tool)?,
    };
    tool.info(format!("deleting EKS cluster {name:?}"));
    let cluster = tool
        .connect(&name, region.as_deref())
        .map_err(|why| format!("fetching cluster status to determine if it can be deleted: {why}"))?;
    let names = |tool: &mut Tool<'_, '_>, operation: &str, member: &str| -> Outcome<Vec<String>> {
        let answer = tool.eks(&cluster, operation, json!({ "clusterName": name }))?;
        let items = answer.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    };
    let groups = names(tool, "ListNodegroups", "nodegroups")?;
    tool.info(format!("will drain 0 unmanaged nodegroup(s) in cluster {name:?}"));
    tool.info("starting parallel draining, max in-flight of 1");
    let profiles = names(tool, "ListFargateProfiles", "fargateProfileNames")?;
    for profile in &profiles {
        tool.info(format!("deleting Fargate profile {profile:?}"));
        tool.eks(&cluster, "DeleteFargateProfile", json!({ "clusterName": name, "fargateProfileName": profile }))?;
    }
    tool.info(format!("deleted {} Fargate profile(s)", profiles.len()));
    kubeconfig::clean_up(tool, &cluster);
    tool.info("cleaning up AWS load balancers created by Kubernetes objects of Kind Service or Ingress");
    tool.info(deletions(&name, &groups));
    for group in &groups {
        let stack = format!("eksctl-{name}-nodegroup-{group}");
        nodegroup::remove(tool, &cluster, group)?;
        tool.info(format!("waiting for stack {stack:?} to get deleted"));
        tool.info(format!("waiting for CloudFormation stack {stack:?}"));
    }
    irsa::forget(tool, &cluster);
    let stack = format!("eksctl-{name}-cluster");
    tool.info(format!("will delete stack {stack:?}"));
    if tool.parsed.on("wait") {
        tool.info(format!("waiting for stack {stack:?} to get deleted"));
        tool.info(format!("waiting for CloudFormation stack {stack:?}"));
    }
    tool.eks(&cluster, "DeleteCluster", json!({ "name": name }))?;
    for kind in ["cluster", "addon"] {
        stack::delete_roles(tool, &cluster.account, &format!("eksctl-{name}-{kind}-"));
    }
    tool.success("all cluster resources were deleted");
    Ok(())
}

fn deletions(name: &str, groups: &[String]) -> String {
    let last = format!("delete cluster control plane {name:?} [async]");
    match groups {
        [] => format!("\n1 task: {{ {last} \n}}\n"),
        [one] => format!("\n2 sequential tasks: {{ delete nodegroup {one:?}, {last} \n}}\n"),
        all => {
            let lines: String = all.iter().map(|group| format!("        delete nodegroup {group:?},\n")).collect();
            let count = all.len();
            format!("\n2 sequential tasks: {{ {count} parallel sub-tasks: {{ \n{lines}    }}, {last} \n}}\n")
        }
    }
}
