//! The reverse question: which subjects may do something (rbac 10).

use super::attributes::Action;
use super::rbac::{API_GROUP, Binding, BindingKey, Rbac, SUPER_USER_GROUP, Subject};
use super::resolve::{Unresolved, resolve, unresolved_text};
use super::rules::rule_matches;

/// Subjects that may do something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhoCan {
    /// The super-user group, then the subjects of each binding that allows it, as written and with repetitions.
    pub subjects: Vec<Subject>,
    /// The role references that could not be resolved, of all bindings looked at; empty if there are none.
    pub error: String,
}

/// Collects the subjects of all bindings whose role allows `action`: those of cluster role bindings,
/// then those of the role bindings of the action's namespace.
pub fn who_can(rbac: &Rbac, action: &Action) -> WhoCan {
    let masters = Subject {
        kind: "Group".to_owned(),
        api_group: API_GROUP.to_owned(),
        name: SUPER_USER_GROUP.to_owned(),
        namespace: String::new(),
    };
    let (mut subjects, mut unresolved) = (vec![masters], Vec::new());
    for found in allowing_bindings(rbac, action) {
        match found {
            Ok(allowing) => subjects.extend(allowing.binding.subjects.iter().cloned()),
            Err(error) => unresolved.push(error),
        }
    }
    WhoCan { subjects, error: unresolved_text(&unresolved) }
}

/// A binding whose role allows something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowing<'a> {
    /// Which binding.
    pub key: &'a BindingKey,
    /// Its body.
    pub binding: &'a Binding,
    /// The place of the first rule that allows, in the role.
    pub rule: usize,
}

/// The bindings that allow `action` to their subjects, in visiting order, and between them the references to roles
/// that do not exist.
pub fn allowing_bindings<'a>(
    rbac: &'a Rbac,
    action: &'a Action,
) -> impl Iterator<Item = Result<Allowing<'a>, Unresolved<'a>>> {
    let scopes = [None].into_iter().chain(action.namespace().map(Some));
    scopes.flat_map(|scope| rbac.bindings_in(scope)).filter_map(|(key, binding)| {
        match resolve(rbac, &binding.role_ref, key.namespace.as_deref()) {
            Ok(rules) => {
                let rule = rules.iter().position(|rule| rule_matches(rule, action).is_ok())?;
                Some(Ok(Allowing { key, binding, rule }))
            }
            Err(error) => Some(Err(error)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masters_lead_and_urls_reach_no_role_binding() {
        let action = Action::Url { verb: "get".to_owned(), path: "/healthz".to_owned() };
        let names: Vec<_> = who_can(&Rbac::bootstrap(), &action).subjects.into_iter().map(|s| s.name).collect();
        let expected =
            ["system:masters", "system:masters", "system:authenticated", "system:monitoring", "system:authenticated"];
        assert_eq!(names[..5], expected);
    }
}
