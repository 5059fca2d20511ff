//! `--record`: raw responses, without what is secret or personal.

use serde_json::{Value, json};
use smartcar_simulator::Simulator;

use crate::harness::{Folder, Run, run};
use crate::listener::Listener;

fn at(simulator: &Simulator, arguments: &[&str]) -> Run {
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", simulator.token()),
        ("SMARTCAR_API_ORIGIN", simulator.origin()),
        ("SMARTCAR_USER_ID", simulator.user()),
    ];
    run(arguments, &variables)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recordings_have_responses_and_no_places_or_tokens() {
    let simulator = Simulator::builder().example_values(true);
    let simulator = simulator.start().await.unwrap();
    let folder = Folder::new();
    let file = folder.path("recorded.ndjson");
    let record = ["--record", &file];
    let batch = ["batch", "car-1", "/odometer", "/location", "/vin"];
    let batch = at(&simulator, &[&batch[..], &record].concat());
    assert_eq!(batch.code, Some(0), "{batch:?}");
    let fleet = ["fleet", "/odometer", "--account", "--api", "v3"];
    assert_eq!(
        at(&simulator, &[&fleet[..], &record].concat()).code,
        Some(0)
    );
    let signals = at(&simulator, &[&["signals", "car-1"][..], &record].concat());
    assert_eq!(signals.code, Some(0), "{signals:?}");

    let text = folder.read("recorded.ndjson");
    let recorded = lines(&text);
    assert_eq!(recorded.len(), simulator.requests().len());
    let responses = &recorded[0]["body"]["responses"];
    assert_eq!(recorded[0]["path"], "/v2.0/vehicles/{id}/batch");
    assert_eq!(recorded[0]["status"], 200);
    assert!(recorded[0]["headers"]["sc-request-id"].is_string());
    assert_eq!(responses[0]["body"], json!({"distance": 18250.6}));
    assert_eq!(
        responses[1]["body"],
        json!({"latitude": 0.5, "longitude": 0.5})
    );
    assert_eq!(responses[2]["body"], json!({"vin": "redacted"}));
    let last = recorded.last().unwrap()["body"]["data"].as_array().unwrap();
    let vin = last
        .iter()
        .find(|it| it["id"] == "vehicleidentification-vin")
        .unwrap();
    assert_eq!(vin["attributes"]["body"]["value"], "redacted");
    assert!(!text.contains(simulator.token()));

    let all = folder.path("all.ndjson");
    let arguments = [
        "batch",
        "car-1",
        "/location",
        "--record",
        &all,
        "--record-personal",
    ];
    assert_eq!(at(&simulator, &arguments).code, Some(0));
    let body = &lines(&folder.read("all.ndjson"))[0]["body"]["responses"][0]["body"];
    assert!(body["latitude"].as_f64().unwrap() > 1.0, "{body}");
}

#[test]
fn a_recording_that_cannot_be_written_is_said_before_anything_is_sent() {
    let arguments = [
        "batch",
        "car-1",
        "/odometer",
        "--simulate",
        "--record",
        "/nowhere/x.ndjson",
    ];
    let run = run(&arguments, &[]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.stderr.contains("cannot write /nowhere/x.ndjson"),
        "{run:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_are_recorded_once_verified() {
    let folder = Folder::new();
    let file = folder.path("deliveries.ndjson");
    let receiver = Listener::with_keys("key", &["--record", &file]);
    let simulator = Simulator::start().await.unwrap();
    let url = format!("http://127.0.0.1:{}/", receiver.port);
    simulator.webhook(url.as_str(), "key").unwrap();
    simulator.deliver().await;
    let other = Simulator::start().await.unwrap();
    other.webhook(url, "another key").unwrap();
    other.deliver().await;
    let text = folder.read("deliveries.ndjson");
    let recorded = lines(&text);
    assert_eq!(recorded.len(), simulator.vehicles().len());
    assert!(
        recorded
            .iter()
            .all(|it| it["body"]["eventType"] == "VEHICLE_STATE")
    );
    let signals = recorded[0]["body"]["data"]["signals"].as_array().unwrap();
    let place = signals
        .iter()
        .find(|it| it["code"] == "location-preciselocation")
        .unwrap();
    assert_eq!(place["body"]["latitude"], 0.5);
}
