//! Deployments: a ReplicaSet for each template, and the way from the old one to the new one.

use serde_json::{Map, Value, json};

use super::super::object::{Meta, uid};
use super::super::store::Members;
use super::Turn;
use super::values::*;

/// The annotation with the number of a revision.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
/// The annotation with the command that caused a revision.
pub const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MOST: &str = "deployment.kubernetes.io/max-replicas";
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
/// Annotations of a Deployment that its ReplicaSets do not take over.
const NOT_COPIED: &[&str] = &[
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    HISTORY,
    DESIRED,
    MOST,
    "deprecated.deployment.rollback.to",
];

/// A ReplicaSet of a Deployment.
struct Set {
    meta: Meta,
    members: Members,
}

impl Set {
    fn revision(&self) -> i64 {
        self.meta.annotations.get(REVISION).and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    fn wanted(&self) -> i64 {
        replicas(&self.members)
    }

    fn count(&self, member: &str) -> i64 {
        self.members.get("status").and_then(|status| status.get(member)).and_then(Value::as_i64).unwrap_or_default()
    }

    fn scale(&mut self, replicas: i64) {
        if let Some(spec) = self.members.get_mut("spec").and_then(Value::as_object_mut)
            && spec.get("replicas").and_then(Value::as_i64) != Some(replicas)
        {
            spec.insert("replicas".to_owned(), json!(replicas));
            self.meta.generation += 1;
        }
    }
}

/// True if a ReplicaSet was made from this template: they differ in the label of the hash alone.
pub fn is_same_template(of_set: Option<&Value>, template: &Value) -> bool {
    let plain = |template: &Value| {
        let mut template = template.clone();
        if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
            labels.shift_remove(TEMPLATE_HASH);
        }
        template
    };
    of_set.is_some_and(|of_set| plain(of_set) == plain(template))
}

impl Turn<'_> {
    /// Brings the ReplicaSets of Deployments one step further.
    pub fn deployments(&mut self) {
        let all = self.all(DEPLOYMENTS);
        for (meta, members) in all {
            self.deployment(meta, members);
        }
    }

    fn deployment(&mut self, mut meta: Meta, mut members: Members) {
        let nothing = Value::Null;
        let template = spec(&members, "/template").cloned().unwrap_or(nothing);
        let wanted = replicas(&members);
        let is_paused = spec(&members, "/paused") == Some(&Value::Bool(true));
        let mut sets = self.sets_of(&meta);
        let current = sets.iter().position(|set| is_same_template(spec(&set.members, "/template"), &template));
        let current = match current {
            Some(at) => Some(at),
            None if is_paused => None,
            None => {
                sets.push(self.new_set(&meta, &members, &template, &sets));
                Some(sets.len() - 1)
            }
        };
        // The template in use has the highest revision: going back gives an old ReplicaSet a new number.
        let highest = sets.iter().map(Set::revision).max().unwrap_or_default();
        let revision = match current.and_then(|at| sets.get_mut(at)) {
            Some(set) if set.revision() < highest || set.revision() == 0 => {
                let old = set.revision();
                set.meta.annotations.insert(REVISION.to_owned(), (highest + 1).to_string());
                if old > 0 {
                    let history = set.meta.annotations.get(HISTORY).map(|history| format!("{history},"));
                    let history = format!("{}{old}", history.unwrap_or_default());
                    set.meta.annotations.insert(HISTORY.to_owned(), history);
                }
                highest + 1
            }
            _ => highest,
        };
        let (surge, unavailable) = limits(&members, wanted);
        if let Some(set) = current.and_then(|at| sets.get_mut(at)) {
            for (key, value) in &meta.annotations {
                if !NOT_COPIED.contains(&key.as_str()) {
                    set.meta.annotations.insert(key.clone(), value.clone());
                }
            }
        }
        if is_paused {
            // A paused Deployment follows its size and nothing else.
            if let Some(only) = sets.iter_mut().max_by_key(|set| (set.wanted() > 0, set.revision())) {
                only.scale(wanted);
            }
        } else if let Some(at) = current {
            roll(&mut sets, at, wanted, surge, unavailable, spec_text(&members, "/strategy/type") == "Recreate");
        }
        for set in &mut sets {
            if set.wanted() > 0 || set.meta.annotations.contains_key(DESIRED) {
                set.meta.annotations.insert(DESIRED.to_owned(), wanted.to_string());
                set.meta.annotations.insert(MOST.to_owned(), (wanted + surge).to_string());
            }
        }
        let kept = usize::try_from(spec_number(&members, "/revisionHistoryLimit").unwrap_or(10)).unwrap_or_default();
        let mut old: Vec<(i64, String)> = Vec::new();
        for (at, set) in sets.iter().enumerate() {
            if Some(at) != current && set.wanted() == 0 && set.count("replicas") == 0 {
                old.push((set.revision(), set.meta.name.clone()));
            }
        }
        crate::formats::ordered::sort(&mut old);
        let gone: Vec<String> = old.iter().take(old.len().saturating_sub(kept)).map(|(_, name)| name.clone()).collect();
        let state = state(&meta, &sets, current, wanted, unavailable);
        for set in sets {
            if gone.contains(&set.meta.name) {
                self.discard(REPLICA_SETS, &set.meta.namespace, &set.meta.name);
            } else {
                self.put(REPLICA_SETS, set.meta, set.members);
            }
        }
        if revision > 0 {
            meta.annotations.insert(REVISION.to_owned(), revision.to_string());
        }
        members.insert("status".to_owned(), state);
        self.put(DEPLOYMENTS, meta, members);
    }

    /// The ReplicaSets that belong to a Deployment.
    fn sets_of(&self, deployment: &Meta) -> Vec<Set> {
        let own = uid(deployment.uid);
        let all = self.store.of(REPLICA_SETS);
        let sets = all.filter(|(meta, _)| meta.namespace == deployment.namespace && is_owned_by(meta, &own));
        sets.map(|(meta, members)| Set { meta: meta.clone(), members: members.clone() }).collect()
    }

    /// A ReplicaSet for the template of a Deployment, without replicas so far.
    fn new_set(&mut self, deployment: &Meta, members: &Members, template: &Value, sets: &[Set]) -> Set {
        let left_over = sets.is_empty().then(|| self.left_over(deployment, members)).flatten();
        let name = |hash: &str| format!("{}-{hash}", deployment.name);
        let taken = |hash: &String| self.store.has(REPLICA_SETS, &deployment.namespace, &name(hash));
        let hash = match &left_over {
            Some(hash) => hash.clone(),
            None => (0..100).map(|n| template_hash(template, n)).find(|hash| !taken(hash)).unwrap_or_default(),
        };
        if left_over.is_some() {
            self.label_left_over(deployment, &hash);
        }
        let mut labels = labels_of(template);
        labels.insert(TEMPLATE_HASH.to_owned(), hash.clone());
        let mut meta = Meta {
            name: name(&hash),
            namespace: deployment.namespace.clone(),
            labels: labels.clone(),
            uid: made_uid(&[&deployment.uid, &name(&hash)]),
            resource_version: deployment.resource_version,
            created: self.time(deployment.created),
            generation: 1,
            ..Meta::default()
        };
        meta.other.insert("ownerReferences".to_owned(), reference("apps/v1", "Deployment", deployment));
        let mut own = template.clone();
        if let Some(place) = own.as_object_mut().map(|own| own.entry("metadata").or_insert_with(|| json!({})))
            && let Some(place) = place.as_object_mut()
        {
            place.insert("labels".to_owned(), json!(labels));
        }
        let mut selector = spec(members, "/selector").and_then(Value::as_object).cloned().unwrap_or_default();
        let matching = selector.entry("matchLabels").or_insert_with(|| Value::Object(Map::new()));
        if let Some(matching) = matching.as_object_mut() {
            matching.insert(TEMPLATE_HASH.to_owned(), json!(hash));
        }
        let mut body = Members::new();
        let mut content = Map::new();
        content.insert("replicas".to_owned(), json!(0));
        if let Some(seconds) = spec(members, "/minReadySeconds") {
            content.insert("minReadySeconds".to_owned(), seconds.clone());
        }
        content.insert("selector".to_owned(), Value::Object(selector));
        content.insert("template".to_owned(), own);
        body.insert("spec".to_owned(), Value::Object(content));
        Set { meta, members: body }
    }

    /// The hash in the names of pods that a world held before controllers ran.
    fn left_over(&self, deployment: &Meta, members: &Members) -> Option<String> {
        let pods = self.store.of(PODS).filter(|(pod, _)| {
            pod.namespace == deployment.namespace
                && !pod.other.contains_key("ownerReferences")
                && matches(spec(members, "/selector"), &pod.labels)
        });
        let mut hashes = pods.filter_map(|(pod, _)| hash_in(&pod.name, &deployment.name));
        hashes.next().map(str::to_owned)
    }

    fn label_left_over(&mut self, deployment: &Meta, hash: &str) {
        let own = |pod: &Meta| {
            pod.namespace == deployment.namespace
                && !pod.other.contains_key("ownerReferences")
                && hash_in(&pod.name, &deployment.name) == Some(hash)
        };
        let found: Vec<_> =
            self.store.of(PODS).filter(|(pod, _)| own(pod)).map(|(m, members)| (m.clone(), members.clone())).collect();
        for (mut pod, members) in found {
            pod.labels.insert(TEMPLATE_HASH.to_owned(), hash.to_owned());
            self.put(PODS, pod, members);
        }
    }
}

/// The hash in `DEPLOYMENT-HASH-SUFFIX`.
fn hash_in<'p>(pod: &'p str, deployment: &str) -> Option<&'p str> {
    let (hash, suffix) = pod.strip_prefix(deployment)?.strip_prefix('-')?.split_once('-')?;
    let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (suffix.len() == 5 && (6..=10).contains(&hash.len()) && is_word(hash) && is_word(suffix)).then_some(hash)
}

/// `maxSurge` and `maxUnavailable` as numbers: surges round up, absences down, and not both are zero.
fn limits(members: &Members, wanted: i64) -> (i64, i64) {
    if spec_text(members, "/strategy/type") == "Recreate" {
        return (0, wanted);
    }
    let share = |member: &str, up: bool| {
        let given = spec(members, &format!("/strategy/rollingUpdate/{member}"));
        let percent = match given {
            Some(Value::Number(number)) => return number.as_i64().unwrap_or_default().clamp(0, super::MOST_PODS),
            Some(Value::String(text)) => text.trim_end_matches('%').parse().unwrap_or(25),
            _ => 25_i64,
        };
        let product = wanted * percent.clamp(0, 1000);
        if up { (product + 99) / 100 } else { product / 100 }
    };
    match (share("maxSurge", true), share("maxUnavailable", false)) {
        (0, 0) => (0, 1),
        found => found,
    }
}

/// One step of a rolling update: up with the new ReplicaSet, down with the others as far as enough pods are available.
fn roll(sets: &mut [Set], current: usize, wanted: i64, surge: i64, unavailable: i64, recreate: bool) {
    let total: i64 = sets.iter().map(Set::wanted).sum();
    let others_run = |sets: &[Set]| {
        sets.iter().enumerate().any(|(at, set)| at != current && (set.wanted() > 0 || set.count("replicas") > 0))
    };
    let Some(now) = sets.get(current).map(Set::wanted) else { return };
    if !others_run(sets) {
        if let Some(set) = sets.get_mut(current) {
            set.scale(wanted);
        }
        return;
    }
    if recreate {
        for (at, set) in sets.iter_mut().enumerate() {
            if at != current {
                set.scale(0);
            }
        }
        return;
    }
    let room = (wanted + surge - total).max(0);
    let next = if now > wanted { wanted } else { (now + room).min(wanted) };
    if let Some(set) = sets.get_mut(current).filter(|_| next != now) {
        set.scale(next);
        return;
    }
    let available: i64 = sets.iter().map(|set| set.count("availableReplicas").min(set.wanted())).sum();
    let mut spare = (available - (wanted - unavailable)).max(0);
    for (at, set) in sets.iter_mut().enumerate() {
        if at == current {
            continue;
        }
        // Pods that do not run go first and are missed by nobody.
        let broken = (set.wanted() - set.count("availableReplicas")).max(0);
        let fewer = broken + spare.min(set.wanted() - broken);
        spare -= fewer - broken;
        set.scale(set.wanted() - fewer);
    }
}

/// The state of a Deployment, from those of its ReplicaSets.
fn state(meta: &Meta, sets: &[Set], current: Option<usize>, wanted: i64, unavailable: i64) -> Value {
    let sum = |member: &str| sets.iter().map(|set| set.count(member)).sum::<i64>();
    let (total, ready) = (sum("replicas"), sum("readyReplicas"));
    let set = current.and_then(|at| sets.get(at));
    let updated = set.map_or(0, |set| set.count("replicas"));
    let mut out = Map::new();
    out.insert("observedGeneration".to_owned(), json!(meta.generation));
    for (member, count) in [
        ("replicas", total),
        ("updatedReplicas", updated),
        ("readyReplicas", ready),
        ("availableReplicas", ready),
        ("unavailableReplicas", (wanted - ready).max(0)),
    ] {
        if count > 0 {
            out.insert(member.to_owned(), json!(count));
        }
    }
    let since = set.map_or(meta.created, |set| set.meta.created).kubernetes_text();
    let mut conditions = Vec::new();
    let mut say = |kind: &str, status: &str, reason: &str, message: String| {
        conditions.push(json!({
            "type": kind, "status": status, "lastUpdateTime": since, "lastTransitionTime": since,
            "reason": reason, "message": message,
        }));
    };
    if ready >= wanted - unavailable {
        say("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.".to_owned());
    } else {
        let text = "Deployment does not have minimum availability.";
        say("Available", "False", "MinimumReplicasUnavailable", text.to_owned());
    }
    if let Some(failed) = set.and_then(|set| status(&set.members, "/conditions/0")) {
        let text = |member: &str| failed.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        say("ReplicaFailure", "True", &text("reason"), text("message"));
    }
    if let Some(set) = set {
        let name = &set.meta.name;
        if updated == wanted && total == wanted && ready == wanted {
            let text = format!("ReplicaSet \"{name}\" has successfully progressed.");
            say("Progressing", "True", "NewReplicaSetAvailable", text);
        } else if updated == 0 && wanted > 0 {
            say("Progressing", "True", "NewReplicaSetCreated", format!("Created new replica set \"{name}\""));
        } else {
            say("Progressing", "True", "ReplicaSetUpdated", format!("ReplicaSet \"{name}\" is progressing."));
        }
    }
    out.insert("conditions".to_owned(), Value::Array(conditions));
    Value::Object(out)
}
