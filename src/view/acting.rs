//! Who `aws` and `kubectl` act as now, by the same reading of files and variables as the tools' own.

use std::collections::BTreeMap;

use crate::engine::{Caller, Credential, World};
use crate::session::{Session, Snapshot, Workstation};
use crate::shell::context::Context;
use crate::shell::io::Input;
use crate::shell::kubeconfig::{Kubeconfig, Overrides, Target};
use crate::shell::profiles::{self, Configuration};

use super::text::last_name;

/// An identity that a tool acts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    /// The AWS profile, or what stands in its place; empty if there is none.
    pub profile: String,
    /// What calls are signed with.
    pub caller: Caller,
    /// The caller's ARN as STS has it; `None` for unknown keys and tokens.
    pub arn: Option<String>,
}

impl Acting {
    /// The name of the user, or role and session, for badges.
    pub fn name(&self) -> &str {
        let arn = self.arn.as_deref().unwrap_or("nobody");
        match arn.split_once(":assumed-role/") {
            Some((_, session)) => session,
            None if arn.ends_with(":root") => "root user",
            None => last_name(arn),
        }
    }
}

/// What kubectl is set up for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubectlSetup {
    /// Who it acts as.
    pub acting: Acting,
    /// The name of the cluster of the current context, if it is one of the world.
    pub cluster: Option<String>,
    /// The namespace of the current context.
    pub namespace: String,
}

/// Who `aws` acts as when nothing is said on the command line.
pub fn aws(now: &Snapshot) -> Acting {
    let env = now.workstation.environment();
    let profile = profiles::chosen(&env, None).unwrap_or("default").to_owned();
    let credential = profiles::resolve(&now.workstation, &env, None).ok().and_then(|profile| profile.credential);
    acting(&now.world, profile, Caller::new(credential.unwrap_or(Credential::Anonymous)))
}

/// The identity of a profile.
pub fn of_profile(now: &Snapshot, name: &str) -> Acting {
    let env = now.workstation.environment();
    let credential = profiles::resolve(&now.workstation, &env, Some(name)).ok().and_then(|profile| profile.credential);
    acting(&now.world, name.to_owned(), Caller::new(credential.unwrap_or(Credential::Anonymous)))
}

/// Who kubectl acts as in its current context, and where.
pub fn kubectl(now: &Snapshot) -> KubectlSetup {
    let env = now.workstation.environment();
    let mut session = Session::new(now.clone());
    let ctx = Context { session: &mut session, env: &env, stdin: &Input::default() };
    let overrides = Overrides::default();
    let config = Kubeconfig::load(&ctx, None).ok();
    let connection = config.as_ref().and_then(|config| config.connect(&overrides, &ctx).ok());
    let namespace = config.and_then(|config| config.namespace(&overrides).ok()).filter(|name| !name.is_empty());
    let cluster = connection.as_ref().and_then(|connection| match &connection.target {
        Target::Cluster(name) => Some(name.clone()),
        Target::Unreachable { .. } => connection.cluster.clone(),
    });
    let caller = connection.map_or_else(|| Caller::new(Credential::Anonymous), |connection| connection.caller);
    KubectlSetup {
        acting: acting(&now.world, profile_of(now, &caller.credential, &env), caller),
        cluster,
        namespace: namespace.unwrap_or_else(|| "default".to_owned()),
    }
}

/// A context of the kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeContext {
    /// Its name.
    pub name: String,
    /// Who kubectl acts as in it; none if it leads nowhere.
    pub acting: Option<Acting>,
    /// Whether it is the current one.
    pub is_current: bool,
}

/// The contexts of the kubeconfig, by name.
pub fn contexts(now: &Snapshot) -> Vec<KubeContext> {
    let env = now.workstation.environment();
    let mut session = Session::new(now.clone());
    let ctx = Context { session: &mut session, env: &env, stdin: &Input::default() };
    let Ok(config) = Kubeconfig::load(&ctx, None) else { return Vec::new() };
    let names: Vec<String> = config.entries("contexts").into_keys().map(str::to_owned).collect();
    let context = |name: String| {
        let overrides = Overrides { context: Some(name.clone()), ..Overrides::default() };
        let caller = config.connect(&overrides, &ctx).ok().map(|connection| connection.caller);
        let acting = caller.map(|caller| acting(&now.world, profile_of(now, &caller.credential, &env), caller));
        KubeContext { is_current: config.current_context() == name, acting, name }
    };
    names.into_iter().map(context).collect()
}

/// The names of all profiles, in the order of the files.
pub fn profiles(workstation: &Workstation) -> Vec<String> {
    let configuration = Configuration::load(workstation, &workstation.environment());
    configuration.profiles.into_iter().map(|(name, _)| name).collect()
}

fn acting(world: &World, profile: String, caller: Caller) -> Acting {
    let arn = world.identify(&caller.credential).ok().map(|identity| identity.arn);
    Acting { profile, caller, arn }
}

/// The profile that a credential comes from, for show; empty if from none.
fn profile_of(now: &Snapshot, credential: &Credential, env: &BTreeMap<String, String>) -> String {
    let names = profiles(&now.workstation);
    let is_it = |name: &&String| {
        let profile = profiles::resolve(&now.workstation, env, Some(name)).ok();
        profile.and_then(|profile| profile.credential).as_ref() == Some(credential)
    };
    names.iter().find(is_it).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::session::scenario;

    #[test]
    fn the_start_acts_as_the_creator() {
        let now = scenario::walkthrough();
        let setup = kubectl(&now);
        assert_eq!((setup.acting.name(), setup.acting.profile.as_str()), ("cluster-creator", "default"));
        assert_eq!((setup.cluster.as_deref(), setup.namespace.as_str()), (Some("eks-demo-cluster"), "default"));
        assert_eq!(profiles(&now.workstation), ["default", "k8s-admin-demo", "k8s-dev-demo"]);
        assert_eq!(of_profile(&now, "k8s-dev-demo").name(), "k8s-dev");
        assert_eq!(of_profile(&now, "none").name(), "nobody");
    }

    #[test]
    fn contexts_know_whom_they_act_as() {
        let mut session = Session::new(scenario::walkthrough());
        let line =
            "aws eks update-kubeconfig --name eks-demo-cluster --profile k8s-dev-demo --alias dev --user-alias dev";
        crate::shell::terminal::run(&mut session, line);
        let found = contexts(session.now());
        let found: Vec<(&str, &str, bool)> = found
            .iter()
            .map(|context| (&*context.name, context.acting.as_ref().map_or("", Acting::name), context.is_current))
            .collect();
        let first = "arn:aws:eks:ap-south-1:111122223333:cluster/eks-demo-cluster";
        assert_eq!(found, [(first, "cluster-creator", false), ("dev", "k8s-dev", true)]);
    }

    #[test]
    fn an_exported_profile_counts() {
        let mut now = scenario::walkthrough();
        let workstation = Rc::make_mut(&mut now.workstation);
        workstation.variables.insert("AWS_PROFILE".into(), "k8s-dev-demo".into());
        assert_eq!(aws(&now).name(), "cluster-creator");
        Rc::make_mut(&mut now.workstation).exported.insert("AWS_PROFILE".into());
        assert_eq!(aws(&now).name(), "k8s-dev");
        assert_eq!(kubectl(&now).acting.name(), "k8s-dev");
    }
}
