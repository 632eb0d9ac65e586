//! What CreateCluster checks of networks, encryption and Auto Mode (eks 1.6, 2.12). The networks themselves are not
//! simulated: subnets with different ids are taken to be in different zones.

use serde_json::{Map, Value, json};

use crate::aws::eks::{AuthenticationMode, CreateClusterRequest};
use crate::aws::exception::Exception;
use crate::engine::world::World;

/// Addresses of services unless others are given.
pub const SERVICE_CIDR: &str = "10.100.0.0/16";

/// A range of IPv4 addresses.
#[derive(Clone, Copy)]
struct Range {
    start: u32,
    bits: u8,
}

impl Range {
    const fn new(start: [u8; 4], bits: u8) -> Self {
        Self { start: u32::from_be_bytes(start), bits }
    }

    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let parts: Vec<u8> = address.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let start = <[u8; 4]>::try_from(parts).ok()?;
        bits.parse().ok().filter(|bits| *bits <= 32).map(|bits| Self::new(start, bits))
    }

    fn network(self, bits: u8) -> u32 {
        self.start.checked_shr(32 - u32::from(bits)).unwrap_or(0)
    }

    fn is_within(self, outer: Self) -> bool {
        self.bits >= outer.bits && self.network(outer.bits) == outer.network(outer.bits)
    }

    fn overlaps(self, other: Self) -> bool {
        self.is_within(other) || other.is_within(self)
    }
}

/// Private addresses, and those of carriers, which remote networks may have too.
const PRIVATE: [Range; 4] = [
    Range::new([10, 0, 0, 0], 8),
    Range::new([172, 16, 0, 0], 12),
    Range::new([192, 168, 0, 0], 16),
    Range::new([100, 64, 0, 0], 10),
];

/// The flag at a path, if it is there.
fn flag(config: Option<&Value>, path: &str) -> Option<bool> {
    config.and_then(|config| config.pointer(path)).and_then(Value::as_bool)
}

fn texts<'a>(config: Option<&'a Value>, path: &str) -> Vec<&'a str> {
    let list = config.and_then(|config| config.pointer(path)).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Refuses an API server that nothing could reach.
///
/// # Errors
/// Both endpoints are off.
pub fn check_endpoints(vpc: &Value) -> Result<(), Exception> {
    let public = flag(Some(vpc), "/endpointPublicAccess").unwrap_or(true);
    let private = flag(Some(vpc), "/endpointPrivateAccess").unwrap_or(false);
    if public || private { Ok(()) } else { Err(Exception::no_endpoint()) }
}

/// Holds what a cluster is to be made with against the rules of the service.
///
/// # Errors
/// The first rule that is broken.
pub fn check(world: &World, input: &CreateClusterRequest, mode: AuthenticationMode) -> Result<(), Exception> {
    check_endpoints(&input.resources_vpc_config)?;
    check_auto_mode(input, mode)?;
    check_services(input)?;
    check_remote(input, mode)?;
    check_encryption(world, input)?;
    let mut subnets = texts(Some(&input.resources_vpc_config), "/subnetIds");
    subnets.sort_unstable();
    subnets.dedup();
    if subnets.len() == 1 { Err(Exception::one_zone()) } else { Ok(()) }
}

fn check_auto_mode(input: &CreateClusterRequest, mode: AuthenticationMode) -> Result<(), Exception> {
    let compute = input.compute_config.as_ref();
    let parts = [
        flag(compute, "/enabled"),
        flag(input.kubernetes_network_config.as_ref(), "/elasticLoadBalancing/enabled"),
        flag(input.storage_config.as_ref(), "/blockStorage/enabled"),
    ];
    let on = parts.iter().filter(|part| **part == Some(true)).count();
    if on != 0 && on != parts.len() {
        return Err(Exception::auto_mode_in_part());
    }
    let role = compute.and_then(|compute| compute.get("nodeRoleArn")).and_then(Value::as_str);
    if role.is_none_or(str::is_empty) && !texts(compute, "/nodePools").is_empty() {
        return Err(Exception::pools_without_role());
    }
    if on != 0 && !mode.uses_entries() { Err(Exception::auto_mode_needs_entries()) } else { Ok(()) }
}

fn check_services(input: &CreateClusterRequest) -> Result<(), Exception> {
    let network = input.kubernetes_network_config.as_ref();
    let text = |member: &str| network.and_then(|network| network.get(member)).and_then(Value::as_str);
    let Some(cidr) = text("serviceIpv4Cidr") else { return Ok(()) };
    if text("ipFamily") == Some("ipv6") {
        return Err(Exception::ipv4_in_ipv6());
    }
    let range = Range::parse(cidr);
    let refuse = |why: &str| Err(Exception::service_cidr(cidr, &input.name, why));
    if range.is_some_and(|range| !(12..=24).contains(&range.bits)) {
        return refuse("must have netmask size between /12 and /24 inclusive");
    }
    let [rfc1918 @ .., _] = PRIVATE;
    match range {
        Some(range) if rfc1918.iter().any(|outer| range.is_within(*outer)) => Ok(()),
        _ => refuse("must be within RFC1918 range"),
    }
}

fn check_remote(input: &CreateClusterRequest, mode: AuthenticationMode) -> Result<(), Exception> {
    let Some(remote) = &input.remote_network_config else { return Ok(()) };
    if !mode.uses_entries() {
        return Err(Exception::hybrid_needs_entries());
    }
    let cidrs = |member: &str| -> Vec<String> {
        let networks = remote.get(member).and_then(Value::as_array).into_iter().flatten();
        networks.flat_map(|network| texts(Some(network), "/cidrs")).map(str::to_owned).collect()
    };
    let (nodes, pods) = (cidrs("remoteNodeNetworks"), cidrs("remotePodNetworks"));
    if nodes.is_empty() {
        return Err(Exception::no_remote_nodes());
    }
    let network = input.kubernetes_network_config.as_ref();
    let service = network.and_then(|network| network.get("serviceIpv4Cidr")).and_then(Value::as_str);
    let service = service.unwrap_or(SERVICE_CIDR);
    for (of, cidr) in nodes.iter().map(|cidr| ("node", cidr)).chain(pods.iter().map(|cidr| ("pod", cidr))) {
        let range = Range::parse(cidr).filter(|range| PRIVATE.iter().any(|outer| range.is_within(*outer)));
        let Some(range) = range else {
            return Err(Exception::remote_network(of, cidr, "is not part of RFC 1918 or CGNAT"));
        };
        let overlaps = |other: &str| Range::parse(other).is_some_and(|other| range.overlaps(other));
        if overlaps(service) {
            return Err(Exception::remote_network(of, cidr, &format!("overlaps with service CIDR {service}")));
        }
        if let Some(other) = nodes.iter().find(|other| of == "pod" && overlaps(other)) {
            return Err(Exception::remote_network(of, cidr, &format!("overlaps with already existing CIDR {other}")));
        }
    }
    Ok(())
}

fn check_encryption(world: &World, input: &CreateClusterRequest) -> Result<(), Exception> {
    for config in input.encryption_config.as_ref().and_then(Value::as_array).into_iter().flatten() {
        if texts(Some(config), "/resources").iter().any(|resource| *resource != "secrets") {
            return Err(Exception::encryption_resource());
        }
        let key = config.pointer("/provider/keyArn").and_then(Value::as_str);
        let parts: Vec<&str> = key.map(|key| key.splitn(6, ':').collect()).unwrap_or_default();
        if let ["arn", partition, "kms", region, ..] = parts.as_slice()
            && (*partition != world.partition || *region != world.region)
        {
            return Err(Exception::encryption_region());
        }
    }
    Ok(())
}

/// Member `kubernetesNetworkConfig` as DescribeCluster shows it.
pub fn describe_services(asked: Option<&Value>) -> Value {
    let text = |member: &str| asked.and_then(|asked| asked.get(member)).and_then(Value::as_str);
    let mut out = Map::new();
    let family = text("ipFamily").unwrap_or("ipv4");
    match family {
        "ipv6" => out.insert("serviceIpv6Cidr".to_owned(), json!("fd30:1c53:5f8a::/108")),
        _ => out.insert("serviceIpv4Cidr".to_owned(), json!(text("serviceIpv4Cidr").unwrap_or(SERVICE_CIDR))),
    };
    out.insert("ipFamily".to_owned(), json!(family));
    if let Some(balancing) = asked.and_then(|asked| asked.get("elasticLoadBalancing")) {
        out.insert("elasticLoadBalancing".to_owned(), balancing.clone());
    }
    Value::Object(out)
}
