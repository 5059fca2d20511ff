//! Runs the command against a NATS server and a simulator.
//!
//! Invariant: everything a test starts ends with it.

use std::io::Write;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use smartcar_nats::async_nats::{self, jetstream};
use smartcar_simulator::Simulator;
use smartcar_tests::Engine;
use tempfile::TempDir;

/// The servers of one test, and a folder.
pub(crate) struct Bench {
    pub(crate) nats: Engine,
    pub(crate) simulator: Simulator,
    folder: TempDir,
}

/// The result of running the command.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    pub(crate) fn last_line(&self) -> &str {
        self.stderr.lines().last().unwrap_or_default()
    }
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::of(Simulator::start().await.unwrap()).await
    }

    pub(crate) async fn of(simulator: Simulator) -> Self {
        Self {
            nats: Engine::nats().await.unwrap(),
            simulator,
            folder: TempDir::new().unwrap(),
        }
    }

    /// The command with this test's servers in its environment, and nothing else.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(arguments);
        command
            .env("SMARTCAR_NATS_URL", self.nats.url())
            .env("SMARTCAR_ACCESS_TOKEN", self.simulator.token())
            .env("SMARTCAR_API_ORIGIN", self.simulator.origin());
        command
    }

    /// Runs the command to its end, on a thread of its own: the servers must go on.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments)).await
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments))
    }

    /// Enqueues `vehicle-0` to `vehicle-(count - 1)`.
    pub(crate) async fn enqueue(&self, count: usize) {
        let ids: Vec<_> = (0..count)
            .map(|number| format!("vehicle-{number}\n"))
            .collect();
        let file = self.file("ids", &ids.concat());
        let run = self.run(&["enqueue", "--ids", &file]).await;
        assert_eq!(run.code, Some(0), "{run:?}");
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// All messages of a stream, in order: subject and object.
    pub(crate) async fn stored(&self, stream: &str) -> Vec<(String, Value)> {
        let client = async_nats::connect(self.nats.url()).await.unwrap();
        let stream = jetstream::new(client).get_stream(stream).await.unwrap();
        let state = stream.cached_info().state.clone();
        let mut all = Vec::new();
        for sequence in state.first_sequence..=state.last_sequence {
            if let Ok(message) = stream.get_raw_message(sequence).await {
                let object = serde_json::from_slice(&message.payload).unwrap();
                all.push((message.subject.to_string(), object));
            }
        }
        all
    }

    /// The vehicles of the batch requests that the API got.
    pub(crate) fn asked(&self) -> Vec<String> {
        let requests = self.simulator.requests().into_iter();
        requests.filter_map(|request| request.vehicle).collect()
    }
}

/// The command with none of the machine's own variables.
pub(crate) fn bare(arguments: &[&str]) -> Command {
    smartcar_tests::clean(env!("CARGO_BIN_EXE_smartcar"), arguments)
}

/// Runs the command to its end.
pub(crate) async fn run(mut command: Command) -> Run {
    let output = tokio::task::spawn_blocking(move || command.output());
    Run::of(output.await.unwrap().unwrap())
}

/// A command that runs. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Running(Option<Child>);

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(Some(command.spawn().unwrap()))
    }

    /// Its memory in bytes; `None` if it has ended.
    pub(crate) fn resident(&self) -> Option<u64> {
        let id = self.0.as_ref().unwrap().id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kibibytes * 1024)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let child = self.0.as_ref().unwrap();
        let pid = Pid::from_child(child);
        kill_process(pid, signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) async fn end(mut self) -> Run {
        let child = self.0.take().unwrap();
        let output = tokio::task::spawn_blocking(|| child.wait_with_output());
        Run::of(output.await.unwrap().unwrap())
    }

    pub(crate) fn is_over(&mut self) -> bool {
        let child = self.0.as_mut().unwrap();
        child.try_wait().unwrap().is_some()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A number from the environment.
pub(crate) fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is not a number: {text}"))
    })
}

/// Waits until the condition is true.
pub(crate) async fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
