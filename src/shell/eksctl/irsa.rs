//! IAM roles for service accounts: `eksctl utils associate-iam-oidc-provider`, `eksctl create|get|delete
//! iamserviceaccount` (eks 27.3).

use serde_json::{Value, json};

use super::printer::{self, Format};
use super::tool::{Account, Cluster, Outcome, Tool};
use super::{config_file, required_cluster, stack};
use crate::engine::KubeRequest;
use crate::engine::eks::oidc_issuer;
use crate::engine::request::GroupResource;

/// The annotation that names the role.
const ROLE: &str = "eks.amazonaws.com/role-arn";
/// The label of what eksctl made.
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// A service account that is to have a role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewServiceAccount {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The role's name, if it is not to be generated.
    pub role_name: String,
    /// A role that is there already.
    pub role_arn: String,
    /// Whether only the role is made.
    pub role_only: bool,
    /// Policies for the role; they are not simulated.
    pub policies: Vec<String>,
}

impl NewServiceAccount {
    fn label(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// The URL of the cluster's provider, without `https://`, and the provider's ARN.
fn provider(tool: &Tool<'_, '_>, cluster: &Cluster) -> (String, String) {
    let world = tool.ctx.session.world();
    let issuer = oidc_issuer(&world.region, &cluster.name);
    let url = issuer.strip_prefix("https://").unwrap_or(&issuer).to_owned();
    let arn = format!("arn:{}:iam::{}:oidc-provider/{url}", world.partition, world.account);
    (url, arn)
}

fn is_associated(tool: &mut Tool<'_, '_>, cluster: &Cluster) -> Outcome<bool> {
    let (_, arn) = provider(tool, cluster);
    let input = json!({ "OpenIDConnectProviderArn": arn });
    match tool.call(&cluster.account.caller, "GetOpenIDConnectProvider", input) {
        Ok(_) => Ok(true),
        Err(exception) if exception.code == "NoSuchEntity" => Ok(false),
        Err(exception) => Err(tool.framed("IAM", "GetOpenIDConnectProvider", &exception)),
    }
}

/// Makes the cluster's provider unless it is there.
///
/// # Errors
/// IAM refuses.
pub fn provide(tool: &mut Tool<'_, '_>, cluster: &Cluster) -> Outcome {
    if is_associated(tool, cluster)? {
        return Ok(());
    }
    let (url, _) = provider(tool, cluster);
    let tags = json!([{ "Key": "alpha.eksctl.io/cluster-name", "Value": cluster.name }]);
    let input = json!({
        "Url": format!("https://{url}"),
        "ClientIDList": [audience(&cluster.account)],
        "Tags": tags,
    });
    tool.must(&cluster.account.caller, "IAM", "CreateOpenIDConnectProvider", input).map(drop)
}

fn audience(account: &Account) -> &'static str {
    if account.arn.starts_with("arn:aws-cn:") { "sts.amazonaws.com.cn" } else { "sts.amazonaws.com" }
}

/// Deletes the cluster's provider and the roles of its service accounts, as deleting a cluster does.
pub fn forget(tool: &mut Tool<'_, '_>, cluster: &Cluster) {
    let (_, arn) = provider(tool, cluster);
    // To delete what is not there is no error.
    let _ =
        tool.call(&cluster.account.caller, "DeleteOpenIDConnectProvider", json!({ "OpenIDConnectProviderArn": arn }));
}

/// `eksctl utils associate-iam-oidc-provider`.
///
/// # Errors
/// No such cluster; IAM refuses.
pub fn associate(tool: &mut Tool<'_, '_>) -> Outcome {
    let (name, region) = place(tool)?;
    let cluster = tool.connect(&name, region.as_deref())?;
    let at = format!("cluster {name:?} in {:?}", cluster.account.region);
    if is_associated(tool, &cluster)? {
        tool.info(format!("IAM Open ID Connect provider is already associated with {at}"));
        return Ok(());
    }
    if !tool.parsed.on("approve") {
        tool.info(format!("(plan) would create IAM Open ID Connect provider for {at}"));
        tool.warn("no changes were applied, run again with '--approve' to apply the changes");
        return Ok(());
    }
    tool.info(format!("will create IAM Open ID Connect provider for {at}"));
    provide(tool, &cluster)?;
    tool.success(format!("created IAM Open ID Connect provider for {at}"));
    Ok(())
}

fn place(tool: &mut Tool<'_, '_>) -> Outcome<(String, Option<String>)> {
    match tool.parsed.value("config-file") {
        Some(path) => config_file::read(tool, path).map(|config| (config.name, Some(config.region))),
        None => required_cluster(tool),
    }
}

fn accounts_of(namespace: &str) -> (GroupResource, Option<String>) {
    (GroupResource::new("", "serviceaccounts"), Some(namespace.to_owned()))
}

fn find(tool: &mut Tool<'_, '_>, cluster: &Cluster, namespace: &str, name: &str) -> Outcome<Option<Value>> {
    let (resource, namespace) = accounts_of(namespace);
    let get = KubeRequest::Get { resource, namespace, name: name.to_owned() };
    tool.look_up(cluster, get).map_err(|status| status.message)
}

/// The trust policy by which pods of the service account get the role.
fn trust(tool: &Tool<'_, '_>, cluster: &Cluster, account: &NewServiceAccount) -> Value {
    let (url, arn) = provider(tool, cluster);
    let subject = format!("system:serviceaccount:{}:{}", account.namespace, account.name);
    let mut conditions = serde_json::Map::new();
    conditions.insert(format!("{url}:sub"), subject.into());
    conditions.insert(format!("{url}:aud"), audience(&cluster.account).into());
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Federated": arn },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": { "StringEquals": conditions },
        }],
    })
}

/// Makes roles and service accounts, as their stacks do.
///
/// # Errors
/// The refusal of IAM or of the API server.
pub fn create_all(tool: &mut Tool<'_, '_>, cluster: &Cluster, accounts: &[NewServiceAccount]) -> Outcome {
    for account in accounts {
        let stack = stack_name(cluster, account);
        let role = if account.role_arn.is_empty() {
            tool.info(format!("building iamserviceaccount stack {stack:?}"));
            tool.info(format!("deploying stack {stack:?}"));
            tool.info(format!("waiting for CloudFormation stack {stack:?}"));
            let trust = trust(tool, cluster, account);
            let name = match account.role_name.as_str() {
                "" => stack::role_name(&stack, "Role1"),
                name => name.to_owned(),
            };
            stack::make_named_role(tool, &cluster.account, &name, &trust)?
        } else {
            account.role_arn.clone()
        };
        if !account.role_only {
            put(tool, cluster, account, &role)?;
        }
    }
    Ok(())
}

fn stack_name(cluster: &Cluster, account: &NewServiceAccount) -> String {
    format!("eksctl-{}-addon-iamserviceaccount-{}-{}", cluster.name, account.namespace, account.name)
}

/// Makes the service account, or adds annotation and label to the one there is.
fn put(tool: &mut Tool<'_, '_>, cluster: &Cluster, account: &NewServiceAccount, role: &str) -> Outcome {
    let label = account.label();
    let (resource, namespace) = accounts_of(&account.namespace);
    let (dry_run, strict) = (false, false);
    let known = find(tool, cluster, &account.namespace, &account.name)?;
    let known = match known {
        Some(object) => object,
        None => {
            ensure_namespace(tool, cluster, &account.namespace)?;
            let metadata = json!({
                "name": account.name,
                "namespace": account.namespace,
                "labels": { MANAGED_BY: "eksctl" },
                "annotations": { ROLE: role },
            });
            let object = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata });
            let request = KubeRequest::Create { resource, namespace, object, dry_run, strict };
            tool.kube(cluster, request)
                .map_err(|status| format!("failed to create service account {label}: {}", status.message))?;
            tool.info(format!("created serviceaccount {label:?}"));
            return Ok(());
        }
    };
    let mut object = known;
    for (member, key, value) in [("labels", MANAGED_BY, "eksctl"), ("annotations", ROLE, role)] {
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            let entry = metadata.entry(member).or_insert_with(|| json!({}));
            if let Some(members) = entry.as_object_mut() {
                members.insert(key.to_owned(), value.into());
            }
        }
    }
    tool.info(format!("serviceaccount {label:?} already exists"));
    let name = account.name.clone();
    let request = KubeRequest::Update { resource, namespace, name, object, dry_run, strict };
    tool.kube(cluster, request)
        .map_err(|status| format!("failed to update service account {label}: {}", status.message))?;
    tool.info(format!("updated serviceaccount {label:?}"));
    Ok(())
}

fn ensure_namespace(tool: &mut Tool<'_, '_>, cluster: &Cluster, name: &str) -> Outcome {
    let resource = GroupResource::new("", "namespaces");
    let get = KubeRequest::Get { resource: resource.clone(), namespace: None, name: name.to_owned() };
    match tool.look_up(cluster, get) {
        Ok(None) => {
            let object = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
            let create = KubeRequest::Create { resource, namespace: None, object, dry_run: false, strict: false };
            tool.kube(cluster, create).map_err(|status| status.message)?;
            tool.info(format!("created namespace {name:?}"));
            Ok(())
        }
        // Who may not look finds out when the service account is made.
        _ => Ok(()),
    }
}

fn wanted(tool: &mut Tool<'_, '_>) -> Outcome<(String, Option<String>, Vec<NewServiceAccount>)> {
    if let Some(path) = tool.parsed.value("config-file") {
        let config = config_file::read(tool, path)?;
        return Ok((config.name, Some(config.region), config.service_accounts));
    }
    let (cluster, region) = required_cluster(tool)?;
    let parsed = tool.parsed;
    let account = NewServiceAccount {
        name: parsed.name("name")?,
        namespace: parsed.value("namespace").unwrap_or("default").to_owned(),
        role_name: parsed.text("role-name").to_owned(),
        role_arn: parsed.text("attach-role-arn").to_owned(),
        role_only: parsed.on("role-only"),
        policies: parsed.list("attach-policy-arn"),
    };
    if account.name.is_empty() {
        return Err("--name must be set".to_owned());
    }
    Ok((cluster, region, vec![account]))
}

/// `eksctl create iamserviceaccount`.
///
/// # Errors
/// Faults of flags; no provider is associated; IAM or the API server refuses.
pub fn create(tool: &mut Tool<'_, '_>) -> Outcome {
    let (name, region, accounts) = wanted(tool)?;
    let has_policy = |account: &NewServiceAccount| !account.policies.is_empty() || !account.role_arn.is_empty();
    if tool.parsed.value("config-file").is_none() && !accounts.iter().all(has_policy) {
        return Err("--attach-policy-arn or --attach-role-arn must be set".to_owned());
    }
    let cluster = tool.connect(&name, region.as_deref())?;
    if !is_associated(tool, &cluster)? {
        let at = format!("--region={} --cluster={name}", cluster.account.region);
        tool.warn(format!(
            "no IAM OIDC provider associated with cluster, try 'eksctl utils associate-iam-oidc-provider {at}'"
        ));
        return Err("unable to create iamserviceaccount(s) without IAM OIDC provider enabled".to_owned());
    }
    let overrides = tool.parsed.on("override-existing-serviceaccounts");
    let (mut new, mut old) = (Vec::new(), Vec::new());
    for account in accounts {
        let known = find(tool, &cluster, &account.namespace, &account.name)?;
        let by_eksctl = known.as_ref().is_some_and(is_managed);
        if by_eksctl || known.is_some() && !overrides && !account.role_only {
            old.push(account.label());
        } else {
            new.push(account);
        }
    }
    if !old.is_empty() {
        tool.info(format!("{} existing iamserviceaccount(s) ({}) will be excluded", old.len(), old.join(",")));
    }
    tell(tool, &new, old);
    tool.warn(if overrides {
        "metadata of serviceaccounts that exist in Kubernetes will be updated, as --override-existing-serviceaccounts \
         was set"
    } else {
        "serviceaccounts that exist in Kubernetes will be excluded, use --override-existing-serviceaccounts to override"
    });
    tool.info(tasks(&new, !tool.parsed.on("approve"), "create IAM role for", "", "create"));
    if !tool.parsed.on("approve") {
        if !new.is_empty() {
            tool.warn("no changes were applied, run again with '--approve' to apply the changes");
        }
        return Ok(());
    }
    if new.iter().any(|account| !account.policies.is_empty()) {
        tool.hint = Some("The policies of the role are not simulated; its trust policy is.".to_owned());
    }
    create_all(tool, &cluster, &new)
}

fn is_managed(object: &Value) -> bool {
    object.pointer("/metadata/labels").and_then(|labels| labels.get(MANAGED_BY)) == Some(&json!("eksctl"))
}

/// Which service accounts the command is about.
fn tell(tool: &mut Tool<'_, '_>, accounts: &[NewServiceAccount], excluded: Vec<String>) {
    let list = |labels: Vec<String>, what: &str| match labels.len() {
        0 => None,
        1 => Some(format!("1 iamserviceaccount ({}) was {what} (based on the include/exclude rules)", labels.concat())),
        n => Some(format!(
            "{n} iamserviceaccounts ({}) were {what} (based on the include/exclude rules)",
            labels.join(", ")
        )),
    };
    let labels = accounts.iter().map(NewServiceAccount::label).collect();
    for line in [list(labels, "included"), list(excluded, "excluded")].into_iter().flatten() {
        tool.info(line);
    }
}

/// The tree of tasks: two for each service account.
fn tasks(accounts: &[NewServiceAccount], planned: bool, role: &str, end: &str, account: &str) -> String {
    let mark = if planned { "(plan) " } else { "" };
    let one = |of: &NewServiceAccount| {
        let label = of.label();
        let first = format!("{role} serviceaccount {label:?}{end}");
        if of.role_only {
            return first;
        }
        format!(
            "\n    2 sequential sub-tasks: {{ \n        {first},\n        {account} serviceaccount {label:?},\n    }}"
        )
    };
    match accounts {
        [] => "no tasks".to_owned(),
        [only] => format!("1 task: {{ {} }}", one(only)),
        all => {
            let parts: Vec<String> = all.iter().map(one).collect();
            format!("{mark}\n{} parallel tasks: {{ {} \n}}\n", all.len(), parts.join(", "))
        }
    }
}

/// `eksctl get iamserviceaccount`: those that eksctl made.
///
/// # Errors
/// No such cluster; the API server refuses.
pub fn get(tool: &mut Tool<'_, '_>) -> Outcome {
    let format = tool.format()?;
    let (cluster_name, region) = place(tool)?;
    let (wanted, namespace) = (tool.parsed.name("name")?, tool.parsed.value("namespace").map(str::to_owned));
    let cluster = tool.connect(&cluster_name, region.as_deref())?;
    let items = tool.kube_list(&cluster, GroupResource::new("", "serviceaccounts"), namespace)?;
    let text =
        |object: &Value, pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let role = |object: &Value| {
        let annotations = object.pointer("/metadata/annotations");
        annotations.and_then(|all| all.get(ROLE)).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let chosen: Vec<&Value> = items
        .iter()
        .filter(|object| is_managed(object) && !role(object).is_empty())
        .filter(|object| wanted.is_empty() || text(object, "/metadata/name") == wanted)
        .collect();
    let (name, space) = ("/metadata/name", "/metadata/namespace");
    if format != Format::Table {
        let shape = |object: &&Value| {
            json!({
                "metadata": { "name": text(object, name), "namespace": text(object, space) },
                "wellKnownPolicies": {
                    "autoScaler": false, "awsLoadBalancerController": false, "certManager": false,
                    "ebsCSIController": false, "efsCSIController": false, "externalDNS": false, "imageBuilder": false,
                },
                "status": { "roleARN": role(object) },
            })
        };
        tool.out.push_str(&printer::list(chosen.iter().map(shape).collect(), format));
        return Ok(());
    }
    let rows = chosen.iter().map(|object| vec![text(object, space), text(object, name), role(object)]).collect();
    tool.out.push_str(&printer::table("iamserviceaccounts", &["NAMESPACE", "NAME", "ROLE ARN"], rows));
    Ok(())
}

/// `eksctl delete iamserviceaccount`: the role and, if eksctl made it, the service account.
///
/// # Errors
/// No such cluster; the API server refuses.
pub fn delete(tool: &mut Tool<'_, '_>) -> Outcome {
    let (name, region, accounts) = wanted(tool)?;
    let by_file = tool.parsed.value("config-file").is_some();
    let cluster = tool.connect(&name, region.as_deref())?;
    let mut known = Vec::new();
    for account in accounts {
        let object = find(tool, &cluster, &account.namespace, &account.name)?;
        if let Some(object) = object.filter(is_managed) {
            known.push((account, object));
        }
    }
    let there: Vec<NewServiceAccount> = known.iter().map(|(account, _)| account.clone()).collect();
    tell(tool, &there, Vec::new());
    let planned = by_file && !tool.parsed.on("approve");
    tool.info(tasks(&there, planned, "delete IAM role for", " [async]", "delete"));
    if planned {
        tool.warn("no changes were applied, run again with '--approve' to apply the changes");
        return Ok(());
    }
    for (account, object) in known {
        tool.info(format!("will delete stack {:?}", stack_name(&cluster, &account)));
        let annotations = object.pointer("/metadata/annotations").and_then(|all| all.get(ROLE));
        let role = annotations.and_then(Value::as_str).unwrap_or_default();
        let role = role.rsplit('/').next().unwrap_or_default().to_owned();
        // The role may be gone already.
        let _ = tool.call(&cluster.account.caller, "DeleteRole", json!({ "RoleName": role }));
        let (resource, namespace) = accounts_of(&account.namespace);
        let request =
            KubeRequest::Delete { resource, namespace, name: account.name.clone(), orphan: false, dry_run: false };
        tool.kube(&cluster, request).map_err(|status| status.message)?;
        tool.info(format!("deleted serviceaccount {:?}", account.label()));
    }
    Ok(())
}
