//! The subcommands, one module each.
//!
//! Invariant: a command turns its options into one [`crate::exit::Exit`] and never
//! ends the process itself.

pub(crate) mod batch;
pub(crate) mod budget;
pub(crate) mod completions;
pub(crate) mod endpoints;
pub(crate) mod enqueue;
pub(crate) mod fleet;
pub(crate) mod listen;
pub(crate) mod man;
pub(crate) mod simulate;
pub(crate) mod webhook;
pub(crate) mod worker;

use crate::exit::Exit;
use crate::output;

/// Runs an asynchronous command to completion.
fn wait(work: impl Future<Output = Exit>) -> Exit {
    // One thread is enough: the work is waiting for the network.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => {
            output::complain(
                "error",
                &format!("the async runtime could not be started: {error}"),
            );
            Exit::Failed
        }
    }
}
