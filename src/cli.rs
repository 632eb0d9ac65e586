//! The native command line (`eks-playground`): runs scripts and converts links with the engine of the page.

use std::process::ExitCode;

/// Entry point of the native binary; the exit code is that of the last command run.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
