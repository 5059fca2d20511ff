//! The verbs, a module each.
//!
//! Invariant: a verb turns its options into one [`crate::exit::Exit`]; it never
//! ends the process itself.

pub(crate) mod batch;
pub(crate) mod completions;
pub(crate) mod endpoints;
pub(crate) mod fleet;
pub(crate) mod man;
pub(crate) mod simulate;

use crate::exit::Exit;
use crate::output;

/// Runs a verb that does I/O to its end.
fn wait(work: impl Future<Output = Exit>) -> Exit {
    // One thread is plenty for one request, or for a simulator on this machine.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => {
            output::complain("error", &format!("no runtime could be started: {error}"));
            Exit::Failed
        }
    }
}
