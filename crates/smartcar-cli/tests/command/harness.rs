//! Runs the command, and servers with canned responses.
//!
//! Invariant: the command sees none of the machine's own environment variables, and
//! everything a test starts ends with it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;
use smartcar_simulator::Simulator;
use tempfile::TempDir;

/// A realistic vehicle ID.
pub(crate) const VEHICLE: &str = "36ab27d0-fd9d-4455-823a-ce30af709ffc";

/// A token that is easy to find in output.
pub(crate) const SECRET: &str = "hush-0f9a7c31";

/// Every subcommand.
pub(crate) const VERBS: [&str; 18] = [
    "batch",
    "budget",
    "doctor",
    "endpoints",
    "enqueue",
    "fleet",
    "listen",
    "worker",
    "signals",
    "vehicles",
    "webhooks",
    "subscribe",
    "unsubscribe",
    "connect-url",
    "simulate",
    "webhook",
    "completions",
    "man",
];

/// The result of running the command.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Takes the output of a finished command, which must not contain the token.
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
        let run = Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        for stream in [&run.stdout, &run.stderr] {
            assert!(!stream.contains(SECRET), "the token is shown: {stream}");
            assert!(!stream.contains("panicked"), "{stream}");
        }
        run
    }

    /// stdout, which must be one JSON value.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The command with a clean environment.
pub(crate) fn command(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = smartcar_tests::clean(env!("CARGO_BIN_EXE_smartcar"), arguments);
    command.envs(variables.iter().copied());
    command
}

/// Runs the command to completion.
pub(crate) fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let output = command(arguments, variables)
        .output()
        .expect("the command starts");
    Run::of(output)
}

/// Runs `smartcar fleet` against an origin, with the secret token.
pub(crate) fn fleet(origin: &str, arguments: &[&str]) -> Run {
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", SECRET),
        ("SMARTCAR_API_ORIGIN", origin),
    ];
    run(&[&["fleet"], arguments].concat(), &variables)
}

/// The vehicles of the batch requests, in order.
pub(crate) fn asked(simulator: &Simulator) -> Vec<String> {
    let requests = simulator.requests().into_iter();
    let batches = requests.filter(|request| !request.batch_paths.is_empty());
    batches.filter_map(|request| request.vehicle).collect()
}

/// Waits until the condition is true.
pub(crate) fn poll(mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < Duration::from_secs(60), "it never is so");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A temporary folder for one test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a folder can be made"))
    }

    pub(crate) fn path(&self, name: &str) -> String {
        let path = self.0.path().join(name);
        path.to_str().expect("the path is UTF-8").to_owned()
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let mut file = std::fs::File::create(self.path(name)).expect("it can be made");
        file.write_all(text.as_bytes()).expect("it can be written");
        self.path(name)
    }

    /// A file's text; empty if it does not exist yet.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }
}

/// Runs `smartcar batch` on the vehicle against an origin, with the secret token.
pub(crate) fn batch(origin: &str, arguments: &[&str]) -> Run {
    let mut all = vec!["batch", VEHICLE];
    all.extend(arguments);
    if !arguments.contains(&"--attempts") {
        // Canned responses never change, so retries would only wait.
        all.extend(["--attempts", "1"]);
    }
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", SECRET),
        ("SMARTCAR_API_ORIGIN", origin),
    ];
    run(&all, &variables)
}

/// Starts a server with the same response to every request. Returns its origin.
pub(crate) fn canned(status: &str, headers: &str, body: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let origin = format!("http://{}", listener.local_addr().expect("it is bound"));
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    );
    // It ends with the test's process.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            read_request(&stream);
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    origin
}

/// Starts a server with one JSON response per path, and 404 for other paths. Returns its
/// origin.
pub(crate) fn served(routes: &[(&str, &str)]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let origin = format!("http://{}", listener.local_addr().expect("it is bound"));
    let own = |(path, body): &(&str, &str)| ((*path).to_owned(), (*body).to_owned());
    let routes: Vec<_> = routes.iter().map(own).collect();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let line = read_request(&stream);
            let path = line.split(' ').nth(1).unwrap_or_default();
            let found = routes
                .iter()
                .find(|(known, _)| path.starts_with(known.as_str()));
            let (status, body) = found.map_or((404, "{}"), |(_, body)| (200, body.as_str()));
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    origin
}

/// Reads a request to its end, because closing earlier resets the connection. Returns the
/// first line.
fn read_request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut first = String::new();
    let _ = reader.read_line(&mut first);
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|count| count > 2) {
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
    first
}

/// Asserts that the members are in this order in the text.
pub(crate) fn assert_order(text: &str, members: &[&str]) {
    let mut from = 0;
    for member in members {
        let name = format!("\"{member}\":");
        let at = text[from..].find(&name);
        let at = at.unwrap_or_else(|| panic!("`{member}` is not where it belongs: {text}"));
        from += at + name.len();
    }
}
