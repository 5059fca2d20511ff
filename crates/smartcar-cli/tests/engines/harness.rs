//! Runs the command against a simulator and an engine.
//!
//! Invariant: the command sees none of the machine's own variables.

use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use smartcar_simulator::Simulator;

/// The command, for this simulator.
pub(crate) fn command(simulator: &Simulator, arguments: &[&str]) -> Command {
    let mut command = smartcar_tests::clean(env!("CARGO_BIN_EXE_smartcar"), arguments);
    command
        .env("SMARTCAR_ACCESS_TOKEN", simulator.token())
        .env("SMARTCAR_API_ORIGIN", simulator.origin());
    command
}

/// Starts the command with its output in pipes.
pub(crate) fn start(simulator: &Simulator, arguments: &[&str]) -> Child {
    let mut command = command(simulator, arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Runs the command to its end, without blocking the simulator.
pub(crate) async fn run(simulator: &Simulator, arguments: &[&str]) -> (i32, String, String) {
    end(start(simulator, arguments)).await
}

/// Waits for the end of a started command.
pub(crate) async fn end(child: Child) -> (i32, String, String) {
    let waited = tokio::task::spawn_blocking(|| child.wait_with_output());
    let Output {
        status,
        stdout,
        stderr,
    } = waited.await.unwrap().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// A line of JSON.
pub(crate) fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}
