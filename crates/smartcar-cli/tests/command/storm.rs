//! A storm of deliveries to `smartcar listen`, which is killed as SIGKILL does.
//!
//! `SMARTCAR_DELIVERIES` sets the number of attempts; the default is 600.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::Value;
use smartcar_tests::storm::{KEY, Receives, Signals, Storm, signals};
use smartcar_webhook::{Event, LatestMap};

use crate::harness::Folder;
use crate::listener::{self, Listener};

/// How long to wait for a delivery in the round in which it is killed.
const ROUND: Duration = Duration::from_secs(5);

/// A receiver that writes to a file.
struct Killed {
    lines: String,
    recording: String,
    listener: Listener,
}

impl Killed {
    fn start(folder: &Folder) -> Self {
        let (lines, recording) = (folder.path("lines"), folder.path("recording"));
        let listener = spawn(0, &lines, &recording);
        Self {
            lines,
            recording,
            listener,
        }
    }

    fn size(&self) -> u64 {
        std::fs::metadata(&self.lines).unwrap().len()
    }
}

fn spawn(port: u16, lines: &str, recording: &str) -> Listener {
    let arguments = [
        "--output",
        lines,
        "--record",
        recording,
        "--record-personal",
    ];
    Listener::on(port, &[("SMARTCAR_MANAGEMENT_TOKEN", KEY)], &arguments)
}

impl Receives for Killed {
    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.listener.port)
    }

    async fn kill(&mut self) {
        let (start, before) = (Instant::now(), self.size());
        while self.size() == before && start.elapsed() < ROUND {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let said = self.listener.kill();
        // Signatures of another key were refused, and all else was written.
        assert!(!said.contains("error:") && !said.contains(KEY), "{said}");
    }

    async fn restart(&mut self) {
        let port = self.listener.port;
        self.listener = spawn(port, &self.lines, &self.recording);
        assert_eq!(self.listener.port, port);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_that_was_answered_with_200_is_missing_in_the_file() {
    let folder = Folder::new();
    let mut receiver = Killed::start(&folder);
    let wanted = Storm::deliveries(600);
    let storm = Storm::over(wanted, &mut receiver).await.unwrap();
    let lines = listener::lines(&folder.read("lines"));
    let recorded = listener::lines(&folder.read("recording"));
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
    let truth = storm.truth(&receiver).await.unwrap();
    assert_eq!(truth.len(), (wanted / 50).max(20));
    let newest = newest(&lines);
    for (vehicle, truth) in &truth {
        assert_eq!(signals(map.get(vehicle).unwrap()), *truth, "{vehicle}");
        assert_eq!(items(newest[vehicle.as_str()]), plain(truth), "{vehicle}");
    }
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
