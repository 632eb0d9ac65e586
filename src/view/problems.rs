//! The problems page: the linter's findings with the way to each object and what to do.

use super::objects::Kind;
use super::route::Route;
use super::text::{capital, count};
use crate::aws::aws_auth_lint::Place;
use crate::engine::Request;
use crate::engine::findings::{Finding, ObjectRef, Severity, findings};
use crate::engine::world::{Cluster, World};

/// A finding, ready to be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// A fixed word for its kind.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub object: String,
    /// Where that is.
    pub route: Option<Route>,
    /// What is the matter.
    pub message: String,
    /// Why it matters.
    pub reason: &'static str,
    /// What to do, in words; empty if nothing is to be done.
    pub remedy: String,
    /// Command lines that do it.
    pub commands: Vec<String>,
    /// The same as calls; fewer than commands if some commands are more than one call.
    pub requests: Vec<Request>,
    /// Rule and public source.
    pub source: &'static str,
}

impl Problem {
    /// Whether a click can do all that the commands do.
    pub fn is_mendable(&self) -> bool {
        !self.requests.is_empty() && self.requests.len() == self.commands.len()
    }
}

/// The name of a severity for people.
pub fn severity_label(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Breaks access",
        Severity::Warning => "Risk or slip",
        Severity::Info => "Worth knowing",
    }
}

/// All findings about a cluster, worst first.
pub fn problems(world: &World, cluster: &Cluster) -> Vec<Problem> {
    findings(world, cluster).into_iter().map(problem).collect()
}

/// How many findings somebody should look at: all but those that are only worth knowing.
pub fn pressing(problems: &[Problem]) -> usize {
    problems.iter().filter(|problem| problem.severity != Severity::Info).count()
}

/// How many there are, in words: `2 break access, 3 risks or slips`.
pub fn summary(problems: &[Problem]) -> String {
    let number = |severity| problems.iter().filter(|problem| problem.severity == severity).count();
    let (errors, warnings, infos) = (number(Severity::Error), number(Severity::Warning), number(Severity::Info));
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(count(errors, "breaks access", "break access"));
    }
    if warnings > 0 {
        parts.push(count(warnings, "risk or slip", "risks or slips"));
    }
    if infos > 0 {
        parts.push(format!("{infos} worth knowing"));
    }
    parts.join(", ")
}

fn problem(finding: Finding) -> Problem {
    let remedy = finding.remedy.unwrap_or_default();
    // Beside a link to the entry, a line counted within its section only misleads.
    let object = match &finding.object {
        ObjectRef::AwsAuth(Some(place)) if place.entry.is_some() => {
            ObjectRef::AwsAuth(Some(Place { line: None, ..place.clone() })).to_string()
        }
        object => object.to_string(),
    };
    Problem {
        id: finding.id,
        severity: finding.severity,
        object,
        route: route(&finding.object),
        message: capital(&finding.message),
        reason: finding.reason,
        remedy: remedy.text,
        commands: remedy.commands,
        requests: remedy.requests,
        source: finding.source,
    }
}

fn route(object: &ObjectRef) -> Option<Route> {
    match object {
        ObjectRef::Cluster(_) => Some(Route::Access),
        ObjectRef::AwsAuth(Some(Place { key, entry: Some(entry), .. })) => {
            Some(Route::AwsAuthEntry(key.clone(), *entry))
        }
        ObjectRef::AwsAuth(_) => Some(Route::AwsAuth),
        ObjectRef::AccessEntry(principal) | ObjectRef::Association(principal, _) => {
            Some(Route::Entry(principal.clone()))
        }
        ObjectRef::Object { kind, namespace, name } => {
            let plural = format!("{}s", kind.to_ascii_lowercase());
            Some(Route::Object(Kind::parse(&plural)?, namespace.clone(), name.clone()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Session, scenario};
    use crate::shell::terminal;

    fn found(script: &str) -> Vec<Problem> {
        let mut session = Session::new(scenario::walkthrough());
        terminal::run(&mut session, script);
        let cluster = session.world().clusters.first().unwrap();
        problems(session.world(), cluster)
    }

    #[test]
    fn a_line_of_aws_auth_is_named_by_its_entry_and_leads_there() {
        let all = found("true");
        let masters = all.iter().find(|problem| problem.id == "masters").unwrap();
        assert_eq!(masters.object, "aws-auth mapUsers, entry 1");
        assert_eq!(masters.route, Some(Route::AwsAuthEntry("mapUsers".into(), 0)));
    }

    #[test]
    fn a_binding_to_a_role_that_is_not_there_leads_to_its_page() {
        let all = found("kubectl create clusterrolebinding lost --clusterrole=none --group=developer");
        let lost = all.iter().find(|problem| problem.object == "ClusterRoleBinding lost").unwrap();
        let page = Route::Object(Kind::ClusterRoleBindings, String::new(), "lost".into());
        assert_eq!(lost.route, Some(page));
        assert!(!lost.remedy.is_empty() && !lost.reason.is_empty() && !lost.source.is_empty());
        assert!(all.windows(2).all(|pair| pair[0].severity <= pair[1].severity), "worst first");
    }

    #[test]
    fn an_entry_without_effect_is_found_with_its_page() {
        let arn = "arn:aws:iam::111122223333:user/k8s-dev";
        let all = found(&format!("aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn {arn}"));
        assert!(all.iter().any(|problem| problem.route == Some(Route::Entry(arn.into()))), "{all:?}");
        assert!(!summary(&all).is_empty());
        assert_eq!(summary(&[]), "");
    }
}
