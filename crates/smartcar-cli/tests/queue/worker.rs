//! `smartcar worker`.

use std::time::Duration;

use serde_json::Value;
use smartcar_simulator::Fault;
use smartcar_tests::Engine;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Bench, bare, eventually, run};

#[tokio::test]
async fn outcomes_are_what_batch_prints() {
    let bench = Bench::new().await;
    bench.enqueue(5).await;
    let fault = Fault::item_error("/fuel", "VEHICLE_STATE", Some("ASLEEP"));
    bench.simulator.fault(fault).unwrap();
    let worked = bench
        .run(&["worker", "/odometer", "/fuel", "--until-empty"])
        .await;
    assert_eq!(worked.code, Some(0), "{worked:?}");
    assert_eq!(worked.stdout, "");
    let line = "asked 5, stored 5, waiting 0, dead 0, budget left unlimited";
    assert_eq!(worked.last_line(), line);
    let outcomes = bench.stored("SMARTCAR_OUTCOMES").await;
    assert_eq!(outcomes.len(), 5);
    let printed = bench
        .run(&["batch", "vehicle-0", "/odometer", "/fuel", "--json"])
        .await;
    let printed: Value = serde_json::from_str(&printed.stdout).unwrap();
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    for (subject, object) in outcomes {
        let vehicle = object["vehicle"].as_str().unwrap();
        assert_eq!(subject, format!("smartcar.outcomes.{vehicle}"));
        assert_eq!(keys(&object), keys(&printed));
        for (item, other) in [0, 1].map(|at| (&object["items"][at], &printed["items"][at])) {
            assert_eq!(keys(item), keys(other));
            assert_eq!(item["ok"], other["ok"]);
        }
    }
}

#[tokio::test]
async fn every_goes_on_until_it_is_stopped() {
    let bench = Bench::new().await;
    bench.enqueue(3).await;
    let worker = bench.start(&["worker", "/odometer", "--every", "1s"]);
    eventually("three polls of each", || bench.asked().len() >= 9).await;
    worker.signal(rustix::process::Signal::INT);
    let ended = worker.end().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.last_line().contains("waiting 3, dead 0"), "{ended:?}");
    let again = bench.file("again", "vehicle-0\n");
    let enqueued = bench.run(&["enqueue", "--ids", &again]).await;
    let left = "0 vehicles enqueued, 0 already in the queue, 1 waiting";
    // It may be due by now, and then it is in the queue.
    let due = "0 vehicles enqueued, 1 already in the queue, 0 waiting";
    assert!([left, due].contains(&enqueued.last_line()), "{enqueued:?}");
}

#[tokio::test]
async fn a_refused_token_gives_the_jobs_back() {
    let bench = Bench::new().await;
    bench.enqueue(40).await;
    let mut command = bench.command(&["worker", "/odometer", "--until-empty"]);
    command.env("SMARTCAR_ACCESS_TOKEN", "hush");
    let refused = run(command).await;
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.stderr.contains("error: status 401"), "{refused:?}");
    assert!(!refused.stderr.contains("hush"), "{refused:?}");
    let errors = refused
        .stderr
        .lines()
        .filter(|line| line.starts_with("error:"));
    assert_eq!(errors.count(), 1, "{refused:?}");
    let start = std::time::Instant::now();
    let worked = bench.run(&["worker", "/odometer", "--until-empty"]).await;
    assert!(
        worked.last_line().starts_with("asked 40, stored 40"),
        "{worked:?}"
    );
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "without an ack wait"
    );
    assert!(bench.stored("SMARTCAR_DEAD").await.is_empty());
}

#[tokio::test]
async fn a_dry_run_says_settings_and_price_and_creates_nothing() {
    let bench = Bench::new().await;
    let arguments = [
        "worker",
        "/odometer",
        "/fuel",
        "--every",
        "30m",
        "--dry-run",
    ];
    let dry = bench.run(&arguments).await;
    assert_eq!(dry.code, Some(0), "{dry:?}");
    for words in [
        "SMARTCAR_VEHICLES {",
        "\"allow_msg_schedules\":true",
        "SMARTCAR_OUTCOMES {",
        "SMARTCAR_DEAD {",
        "smartcar-worker {",
        "\"max_ack_pending\":10000",
        "price: 2 requests per poll of a vehicle; at most 4000 requests per hour for 1000 vehicles",
    ] {
        assert!(dry.stdout.contains(words), "{words}: {dry:?}");
    }
    // The stream does not exist, so there is no number of vehicles.
    assert!(!dry.stdout.contains("in the queue"), "{dry:?}");
    bench.enqueue(7).await;
    let dry = bench.run(&arguments).await;
    assert!(
        dry.stdout.contains(", 28 for 7 vehicles in the queue"),
        "{dry:?}"
    );
    let once = bench.run(&["worker", "/vin", "--dry-run"]).await;
    let words =
        "price: 1 request per poll of a vehicle; 7 requests for 7 vehicles in the queue, once";
    assert!(once.stdout.contains(words), "{once:?}");
    assert!(bench.asked().is_empty());
}

#[tokio::test]
async fn input_is_refused_and_servers_are_named() {
    let bench = Bench::new().await;
    for (arguments, words) in [
        (
            &["/odometer", "--every", "0s"][..],
            "expected a duration from 1s",
        ),
        (&["/odomter"], "did you mean /odometer?"),
        (&["/odometer", "/odometer"], "requested twice"),
        (&["/odometer", "--drain=-1"], "--drain"),
        (&["/odometer", "--metrics", "9090"], "--metrics"),
        (
            &["/odometer", "/fuel", "--per-vehicle-month", "1"],
            "--per-vehicle-month 1 is less than the 2 requests",
        ),
    ] {
        let refused = bench.run(&[&["worker"], arguments].concat()).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.stderr.contains(words), "{refused:?}");
    }
    let plain = Engine::nats_with(&[]).await.unwrap();
    for (url, words) in [
        (
            "nats://127.0.0.1:1".to_owned(),
            "the NATS server cannot be reached",
        ),
        (plain.url(), "has JetStream disabled"),
    ] {
        let mut command = bench.command(&["worker", "/odometer"]);
        command.env("SMARTCAR_NATS_URL", &url);
        let ended = run(command).await;
        assert_eq!(ended.code, Some(4), "{ended:?}");
        assert!(ended.stderr.contains(words), "{ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    }
    // Without a token nothing is connected.
    let ended = run(bare(&["worker", "/odometer", "--nats", &bench.nats.url()])).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
}

#[tokio::test]
async fn metrics_and_health_are_served() {
    let mut bench = Bench::new().await;
    bench.enqueue(3).await;
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let addr = format!("127.0.0.1:{port}");
    let worker = bench.start(&["worker", "/odometer", "--metrics", &addr]);
    let mut text = String::new();
    for _ in 0..500 {
        text = fetched(&addr, "/metrics").await;
        if text.contains("smartcar_worker_stored_total 3") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for words in [
        "HTTP/1.1 200 OK",
        "application/openmetrics-text",
        "# TYPE smartcar_worker_asked counter",
        "smartcar_worker_asked_total 3",
        "smartcar_worker_charged_total 3",
        "smartcar_worker_dead_total 0",
        "smartcar_worker_queue_ready 0",
        "# EOF",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(fetched(&addr, "/healthz").await.contains(" 200 "));
    bench.nats.kill();
    let mut health = String::new();
    for _ in 0..500 {
        health = fetched(&addr, "/healthz").await;
        if health.contains(" 503 ") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(health.contains("NATS is away"), "{health}");
    bench.nats.restart().await.unwrap();
    worker.signal(rustix::process::Signal::TERM);
    let ended = worker.end().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended
            .stderr
            .contains(&format!("metrics on http://{addr}/metrics"))
    );
}

async fn fetched(addr: &str, path: &str) -> String {
    let Ok(mut stream) = TcpStream::connect(addr).await else {
        return String::new();
    };
    let request = format!("GET {path} HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}
