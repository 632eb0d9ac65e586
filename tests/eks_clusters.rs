//! Clusters: what CreateCluster refuses, updates of configuration and version, and what they change (eks 1.6, 2.9, 2.12,
//! 2.13, 15.7).
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use eks_access_playground::aws::exception::Exception;
use eks_access_playground::engine::{ApiError, AwsRequest, Caller, Credential, Request, Response, World};
use eks_access_playground::session::{Snapshot, scenario, share};
use serde_json::{Value, json};

const DEMO: &str = "eks-demo-cluster";
const ROLE: &str = "arn:aws:iam::111122223333:role/eks-node-role";

fn world() -> World {
    (*scenario::walkthrough().world).clone()
}

fn try_call(world: &mut World, operation: &str, input: Value) -> Result<Value, Exception> {
    let caller = Caller::new(Credential::AccessKey(world.users[0].access_key.clone()));
    match world.call(&caller, Request::Aws(AwsRequest::from_parts(operation, input).unwrap())) {
        Ok(Response::Aws(value)) => Ok(value),
        Err(ApiError::Aws(exception)) => Err(exception),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn call(world: &mut World, operation: &str, input: Value) -> Value {
    try_call(world, operation, input).unwrap()
}

fn with(mut input: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    input
}

/// CreateCluster in mode API, which hybrid nodes and Auto Mode need.
fn new(more: Value) -> Value {
    let input = json!({ "name": "c", "roleArn": ROLE, "resourcesVpcConfig": { "subnetIds": ["subnet-1", "subnet-2"] },
        "accessConfig": { "authenticationMode": "API" } });
    with(input, more)
}

fn config(more: Value) -> Value {
    with(json!({ "name": DEMO }), more)
}

fn logging(types: &[&str], enabled: bool) -> Value {
    json!({ "clusterLogging": [{ "types": types, "enabled": enabled }] })
}

#[rustfmt::skip]
fn refusals() -> Vec<(&'static str, &'static str, Value, String)> {
    let vpc = |vpc: Value| new(json!({ "resourcesVpcConfig": vpc }));
    let auto = |compute: Value, balancing: bool, storage: bool| json!({ "computeConfig": compute,
        "kubernetesNetworkConfig": { "elasticLoadBalancing": { "enabled": balancing } }, "storageConfig": { "blockStorage": { "enabled": storage } } });
    let in_config_map = json!({ "accessConfig": { "authenticationMode": "CONFIG_MAP" } });
    let remote = |nodes: &[&str], pods: &[&str]| json!({ "remoteNetworkConfig": { "remoteNodeNetworks": [{ "cidrs": nodes }], "remotePodNetworks": [{ "cidrs": pods }] } });
    let service = |cidr: &str| new(json!({ "kubernetesNetworkConfig": { "serviceIpv4Cidr": cidr } }));
    let encryption = |resource: &str, key: &str| new(json!({ "encryptionConfig": [{ "resources": [resource], "provider": { "keyArn": key } }] }));
    let size = |cidr: &str| format!("Invalid Cluster Service Ipv4 CIDR {cidr} for the cluster c, must have netmask size between /12 and /24 inclusive");
    let form = "contains invalid characters. It should conform to the regular expression \"^[0-9A-Za-z][A-Za-z0-9-_]*\"In other words, it should start with a number or letter, and can contain numbers, letters, dashes, and underscores.";
    let part = "For EKS Auto Mode, please ensure that all required configs, including computeConfig, kubernetesNetworkConfig, and blockStorage are all either fully enabled or fully disabled.";
    let endpoints = |private: bool, public: bool, cidrs: &str| format!("Cluster is already at the desired configuration with endpointPrivateAccess: {private} , endpointPublicAccess: {public}, and Public Endpoint Restrictions: [{cidrs}]");
    let create = |of: &'static str, input: Value, text: &str| (of, "CreateCluster", input, format!("InvalidParameterException: {text}"));
    let update = |of: &'static str, more: Value, text: &str| (of, "UpdateClusterConfig", config(more), format!("InvalidParameterException: {text}"));
    let version = |of: &'static str, version: &str, text: &str| (of, "UpdateClusterVersion", config(json!({ "version": version })), format!("InvalidParameterException: {text}"));
    let mut cases = vec![
        create("bad_cluster_name", new(json!({ "name": "a.b" })), &format!("The parameter name {form}")),
        create("bad_cluster_name", new(json!({ "name": "-c" })), &format!("The parameter name {form}")),
        ("bad_nodegroup_name", "CreateNodegroup", json!({ "clusterName": DEMO, "nodegroupName": "a.b", "subnets": ["s"], "nodeRole": ROLE }), format!("InvalidParameterException: The nodegroup name parameter {form}")),
        create("long_cluster_name", new(json!({ "name": "c".repeat(101) })), "The parameter name can't be longer than 100 characters"),
        ("", "CreateCluster", new(json!({ "roleArn": "arn:aws:iam::999999999999:role/foreign", "version": "1.22" })), "AccessDeniedException: Cross-account pass role is not allowed.".to_owned()),
        create("no_endpoint", vpc(json!({ "endpointPublicAccess": false, "endpointPrivateAccess": false })), "Private and public endpoint access cannot be false"),
        create("no_endpoint", vpc(json!({ "endpointPublicAccess": false })), "Private and public endpoint access cannot be false"),
        create("one_zone", vpc(json!({ "subnetIds": ["subnet-1"] })), "Subnets specified must be in at least two different AZs"),
        create("one_zone", vpc(json!({ "subnetIds": ["subnet-1", "subnet-1"] })), "Subnets specified must be in at least two different AZs"),
        create("auto_mode_in_part", new(auto(json!({ "enabled": true }), false, true)), part),
        create("auto_mode_in_part", new(json!({ "computeConfig": { "enabled": true } })), part),
        create("auto_mode_in_part", new(json!({ "storageConfig": { "blockStorage": { "enabled": true } } })), part),
        create("pools_without_role", new(auto(json!({ "enabled": true, "nodePools": ["system"] }), true, true)), "When Compute Config nodeRoleArn is null or empty, nodePool list cannot be populated."),
        create("auto_mode_needs_entries", new(with(auto(json!({ "enabled": true }), true, true), in_config_map.clone())), "When EKS Auto Mode is enabled, you must use an EKS access config authentication mode of API_AND_CONFIG_MAP or API"),
        create("hybrid_needs_entries", new(with(remote(&["10.200.0.0/16"], &[]), in_config_map)), "AccessConfig AuthMode must be API_AND_CONFIG_MAP or API when remoteNetworkConfig is specified"),
        create("no_remote_nodes", new(json!({ "remoteNetworkConfig": { "remotePodNetworks": [{ "cidrs": ["192.168.0.0/16"] }] } })), "remoteNodeNetworks are required when specifying remoteNetworkConfig."),
        create("remote_network", new(remote(&["11.0.0.0/16"], &[])), "Invalid remote node network: CIDR 11.0.0.0/16 is not part of RFC 1918 or CGNAT"),
        create("remote_network", new(remote(&["100.64.0.0/9"], &[])), "Invalid remote node network: CIDR 100.64.0.0/9 is not part of RFC 1918 or CGNAT"),
        create("remote_network", new(remote(&["10.100.0.0/24"], &[])), "Invalid remote node network: CIDR 10.100.0.0/24 overlaps with service CIDR 10.100.0.0/16"),
        create("remote_network", new(remote(&["10.200.0.0/16"], &["10.200.0.0/24"])), "Invalid remote pod network: CIDR 10.200.0.0/24 overlaps with already existing CIDR 10.200.0.0/16"),
        create("ipv4_in_ipv6", new(json!({ "kubernetesNetworkConfig": { "ipFamily": "ipv6", "serviceIpv4Cidr": "10.100.0.0/16" } })), "serviceIpv4Cidr cannot be specified when creating an \"ipv6\" cluster"),
        create("service_cidr", service("10.100.0.0/25"), &size("10.100.0.0/25")),
        create("service_cidr", service("10.0.0.0/11"), &size("10.0.0.0/11")),
        create("service_cidr", service("11.0.0.0/16"), "Invalid Cluster Service Ipv4 CIDR 11.0.0.0/16 for the cluster c, must be within RFC1918 range"),
        create("encryption_resource", encryption("configmaps", "arn:aws:kms:ap-south-1:111122223333:key/k"), "Invalid k8s resource for encryption"),
        create("encryption_region", encryption("secrets", "arn:aws:kms:ap-northeast-1:111122223333:key/k"), "The keyArn for encryptionConfig is scoped to invalid aws region."),
        create("encryption_region", encryption("secrets", "arn:aws-cn:kms:ap-south-1:111122223333:key/k"), "The keyArn for encryptionConfig is scoped to invalid aws region."),
        update("logging_unchanged", json!({ "logging": logging(&["api"], false) }), "No changes needed for the logging config provided"),
        update("endpoints_unchanged", json!({ "resourcesVpcConfig": { "endpointPublicAccess": true } }), &endpoints(false, true, "0.0.0.0/0")),
        update("no_endpoint", json!({ "resourcesVpcConfig": { "endpointPublicAccess": false } }), "Private and public endpoint access cannot be false"),
        update("", json!({ "logging": {}, "upgradePolicy": {} }), "Only one type of update can be allowed."),
        update("", json!({ "resourcesVpcConfig": { "endpointPublicAccess": true, "subnetIds": ["s"] } }), "Only one type of update can be allowed."),
        version("unsupported_version", "1.36.0", "unsupported Kubernetes version 1.36.0"),
        version("unsupported_version", "1.29", "unsupported Kubernetes version 1.29"),
        version("unsupported_version_step", "1.35", "Unsupported Kubernetes minor version update from 1.33 to 1.35"),
        version("unsupported_version_step", "1.33", "Unsupported Kubernetes minor version update from 1.33 to 1.33"),
        version("unsupported_version_step", "1.32", "Unsupported Kubernetes minor version update from 1.33 to 1.32"),
        version("nodegroups_behind", "1.34", "Nodegroups old must be updated to match cluster version 1.33 before updating cluster version."),
    ];
    for version in ["1.22", "1.29", "1.37", "1.36.0", "33", "", "1.33 "] {
        cases.push(create("unsupported_version", new(json!({ "version": version })), &format!("unsupported Kubernetes version {version}")));
    }
    cases
}

#[test]
fn every_refusal_has_its_words_and_changes_nothing() {
    for (of, operation, input, text) in refusals() {
        let mut world = world();
        if of == "nodegroups_behind" {
            let old = json!({ "clusterName": DEMO, "nodegroupName": "old", "subnets": ["s"], "nodeRole": ROLE, "version": "1.30" });
            call(&mut world, "CreateNodegroup", old);
        }
        let before = world.clone();
        let what = format!("{operation} {input}");
        let exception = try_call(&mut world, operation, input).expect_err(&what);
        assert_eq!(format!("{}: {}", exception.code, exception.message), text, "{what}");
        let carries = operation.starts_with("Update");
        assert_eq!(
            exception.members.iter().any(|(name, value)| *name == "clusterName" && value == DEMO),
            carries,
            "{what}"
        );
        assert!(world == before, "{what} changed the world");
    }
}

#[test]
fn no_exception_is_left_out() {
    let source = include_str!("../src/aws/exception/clusters.rs");
    let made: BTreeSet<&str> =
        source.split("    pub fn ").skip(1).map(|text| text.split('(').next().unwrap()).collect();
    let tested: BTreeSet<&str> = refusals().iter().map(|case| case.0).filter(|of| !of.is_empty()).collect();
    assert_eq!(tested, made);
}

#[test]
fn the_first_broken_rule_is_told() {
    // What the recordings show: the name before all, then duplicate, bootstrap, subnets (aws-clusters 23, 25).
    let mut world = world();
    let bare = json!({ "resourcesVpcConfig": { "subnetIds": ["subnet-a"] } });
    let code = |world: &mut World, more: Value| {
        try_call(world, "CreateCluster", new(with(bare.clone(), more))).unwrap_err().message
    };
    assert_eq!(code(&mut world, json!({ "name": DEMO })), format!("Cluster already exists with name: {DEMO}"));
    let bootstrap = json!({ "authenticationMode": "CONFIG_MAP", "bootstrapClusterCreatorAdminPermissions": false });
    assert!(
        code(&mut world, json!({ "accessConfig": bootstrap })).starts_with("bootstrapClusterCreatorAdminPermissions")
    );
}

#[test]
fn what_a_cluster_is_made_with_is_shown() {
    let mut world = world();
    let more = json!({
        "logging": logging(&["scheduler", "api"], true), "upgradePolicy": { "supportType": "STANDARD" },
        "computeConfig": { "enabled": true, "nodePools": ["system"], "nodeRoleArn": ROLE },
        "kubernetesNetworkConfig": { "serviceIpv4Cidr": "172.20.0.0/16", "elasticLoadBalancing": { "enabled": true } },
        "storageConfig": { "blockStorage": { "enabled": true } },
        "remoteNetworkConfig": { "remoteNodeNetworks": [{ "cidrs": ["10.0.0.0/8"] }, { "cidrs": ["100.64.0.0/10"] }] },
        "encryptionConfig": [{ "resources": ["secrets"], "provider": { "keyArn": "arn:aws:kms:ap-south-1:1:key/k" } }],
    });
    call(&mut world, "CreateCluster", new(more.clone()));
    let shown = &call(&mut world, "DescribeCluster", json!({ "name": "c" }))["cluster"];
    for member in ["upgradePolicy", "computeConfig", "storageConfig", "remoteNetworkConfig", "encryptionConfig"] {
        assert_eq!(shown[member], more[member]);
    }
    let network =
        json!({ "serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4", "elasticLoadBalancing": { "enabled": true } });
    assert_eq!(shown["kubernetesNetworkConfig"], network);
    let logs = json!({ "clusterLogging": [{ "types": ["api", "scheduler"], "enabled": true }, { "types": ["audit", "authenticator", "controllerManager"], "enabled": false }] });
    assert_eq!(shown["logging"], logs);
}

#[test]
fn updates_of_the_configuration_start_are_listed_and_change_the_cluster() {
    let all = ["api", "audit", "authenticator", "controllerManager", "scheduler"];
    let endpoints =
        json!({ "endpointPublicAccess": true, "endpointPrivateAccess": true, "publicAccessCidrs": ["203.0.113.5/32"] });
    for (input, kind, params, path, after) in [
        (
            json!({ "logging": logging(&all, true) }),
            "LoggingUpdate",
            json!([{ "type": "ClusterLogging", "value": "{\"clusterLogging\":[{\"types\":[\"api\",\"audit\",\"authenticator\",\"controllerManager\",\"scheduler\"],\"enabled\":true}]}" }]),
            "/cluster/logging",
            logging(&all, true),
        ),
        (
            json!({ "resourcesVpcConfig": endpoints }),
            "EndpointAccessUpdate",
            json!([{ "type": "EndpointPublicAccess", "value": "true" }, { "type": "EndpointPrivateAccess", "value": "true" }, { "type": "PublicAccessCidrs", "value": "[\"203.0.113.5/32\"]" }]),
            "/cluster/resourcesVpcConfig/publicAccessCidrs",
            json!(["203.0.113.5/32"]),
        ),
        (
            // What is not given stays as it is, and is among the parameters all the same.
            json!({ "resourcesVpcConfig": { "endpointPrivateAccess": true } }),
            "EndpointAccessUpdate",
            json!([{ "type": "EndpointPublicAccess", "value": "true" }, { "type": "EndpointPrivateAccess", "value": "true" }, { "type": "PublicAccessCidrs", "value": "[\"0.0.0.0/0\"]" }]),
            "/cluster/resourcesVpcConfig/endpointPrivateAccess",
            json!(true),
        ),
        (
            json!({ "resourcesVpcConfig": { "subnetIds": ["subnet-a", "subnet-b"] } }),
            "VpcConfigUpdate",
            json!([{ "type": "Subnets", "value": "[\"subnet-a\",\"subnet-b\"]" }]),
            "/cluster/resourcesVpcConfig/subnetIds",
            json!(["subnet-a", "subnet-b"]),
        ),
        (
            json!({ "upgradePolicy": { "supportType": "STANDARD" } }),
            "UpgradePolicyUpdate",
            json!([{ "type": "UpgradePolicy", "value": "{\"supportType\":\"STANDARD\"}" }]),
            "/cluster/upgradePolicy/supportType",
            json!("STANDARD"),
        ),
    ] {
        let mut world = world();
        world.update_millis = 60_000;
        let before = call(&mut world, "DescribeCluster", json!({ "name": DEMO }));
        let made = call(&mut world, "UpdateClusterConfig", config(input.clone()));
        let update = &made["update"];
        assert_eq!(
            (&update["status"], &update["type"], &update["params"]),
            (&json!("InProgress"), &json!(kind), &params)
        );
        let id = update["id"].clone();
        assert_eq!(call(&mut world, "ListUpdates", json!({ "name": DEMO }))["updateIds"], json!([id]));
        // While it runs the cluster is as it was, and takes no second one.
        let running = call(&mut world, "DescribeCluster", json!({ "name": DEMO }));
        assert_eq!((&running["cluster"]["status"], running.pointer(path)), (&json!("UPDATING"), before.pointer(path)));
        let second = try_call(&mut world, "UpdateClusterConfig", config(input.clone())).unwrap_err();
        let id = id.as_str().unwrap();
        assert_eq!(
            second.message,
            format!("Cannot {kind} because cluster {DEMO} currently has update {id} in progress")
        );
        world.advance(60_000);
        let shown = call(&mut world, "DescribeUpdate", json!({ "name": DEMO, "updateId": id }));
        assert_eq!((&shown["update"]["status"], &shown["update"]["params"]), (&json!("Successful"), &params));
        let shown = call(&mut world, "DescribeCluster", json!({ "name": DEMO }));
        assert_eq!((&shown["cluster"]["status"], shown.pointer(path)), (&json!("ACTIVE"), Some(&after)));
        // Once more it is no change.
        assert!(try_call(&mut world, "UpdateClusterConfig", config(input)).is_err());
        opens_again(world);
    }
}

/// A link brings the world back.
fn opens_again(world: World) {
    let state = Snapshot { world: world.clone().into(), workstation: scenario::walkthrough().workstation };
    let link = share::encode(&state);
    assert!(*share::decode(&link).unwrap().world == world, "the link lost something");
}

#[test]
fn the_version_goes_up_one_step_and_brings_roles_and_kinds() {
    let mut world = world();
    call(&mut world, "CreateCluster", new(json!({ "version": "1.32" })));
    let group = json!({ "clusterName": "c", "nodegroupName": "g", "subnets": ["s"], "nodeRole": ROLE });
    call(&mut world, "CreateNodegroup", group);
    let kinds = |world: &World| {
        let objects = &world.cluster("c").unwrap().objects;
        let serves = |group: &str, plural: &str| objects.resource(group, plural).is_some();
        (serves("networking.k8s.io", "servicecidrs"), serves("resource.k8s.io", "resourceclaims"))
    };
    assert_eq!(kinds(&world), (false, false));
    for (version, served) in [("1.33", (true, false)), ("1.34", (true, true))] {
        let made = call(&mut world, "UpdateClusterVersion", json!({ "name": "c", "version": version }));
        let params = json!([{ "type": "Version", "value": version }, { "type": "PlatformVersion", "value": "eks.1" }]);
        assert_eq!((&made["update"]["type"], &made["update"]["params"]), (&json!("VersionUpdate"), &params));
        let cluster = world.cluster("c").unwrap();
        assert!(cluster.server_version.starts_with(&format!("v{version}.")), "{}", cluster.server_version);
        assert_eq!((cluster.version.as_str(), kinds(&world)), (version, served));
    }
    let controller = "system:controller:resource-claim-controller";
    assert!(world.cluster("c").unwrap().objects.rbac().cluster_role(controller).is_some());
    // Nodes stay behind until their own update.
    let shown = call(&mut world, "DescribeNodegroup", json!({ "clusterName": "c", "nodegroupName": "g" }));
    assert_eq!(shown["nodegroup"]["version"], "1.32");
    opens_again(world);
}

#[test]
fn profiles_may_have_letters_of_any_alphabet() {
    let mut world = world();
    let profile = json!({ "fargateProfileName": "höhe-1", "clusterName": DEMO, "podExecutionRoleArn": ROLE,
        "selectors": [{ "namespace": "team-*", "labels": { "app*": "a?c" } }] });
    call(&mut world, "CreateFargateProfile", profile);
    assert_eq!(world.check(), Ok(()));
    opens_again(world);
}
