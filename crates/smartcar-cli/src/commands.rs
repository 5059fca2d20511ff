//! The subcommands, one module each.
//!
//! Invariant: a command turns its options into one [`crate::exit::Exit`] and never
//! ends the process itself.

pub(crate) mod batch;
pub(crate) mod budget;
pub(crate) mod completions;
pub(crate) mod connect_url;
pub(crate) mod doctor;
pub(crate) mod endpoints;
pub(crate) mod enqueue;
pub(crate) mod fleet;
pub(crate) mod listen;
pub(crate) mod man;
pub(crate) mod signals;
pub(crate) mod simulate;
pub(crate) mod subscribe;
pub(crate) mod vehicles;
pub(crate) mod webhook;
pub(crate) mod webhooks;
pub(crate) mod worker;

use std::io;

use crate::exit::Exit;
use crate::output;
use crate::signals::Signals;

/// Runs an asynchronous command to completion.
fn wait(work: impl Future<Output = Exit>) -> Exit {
    // One thread is enough: the work is waiting for the network.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => fail(&format!("the async runtime could not be started: {error}")),
    }
}

/// Prints why a command failed before it could do anything.
fn fail(message: &str) -> Exit {
    output::complain("error", &message);
    Exit::Failed
}

/// Starts to catch the signals that end a command.
fn caught() -> Result<Signals, Exit> {
    Signals::catch().map_err(|error| no_signals(&error))
}

fn no_signals(error: &io::Error) -> Exit {
    fail(&format!("cannot set up signal handling: {error}"))
}
