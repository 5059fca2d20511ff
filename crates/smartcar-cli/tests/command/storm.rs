//! A storm of deliveries to `smartcar listen`, which is killed as SIGKILL does.
//!
//! `SMARTCAR_DELIVERIES` sets the number of attempts; the default is 600.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use smartcar_tests::storm::{KEY, Receives, Signals, Storm, signals};
use smartcar_webhook::{Event, LatestMap};

use crate::harness::{Folder, command};

/// How long to wait for a delivery in the round in which it is killed.
const ROUND: Duration = Duration::from_secs(5);

/// A receiver that writes to a file. It is killed on drop.
struct Killed {
    lines: String,
    recording: String,
    port: u16,
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Killed {
    fn start(folder: &Folder) -> Self {
        let (lines, recording) = (folder.path("lines"), folder.path("recording"));
        let (child, port, stderr) = spawn(0, &lines, &recording);
        Self {
            lines,
            recording,
            port,
            child,
            stderr,
        }
    }

    fn size(&self) -> u64 {
        std::fs::metadata(&self.lines).unwrap().len()
    }

    fn end(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        // Signatures of another key were refused, and all else was written.
        assert!(!said.contains("error:") && !said.contains(KEY), "{said}");
    }
}

fn spawn(port: u16, lines: &str, recording: &str) -> (Child, u16, BufReader<ChildStderr>) {
    let addr = format!("127.0.0.1:{port}");
    let arguments = ["listen", "--addr", &addr, "--output", lines];
    let recorded = ["--record", recording, "--record-personal"];
    let all = [&arguments[..], &recorded].concat();
    let mut child = command(&all, &[("SMARTCAR_MANAGEMENT_TOKEN", KEY)])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let port = line.trim().rsplit(':').next().unwrap();
    let port = port.parse().unwrap_or_else(|_| panic!("{line}"));
    (child, port, stderr)
}

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Receives for Killed {
    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    async fn kill(&mut self) {
        let (start, before) = (Instant::now(), self.size());
        while self.size() == before && start.elapsed() < ROUND {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        self.end();
    }

    async fn restart(&mut self) {
        let (child, port, stderr) = spawn(self.port, &self.lines, &self.recording);
        assert_eq!(port, self.port);
        (self.child, self.stderr) = (child, stderr);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_that_was_answered_with_200_is_missing_in_the_file() {
    let folder = Folder::new();
    let mut listener = Killed::start(&folder);
    let wanted = Storm::deliveries(600);
    let storm = Storm::over(wanted, &mut listener).await.unwrap();
    let lines = objects(&folder.read("lines"));
    let recorded = objects(&folder.read("recording"));
    let ids: Vec<_> = lines
        .iter()
        .map(|line| line["event_id"].as_str().unwrap().to_owned())
        .collect();
    let kept: BTreeSet<_> = ids.iter().cloned().collect();
    println!(
        "{}; {} lines, {} of them again",
        storm.check(&kept),
        ids.len(),
        ids.len() - kept.len()
    );

    let mut map = LatestMap::new(wanted);
    let mut tests = 0;
    for delivery in recorded {
        if let Event::State(state) = Event::read(&delivery["body"].to_string()).unwrap() {
            tests += usize::from(map.take(&state).is_err());
        }
    }
    assert!(tests > 0);
    let truth = storm.truth(&listener).await.unwrap();
    assert_eq!(truth.len(), (wanted / 50).max(20));
    let newest = newest(&lines);
    for (vehicle, truth) in &truth {
        assert_eq!(signals(map.get(vehicle).unwrap()), *truth, "{vehicle}");
        assert_eq!(items(newest[vehicle.as_str()]), plain(truth), "{vehicle}");
    }
}

fn objects(text: &str) -> Vec<Value> {
    let lines = text.lines();
    let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    lines.map(read).collect()
}

/// The newest line with signals of each vehicle.
fn newest(lines: &[Value]) -> BTreeMap<&str, &Value> {
    let mut newest: BTreeMap<&str, &Value> = BTreeMap::new();
    for line in lines {
        if line["event_type"] != "VEHICLE_STATE" || line["mode"] == "TEST" {
            continue;
        }
        let known = newest.entry(line["vehicle"].as_str().unwrap());
        let known = known.or_insert(line);
        if line["sequence"].as_i64() > known["sequence"].as_i64() {
            *known = line;
        }
    }
    newest
}

/// The body of each item of a line; null if it failed.
fn items(line: &Value) -> BTreeMap<&str, &Value> {
    let items = line["items"].as_array().unwrap().iter();
    items
        .map(|item| (item["path"].as_str().unwrap(), &item["body"]))
        .collect()
}

fn plain(signals: &Signals) -> BTreeMap<&str, &Value> {
    let each = signals.iter();
    each.map(|(path, outcome)| (path.as_str(), outcome.as_ref().unwrap_or(&Value::Null)))
        .collect()
}
