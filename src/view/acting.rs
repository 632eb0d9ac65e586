//! Who `aws` and `kubectl` act as now, read from the workstation's files and variables as the tools read them
//! (cli 6, 15; eks 17.5).

use std::collections::BTreeMap;

use serde_json::Value;

use super::text::last_name;
use crate::engine::request::Impersonate;
use crate::engine::{Caller, Credential, World};
use crate::formats::yaml::load;
use crate::session::{Snapshot, Workstation};

/// An identity that a tool acts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    /// The AWS profile, or what stands in its place.
    pub profile: String,
    /// What calls are signed with.
    pub caller: Caller,
    /// The caller's ARN as STS has it; `None` for unknown keys and tokens.
    pub arn: Option<String>,
}

impl Acting {
    /// The name of the user or the session, for badges.
    pub fn name(&self) -> &str {
        let arn = self.arn.as_deref().unwrap_or("nobody");
        if let Some((_, session)) = arn.split_once(":assumed-role/") { session } else { last_name(arn) }
    }
}

/// What kubectl is set up for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubectlSetup {
    /// Who it acts as.
    pub acting: Acting,
    /// The name of the cluster of the current context, if the kubeconfig names one that exists.
    pub cluster: Option<String>,
    /// The namespace of the current context.
    pub namespace: String,
}

/// Who `aws` acts as when nothing is said on the command line.
pub fn aws(now: &Snapshot) -> Acting {
    let profile = variable(&now.workstation, "AWS_PROFILE");
    let key = variable(&now.workstation, "AWS_ACCESS_KEY_ID").filter(|_| profile.is_none());
    match key {
        Some(key) => acting(&now.world, "environment".to_owned(), Caller::new(Credential::AccessKey(key))),
        None => of_profile(now, &profile.unwrap_or_else(|| "default".to_owned())),
    }
}

/// Who kubectl acts as in its current context.
pub fn kubectl(now: &Snapshot) -> KubectlSetup {
    let workstation = &now.workstation;
    let path = variable(workstation, "KUBECONFIG").unwrap_or_else(|| "~/.kube/config".to_owned());
    let path = workstation.expand_home(path.split(':').find(|part| !part.is_empty()).unwrap_or_default());
    let config = workstation.read(&path).ok().and_then(|text| load::load(text).ok()).unwrap_or_default();
    let current = text(&config, "/current-context");
    let context = named(&config, "contexts", &current).and_then(|item| item.get("context")).cloned();
    let context = context.unwrap_or_default();
    let user = named(&config, "users", &text(&context, "/user")).and_then(|item| item.get("user")).cloned();
    let cluster = text(&context, "/cluster");
    let cluster = last_name(&cluster).to_owned();
    let namespace = Some(text(&context, "/namespace")).filter(|n| !n.is_empty()).unwrap_or_else(|| "default".into());
    let acting = match user {
        Some(user) => of_kubeconfig_user(now, &user),
        None => acting(&now.world, "no credentials".to_owned(), Caller::new(Credential::Anonymous)),
    };
    KubectlSetup { acting, cluster: now.world.cluster(&cluster).map(|c| c.name.clone()), namespace }
}

/// The identity of a profile of `~/.aws`.
pub fn of_profile(now: &Snapshot, profile: &str) -> Acting {
    let credential = credential_of_profile(&now.workstation, profile, 0);
    acting(&now.world, profile.to_owned(), Caller::new(credential.unwrap_or(Credential::Anonymous)))
}

/// The names of all profiles, in the order of the files.
pub fn profiles(workstation: &Workstation) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (section, _) in sections(workstation, CREDENTIALS).into_iter().chain(sections(workstation, CONFIG)) {
        let name = section.strip_prefix("profile ").unwrap_or(&section).trim().to_owned();
        if !names.contains(&name) && !section.starts_with("sso-session ") {
            names.push(name);
        }
    }
    names
}

const CREDENTIALS: (&str, &str) = ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
const CONFIG: (&str, &str) = ("AWS_CONFIG_FILE", "~/.aws/config");

fn acting(world: &World, profile: String, caller: Caller) -> Acting {
    let arn = world.identify(&caller.credential).ok().map(|identity| identity.arn);
    Acting { profile, caller, arn }
}

fn of_kubeconfig_user(now: &Snapshot, user: &Value) -> Acting {
    let mut found = if let Some(token) = user.get("token").and_then(Value::as_str) {
        acting(&now.world, "token".to_owned(), Caller::new(Credential::Token(token.to_owned())))
    } else {
        let env = user.pointer("/exec/env").and_then(Value::as_array).into_iter().flatten();
        let env = env.map(|item| (text(item, "/name"), text(item, "/value")));
        let profile = env.filter(|(name, _)| name == "AWS_PROFILE").last().map(|(_, value)| value);
        let mut found = match profile {
            Some(profile) => of_profile(now, &profile),
            None => aws(now),
        };
        let args: Vec<&str> = user
            .pointer("/exec/args")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let role = args.windows(2).find_map(|pair| match pair {
            [flag, role] if matches!(*flag, "--role" | "--role-arn" | "-r" | "-i") && role.starts_with("arn:") => {
                Some((*role).to_owned())
            }
            _ => None,
        });
        if let Some(role_arn) = role {
            let source = Box::new(found.caller.credential);
            // eks 17.8
            let session = "EKSGetTokenAuth".to_owned();
            let credential = Credential::AssumedRole { source, role_arn, session };
            found = acting(&now.world, found.profile, Caller::new(credential));
        }
        found
    };
    let wanted = Impersonate {
        user: text(user, "/as"),
        groups: user
            .get("as-groups")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        uid: text(user, "/as-uid"),
    };
    found.caller.impersonate = Some(wanted).filter(|wanted| *wanted != Impersonate::default());
    found
}

fn credential_of_profile(workstation: &Workstation, profile: &str, depth: usize) -> Option<Credential> {
    let find = |file, name: &str| sections(workstation, file).into_iter().find(|(section, _)| section == name);
    let config_name = if profile == "default" { profile.to_owned() } else { format!("profile {profile}") };
    let config = find(CONFIG, &config_name).map(|(_, values)| values).unwrap_or_default();
    let credentials = find(CREDENTIALS, profile).map(|(_, values)| values).unwrap_or_default();
    if let Some(role_arn) = config.get("role_arn").or(credentials.get("role_arn")) {
        // Chains of profiles are short; a longer one is a circle.
        if depth > 8 {
            return None;
        }
        let source = config.get("source_profile").or(credentials.get("source_profile"))?;
        let source = match source.as_str() {
            same if same == profile => AccessKeyOf(&credentials).get()?,
            other => credential_of_profile(workstation, other, depth + 1)?,
        };
        let session = config.get("role_session_name").cloned().unwrap_or_else(|| "botocore-session".to_owned());
        return Some(Credential::AssumedRole { source: Box::new(source), role_arn: role_arn.clone(), session });
    }
    AccessKeyOf(&credentials).get().or_else(|| AccessKeyOf(&config).get())
}

/// The key in a section of a file.
struct AccessKeyOf<'a>(&'a BTreeMap<String, String>);

impl AccessKeyOf<'_> {
    fn get(&self) -> Option<Credential> {
        self.0.get("aws_access_key_id").cloned().map(Credential::AccessKey)
    }
}

/// The sections of one of the files below `~/.aws`, in order.
fn sections(workstation: &Workstation, (name, path): (&str, &str)) -> Vec<(String, BTreeMap<String, String>)> {
    let path = variable(workstation, name).unwrap_or_else(|| path.to_owned());
    let text = workstation.read(&workstation.expand_home(&path)).unwrap_or_default();
    let mut sections: Vec<(String, BTreeMap<String, String>)> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push((name.trim().to_owned(), BTreeMap::new()));
        } else if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with(['#', ';']))
            && let Some((_, values)) = sections.last_mut()
        {
            values.insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    sections
}

fn variable(workstation: &Workstation, name: &str) -> Option<String> {
    let value = workstation.variables.get(name).filter(|_| workstation.exported.contains(name))?;
    Some(value.clone()).filter(|value| !value.is_empty())
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn named<'a>(config: &'a Value, list: &str, name: &str) -> Option<&'a Value> {
    let items = config.get(list)?.as_array()?;
    items.iter().find(|item| item.get("name").and_then(Value::as_str) == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::scenario;

    #[test]
    fn the_start_acts_as_the_creator() {
        let now = scenario::walkthrough();
        let setup = kubectl(&now);
        assert_eq!(setup.acting.name(), "cluster-creator");
        assert_eq!((setup.cluster.as_deref(), setup.namespace.as_str()), (Some("eks-demo-cluster"), "default"));
        assert_eq!(profiles(&now.workstation), ["default", "k8s-admin-demo", "k8s-dev-demo"]);
        assert_eq!(of_profile(&now, "k8s-dev-demo").name(), "k8s-dev");
        assert_eq!(of_profile(&now, "none").name(), "nobody");
    }

    #[test]
    fn an_exported_profile_counts() {
        let mut now = scenario::walkthrough();
        let workstation = std::rc::Rc::make_mut(&mut now.workstation);
        workstation.variables.insert("AWS_PROFILE".into(), "k8s-dev-demo".into());
        assert_eq!(aws(&now).name(), "cluster-creator");
        std::rc::Rc::make_mut(&mut now.workstation).exported.insert("AWS_PROFILE".into());
        assert_eq!(aws(&now).name(), "k8s-dev");
        assert_eq!(kubectl(&now).acting.name(), "k8s-dev");
    }
}
