//! The reverse of a command line: from a request to the `aws` or `kubectl` command that makes it (cli 2, 11, 12).
//!
//! Members become options by their names, so that a new operation needs nothing here.

use serde_json::{Map, Value};

use crate::engine::request::{GroupResource, PatchKind};
use crate::engine::{AwsRequest, KubeRequest, Request};
use crate::formats::yaml::emit;
use crate::k8s::attributes::Action;
use crate::k8s::discovery;
use crate::shell::aws::model::kebab;

/// The command line that makes `request`; several lines if an object travels on standard input.
pub fn command(request: &Request) -> String {
    match request {
        Request::Aws(request) => aws(request),
        Request::Kube { request, .. } => kubectl(request),
        Request::Propagation { millis } => format!("propagation-delay {}", millis / 1000),
        Request::Wait { millis } => format!("sleep {}", millis / 1000),
    }
}

/// A word in single quotes if the shell would read it otherwise.
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+^".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn aws(request: &AwsRequest) -> String {
    let operation = request.operation();
    let service = request.service();
    let mut line = format!("aws {service} {}", kebab(operation));
    for (name, value) in request.input().as_object().into_iter().flatten() {
        if let Value::Bool(on) = value {
            line.push_str(&format!(" --{}{}", if *on { "" } else { "no-" }, kebab(name)));
            continue;
        }
        let value = argument(name, value);
        // A word that begins as options do is a value only behind `=` (cli 1.2).
        let between = if value.trim_start_matches('\'').starts_with('-') { '=' } else { ' ' };
        // Of the global option `--version` every command would print its own (cli 1.6).
        let option = if name == "version" { "kubernetes-version".to_owned() } else { kebab(name) };
        line.push_str(&format!(" --{option}{between}{value}"));
    }
    line
}

/// The value of an option: shorthand where it can say the same, JSON otherwise.
fn argument(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => quote(text),
        Value::Array(items) if items.is_empty() => "'[]'".to_owned(),
        Value::Array(items) => match items.iter().map(Value::as_str).collect::<Option<Vec<_>>>() {
            // A word that looks like JSON or an option would be read as such.
            Some(words) if words.iter().all(|w| !w.is_empty() && !w.starts_with(['[', '-'])) => {
                words.into_iter().map(quote).collect::<Vec<_>>().join(" ")
            }
            _ => quote(&value.to_string()),
        },
        Value::Object(members) => quote(&shorthand(name, members).unwrap_or_else(|| value.to_string())),
        other => quote(&other.to_string()),
    }
}

/// `key=value,…` with lists at the end; `None` if a value does not fit.
fn shorthand(name: &str, members: &Map<String, Value>) -> Option<String> {
    let of = |text: &str, marks: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
    };
    let fits = |text: &str| of(text, "-_./:*@+");
    let mut parts = Vec::new();
    for (key, value) in members {
        // `@=` after a key reads the value from a file.
        if !of(key, "-_./:") {
            return None;
        }
        match value {
            Value::String(text) if fits(text) => parts.push(format!("{key}={text}")),
            Value::Number(number) => parts.push(format!("{key}={number}")),
            // The scope of a whole cluster is written without its empty list.
            Value::Array(items) if items.is_empty() && name == "accessScope" => {}
            Value::Array(items) => {
                let words =
                    items.iter().map(|item| item.as_str().filter(|text| fits(text))).collect::<Option<Vec<_>>>()?;
                // A single word would be read as a text; the service model says that it is a list all the same.
                if words.is_empty() {
                    return None;
                }
                parts.push(format!("{key}={}", words.join(",")));
            }
            _ => return None,
        }
    }
    (!parts.is_empty()).then(|| parts.join(","))
}

fn kubectl(request: &KubeRequest) -> String {
    match request {
        KubeRequest::List { resource, namespace, label_selector, field_selector } => {
            let mut line = format!("kubectl get {}", name_of(resource));
            let namespaced = kind_of(resource).is_none_or(|kind| kind.namespaced);
            match namespace {
                Some(namespace) => line.push_str(&format!(" -n {}", quote(namespace))),
                None if namespaced => line.push_str(" -A"),
                None => {}
            }
            option(&mut line, "-l", label_selector);
            option(&mut line, "--field-selector", field_selector);
            line
        }
        KubeRequest::Get { resource, namespace, name } => about("get", resource, name, namespace.as_deref(), false),
        KubeRequest::Delete { resource, namespace, name, orphan, dry_run } => {
            let line = about("delete", resource, name, namespace.as_deref(), *dry_run);
            if *orphan { format!("{line} --cascade=orphan") } else { line }
        }
        KubeRequest::Create { namespace, object, dry_run, .. } => with_object("create", object, namespace, *dry_run),
        KubeRequest::Update { namespace, object, dry_run, .. } => with_object("replace", object, namespace, *dry_run),
        KubeRequest::Patch { resource, namespace, name, kind, patch, dry_run, .. } => {
            let kind = match kind {
                PatchKind::Merge => "merge",
                PatchKind::Strategic => "strategic",
                PatchKind::Json => "json",
            };
            let line = about("patch", resource, name, namespace.as_deref(), *dry_run);
            format!("{line} --type={kind} -p {}", quote(&patch.to_string()))
        }
        KubeRequest::Subresource { verb, resource, subresource, namespace, name } => {
            let verb = match subresource.as_str() {
                "log" => "logs",
                "exec" => "exec",
                "attach" => "attach",
                "portforward" => "port-forward",
                _ => verb,
            };
            let place = namespace.as_deref().map(|n| format!(" -n {}", quote(n))).unwrap_or_default();
            format!("kubectl {verb} {}/{}{place}", name_of(resource), quote(name))
        }
        KubeRequest::TokenRequest(wanted) => {
            let mut line = format!("kubectl create token {}", quote(&wanted.name));
            option(&mut line, "-n", &wanted.namespace);
            let audiences = wanted.audiences.iter().map(|audience| ("--audience", audience.clone()));
            let bound = wanted.bound_to.iter().flat_map(|(kind, name, uid)| {
                [("--bound-object-kind", kind), ("--bound-object-name", name), ("--bound-object-uid", uid)]
                    .map(|(flag, value)| (flag, value.clone()))
            });
            let life = ("--duration", format!("{}s", wanted.seconds));
            for (flag, value) in std::iter::once(life).chain(audiences).chain(bound) {
                option(&mut line, flag, &value);
            }
            line
        }
        KubeRequest::Url { path } => format!("kubectl get --raw {}", quote(path)),
        KubeRequest::SelfSubjectAccessReview { action } => can_i(action),
        KubeRequest::SubjectAccessReview { user, action } => {
            let groups: String = user.groups.iter().map(|group| format!(" --as-group={}", quote(group))).collect();
            format!("{} --as={}{groups}", can_i(action), quote(&user.username))
        }
        KubeRequest::SelfSubjectRulesReview { namespace } => {
            format!("kubectl auth can-i --list -n {}", quote(namespace))
        }
        KubeRequest::SelfSubjectReview => "kubectl auth whoami".to_owned(),
        KubeRequest::Discovery => "kubectl api-resources".to_owned(),
    }
}

fn option(line: &mut String, flag: &str, value: &str) {
    if !value.is_empty() {
        line.push_str(&format!(" {flag} {}", quote(value)));
    }
}

fn about(verb: &str, resource: &GroupResource, name: &str, namespace: Option<&str>, dry_run: bool) -> String {
    let mut line = format!("kubectl {verb} {} {}", name_of(resource), quote(name));
    option(&mut line, "-n", namespace.unwrap_or_default());
    if dry_run {
        line.push_str(" --dry-run=server");
    }
    line
}

fn with_object(verb: &str, object: &Value, namespace: &Option<String>, dry_run: bool) -> String {
    let mut line = format!("kubectl {verb} -f -");
    if object.pointer("/metadata/namespace").is_none() {
        option(&mut line, "-n", namespace.as_deref().unwrap_or_default());
    }
    if dry_run {
        line.push_str(" --dry-run=server");
    }
    let yaml = emit::emit(object);
    let mut end = "EOF".to_owned();
    while yaml.lines().any(|text| text == end) {
        end.push('F');
    }
    format!("{line} <<'{end}'\n{yaml}{end}")
}

fn can_i(action: &Action) -> String {
    match action {
        Action::Url { verb, path } => format!("kubectl auth can-i {} {}", quote(verb), quote(path)),
        Action::Resource(asked) => {
            let group = if asked.api_group.is_empty() || asked.resource == "*" {
                String::new()
            } else {
                format!(".{}", asked.api_group)
            };
            let name = if asked.name.is_empty() { String::new() } else { format!("/{}", asked.name) };
            let resource = quote(&format!("{}{group}{name}", asked.resource));
            let mut line = format!("kubectl auth can-i {} {resource}", quote(&asked.verb));
            option(&mut line, "--subresource", &asked.subresource);
            if asked.namespace.is_empty() {
                line.push_str(" -A")
            } else {
                option(&mut line, "-n", &asked.namespace)
            }
            line
        }
    }
}

fn kind_of(resource: &GroupResource) -> Option<discovery::Resource> {
    discovery::built_in().into_iter().find(|kind| kind.group == resource.group && kind.plural == resource.resource)
}

/// The singular of a built-in kind; `plural.group` of any other, which is never ambiguous.
fn name_of(resource: &GroupResource) -> String {
    match kind_of(resource) {
        Some(kind) => kind.singular.into_owned(),
        None if resource.group.is_empty() => resource.resource.clone(),
        None => format!("{}.{}", resource.resource, resource.group),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check_aws(operation: &str, input: Value, expected: &str) {
        let request = AwsRequest::from_parts(operation, input).unwrap();
        assert_eq!(command(&Request::Aws(request)), expected);
    }

    #[test]
    fn members_become_options() {
        let arn = "arn:aws:iam::111122223333:user/k8s-dev";
        check_aws(
            "CreateAccessEntry",
            json!({"clusterName": "c", "principalArn": arn, "kubernetesGroups": ["a", "b c"], "tags": {"team": "x"},
                "username": "u:{{SessionName}}"}),
            &format!(
                "aws eks create-access-entry --cluster-name c --principal-arn {arn} --kubernetes-groups a 'b c' \
                 --tags team=x --username 'u:{{{{SessionName}}}}'"
            ),
        );
        check_aws(
            "UpdateAccessEntry",
            json!({"clusterName": "c", "principalArn": arn, "kubernetesGroups": []}),
            &format!("aws eks update-access-entry --cluster-name c --principal-arn {arn} --kubernetes-groups '[]'"),
        );
        let association = |scope: Value, expected: &str| {
            check_aws(
                "AssociateAccessPolicy",
                json!({"clusterName": "c", "principalArn": arn, "policyArn": "p", "accessScope": scope}),
                &format!(
                    "aws eks associate-access-policy --cluster-name c --principal-arn {arn} --policy-arn p --access-scope {expected}"
                ),
            );
        };
        association(json!({"type": "cluster"}), "type=cluster");
        association(json!({"type": "namespace", "namespaces": ["a", "dev-*"]}), "'type=namespace,namespaces=a,dev-*'");
        association(
            json!({"type": "namespace", "namespaces": ["a b"]}),
            r#"'{"type":"namespace","namespaces":["a b"]}'"#,
        );
        check_aws(
            "UpdateClusterConfig",
            json!({"name": "c", "accessConfig": {"authenticationMode": "API"}}),
            "aws eks update-cluster-config --name c --access-config authenticationMode=API",
        );
        check_aws("GetCallerIdentity", json!({}), "aws sts get-caller-identity");
        check_aws("CreateUser", json!({"UserName": "x"}), "aws iam create-user --user-name x");
    }

    #[test]
    fn kubernetes_calls_become_kubectl() {
        let check = |request: KubeRequest, expected: &str| {
            assert_eq!(command(&Request::Kube { cluster: "c".into(), request }), expected);
        };
        let bindings = GroupResource::new("rbac.authorization.k8s.io", "rolebindings");
        check(
            KubeRequest::Delete {
                resource: bindings,
                namespace: Some("dev".into()),
                name: "x".into(),
                orphan: false,
                dry_run: false,
            },
            "kubectl delete rolebinding x -n dev",
        );
        let maps = GroupResource::new("", "configmaps");
        check(
            KubeRequest::Patch {
                resource: maps.clone(),
                namespace: Some("kube-system".into()),
                name: "aws-auth".into(),
                kind: PatchKind::Merge,
                patch: json!({"data": {"a": "it's"}}),
                dry_run: false,
                strict: false,
            },
            r#"kubectl patch configmap aws-auth -n kube-system --type=merge -p '{"data":{"a":"it'\''s"}}'"#,
        );
        check(
            KubeRequest::Create {
                resource: maps,
                namespace: Some("a".into()),
                object: json!({"kind": "ConfigMap"}),
                dry_run: false,
                strict: false,
            },
            "kubectl create -f - -n a <<'EOF'\nkind: ConfigMap\nEOF",
        );
    }
}
