//! `kubectl describe` of pods and deployments (cli 13.6), recorded with kubectl 1.33.
//!
//! What the API server would have filled in (a port's protocol, the times of a probe, the strategy) is shown as if it
//! had; what no kubelet reports here (states of containers, conditions) is left out, as kubectl leaves it out.

use serde_json::Value;

use super::describe::{head, lines, pairs, text};
use crate::formats::time::Timestamp;

/// A pod.
pub fn pod(object: &Value) -> String {
    let nothing = Value::Null;
    let spec = object.get("spec").unwrap_or(&nothing);
    let (names, rest) = head_parts(object);
    let mut out = names;
    row(&mut out, "Priority Class Name", text(spec, "/priorityClassName"));
    row(&mut out, "Service Account", text(spec, "/serviceAccountName"));
    match text(spec, "/nodeName") {
        "" => out.push_str("Node:\t<none>\n"),
        node => out.push_str(&format!("Node:\t{node}/{}\n", text(object, "/status/hostIP"))),
    }
    row(&mut out, "Start Time", &date(text(object, "/status/startTime")));
    out.push_str(&rest);
    out.push_str(&format!("Status:\t{}\n", text(object, "/status/phase")));
    row(&mut out, "Reason", text(object, "/status/reason"));
    row(&mut out, "Message", text(object, "/status/message"));
    out.push_str(&format!("IP:\t{}\n", text(object, "/status/podIP")));
    let addresses = items(object, "/status/podIPs");
    out.push_str(if addresses.is_empty() { "IPs:\t<none>\n" } else { "IPs:\n" });
    for address in addresses {
        out.push_str(&format!("  IP:\t{}\n", text(address, "/ip")));
    }
    for owner in items(object, "/metadata/ownerReferences") {
        if owner.get("controller") == Some(&Value::Bool(true)) {
            out.push_str(&format!("Controlled By:\t{}/{}\n", text(owner, "/kind"), text(owner, "/name")));
        }
    }
    containers(&mut out, spec, "", Some(object));
    let conditions = items(object, "/status/conditions");
    if !conditions.is_empty() {
        out.push_str("Conditions:\n  Type\tStatus\n");
        for condition in conditions {
            out.push_str(&format!("  {} \t{} \n", text(condition, "/type"), text(condition, "/status")));
        }
    }
    volumes(&mut out, spec, "");
    out.push_str(&format!("QoS Class:\t{}\n", quality(object)));
    placement(&mut out, spec, "");
    out.push_str("Events:\t<none>\n");
    out
}

/// A deployment.
pub fn deployment(object: &Value) -> String {
    let (names, rest) = head_parts(object);
    let number = |pointer: &str| object.pointer(pointer).and_then(Value::as_i64).unwrap_or_default();
    let mut out = names;
    out.push_str(&format!("CreationTimestamp:\t{}\n{rest}", date(text(object, "/metadata/creationTimestamp"))));
    out.push_str(&format!("Selector:\t{}\n", selector(object)));
    let desired = object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    out.push_str(&format!(
        "Replicas:\t{desired} desired | {} updated | {} total | {} available | {} unavailable\n",
        number("/status/updatedReplicas"),
        number("/status/replicas"),
        number("/status/availableReplicas"),
        number("/status/unavailableReplicas"),
    ));
    let strategy = or(text(object, "/spec/strategy/type"), "RollingUpdate");
    out.push_str(&format!("StrategyType:\t{strategy}\nMinReadySeconds:\t{}\n", number("/spec/minReadySeconds")));
    if strategy == "RollingUpdate" {
        let limit = |name: &str| match object.pointer(&format!("/spec/strategy/rollingUpdate/{name}")) {
            Some(Value::String(share)) => share.clone(),
            Some(count) => count.to_string(),
            None => "25%".to_owned(),
        };
        let (unavailable, surge) = (limit("maxUnavailable"), limit("maxSurge"));
        out.push_str(&format!("RollingUpdateStrategy:\t{unavailable} max unavailable, {surge} max surge\n"));
    }
    template(&mut out, object.pointer("/spec/template").unwrap_or(&Value::Null));
    let conditions = items(object, "/status/conditions");
    if !conditions.is_empty() {
        out.push_str("Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------\n");
        for condition in conditions {
            let [kind, status, reason] = ["/type", "/status", "/reason"].map(|member| text(condition, member));
            out.push_str(&format!("  {kind} \t{status}\t{reason}\n"));
        }
    }
    out.push_str("Events:\t<none>\n");
    out
}

/// The pod template of an object, as `rollout history --revision` shows it.
pub fn pod_template(object: &Value) -> String {
    let mut out = String::new();
    template(&mut out, object.pointer("/spec/template").unwrap_or(&Value::Null));
    out
}

fn template(out: &mut String, template: &Value) {
    let nothing = Value::Null;
    let spec = template.get("spec").unwrap_or(&nothing);
    out.push_str("Pod Template:\n");
    let labels = pairs(template, "/metadata/labels").into_iter().map(|(key, value)| format!("{key}={value}"));
    out.push_str(&lines("  Labels", &labels.collect::<Vec<_>>()));
    let annotations = pairs(template, "/metadata/annotations");
    if !annotations.is_empty() {
        let annotations = annotations.into_iter().map(|(key, value)| format!("{key}: {value}"));
        out.push_str(&lines("  Annotations", &annotations.collect::<Vec<_>>()));
    }
    row(out, "  Service Account", text(spec, "/serviceAccountName"));
    containers(out, spec, "  ", None);
    volumes(out, spec, "  ");
    row(out, "  Priority Class Name", text(spec, "/priorityClassName"));
    placement(out, spec, "  ");
}

/// The lines of names, and those of labels and annotations: between them stands what each kind has of its own.
fn head_parts(object: &Value) -> (String, String) {
    let head = head(object, true);
    let at = head.find("Labels:").unwrap_or(head.len());
    let (names, rest) = head.split_at(at);
    (names.to_owned(), rest.to_owned())
}

/// Init containers and containers of a pod's specification. `pod` resolves references to the pod's own fields.
fn containers(out: &mut String, spec: &Value, space: &str, pod: Option<&Value>) {
    for (title, member) in [("Init Containers", "/initContainers"), ("Containers", "/containers")] {
        let list = items(spec, member);
        if list.is_empty() && member == "/initContainers" {
            continue;
        }
        let none = if list.is_empty() { " <none>" } else { "" };
        out.push_str(&format!("{space}{title}:{none}\n"));
        for one in list {
            container(out, one, space, pod);
        }
    }
}

fn container(out: &mut String, container: &Value, space: &str, pod: Option<&Value>) {
    let gap = if space.is_empty() { "" } else { " " };
    out.push_str(&format!("  {gap}{}:\n    Image:\t{}\n", text(container, "/name"), text(container, "/image")));
    for (title, member) in [("Port", "/containerPort"), ("Host Port", "/hostPort")] {
        let port = |port: &Value| {
            let number = port.pointer(member).and_then(Value::as_i64).unwrap_or_default();
            format!("{number}/{}", or(text(port, "/protocol"), "TCP"))
        };
        let ports: Vec<String> = items(container, "/ports").into_iter().map(port).collect();
        let s = if ports.len() > 1 { "s" } else { "" };
        out.push_str(&format!("    {title}{s}:\t{}\n", or(&ports.join(", "), "<none>")));
    }
    for (title, member) in [("Command", "/command"), ("Args", "/args")] {
        let words = items(container, member);
        if !words.is_empty() {
            out.push_str(&format!("    {title}:\n"));
        }
        for line in words.into_iter().filter_map(Value::as_str).flat_map(|word| word.split('\n')) {
            out.push_str(&format!("      {line}\n"));
        }
    }
    for (title, member) in [("Limits", "/resources/limits"), ("Requests", "/resources/requests")] {
        let amounts = amounts(container, member);
        if !amounts.is_empty() {
            out.push_str(&format!("    {title}:\n"));
        }
        for (name, amount) in amounts {
            out.push_str(&format!("      {name}:\t{amount}\n"));
        }
    }
    for (title, member) in
        [("Liveness", "/livenessProbe"), ("Readiness", "/readinessProbe"), ("Startup", "/startupProbe")]
    {
        if let Some(found) = container.pointer(member) {
            out.push_str(&format!("    {title}:\t{}\n", probe(found)));
        }
    }
    environment(out, container, pod);
    let mut mounts = items(container, "/volumeMounts");
    mounts.sort_by_key(|mount| text(mount, "/mountPath"));
    out.push_str(if mounts.is_empty() { "    Mounts:\t<none>\n" } else { "    Mounts:\n" });
    for mount in mounts {
        let mut flags = if is_true(mount, "/readOnly") { "ro" } else { "rw" }.to_owned();
        let part = text(mount, "/subPath");
        if !part.is_empty() {
            flags.push_str(&format!(",path={part:?}"));
        }
        out.push_str(&format!("      {} from {} ({flags})\n", text(mount, "/mountPath"), text(mount, "/name")));
    }
}

fn environment(out: &mut String, container: &Value, pod: Option<&Value>) {
    let sources = items(container, "/envFrom");
    if !sources.is_empty() {
        out.push_str("    Environment Variables from:\n");
    }
    for source in sources {
        let (member, kind) =
            if source.get("secretRef").is_some() { ("/secretRef", "Secret") } else { ("/configMapRef", "ConfigMap") };
        let prefix = text(source, "/prefix");
        let from = if prefix.is_empty() { kind.to_owned() } else { format!("{kind} with prefix '{prefix}'") };
        let reference = source.pointer(member).unwrap_or(&Value::Null);
        out.push_str(&format!("      {}\t{from}\t{}\n", text(reference, "/name"), optional(reference)));
    }
    let variables = items(container, "/env");
    out.push_str(if variables.is_empty() { "    Environment:\t<none>\n" } else { "    Environment:\n" });
    for variable in variables {
        let name = text(variable, "/name");
        let from = |member: &str| variable.pointer(&format!("/valueFrom/{member}"));
        let shown = if let Some(field) = from("fieldRef") {
            let path = text(field, "/fieldPath");
            // Of a pod's own fields kubectl knows those of its metadata.
            let known = path.starts_with("metadata.").then(|| format!("/{}", path.replace('.', "/")));
            let value = known.and_then(|at| pod?.pointer(&at)?.as_str());
            let version = or(text(field, "/apiVersion"), "v1");
            format!("{} ({version}:{path})", value.unwrap_or_default())
        } else if let Some(field) = from("resourceFieldRef") {
            let resource = text(field, "/resource");
            let amount = resource.split_once('.').and_then(|(kind, name)| {
                let amounts = amounts(container, &format!("/resources/{kind}"));
                whole(&amounts.iter().find(|(known, _)| known == name)?.1)
            });
            format!("{} ({resource})", amount.map(|amount| amount.to_string()).unwrap_or_default())
        } else if let Some(key) = from("secretKeyRef") {
            let [key_name, of] = [text(key, "/key"), text(key, "/name")];
            format!("<set to the key '{key_name}' in secret '{of}'>\t{}", optional(key))
        } else if let Some(key) = from("configMapKeyRef") {
            let [key_name, of] = [text(key, "/key"), text(key, "/name")];
            format!("<set to the key '{key_name}' of config map '{of}'>\t{}", optional(key))
        } else {
            text(variable, "/value").replace('\n', "\n      \t")
        };
        out.push_str(&format!("      {name}:\t{shown}\n"));
    }
}

fn probe(probe: &Value) -> String {
    let seconds = |member: &str, default: i64| probe.pointer(member).and_then(Value::as_i64).unwrap_or(default);
    let times = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        seconds("/initialDelaySeconds", 0),
        seconds("/timeoutSeconds", 1),
        seconds("/periodSeconds", 10),
        seconds("/successThreshold", 1),
        seconds("/failureThreshold", 3),
    );
    let port = |at: &str| match probe.pointer(at) {
        Some(Value::String(name)) => name.clone(),
        Some(number) => number.to_string(),
        None => String::new(),
    };
    if let Some(get) = probe.get("httpGet") {
        let scheme = or(text(get, "/scheme"), "HTTP").to_lowercase();
        let path = text(get, "/path");
        let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
        return format!("http-get {scheme}://{}:{}{slash}{path} {times}", text(get, "/host"), port("/httpGet/port"));
    }
    if let Some(socket) = probe.get("tcpSocket") {
        return format!("tcp-socket {}:{} {times}", text(socket, "/host"), port("/tcpSocket/port"));
    }
    if probe.get("grpc").is_some() {
        return format!("grpc <pod>:{} {} {times}", port("/grpc/port"), text(probe, "/grpc/service"));
    }
    if probe.get("exec").is_some() {
        let words: Vec<&str> = items(probe, "/exec/command").into_iter().filter_map(Value::as_str).collect();
        return format!("exec [{}] {times}", words.join(" "));
    }
    format!("unknown {times}")
}

fn volumes(out: &mut String, spec: &Value, space: &str) {
    let list = items(spec, "/volumes");
    out.push_str(&if list.is_empty() { format!("{space}Volumes:\t<none>\n") } else { format!("{space}Volumes:\n") });
    let gap = if space.is_empty() { "" } else { " " };
    for volume in list {
        out.push_str(&format!("  {gap}{}:\n", text(volume, "/name")));
        let or_false = |at: &str| is_true(volume, at);
        let of = |at: &str| text(volume, at);
        let rows = if volume.get("emptyDir").is_some() {
            let limit = or(of("/emptyDir/sizeLimit"), "<unset>");
            format!(
                "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)\nMedium:\t{}\nSizeLimit:\t{limit}\n",
                of("/emptyDir/medium")
            )
        } else if volume.get("configMap").is_some() {
            format!(
                "Type:\tConfigMap (a volume populated by a ConfigMap)\nName:\t{}\nOptional:\t{}\n",
                of("/configMap/name"),
                or_false("/configMap/optional")
            )
        } else if volume.get("secret").is_some() {
            format!(
                "Type:\tSecret (a volume populated by a Secret)\nSecretName:\t{}\nOptional:\t{}\n",
                of("/secret/secretName"),
                or_false("/secret/optional")
            )
        } else if volume.get("hostPath").is_some() {
            format!(
                "Type:\tHostPath (bare host directory volume)\nPath:\t{}\nHostPathType:\t{}\n",
                of("/hostPath/path"),
                of("/hostPath/type")
            )
        } else if volume.get("persistentVolumeClaim").is_some() {
            format!(
                "Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)\nClaimName:\t{}\nReadOnly:\t{}\n",
                of("/persistentVolumeClaim/claimName"),
                or_false("/persistentVolumeClaim/readOnly")
            )
        } else if volume.get("nfs").is_some() {
            format!(
                "Type:\tNFS (an NFS mount that lasts the lifetime of a pod)\nServer:\t{}\nPath:\t{}\nReadOnly:\t{}\n",
                of("/nfs/server"),
                of("/nfs/path"),
                or_false("/nfs/readOnly")
            )
        } else if volume.get("downwardAPI").is_some() {
            let item = |item: &Value| {
                let from = text(item, "/fieldRef/fieldPath");
                format!("  {} -> {}\n", or(from, text(item, "/resourceFieldRef/resource")), text(item, "/path"))
            };
            let shown: String = items(volume, "/downwardAPI/items").into_iter().map(item).collect();
            format!("Type:\tDownwardAPI (a volume populated by information about the pod)\nItems:\n{shown}")
        } else if volume.get("csi").is_some() {
            let attributes =
                pairs(volume, "/csi/volumeAttributes").into_iter().map(|(key, value)| format!("{key}={value}"));
            format!(
                "Type:\tCSI (a Container Storage Interface (CSI) volume source)\nDriver:\t{}\nFSType:\t{}\nReadOnly:\t{}\n{}",
                of("/csi/driver"),
                of("/csi/fsType"),
                or_false("/csi/readOnly"),
                lines("VolumeAttributes", &attributes.collect::<Vec<_>>())
            )
        } else if volume.get("projected").is_some() {
            projected(volume)
        } else {
            out.push_str("  <unknown>\n");
            continue;
        };
        rows.lines().for_each(|line| out.push_str(&format!("    {line}\n")));
    }
}

fn projected(volume: &Value) -> String {
    let mut out = "Type:\tProjected (a volume that contains injected data from multiple sources)\n".to_owned();
    for source in items(volume, "/projected/sources") {
        let named = |member: &str, title: &str| {
            let of = source.get(member)?;
            Some(format!("{title}:\t{}\nOptional:\t{}\n", text(of, "/name"), is_true(of, "/optional")))
        };
        let seconds = source.get("serviceAccountToken").map(|token| {
            let seconds = token.get("expirationSeconds").and_then(Value::as_i64).unwrap_or(3600);
            format!("TokenExpirationSeconds:\t{seconds}\n")
        });
        let downward = || source.get("downwardAPI").map(|_| "DownwardAPI:\ttrue\n".to_owned());
        let shown = named("secret", "SecretName").or_else(downward).or_else(|| named("configMap", "ConfigMapName"));
        out.push_str(&shown.or(seconds).unwrap_or_default());
    }
    out
}

/// Node selectors and tolerations.
fn placement(out: &mut String, spec: &Value, space: &str) {
    let selectors = pairs(spec, "/nodeSelector").into_iter().map(|(key, value)| format!("{key}={value}"));
    out.push_str(&lines(&format!("{space}Node-Selectors"), &selectors.collect::<Vec<_>>()));
    let mut tolerations = items(spec, "/tolerations");
    tolerations.sort_by_key(|toleration| text(toleration, "/key"));
    let shown: Vec<String> = tolerations.into_iter().map(toleration).collect();
    out.push_str(&lines(&format!("{space}Tolerations"), &shown));
}

fn toleration(toleration: &Value) -> String {
    let [key, value, effect, operator] =
        ["/key", "/value", "/effect", "/operator"].map(|member| text(toleration, member));
    let mut out = key.to_owned();
    if !value.is_empty() {
        out.push_str(&format!("={value}"));
    }
    if !effect.is_empty() {
        out.push_str(&format!(":{effect}"));
    }
    if operator == "Exists" && value.is_empty() {
        out.push_str(if out.is_empty() { "op=Exists" } else { " op=Exists" });
    }
    if let Some(seconds) = toleration.get("tolerationSeconds").and_then(Value::as_i64) {
        out.push_str(&format!(" for {seconds}s"));
    }
    out
}

/// The class by which a node short of memory chooses: stated, or told from requests and limits.
fn quality(object: &Value) -> String {
    let stated = text(object, "/status/qosClass");
    if !stated.is_empty() {
        return stated.to_owned();
    }
    let all: Vec<&Value> =
        ["/spec/initContainers", "/spec/containers"].iter().flat_map(|member| items(object, member)).collect();
    let of = |container: &Value, kind: &str| -> Vec<(String, String)> {
        let counts = |name: &str| name == "cpu" || name == "memory";
        amounts(container, &format!("/resources/{kind}")).into_iter().filter(|(name, _)| counts(name)).collect()
    };
    let guaranteed = |container: &&Value| {
        let (limits, requests) = (of(container, "limits"), of(container, "requests"));
        limits.len() == 2 && (requests.is_empty() || requests == limits)
    };
    if all.iter().all(|container| of(container, "limits").is_empty() && of(container, "requests").is_empty()) {
        "BestEffort"
    } else if all.iter().all(guaranteed) {
        "Guaranteed"
    } else {
        "Burstable"
    }
    .to_owned()
}

/// A workload's selector: `app=web,tier in (a,b)`, sorted by key.
pub fn selector(object: &Value) -> String {
    let mut parts: Vec<(String, String)> = pairs(object, "/spec/selector/matchLabels")
        .into_iter()
        .map(|(key, value)| (key.clone(), format!("{key}={value}")))
        .collect();
    for expression in items(object, "/spec/selector/matchExpressions") {
        let key = text(expression, "/key");
        let mut values: Vec<&str> = items(expression, "/values").into_iter().filter_map(Value::as_str).collect();
        values.sort_unstable();
        let values = values.join(",");
        let part = match text(expression, "/operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        };
        parts.push((key.to_owned(), part));
    }
    parts.sort();
    let parts: Vec<String> = parts.into_iter().map(|(_, part)| part).collect();
    or(&parts.join(","), "<none>").to_owned()
}

/// `Wed, 17 Jan 2024 10:30:00 +0000`; nothing for a text that is no time.
pub fn date(text: &str) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Ok(time) = Timestamp::parse(text) else { return String::new() };
    let iso = time.kubernetes_text();
    let part = |from: usize, to: usize| iso.get(from..to).unwrap_or_default();
    let since = usize::try_from(time.0.div_euclid(86_400_000).rem_euclid(7)).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    let day = DAYS.get(since).copied().unwrap_or_default();
    format!("{day}, {} {} {} {} +0000", part(8, 10), month.copied().unwrap_or_default(), part(0, 4), part(11, 19))
}

/// A quantity as a whole number, rounded up.
fn whole(amount: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 8] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("", 1),
    ];
    if let Some(thousandths) = amount.strip_suffix('m') {
        return Some(thousandths.parse::<u64>().ok()?.div_ceil(1000));
    }
    let (number, unit) = UNITS.iter().find_map(|(suffix, unit)| Some((amount.strip_suffix(suffix)?, unit)))?;
    number.parse::<u64>().ok()?.checked_mul(*unit)
}

/// Amounts by resource, as they were written.
fn amounts(container: &Value, pointer: &str) -> Vec<(String, String)> {
    let members = container.pointer(pointer).and_then(Value::as_object);
    let mut all: Vec<(String, String)> = members
        .into_iter()
        .flatten()
        .map(|(name, amount)| (name.clone(), amount.as_str().map_or_else(|| amount.to_string(), str::to_owned)))
        .collect();
    all.sort();
    all
}

fn row(out: &mut String, title: &str, value: &str) {
    if !value.is_empty() {
        out.push_str(&format!("{title}:\t{value}\n"));
    }
}

fn optional(reference: &Value) -> String {
    format!("Optional: {}", is_true(reference, "/optional"))
}

fn is_true(object: &Value, pointer: &str) -> bool {
    object.pointer(pointer) == Some(&Value::Bool(true))
}

fn items<'v>(object: &'v Value, pointer: &str) -> Vec<&'v Value> {
    object.pointer(pointer).and_then(Value::as_array).into_iter().flatten().collect()
}

fn or<'t>(text: &'t str, otherwise: &'t str) -> &'t str {
    if text.is_empty() { otherwise } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_are_written_as_mail_writes_them() {
        assert_eq!(date("2024-01-17T10:30:00Z"), "Wed, 17 Jan 2024 10:30:00 +0000");
        assert_eq!(
            (date("1969-12-31T23:59:59Z").as_str(), date("")),
            ("Wed, 31 Dec 1969 23:59:59 +0000", String::new())
        );
    }

    #[test]
    fn the_class_follows_from_requests_and_limits() {
        let check = |resources: Value, expected: &str| {
            assert_eq!(quality(&json!({"spec": {"containers": [{"resources": resources}]}})), expected);
        };
        check(json!({}), "BestEffort");
        check(json!({"limits": {"cpu": 1, "memory": "1Gi"}}), "Guaranteed");
        check(json!({"limits": {"cpu": 1, "memory": "1Gi"}, "requests": {"cpu": 1}}), "Burstable");
        check(json!({"requests": {"nvidia.com/gpu": 1}}), "BestEffort");
    }
}
