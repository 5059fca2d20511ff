//! Runs the simulator as a process, for judges that need a server.
//!
//! Invariant: the process is killed on drop, and nothing waits for it longer than
//! `READY`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::call::{call, cargo};
use super::verdict::Verdict;

/// The token with every permission.
pub const TOKEN: &str = "simulator-token";
/// A token and its only permission.
pub const GUEST: (&str, &str) = ("guest-token", "read_odometer");
/// The simulator's application: client ID and secret. The secret is not a real one.
pub const APPLICATION: (&str, &str) = ("simulator-client", "simulator-secret");
/// Starting takes milliseconds, but a busy machine may need longer.
const READY: Duration = Duration::from_secs(30);
/// How often a running child is polled.
const TICK: Duration = Duration::from_millis(50);

/// The judges compare with the examples of the spec, at the time of the examples.
const SCENARIO: &str = "xtask/judges/scenario.toml";

/// A running `smartcar simulate`.
#[derive(Debug)]
pub struct Simulator {
    process: Child,
    /// `http://127.0.0.1:PORT`, without the API's version.
    pub origin: String,
    /// The path of the `smartcar` command.
    pub command: PathBuf,
}

impl Simulator {
    /// Starts the `smartcar` command that [`build`] made, on a free port and with these
    /// faults. The scenario is the repository's.
    pub fn start(command: PathBuf, root: &Path, faults: &[&str]) -> Result<Self> {
        let line = "{smartcar} simulate --addr 127.0.0.1:0 --clock-speed 0 --quiet --token {guest} \
                    --scenario {scenario}";
        let guest = format!("{}={}", GUEST.0, GUEST.1);
        let scenario = root.join(SCENARIO).to_string_lossy().into_owned();
        let smartcar = command.to_string_lossy().into_owned();
        let mut process = call(
            line,
            &[
                ("smartcar", smartcar),
                ("guest", guest),
                ("scenario", scenario),
            ],
        )
        .args(faults.iter().flat_map(|fault| ["--fault", *fault]))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("failed to start {}", command.display()))?;
        let stdout = process.stdout.take();
        let mut simulator = Self {
            process,
            origin: String::new(),
            command,
        };
        let stdout = stdout.context("the simulator's output is not piped")?;
        simulator.origin = origin(stdout)?;
        Ok(simulator)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // This fails only if the process has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The address in a server's first line. A thread reads it, because reads of a pipe have no
/// timeout. The thread keeps reading, so that the server never writes to a closed pipe.
pub fn origin(output: impl std::io::Read + Send + 'static) -> Result<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // After the first line, the receiver is gone.
            let _ = sender.send(line);
        }
    });
    let line = receiver
        .recv_timeout(READY)
        .context("the server did not print its address")?;
    match line.strip_prefix("listening on ") {
        Some(origin) => Ok(origin.trim_end().to_owned()),
        None => bail!("the server's first line is `{line}`"),
    }
}

/// Builds the `smartcar` command. Cargo reports its path, because the target folder can
/// be configured in several ways.
pub fn build(root: &Path) -> Result<PathBuf> {
    let line = "build -p smartcar-cli --locked --quiet \
                --message-format=json-render-diagnostics";
    let output = cargo(line, root)
        .stderr(Stdio::inherit())
        .output()
        .context("failed to start cargo")?;
    if !output.status.success() {
        bail!("cargo build -p smartcar-cli: {}", output.status);
    }
    executable(&String::from_utf8_lossy(&output.stdout))
        .context("cargo did not report the path of `smartcar`")
}

/// The last executable in cargo's messages, because dependencies come first.
fn executable(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().rev();
    messages
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

/// Runs a command that prints its own findings, with a time limit. Its exit code is the
/// result.
pub fn within(command: &mut Command, bound: Duration) -> Verdict {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = match command.stdin(Stdio::null()).spawn() {
        Ok(child) => child,
        Err(error) => return Verdict::Failed(format!("failed to start {program}: {error}")),
    };
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Verdict::Passed,
            Ok(Some(status)) => return Verdict::Failed(status.to_string()),
            Ok(None) if start.elapsed() < bound => thread::sleep(TICK),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                let seconds = bound.as_secs_f64();
                return Verdict::Failed(format!("it was stopped after {seconds:.1} s"));
            }
            Err(error) => return Verdict::Failed(format!("failed to wait for {program}: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_executable_is_the_command() {
        let messages = "\
{\"reason\": \"compiler-artifact\", \"executable\": null}
{\"reason\": \"compiler-artifact\", \"executable\": \"/t/build-script\"}
{\"reason\": \"compiler-artifact\", \"executable\": \"/t/debug/smartcar\"}
{\"reason\": \"build-finished\", \"success\": true}
";
        assert_eq!(executable(messages), Some("/t/debug/smartcar".into()));
        assert_eq!(executable("not json\n{}"), None);
    }

    #[test]
    fn the_address_is_read_and_nothing_else_taken_for_it() {
        let lines = &b"listening on http://127.0.0.1:1\naccess token t\n"[..];
        assert_eq!(origin(lines).unwrap(), "http://127.0.0.1:1");
        let error = origin(&b"error: no\n"[..]).unwrap_err().to_string();
        assert!(error.contains("error: no"), "{error}");
        assert!(origin(&b""[..]).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_takes_too_long_is_ended() {
        let start = Instant::now();
        let bound = Duration::from_millis(60);
        let verdict = within(Command::new("sleep").arg("60"), bound);
        assert_eq!(
            verdict,
            Verdict::Failed("it was stopped after 0.1 s".into())
        );
        assert!(start.elapsed() < Duration::from_secs(30));
        assert_eq!(within(&mut Command::new("true"), READY), Verdict::Passed);
    }
}
