//! The one table of services, operations and members: parser, validation, help, skeletons and completion read it.
//!
//! Names, order, required members and lower bounds are those of the published service models of EKS (2017-11-01),
//! STS (2011-06-15) and IAM (2010-05-08); documentation lines are our own. Only what the world can answer is described
//! in full; [`known`] names the rest, so that near misses and unsupported commands are told apart.

mod compute;
mod credentials;
mod eks;
mod identity;
mod integrations;
pub mod known;

/// Type of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text; `min` is the least number of characters that the client lets pass.
    Text {
        /// Least length in characters.
        min: usize,
        /// The documented values; the client does not check them (cli 2.5).
        values: &'static [&'static str],
    },
    /// A whole number with its least value.
    Integer {
        /// Least value, if the model has one.
        min: Option<i64>,
    },
    /// True or false.
    Boolean,
    /// A time; occurs in outputs only.
    Timestamp,
    /// A list.
    List(&'static Shape),
    /// Texts by text.
    Map,
    /// Named members.
    Structure(&'static [Member]),
}

/// Any text.
pub const TEXT: Shape = Shape::Text { min: 0, values: &[] };
/// Any number.
pub const INTEGER: Shape = Shape::Integer { min: None };
/// A list of texts.
pub const TEXTS: Shape = Shape::List(&TEXT);
/// The type of `maxResults`.
pub const MAX_RESULTS: Shape = Shape::Integer { min: Some(1) };

impl Shape {
    /// True if a value is written in shorthand or JSON: structures, maps, and lists of those (cli 2.1).
    pub fn takes_shorthand(&self) -> bool {
        match self {
            Shape::Structure(_) | Shape::Map => true,
            Shape::List(item) => matches!(item, Shape::Structure(_) | Shape::Map | Shape::List(_)),
            _ => false,
        }
    }

    /// The word for it in help texts.
    pub fn word(&self) -> &'static str {
        match self {
            Shape::Text { .. } => "string",
            Shape::Integer { .. } => "integer",
            Shape::Boolean => "boolean",
            Shape::Timestamp => "timestamp",
            Shape::List(_) => "list",
            Shape::Map => "map",
            Shape::Structure(_) => "structure",
        }
    }
}

/// A member of an input or output structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Name in the API.
    pub name: &'static str,
    /// Its type.
    pub shape: Shape,
    /// Whether the model requires it.
    pub required: bool,
    /// The option's name without dashes, if it is not the API name in kebab case (cli 1.6).
    option: Option<&'static str>,
    /// Accepted and checked, but without effect in the simulated world.
    pub inert: bool,
    /// What it is, in one line.
    pub doc: &'static str,
}

/// An optional member.
const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Member {
    Member { name, shape, required: false, option: None, inert: false, doc }
}

/// A required member.
const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Member {
    Member { name, shape, required: true, option: None, inert: false, doc }
}

/// A member of an output or of a nested structure.
const fn field(name: &'static str, shape: Shape) -> Member {
    optional(name, shape, "")
}

/// A member of the real API that changes nothing in the simulated world.
const fn inert(name: &'static str, shape: Shape) -> Member {
    Member { inert: true, ..optional(name, shape, "Accepted, without effect in this simulation.") }
}

impl Member {
    /// The option's name, without the dashes.
    pub fn option_name(&self) -> String {
        self.option.map_or_else(|| kebab(self.name), str::to_owned)
    }
}

/// `clusterName` and `ClusterName` → `cluster-name`, `OpenIDConnect` → `open-id-connect`: a capital begins a word behind a
/// small letter or digit, and before a small letter.
pub fn kebab(name: &str) -> String {
    let mut out = String::new();
    let mut before: Option<char> = None;
    let mut letters = name.chars().peekable();
    while let Some(c) = letters.next() {
        let begins = |last: char| !last.is_ascii_uppercase() || letters.peek().is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && before.is_some_and(begins) {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
        before = Some(c);
    }
    out
}

/// How an operation is paged (cli 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Input member for the token.
    pub input_token: &'static str,
    /// Output member with the next token.
    pub output_token: &'static str,
    /// Input member for the size of a page.
    pub limit: &'static str,
    /// Output member that is the list.
    pub result: &'static str,
    /// Other output members, shown after the list.
    pub rest: &'static [&'static str],
}

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Name in the API; the command is the same in kebab case.
    pub name: &'static str,
    /// What it does, in one line.
    pub doc: &'static str,
    /// Members of the input.
    pub input: &'static [Member],
    /// Members of the output, if there is one.
    pub output: &'static [Member],
    /// How it is paged, if it is.
    pub paging: Option<Paging>,
}

impl Operation {
    /// The command's name.
    pub fn command(&self) -> String {
        kebab(self.name)
    }

    /// The input member of this API name.
    pub fn member(&self, name: &str) -> Option<&'static Member> {
        self.input.iter().find(|member| member.name == name)
    }
}

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// The command.
    pub name: &'static str,
    /// What it is, in one line.
    pub doc: &'static str,
    /// The operations that the world answers.
    pub operations: &'static [Operation],
    /// Commands of the service that are written by hand: name and what it does.
    pub extra: &'static [(&'static str, &'static str)],
    /// Every command of the real service, in its order.
    pub commands: &'static str,
    /// Whether calls need a region.
    pub regional: bool,
}

impl Service {
    /// The operation with this command name.
    pub fn operation(&self, command: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|operation| operation.command() == command)
    }

    /// All commands of the real service and `help`.
    pub fn choices(&self) -> Vec<&'static str> {
        self.commands.split_whitespace().chain(["help"]).collect()
    }
}

/// The services that the world answers.
pub const SERVICES: &[Service] = &[eks::EKS, identity::STS, identity::IAM];

/// The service with this command name.
pub fn service(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name == name)
}

/// All commands of the tool, `help` included.
pub fn commands() -> Vec<&'static str> {
    known::SERVICES.split_whitespace().chain(["help"]).collect()
}

/// The waiters of `aws eks wait`: command, and the operation it asks.
pub const EKS_WAITERS: &str = "addon-active addon-deleted cluster-active cluster-deleted fargate-profile-active \
    fargate-profile-deleted nodegroup-active nodegroup-deleted";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_a_known_command() {
        for service in SERVICES {
            let choices = service.choices();
            for operation in service.operations {
                assert!(choices.contains(&operation.command().as_str()), "{} {}", service.name, operation.command());
            }
            for (name, _) in service.extra {
                assert!(choices.contains(name), "{name}");
            }
            assert!(commands().contains(&service.name));
        }
    }

    #[test]
    fn option_names_are_kebab_case_with_one_exception() {
        let create = service("eks").and_then(|s| s.operation("create-cluster")).unwrap();
        let names: Vec<String> = create.input.iter().take(4).map(Member::option_name).collect();
        assert_eq!(names, ["name", "kubernetes-version", "role-arn", "resources-vpc-config"]);
        assert_eq!(kebab("ListAssociatedAccessPolicies"), "list-associated-access-policies");
        assert_eq!(kebab("AddClientIDToOpenIDConnectProvider"), "add-client-id-to-open-id-connect-provider");
        assert_eq!(kebab("ClientIDList"), "client-id-list");
    }

    #[test]
    fn paging_members_exist() {
        for operation in SERVICES.iter().flat_map(|s| s.operations) {
            if let Some(paging) = operation.paging {
                assert!(operation.member(paging.input_token).is_some(), "{}", operation.name);
                assert!(operation.member(paging.limit).is_some(), "{}", operation.name);
                assert!(operation.output.iter().any(|m| m.name == paging.result), "{}", operation.name);
            }
        }
    }
}
