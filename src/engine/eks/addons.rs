//! Add-ons (eks 26). An add-on is ready for the call after the one that makes it. What it installs is not simulated, and
//! one version of each is known (choice).

use std::rc::Rc;

use serde_json::{Value, json};

use super::integrations::{Made, arn, shown, update as started};
use super::pod_identity::check_account;
use super::{change, cluster, page};
use crate::aws::exception::Exception;
use crate::engine::request::Members;
use crate::engine::world::{World, uuid};

/// Name, type, version, whether it needs permissions of IAM, namespace.
type Known = (&'static str, &'static str, &'static str, bool, &'static str);

/// The add-ons of AWS that are known here; `{}` in a version is the cluster's.
const KNOWN: &[Known] = &[
    ("adot", "observability", "v0.109.0-eksbuild.2", true, "opentelemetry-operator-system"),
    ("amazon-cloudwatch-observability", "observability", "v4.1.0-eksbuild.1", true, "amazon-cloudwatch"),
    ("aws-ebs-csi-driver", "storage", "v1.44.0-eksbuild.1", true, "kube-system"),
    ("aws-efs-csi-driver", "storage", "v2.1.8-eksbuild.1", true, "kube-system"),
    ("aws-mountpoint-s3-csi-driver", "storage", "v1.15.0-eksbuild.1", true, "kube-system"),
    ("coredns", "networking", "v1.12.1-eksbuild.2", false, "kube-system"),
    ("eks-node-monitoring-agent", "observability", "v1.3.0-eksbuild.2", false, "kube-system"),
    ("eks-pod-identity-agent", "security", "v1.3.7-eksbuild.2", false, "kube-system"),
    ("kube-proxy", "networking", "v{}.0-eksbuild.2", false, "kube-system"),
    ("metrics-server", "observability", "v0.7.2-eksbuild.3", false, "kube-system"),
    ("snapshot-controller", "storage", "v8.2.0-eksbuild.1", false, "kube-system"),
    ("vpc-cni", "networking", "v1.19.5-eksbuild.1", true, "kube-system"),
];

/// The Kubernetes versions that add-ons are listed for.
const VERSIONS: &[&str] = &["1.33", "1.32", "1.31", "1.30"];

fn known(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.0 == name)
}

fn version(known: &Known, kubernetes: &str) -> String {
    known.2.replace("{}", kubernetes)
}

fn describe(world: &World, cluster: &str, name: &str, made: &Made, status: &str) -> Value {
    let member = |member: &str| made.input.get(member).cloned().unwrap_or_default();
    let answer = shown([
        ("addonName", json!(name)),
        ("clusterName", json!(cluster)),
        ("status", json!(status)),
        ("addonVersion", member("addonVersion")),
        ("health", json!({ "issues": [] })),
        ("addonArn", json!(arn(world, "addon", cluster, &format!("{name}/{}", uuid(made.serial))))),
        ("createdAt", json!(made.created_at.aws_text())),
        ("modifiedAt", json!(made.modified_at.aws_text())),
        ("serviceAccountRoleArn", member("serviceAccountRoleArn")),
        ("tags", made.input.get("tags").cloned().unwrap_or_else(|| json!({}))),
        ("configurationValues", member("configurationValues")),
        ("namespaceConfig", member("namespaceConfig")),
    ]);
    json!({ "addon": answer })
}

/// The add-on's version: the one asked for, or the one that is known.
fn check_version(input: &Members, cluster_version: &str, known: &Known) -> Result<String, Exception> {
    let ours = version(known, cluster_version);
    match input.text("addonVersion") {
        None | Some("latest") => Ok(ours),
        Some(asked) => {
            let is_version = asked.strip_prefix('v').is_some_and(|rest| {
                rest.split_once("-eksbuild.").is_some_and(|(number, build)| {
                    number.split('.').count() == 3
                        && number.split('.').chain([build]).all(|part| part.parse::<u32>().is_ok())
                })
            });
            if is_version { Ok(asked.to_owned()) } else { Err(Exception::addon_version()) }
        }
    }
}

/// CreateAddon.
pub fn create(world: &mut World, input: &Members) -> Result<Value, Exception> {
    check_account(world, input.text("serviceAccountRoleArn"))?;
    let (cluster_name, name) = names(input);
    let refuse = |exception: Exception| exception.with_addon(cluster_name, name);
    let found = cluster(world, cluster_name)?;
    let known = known(name).ok_or_else(|| refuse(Exception::unknown_addon(name, &found.version)))?;
    if found.integrations.addons.contains_key(name) {
        return Err(refuse(Exception::addon_exists()));
    }
    let version = check_version(input, &found.version, known).map_err(refuse)?;
    let mut made = Made::new(world, input);
    made.input.remove("addonName");
    made.input.set("addonVersion", json!(version));
    let answer = describe(world, cluster_name, name, &made, "CREATING");
    change(world, cluster_name)?.integrations.addons.insert(name.to_owned(), Rc::new(made));
    Ok(answer)
}

fn names(input: &Members) -> (&str, &str) {
    (input.text("clusterName").unwrap_or_default(), input.text("addonName").unwrap_or_default())
}

fn find<'a>(world: &'a World, input: &Members) -> Result<&'a Rc<Made>, Exception> {
    let (cluster_name, name) = names(input);
    let addons = &cluster(world, cluster_name)?.integrations.addons;
    addons.get(name).ok_or_else(|| Exception::no_addon(cluster_name, name).with_addon(cluster_name, name))
}

/// DescribeAddon.
pub fn show(world: &World, input: &Members) -> Result<Value, Exception> {
    let (cluster_name, name) = names(input);
    Ok(describe(world, cluster_name, name, find(world, input)?, "ACTIVE"))
}

/// ListAddons, by name.
pub fn list(world: &World, input: &Members) -> Result<Value, Exception> {
    let found = cluster(world, names(input).0)?;
    let items = found.integrations.addons.keys().map(|name| json!(name)).collect();
    page("addons", items, input.count("maxResults"), input.text("nextToken"), &[])
}

/// UpdateAddon.
pub fn update(world: &mut World, input: &Members) -> Result<Value, Exception> {
    check_account(world, input.text("serviceAccountRoleArn"))?;
    let (cluster_name, name) = names(input);
    let mut made = (**find(world, input)?).clone();
    let kubernetes = cluster(world, cluster_name)?.version.clone();
    let changed = ["addonVersion", "serviceAccountRoleArn", "configurationValues"];
    if let Some(known) = known(name) {
        check_version(input, &kubernetes, known).map_err(|exception| exception.with_addon(cluster_name, name))?;
    }
    made.input.overlay(input, &changed);
    made.modified_at = world.clock;
    let kinds = [
        ("addonVersion", "AddonVersion"),
        ("serviceAccountRoleArn", "ServiceAccountRoleArn"),
        ("resolveConflicts", "ResolveConflicts"),
        ("configurationValues", "ConfigurationValues"),
    ];
    let params: Vec<(&str, String)> =
        kinds.iter().filter_map(|(member, kind)| Some((*kind, input.text(member)?.to_owned()))).collect();
    change(world, cluster_name)?.integrations.addons.insert(name.to_owned(), Rc::new(made));
    Ok(json!({ "update": started(world, "AddonUpdate", &params) }))
}

/// DeleteAddon.
pub fn delete(world: &mut World, input: &Members) -> Result<Value, Exception> {
    let (cluster_name, name) = names(input);
    let answer = describe(world, cluster_name, name, find(world, input)?, "DELETING");
    change(world, cluster_name)?.integrations.addons.remove(name);
    Ok(answer)
}

/// DescribeAddonVersions.
pub fn versions(input: &Members) -> Result<Value, Exception> {
    let (wanted, kubernetes) = (input.text("addonName"), input.text("kubernetesVersion"));
    let one = |member: &str, value: &str| {
        let list = input.texts(member);
        list.is_empty() || list.iter().any(|item| item == value)
    };
    let shown = |known: &&Known| {
        wanted.is_none_or(|name| name == known.0)
            && one("types", known.1)
            && one("publishers", "eks")
            && one("owners", "aws")
    };
    let entry = |known: &Known| {
        let kubernetes: Vec<&str> =
            VERSIONS.iter().copied().filter(|version| kubernetes.is_none_or(|wanted| wanted == *version)).collect();
        // The version of one add-on is that of Kubernetes: it has one for each.
        let each: Vec<Vec<&str>> = if known.2.contains("{}") {
            kubernetes.iter().map(|version| vec![*version]).collect()
        } else {
            vec![kubernetes]
        };
        let versions = each.into_iter().filter(|list| !list.is_empty()).map(|list| {
            let compatible =
                |of: &&str| json!({ "clusterVersion": of, "platformVersions": ["*"], "defaultVersion": true });
            json!({
                "addonVersion": version(known, list.first().copied().unwrap_or_default()),
                "architecture": ["amd64", "arm64"],
                "computeTypes": ["ec2", "fargate"],
                "compatibilities": list.iter().map(compatible).collect::<Vec<_>>(),
                "requiresConfiguration": false,
                "requiresIamPermissions": known.3,
            })
        });
        json!({
            "addonName": known.0,
            "type": known.1,
            "addonVersions": versions.collect::<Vec<_>>(),
            "publisher": "eks",
            "owner": "aws",
            "defaultNamespace": known.4,
        })
    };
    let items = KNOWN.iter().filter(shown).map(entry).collect();
    page("addons", items, input.count("maxResults"), input.text("nextToken"), &[])
}
