//! The imitated kubectl.

use super::context::{CommandOutput, Context};

/// Runs `kubectl ARGS`.
pub fn run(args: &[String], ctx: &mut Context) -> CommandOutput {
    let _ = (args, ctx);
    CommandOutput::fail(1, "kubectl: not here yet\n")
}
