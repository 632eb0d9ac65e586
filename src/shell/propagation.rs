//! `propagation-delay [SECONDS]`: whether changes of access entries take their time, as on AWS (eks 14.1). A command of the
//! playground's own.

use crate::engine::{Caller, Credential, Request};
use crate::shell::context::{CommandOutput, Context};

/// The longest delay, in seconds.
const MOST: i64 = 3_600;

/// Runs the command with the words behind it.
pub fn run(args: &[String], ctx: &mut Context<'_>) -> CommandOutput {
    let seconds = match args {
        [] => {
            let seconds = ctx.session.world().propagation_millis.div_euclid(1000);
            return CommandOutput::ok(format!("{}\n", state(seconds)));
        }
        [word] => word.parse::<i64>().ok().filter(|seconds| (0..=MOST).contains(seconds)),
        _ => None,
    };
    let Some(seconds) = seconds else {
        return CommandOutput::fail(2, format!("usage: propagation-delay [SECONDS]   (0 to {MOST}; 0: at once)\n"));
    };
    let request = Request::Propagation { millis: seconds.saturating_mul(1000) };
    // A setting of the simulation is refused to nobody.
    let _ = ctx.session.call(&Caller::new(Credential::Anonymous), request);
    CommandOutput::ok(format!("{}\n", state(seconds)))
}

fn state(seconds: i64) -> String {
    match seconds {
        0 => "Changes of access entries take effect at once.".to_owned(),
        _ => format!("Changes of access entries take effect after {seconds} s of simulated time."),
    }
}
