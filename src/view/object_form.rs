//! The form for a new object: what was filled in, the object that it makes, and the command that makes the same.

use serde_json::{Map, Value, json};

use super::objects::Kind;
use super::text::words;
use crate::engine::{ApiError, Cluster};
use crate::k8s::discovery::Resource;
use crate::k8s::rbac::API_GROUP;
use crate::k8s::status::Reason;
use crate::shell::render::quote;

/// Verbs that the form offers.
pub const VERBS: [&str; 9] = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "*"];

/// What was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectForm {
    /// The kind.
    pub kind: Kind,
    /// The name.
    pub name: String,
    /// The namespace, of kinds that have one.
    pub namespace: String,
    /// The rules of a role.
    pub rules: Vec<RuleForm>,
    /// The role of a binding: `ClusterRole/view` or `Role/x`; a name alone is of the binding's own scope.
    pub role: String,
    /// The subjects of a binding.
    pub subjects: Vec<SubjectForm>,
    /// Key and text of a config map.
    pub entry: (String, String),
}

/// A rule as filled in; lists are separated by commas or blanks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleForm {
    /// Whether the rule is for URLs.
    pub is_url: bool,
    /// Verbs.
    pub verbs: String,
    /// Resources: `pods`, `pods/log`, `deployments.apps`.
    pub resources: String,
    /// API groups, if not those of the resources; `core` stands for the core group.
    pub groups: String,
    /// Names that the rule is limited to.
    pub names: String,
    /// URLs.
    pub urls: String,
}

/// A subject as filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubjectForm {
    /// `Group`, `User` or `ServiceAccount`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The namespace of a service account.
    pub namespace: String,
}

impl SubjectForm {
    /// An empty group.
    pub fn group() -> Self {
        Self { kind: "Group".to_owned(), ..Self::default() }
    }
}

/// A resource as typed, as the cluster serves it.
struct Asked {
    group: String,
    /// With its subresource.
    resource: String,
}

fn asked(known: &[Resource], typed: &str) -> Asked {
    let (head, sub) = match typed.split_once('/') {
        Some((head, sub)) => (head, format!("/{sub}")),
        None => (typed, String::new()),
    };
    if head == "*" {
        return Asked { group: "*".to_owned(), resource: format!("*{sub}") };
    }
    let (name, group) = match head.split_once('.') {
        Some((name, group)) => (name, Some(group)),
        None => (head, None),
    };
    let is_it = |kind: &&Resource| {
        let named = kind.plural == name || kind.singular == name || kind.short_names.iter().any(|short| short == name);
        named && group.is_none_or(|group| kind.group == group)
    };
    match known.iter().find(is_it) {
        Some(kind) => Asked { group: kind.group.to_string(), resource: format!("{}{sub}", kind.plural) },
        // Unknown resources are taken as typed: a rule may come before its custom resource.
        None => Asked { group: group.unwrap_or_default().to_owned(), resource: format!("{name}{sub}") },
    }
}

impl RuleForm {
    /// The rules that it makes: one for each API group, as `kubectl create role` makes them.
    fn rules(&self, known: &[Resource]) -> Vec<Value> {
        let verbs = words(&self.verbs);
        if self.is_url {
            return vec![json!({"nonResourceURLs": words(&self.urls), "verbs": verbs})];
        }
        let resources: Vec<Asked> = words(&self.resources).iter().map(|typed| asked(known, typed)).collect();
        let mut groups: Vec<(Vec<String>, Vec<String>)> = Vec::new();
        if !self.groups.trim().is_empty() || resources.is_empty() {
            let named = |group: String| if group == "core" || group == "\"\"" { String::new() } else { group };
            let named: Vec<String> = words(&self.groups).into_iter().map(named).collect();
            groups.push((named, resources.into_iter().map(|asked| asked.resource).collect()));
        } else {
            for Asked { group, resource } in resources {
                match groups.iter_mut().find(|(own, _)| own.contains(&group)) {
                    Some((_, resources)) => resources.push(resource),
                    None => groups.push((vec![group], vec![resource])),
                }
            }
        }
        let names = words(&self.names);
        let rule = |(groups, resources): (Vec<String>, Vec<String>)| {
            let mut rule = json!({"apiGroups": groups, "resources": resources, "verbs": verbs});
            if let (Some(members), false) = (rule.as_object_mut(), names.is_empty()) {
                members.insert("resourceNames".to_owned(), json!(names));
            }
            rule
        };
        groups.into_iter().map(rule).collect()
    }
}

impl ObjectForm {
    /// An empty form.
    pub fn new(kind: Kind, namespace: &str) -> Self {
        Self {
            kind,
            name: String::new(),
            namespace: namespace.to_owned(),
            rules: vec![RuleForm::default()],
            role: String::new(),
            subjects: vec![SubjectForm::group()],
            entry: (String::new(), String::new()),
        }
    }

    /// The object.
    pub fn object(&self, cluster: &Cluster) -> Value {
        let known = cluster.objects.resources();
        let resource = self.kind.resource(cluster);
        let mut metadata = Map::new();
        metadata.insert("name".to_owned(), json!(self.name.trim()));
        if self.kind.is_namespaced() {
            metadata.insert("namespace".to_owned(), json!(self.namespace.trim()));
        }
        let mut object = Map::new();
        object.insert("apiVersion".to_owned(), json!(resource.as_ref().map(Resource::api_version)));
        object.insert("kind".to_owned(), json!(resource.map(|resource| resource.kind.to_string())));
        object.insert("metadata".to_owned(), Value::Object(metadata));
        match self.kind {
            Kind::ClusterRoles | Kind::Roles => {
                let rules: Vec<Value> = self.rules.iter().flat_map(|rule| rule.rules(&known)).collect();
                object.insert("rules".to_owned(), json!(rules));
            }
            Kind::ClusterRoleBindings | Kind::RoleBindings => {
                let (kind, name) = self.role_ref();
                object.insert("roleRef".to_owned(), json!({"apiGroup": API_GROUP, "kind": kind, "name": name}));
                object.insert("subjects".to_owned(), json!(self.subjects.iter().map(subject).collect::<Vec<_>>()));
            }
            Kind::ConfigMaps if !self.entry.0.trim().is_empty() => {
                let mut data = Map::new();
                data.insert(self.entry.0.trim().to_owned(), json!(self.entry.1));
                object.insert("data".to_owned(), Value::Object(data));
            }
            Kind::ConfigMaps | Kind::Namespaces | Kind::ServiceAccounts => {}
        }
        Value::Object(object)
    }

    /// Kind and name of the role.
    fn role_ref(&self) -> (&str, &str) {
        let role = self.role.trim();
        let own = if self.kind == Kind::RoleBindings { "Role" } else { "ClusterRole" };
        role.split_once('/').unwrap_or((own, role))
    }

    /// The command that makes the same without a file, where kubectl has one; none without a name.
    pub fn command(&self) -> Option<String> {
        if self.name.trim().is_empty() {
            return None;
        }
        let name = quote(self.name.trim());
        let place =
            if self.kind.is_namespaced() { format!(" -n {}", quote(self.namespace.trim())) } else { String::new() };
        let list = |text: &str| quote(&words(text).join(","));
        let line = match self.kind {
            Kind::Namespaces => format!("namespace {name}"),
            Kind::ServiceAccounts => format!("serviceaccount {name}"),
            Kind::ConfigMaps if self.entry.0.trim().is_empty() => format!("configmap {name}"),
            Kind::ConfigMaps => {
                let literal = quote(&format!("{}={}", self.entry.0.trim(), self.entry.1));
                format!("configmap {name} --from-literal={literal}")
            }
            Kind::ClusterRoles | Kind::Roles => {
                let [rule] = self.rules.as_slice() else { return None };
                let noun = if self.kind == Kind::Roles { "role" } else { "clusterrole" };
                let verbs = list(&rule.verbs);
                if rule.is_url {
                    if self.kind == Kind::Roles {
                        return None;
                    }
                    format!("{noun} {name} --verb={verbs} --non-resource-url={}", list(&rule.urls))
                } else if !rule.groups.trim().is_empty() {
                    return None;
                } else {
                    let names: String =
                        words(&rule.names).iter().map(|name| format!(" --resource-name={}", quote(name))).collect();
                    format!("{noun} {name} --verb={verbs} --resource={}{names}", list(&rule.resources))
                }
            }
            Kind::ClusterRoleBindings | Kind::RoleBindings => {
                let (kind, role) = self.role_ref();
                let (noun, flag) = match (self.kind, kind) {
                    (Kind::RoleBindings, "Role") => ("rolebinding", "role"),
                    (Kind::RoleBindings, _) => ("rolebinding", "clusterrole"),
                    _ => ("clusterrolebinding", "clusterrole"),
                };
                let subjects: String = self.subjects.iter().map(subject_flag).collect();
                format!("{noun} {name} --{flag}={}{subjects}", quote(role))
            }
        };
        Some(format!("kubectl create {line}{place}"))
    }
}

fn subject(subject: &SubjectForm) -> Value {
    let name = subject.name.trim();
    match subject.kind.as_str() {
        "ServiceAccount" => {
            json!({"kind": "ServiceAccount", "name": name, "namespace": subject.namespace.trim()})
        }
        kind => json!({"apiGroup": API_GROUP, "kind": kind, "name": name}),
    }
}

fn subject_flag(subject: &SubjectForm) -> String {
    let name = subject.name.trim();
    match subject.kind.as_str() {
        "ServiceAccount" => format!(" --serviceaccount={}", quote(&format!("{}:{name}", subject.namespace.trim()))),
        "User" => format!(" --user={}", quote(name)),
        _ => format!(" --group={}", quote(name)),
    }
}

/// Takes a word out of a list, or puts it in.
pub fn toggled(list: &str, word: &str) -> String {
    let mut words = words(list);
    match words.iter().position(|own| own == word) {
        Some(at) => drop(words.remove(at)),
        None => words.push(word.to_owned()),
    }
    words.join(", ")
}

/// Roles that a binding of the kind may give: `ClusterRole/view`, own ones first.
pub fn roles(cluster: &Cluster, kind: Kind, namespace: &str) -> Vec<String> {
    let rbac = cluster.objects.rbac();
    let mut roles: Vec<String> = match kind {
        Kind::RoleBindings => {
            rbac.roles().filter(|(home, ..)| *home == namespace).map(|(_, name, _)| format!("Role/{name}")).collect()
        }
        _ => Vec::new(),
    };
    let is_stock = |labels: &crate::k8s::rbac::Labels| labels.contains_key("kubernetes.io/bootstrapping");
    for stock in [false, true] {
        let some = rbac.cluster_roles().filter(|(.., labels)| is_stock(labels) == stock);
        roles.extend(some.map(|(name, ..)| format!("ClusterRole/{name}")));
    }
    roles
}

/// Groups that access entries and aws-auth give, and that a binding may name.
pub fn groups(cluster: &Cluster) -> Vec<String> {
    let data = cluster.objects.config_map(crate::engine::authn::AWS_AUTH.0, crate::engine::authn::AWS_AUTH.1);
    let parsed = data.as_ref().map(crate::aws::aws_auth::parse).unwrap_or_default();
    let lines = parsed.roles.iter().chain(&parsed.users).flat_map(|line| line.groups.clone());
    let all = cluster.entries.values().flat_map(|entry| entry.groups.clone()).chain(lines);
    crate::formats::ordered::set_of(all).into_iter().collect()
}

/// The place in a list that a cause names, and the member there: `rules[1].verbs`.
fn place<'a>(cause: &'a str, list: &str) -> Option<(usize, &'a str)> {
    let (number, rest) = cause.strip_prefix(list)?.strip_prefix('[')?.split_once(']')?;
    let member = rest.trim_start_matches('.').split([':', '[']).next().unwrap_or_default();
    Some((number.parse().ok()?, member))
}

/// A part of the form that a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields")]
pub enum Field {
    Name,
    Namespace,
    Rules,
    Role,
    Subjects,
    /// A member of a rule of the form.
    Rule(usize, &'static str),
    /// A member of a subject of the form.
    Subject(usize, &'static str),
    Data,
    /// The whole.
    Form,
}

impl ObjectForm {
    /// A refusal of the API server, at the fields that it is about.
    pub fn faults(&self, cluster: &Cluster, error: &ApiError) -> Vec<(Field, String)> {
        let ApiError::Kube(status) = error else { return vec![(Field::Form, error.to_string())] };
        match status.reason {
            Reason::Invalid if !status.causes.is_empty() => {
                let fault = |cause: &String| {
                    let field = self.field(cluster, cause);
                    let text = match field {
                        Field::Form | Field::Rules | Field::Subjects => cause.as_str(),
                        _ => cause.split_once(": ").map_or(cause.as_str(), |(_, text)| text),
                    };
                    (field, text.to_owned())
                };
                let found: Vec<(Field, String)> = status.causes.iter().map(fault).collect();
                // API groups come from the resources: that both are missing is one fault.
                let lacks = |at: usize| found.iter().any(|(field, _)| *field == Field::Rule(at, "resources"));
                let is_own = |field: &Field| !matches!(field, Field::Rule(at, "apiGroups") if lacks(*at));
                found.iter().filter(|(field, _)| is_own(field)).cloned().collect()
            }
            Reason::AlreadyExists => vec![(Field::Name, status.message.clone())],
            Reason::NotFound if status.kind == "namespaces" => vec![(Field::Namespace, status.message.clone())],
            // A role of no known kind stops the server before it validates.
            Reason::NotFound | Reason::InternalError => vec![(Field::Role, status.message.clone())],
            _ => vec![(Field::Form, status.message.clone())],
        }
    }

    /// The field that a cause is about.
    fn field(&self, cluster: &Cluster, cause: &str) -> Field {
        if let Some((number, member)) = place(cause, "rules") {
            // A rule of the form may have become several of the object.
            let known = cluster.objects.resources();
            let made =
                self.rules.iter().enumerate().flat_map(|(at, rule)| rule.rules(&known).into_iter().map(move |_| at));
            let members = ["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"];
            let found = members.into_iter().find(|known| *known == member);
            return made
                .into_iter()
                .nth(number)
                .zip(found)
                .map_or(Field::Rules, |(at, member)| Field::Rule(at, member));
        }
        if let Some((at, member)) = place(cause, "subjects") {
            let found = ["kind", "name", "namespace"].into_iter().find(|known| *known == member);
            return found.map_or(Field::Subjects, |member| Field::Subject(at, member));
        }
        match cause.split(['.', '[', ':']).next().unwrap_or_default() {
            "metadata" if cause.starts_with("metadata.namespace") => Field::Namespace,
            "metadata" => Field::Name,
            "rules" => Field::Rules,
            "roleRef" => Field::Role,
            "subjects" => Field::Subjects,
            "data" => Field::Data,
            _ => Field::Form,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Session, scenario};
    use crate::shell::terminal::run;
    use crate::view::{acting, objects};

    /// The form's call and its command make the same object.
    fn same(form: &ObjectForm) {
        let now = scenario::walkthrough();
        let name = now.world.clusters.first().unwrap().name.clone();
        let mut by_form = Session::new(now.clone());
        let cluster = by_form.world().cluster(&name).unwrap();
        let request = objects::create(form.kind, cluster, &form.object(cluster));
        by_form.call(&acting::kubectl(&now).acting.caller, request).unwrap();
        let mut by_command = Session::new(now);
        let line = form.command().unwrap();
        let ran = run(&mut by_command, &line);
        assert_eq!(ran[0].exit, 0, "{line}: {ran:?}");
        let namespace = if form.kind.is_namespaced() { form.namespace.as_str() } else { "" };
        let bare = |session: &Session| {
            let cluster = session.world().cluster(&name).unwrap();
            let resource = form.kind.resource(cluster).unwrap();
            let mut object = cluster.objects.get(&resource, namespace, &form.name).unwrap();
            object["metadata"] = Value::Null;
            object
        };
        assert_eq!(bare(&by_form), bare(&by_command), "{line}");
    }

    fn form(kind: Kind) -> ObjectForm {
        ObjectForm { name: "x".to_owned(), ..ObjectForm::new(kind, "default") }
    }

    #[test]
    fn the_form_and_its_command_make_the_same() {
        for kind in [Kind::Namespaces, Kind::ServiceAccounts, Kind::ConfigMaps] {
            same(&form(kind));
        }
        same(&ObjectForm { entry: ("a".to_owned(), "it's".to_owned()), ..form(Kind::ConfigMaps) });
        let rule = RuleForm {
            verbs: "get, list".to_owned(),
            resources: "po, deployments.apps, pods/log".to_owned(),
            ..RuleForm::default()
        };
        same(&ObjectForm { rules: vec![rule.clone()], ..form(Kind::Roles) });
        let named = RuleForm { resources: "secrets".to_owned(), names: "a b".to_owned(), ..rule };
        same(&ObjectForm { rules: vec![named], ..form(Kind::ClusterRoles) });
        let urls = RuleForm {
            is_url: true,
            verbs: "get".to_owned(),
            urls: "/healthz /version/*".to_owned(),
            ..RuleForm::default()
        };
        same(&ObjectForm { rules: vec![urls], ..form(Kind::ClusterRoles) });
        let subject = |kind: &str, name: &str| SubjectForm {
            kind: kind.to_owned(),
            name: name.to_owned(),
            namespace: "default".to_owned(),
        };
        let bound = ObjectForm {
            role: "ClusterRole/view".to_owned(),
            subjects: vec![subject("User", "u"), subject("Group", "g"), subject("ServiceAccount", "s")],
            ..form(Kind::RoleBindings)
        };
        same(&bound);
        same(&ObjectForm { kind: Kind::ClusterRoleBindings, ..bound.clone() });
        same(&ObjectForm { kind: Kind::ClusterRoleBindings, role: "view".to_owned(), ..bound.clone() });
        same(&ObjectForm { role: "own".to_owned(), ..bound });
    }

    #[test]
    fn refusals_stand_at_their_fields() {
        let now = scenario::walkthrough();
        let caller = acting::kubectl(&now).acting.caller;
        let check = |form: &ObjectForm, expected: Field| {
            let cluster = now.world.clusters.first().unwrap();
            let request = objects::create(form.kind, cluster, &form.object(cluster));
            let error = (*now.world).clone().call(&caller, request).unwrap_err();
            assert!(form.faults(cluster, &error).iter().any(|(field, _)| *field == expected), "{error}");
        };
        check(&ObjectForm { name: "A b".to_owned(), ..form(Kind::Namespaces) }, Field::Name);
        check(&ObjectForm { name: "default".to_owned(), ..form(Kind::Namespaces) }, Field::Name);
        check(&ObjectForm { namespace: "gone".to_owned(), ..form(Kind::ServiceAccounts) }, Field::Namespace);
        check(&form(Kind::Roles), Field::Rule(0, "verbs"));
        let good =
            RuleForm { verbs: "get".to_owned(), resources: "pods, deployments".to_owned(), ..RuleForm::default() };
        let bad = RuleForm { verbs: String::new(), ..good.clone() };
        check(&ObjectForm { rules: vec![good, bad], ..form(Kind::Roles) }, Field::Rule(1, "verbs"));
        check(
            &ObjectForm { role: "ClusterRole/view".to_owned(), ..form(Kind::RoleBindings) },
            Field::Subject(0, "name"),
        );
        check(&form(Kind::RoleBindings), Field::Role);
    }

    #[test]
    fn words_come_and_go() {
        assert_eq!(toggled("get, list", "get"), "list");
        assert_eq!(toggled("", "get"), "get");
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        assert!(roles(cluster, Kind::RoleBindings, "default").contains(&"ClusterRole/view".to_owned()));
        assert!(groups(cluster).contains(&"system:masters".to_owned()));
    }
}
