//! `smartcar simulate`, used from another process.
//!
//! Invariant: the server process is killed when the test ends, however it ends.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Stdio};

use crate::harness::{VEHICLE, command, run};

pub(crate) struct Served {
    pub(crate) process: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) origin: String,
    pub(crate) token: String,
}

impl Served {
    /// Stops it and returns its stderr.
    pub(crate) fn stderr(mut self) -> String {
        self.process.kill().expect("it runs");
        let mut stderr = self.process.stderr.take().expect("stderr is piped");
        let mut text = String::new();
        stderr.read_to_string(&mut text).expect("stderr is UTF-8");
        text
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn serve() -> Served {
    serve_with(&[])
}

pub(crate) fn serve_with(options: &[&str]) -> Served {
    let arguments = [&["simulate", "--addr", "127.0.0.1:0"], options].concat();
    let mut process = command(&arguments, &[])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let stdout = process.stdout.take().expect("stdout is piped");
    let mut served = Served {
        process,
        stdout: BufReader::new(stdout),
        origin: String::new(),
        token: String::new(),
    };
    served.origin = line(&mut served.stdout, "listening on ");
    served.token = line(&mut served.stdout, "access token ");
    served
}

fn line(stdout: &mut impl BufRead, start: &str) -> String {
    let mut line = String::new();
    stdout.read_line(&mut line).expect("a line");
    let rest = line.strip_prefix(start).expect("the promised line");
    rest.trim_end().to_owned()
}

#[test]
fn a_second_process_asks_it() {
    let served = serve();
    assert!(
        served.origin.starts_with("http://127.0.0.1:"),
        "{}",
        served.origin
    );
    assert_eq!(served.token, "simulator-token");
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", served.token.as_str()),
        ("SMARTCAR_API_ORIGIN", served.origin.as_str()),
    ];
    let asked = run(
        &["batch", VEHICLE, "/odometer", "/vin", "--json"],
        &variables,
    );
    assert_eq!(asked.code, Some(0), "{asked:?}");
    assert_eq!(asked.json()["items"][0]["body"]["distance"], 66023.0);
}

#[test]
fn a_guest_reads_just_what_its_token_permits() {
    let served = serve_with(&[
        "--token",
        "guest=read_odometer,read_vin",
        "--token",
        "none=",
    ]);
    let ask = |token| {
        let variables = [
            ("SMARTCAR_ACCESS_TOKEN", token),
            ("SMARTCAR_API_ORIGIN", served.origin.as_str()),
        ];
        let asked = run(
            &["batch", VEHICLE, "/odometer", "/fuel", "--json"],
            &variables,
        );
        let items = asked.json()["items"].clone();
        let types = [&items[0], &items[1]].map(|item| item["error"]["type"].clone());
        (asked.code, types)
    };
    let denied = serde_json::json!("PERMISSION");
    let nothing = serde_json::Value::Null;
    assert_eq!(ask("guest"), (Some(3), [nothing, denied.clone()]));
    assert_eq!(ask("none"), (Some(3), [denied.clone(), denied]));
}

#[test]
fn a_guest_that_cannot_be_is_refused() {
    for guest in [
        "guest",
        "=read_vin",
        "a b=read_vin",
        "simulator-token=read_vin",
    ] {
        let run = run(&["simulate", "--token", guest], &[]);
        assert_eq!(run.code, Some(2), "{guest}: {run:?}");
    }
}

#[test]
#[cfg(unix)]
fn a_signal_ends_it_well() {
    for signal in ["-TERM", "-INT"] {
        let mut served = serve();
        let id = served.process.id().to_string();
        let sent = std::process::Command::new("kill")
            .args([signal, &id])
            .status();
        assert!(sent.expect("kill runs").success());
        let status = served.process.wait().expect("it ends");
        assert_eq!(status.code(), Some(0));
        let mut rest = String::new();
        served.stdout.read_to_string(&mut rest).expect("the rest");
        assert_eq!(rest, "", "stdout has two lines");
    }
}

#[test]
fn an_address_that_is_taken() {
    let served = serve();
    let addr = served.origin.strip_prefix("http://").expect("an origin");
    let second = run(&["simulate", "--addr", addr], &[]);
    assert_eq!(second.code, Some(4), "{second:?}");
    assert!(second.stderr.contains(addr), "{second:?}");
}
