//! `smartcar listen --nats`: 200 only for what is stored.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use smartcar_webhook::{ManagementToken, sign};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Bench, bare};

const KEY: &str = "6c1b2c1e-9f6a-4a0b-8c2c-0c5a8b7d3e21";

/// A receiver that stores in the queue. It is killed on drop.
struct Listener {
    child: Child,
    port: u16,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(url: &str) -> Command {
    let mut command = bare(&["listen", "--addr", "127.0.0.1:0", "--nats", url]);
    command.env("SMARTCAR_MANAGEMENT_TOKEN", KEY);
    command
}

impl Listener {
    fn start(bench: &Bench) -> Self {
        Self::of(listen(&bench.nats.url()))
    }

    fn of(mut command: Command) -> Self {
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().unwrap();
        let port = port.parse().unwrap_or_else(|_| panic!("{line}"));
        // Somebody has to read what it says.
        std::thread::spawn(move || stderr.lines().for_each(drop));
        Self { child, port }
    }
}

async fn post(port: u16, body: &str) -> u16 {
    let mut stream = send(port, body).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

async fn send(port: u16, body: &str) -> TcpStream {
    let token = ManagementToken::new(KEY).unwrap();
    let signature = sign(&token, body.as_bytes());
    let length = body.len();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\
         SC-Signature: {signature}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

fn event(id: &str, vehicle: &str) -> String {
    format!(
        r#"{{"eventId":"{id}","eventType":"VEHICLE_STATE","data":{{"vehicle":{{"id":"{vehicle}"}},
"signals":[{{"code":"odometer-traveleddistance","body":{{"value":7.5,"unit":"km"}}}}]}},
"meta":{{"mode":"TEST"}}}}"#
    )
}

/// How often each event is in the stream of outcomes.
async fn stored(bench: &Bench) -> BTreeMap<String, usize> {
    let mut events = BTreeMap::new();
    for (_, object) in bench.stored("SMARTCAR_OUTCOMES").await {
        let id = object["event_id"].as_str().unwrap_or_default().to_owned();
        *events.entry(id).or_default() += 1;
    }
    events
}

#[tokio::test]
async fn deliveries_are_outcomes() {
    let bench = Bench::new().await;
    let listener = Listener::start(&bench);
    assert_eq!(post(listener.port, &event("e1", "car.1")).await, 200);
    assert_eq!(post(listener.port, &event("e1", "car.1")).await, 200);
    let error = r#"{"eventId":"e2","eventType":"VEHICLE_ERROR","data":{"errors":[{"type":"A"}]}}"#;
    assert_eq!(post(listener.port, error).await, 200);
    let outcomes = bench.stored("SMARTCAR_OUTCOMES").await;
    let subjects: Vec<_> = outcomes
        .iter()
        .map(|(subject, _)| subject.as_str())
        .collect();
    assert_eq!(
        subjects,
        ["smartcar.outcomes.car%2E1", "smartcar.outcomes._"]
    );
    let (_, first) = &outcomes[0];
    assert_eq!(
        (&first["vehicle"], &first["mode"]),
        (&"car.1".into(), &"TEST".into())
    );
    assert_eq!(first["items"][0]["body"]["value"], 7.5);
    assert_eq!(outcomes[1].1["errors"][0]["type"], "A");
    assert_eq!(outcomes[1].1["vehicle"], Value::Null);
}

#[tokio::test]
async fn the_server_of_the_environment_is_used() {
    let bench = Bench::new().await;
    let mut command = bench.command(&["listen", "--addr", "127.0.0.1:0"]);
    command.env("SMARTCAR_MANAGEMENT_TOKEN", KEY);
    let listener = Listener::of(command);
    assert_eq!(post(listener.port, &event("e1", "car-1")).await, 200);
    assert_eq!(stored(&bench).await.len(), 1);
}

#[tokio::test]
async fn nats_killed_and_restarted_loses_nothing_that_was_answered_with_200() {
    let mut bench = Bench::new().await;
    let listener = Listener::start(&bench);
    let port = listener.port;
    let sender = tokio::spawn(async move {
        let mut tries = 0;
        let mut refused = 0;
        // As the vendor does: again until it is taken, and each now and then twice.
        for number in 0..300 {
            let body = event(&format!("e{number}"), &format!("car-{}", number % 20));
            loop {
                tries += 1;
                match post(port, &body).await {
                    200 => break,
                    503 => refused += 1,
                    other => panic!("{other}"),
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            // So that both outages fall into it.
            tokio::time::sleep(Duration::from_millis(10)).await;
            if number % 10 == 0 {
                assert_eq!(post(port, &body).await, 200);
            }
        }
        (tries, refused)
    });
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        bench.nats.kill();
        tokio::time::sleep(Duration::from_millis(700)).await;
        bench.nats.restart().await.unwrap();
    }
    let (tries, refused) = sender.await.unwrap();
    let stored = stored(&bench).await;
    assert_eq!(stored.len(), 300);
    let most = stored.values().max().copied().unwrap();
    println!(
        "{tries} requests, {refused} answered with 503, 300 events, each at most {most} times"
    );
    assert_eq!(most, 1, "the server drops what it has by its ID");
}

#[tokio::test]
async fn what_cannot_be_stored_is_503_and_does_not_hold_up_the_end() {
    let mut bench = Bench::new().await;
    let mut listener = Listener::start(&bench);
    let (port, body) = (listener.port, event("e1", "car-1"));
    bench.nats.kill();
    let start = Instant::now();
    assert_eq!(post(port, &body).await, 503);
    assert!(
        start.elapsed() < Duration::from_secs(15),
        "the vendor waits no longer"
    );
    bench.nats.restart().await.unwrap();
    // It is not taken for a repeat.
    while post(port, &body).await != 200 {
        assert!(start.elapsed() < Duration::from_secs(60), "never stored");
    }
    assert_eq!(stored(&bench).await, BTreeMap::from([("e1".to_owned(), 1)]));

    bench.nats.kill();
    let waiting = tokio::spawn(async move {
        let mut stream = send(port, &event("e2", "car-1")).await;
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        answer
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let start = Instant::now();
    kill_process(Pid::from_child(&listener.child), Signal::TERM).unwrap();
    let ended = tokio::task::spawn_blocking(move || listener.child.wait().unwrap().code());
    assert_eq!(ended.await.unwrap(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(15));
    let answer = waiting.await.unwrap();
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn it_starts_only_with_a_server_and_without_an_output() {
    let run = crate::harness::run(listen("nats://127.0.0.1:1")).await;
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(run.stderr.contains("--nats"), "{run:?}");
    let mut both = listen("nats://127.0.0.1:1");
    both.args(["--output", "/dev/null"]);
    assert_eq!(crate::harness::run(both).await.code, Some(2));
}

#[tokio::test]
async fn sigterm_ends_it_well() {
    let bench = Bench::new().await;
    let mut listener = Listener::start(&bench);
    assert_eq!(post(listener.port, &event("e1", "car-1")).await, 200);
    kill_process(Pid::from_child(&listener.child), Signal::TERM).unwrap();
    let ended = tokio::task::spawn_blocking(move || listener.child.wait().unwrap().code());
    assert_eq!(ended.await.unwrap(), Some(0));
}
