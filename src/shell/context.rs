//! What an imitated tool gets to work with, and what it gives back.

use std::collections::BTreeMap;

use super::io::{self, Chunk, Input, Stream};
use crate::session::Session;

/// The surroundings of one command.
pub struct Context<'a> {
    /// The world, to be changed by [`Session::call`] alone, and the workstation's files.
    pub session: &'a mut Session,
    /// Exported variables, those before the command included.
    pub env: &'a BTreeMap<String, String>,
    /// What was piped in; empty if nothing was. A command takes it only if its arguments say so.
    pub stdin: &'a Input<'a>,
}

/// An object that a command wants the page's editor for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The plural of its kind, as in an API path.
    pub resource: String,
    /// Its namespace; empty for cluster-scoped kinds.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Edit {
    /// The kinds that the page edits.
    const RESOURCES: [&str; 7] =
        ["clusterroles", "clusterrolebindings", "roles", "rolebindings", "namespaces", "serviceaccounts", "configmaps"];

    /// True if it is the aws-auth ConfigMap.
    pub fn is_aws_auth(&self) -> bool {
        (self.resource.as_str(), self.namespace.as_str(), self.name.as_str())
            == ("configmaps", "kube-system", "aws-auth")
    }

    /// True if the page has an editor for it.
    pub fn has_page(&self) -> bool {
        Self::RESOURCES.contains(&self.resource.as_str())
    }
}

/// What a command printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandOutput {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Where pieces of standard error were printed among standard output: the piece up to the second length came after
    /// standard output up to the first one. What no mark covers comes last, standard output first.
    pub marks: Vec<(usize, usize)>,
    /// Exit status.
    pub exit: i32,
    /// A remark of ours on what happened, to be drawn apart from the imitated output.
    pub hint: Option<String>,
    /// The object to open in the page's editor.
    pub edit: Option<Box<Edit>>,
}

impl CommandOutput {
    /// Success with this text.
    pub fn ok(stdout: impl Into<String>) -> Self {
        Self { stdout: stdout.into(), ..Self::default() }
    }

    /// Failure with this text on standard error.
    pub fn fail(exit: i32, stderr: impl Into<String>) -> Self {
        Self { stderr: stderr.into(), exit, ..Self::default() }
    }

    /// Both streams in the order printed.
    pub fn chunks(&self) -> Vec<Chunk> {
        let mut output = io::CommandOutput::default();
        let (mut out, mut err) = (0, 0);
        for &(out_to, err_to) in self.marks.iter().chain([&(self.stdout.len(), self.stderr.len())]) {
            output.push(Stream::Out, self.stdout.get(out..out_to).unwrap_or_default().to_owned());
            output.push(Stream::Err, self.stderr.get(err..err_to).unwrap_or_default().to_owned());
            (out, err) = (out_to, err_to);
        }
        output.chunks
    }
}
