//! What the terminal printed, cut into text and names that have a page.
//!
//! A name becomes a link only where it says of what kind it is (`clusterrole…/view`, a principal ARN) or where the command
//! asked for one kind alone, and only if there is exactly one such object. Links are ours; the text stays as printed.

use std::ops::Range;

use super::objects::Kind;
use super::route::Route;
use crate::engine::{Cluster, KubeRequest, Request};
use crate::session::log::CallRecord;

/// The most links of one output.
const MAX_LINKS: usize = 200;
/// Longer outputs are only text.
const MAX_TEXT: usize = 100_000;

/// A name with a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Where it stands.
    pub range: Range<usize>,
    /// Its page.
    pub route: Route,
}

/// The names in `text`, which calls to `cluster` gave.
pub fn mentions(cluster: &Cluster, calls: &[CallRecord], text: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    if text.len() > MAX_TEXT {
        return found;
    }
    let known = Known::of(cluster);
    let asked = asked(calls);
    let mut start = 0;
    let mut in_table = false;
    for line in text.split_inclusive('\n') {
        let names_lead = line.starts_with("NAME ") || line.starts_with("NAMESPACE ");
        let labelled = ["Name:", "name:", "\"name\":"].iter().any(|label| line.trim_start().starts_with(label));
        in_table = if line.trim().is_empty() { false } else { in_table || names_lead };
        let mut namespace = None;
        for (index, range) in words(line).enumerate() {
            let word = line.get(range.clone()).unwrap_or_default();
            let bare = asked.filter(|_| !names_lead).and_then(|kind| {
                let place = if in_table { index < 2 } else { labelled && index == 1 };
                if !place {
                    return None;
                }
                let route = known.object(kind, namespace, word);
                namespace = Some(word);
                route
            });
            let at = start + range.start..start + range.end;
            let route = bare.or_else(|| known.entry(word)).or_else(|| {
                let (kind, name) = word.split_once('/')?;
                known.object(kind_named(kind)?, None, name)
            });
            found.extend(route.map(|route| Mention { range: at, route }));
            if found.len() >= MAX_LINKS {
                return found;
            }
        }
        start += line.len();
    }
    found
}

/// The one kind that the calls asked for.
fn asked(calls: &[CallRecord]) -> Option<Kind> {
    let mut kinds = calls.iter().filter_map(|call| match &call.request {
        Request::Kube { request: KubeRequest::List { resource, .. } | KubeRequest::Get { resource, .. }, .. } => {
            Some(Kind::parse(&resource.resource))
        }
        _ => None,
    });
    let first = kinds.next()?;
    if kinds.all(|kind| kind == first) { first } else { None }
}

/// `clusterrole.rbac.authorization.k8s.io`, `ClusterRole`, `clusterroles`.
fn kind_named(word: &str) -> Option<Kind> {
    let name = word.split('.').next().unwrap_or_default().to_lowercase();
    Kind::parse(&name).or_else(|| Kind::parse(&format!("{name}s")))
}

/// Words without the punctuation around them.
fn words(line: &str) -> impl Iterator<Item = Range<usize>> {
    let base = line.as_ptr() as usize;
    line.split(|c: char| c.is_whitespace() || "\"'`,()[]".contains(c)).filter(|word| !word.is_empty()).map(
        move |word| {
            let start = word.as_ptr() as usize - base;
            let word = word.strip_suffix(':').unwrap_or(word);
            start..start + word.len()
        },
    )
}

/// The names that exist.
struct Known<'c> {
    cluster: &'c Cluster,
    names: Vec<(Kind, Vec<(&'c str, &'c str)>)>,
}

impl<'c> Known<'c> {
    fn of(cluster: &'c Cluster) -> Self {
        let names = Kind::ALL.into_iter().map(|kind| (kind, kind.names(cluster))).collect();
        Self { cluster, names }
    }

    fn object(&self, kind: Kind, namespace: Option<&str>, name: &str) -> Option<Route> {
        let (_, names) = self.names.iter().find(|(known, _)| *known == kind)?;
        let mut same = names.iter().filter(|(_, known)| *known == name);
        let first = same.next()?;
        let (place, name) = match (namespace, same.next()) {
            (_, None) => first,
            (Some(namespace), Some(_)) => names.iter().find(|known| **known == (namespace, name))?,
            (None, Some(_)) => return None,
        };
        Some(Route::Object(kind, (*place).to_owned(), (*name).to_owned()))
    }

    fn entry(&self, word: &str) -> Option<Route> {
        let is_entry = word.starts_with("arn:") && self.cluster.entries.contains_key(word);
        is_entry.then(|| Route::Entry(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Session, scenario};
    use crate::shell::terminal;

    /// The links of what the last of the commands printed: text and address.
    fn links(script: &str) -> Vec<(String, String)> {
        let mut session = Session::new(scenario::walkthrough());
        let ran = terminal::run(&mut session, script);
        let text: String = ran.last().unwrap().chunks.iter().map(|chunk| chunk.text.as_str()).collect();
        let calls = &session.log().last().unwrap().calls;
        let cluster = &session.world().clusters[0];
        let found = mentions(cluster, calls, &text);
        found.into_iter().map(|m| (text[m.range].to_owned(), m.route.to_string())).collect()
    }

    #[track_caller]
    fn check(script: &str, expected: &[(&str, &str)]) {
        let found = links(script);
        let found: Vec<(&str, &str)> = found.iter().map(|(text, route)| (text.as_str(), route.as_str())).collect();
        assert_eq!(found, expected, "{script}");
    }

    #[test]
    fn names_with_their_kind_have_a_page() {
        check(
            "kubectl create clusterrolebinding b --clusterrole=view --user=x",
            &[("clusterrolebinding.rbac.authorization.k8s.io/b", "/kubernetes/clusterrolebindings/b")],
        );
        check(
            "kubectl create rolebinding b --clusterrole=view --user=x -n default\nkubectl get rolebindings -n default",
            &[("b", "/kubernetes/rolebindings/default/b"), ("ClusterRole/view", "/kubernetes/clusterroles/view")],
        );
        check("echo view admin clusterrole/nobody arn:aws:iam::111122223333:user/x", &[]);
    }

    #[test]
    fn rows_of_a_table_lead_to_their_objects() {
        check(
            "kubectl create role r --verb=get --resource=pods -n default >x; kubectl create role r --verb=get --resource=pods -n kube-public >x\nkubectl get roles -A | grep -E 'NAME|public *r '",
            &[("r", "/kubernetes/roles/kube-public/r")],
        );
        check("kubectl get ns default -o yaml | grep ' name:'", &[("default", "/kubernetes/namespaces/default")]);
        check("kubectl describe clusterrole view | head -1", &[("view", "/kubernetes/clusterroles/view")]);
        // Pods have no page, and several kinds in one table say which is which.
        check("kubectl get pods -A", &[]);
    }

    #[test]
    fn principals_with_an_entry_have_a_page() {
        let script = "aws eks update-cluster-config --name eks-demo-cluster --access-config authenticationMode=API_AND_CONFIG_MAP >/dev/null\n\
            aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:user/k8s-admin --query accessEntry.principalArn";
        check(
            script,
            &[(
                "arn:aws:iam::111122223333:user/k8s-admin",
                "/access/entries/arn:aws:iam::111122223333:user%2Fk8s-admin",
            )],
        );
    }
}
