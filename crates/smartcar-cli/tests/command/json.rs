//! The object that `--json` prints for a batch with a response.
//!
//! Invariant: whole objects are compared, so that extra or missing members fail a test.

use serde_json::{Value, json};
use smartcar_simulator::Simulator;

use crate::harness::{SECRET, VEHICLE, assert_order, batch, canned, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mixed_batch() {
    let simulator = Simulator::builder()
        .token(SECRET, ["read_odometer"])
        .start()
        .await
        .unwrap();
    let run = batch(simulator.origin(), &["--json", "/odometer", "/fuel"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(run.stderr, "");

    let mut json = run.json();
    let description = json["items"][1]["error"]["description"].take();
    assert!(description.is_string(), "{run:?}");
    let request_id = json["request_id"].take();
    assert!(request_id.is_string(), "{run:?}");
    assert_eq!(
        json,
        json!({
            "vehicle": VEHICLE,
            "request_id": null,
            "attempts": 1,
            "requests": 1,
            "charged": 2,
            "retry_at": null,
            "stop_reason": null,
            "warnings": [],
            "member_errors": [],
            "items": [
                {
                    "path": "/odometer",
                    "ok": true,
                    "body": {"distance": 66023.0},
                    "meta": {
                        "data_age": "2026-03-14T09:26:53Z",
                        "fetched_at": "2026-03-14T09:27:01Z",
                        "unit_system": "metric",
                    },
                },
                {
                    "path": "/fuel",
                    "ok": false,
                    "error": {
                        "kind": "api",
                        "type": "PERMISSION",
                        "code": null,
                        "status": 403,
                        "description": null,
                        "resolution": "REAUTHENTICATE",
                        "retryable": false,
                        "retry_after_seconds": null,
                    },
                },
            ],
        })
    );
    #[rustfmt::skip]
    assert_order(&run.stdout, &[
        "vehicle", "request_id", "attempts", "requests", "charged", "retry_at", "stop_reason",
        "warnings", "member_errors", "items",
        "path", "ok", "body", "meta", "data_age", "fetched_at", "unit_system",
        "path", "ok", "error", "kind", "type", "code", "status", "description",
        "resolution", "retryable", "retry_after_seconds",
    ]);
    assert_eq!(run.stdout.lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_good_in_the_order_asked() {
    let simulator = Simulator::builder()
        .token(SECRET, ["read_odometer", "read_location", "read_vin"])
        .start()
        .await
        .unwrap();
    let asked = ["/vin", "/odometer", "/location"];
    let run = batch(
        simulator.origin(),
        &["--json", asked[0], asked[1], asked[2]],
    );
    assert_eq!(run.code, Some(0), "{run:?}");
    let json = run.json();
    let items = json["items"].as_array().unwrap();
    let paths: Vec<_> = items
        .iter()
        .map(|item| item["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, asked);
    assert!(items.iter().all(|item| item["ok"] == true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_flag_wins_over_the_variable() {
    let simulator = Simulator::start().await.unwrap();
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", simulator.token()),
        ("SMARTCAR_API_ORIGIN", "http://127.0.0.1:1"),
    ];
    let flag = [
        "batch",
        VEHICLE,
        "/vin",
        "--json",
        "--api-origin",
        simulator.origin(),
    ];
    assert_eq!(run(&flag, &variables).code, Some(0));
    let simulate = ["batch", VEHICLE, "/vin", "--json", "--simulate"];
    assert_eq!(run(&simulate, &variables).code, Some(0));
}

#[test]
fn the_embedded_simulator_needs_nothing() {
    let arguments = [
        "batch",
        "any-id",
        "/odometer",
        "--simulate",
        "--json",
        "--units",
        "imperial",
        "--attempts",
        "3",
        "--deadline",
        "20.5",
    ];
    let run = run(&arguments, &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.json()["items"][0]["meta"]["unit_system"], "imperial");
    assert_eq!(run.json()["vehicle"], "any-id");
}

/// A response with one of everything: known and unknown members and paths, a body of the
/// wrong shape, a wait, two extra items, and one missing item.
const ODD: &str = r#"{"responses": [
    {"path": "/new/thing", "code": 200, "headers": {"sc-data-age": "junk"},
     "body": {"b": 1.50, "a": [ "x y", "\u001b[31m", "DEL" ], "big": 123456789012345678901234567890}},
    {"path": "/odometer", "code": 200, "headers": {"SC-Data-Age": "2026-01-02T03:04:05.678Z"},
     "body": {"distance": 12, "extra": true}},
    {"path": "/odometer", "code": 200, "body": {"distance": 13}},
    {"path": "/fuel", "code": 200, "body": {"range": "KNAC381AZP5000042"}},
    {"path": "/vin", "code": 200, "body": {"vin": "KNAC381AZP5000042"}},
    {"path": "/charge", "code": 429, "headers": {"Retry-After": "90"},
     "body": {"type": "RATE_LIMIT", "code": "VEHICLE", "description": "slow down",
              "resolution": {"type": "RETRY_LATER"}}}
]}"#;

fn odd() -> (Option<i32>, String, Value) {
    let origin = canned(
        "200 OK",
        "sc-request-id: r-1\r\n",
        &ODD.replace("DEL", "\u{7f}"),
    );
    let paths = [
        "--json",
        "/odometer",
        "/new/thing",
        "/fuel",
        "/location",
        "/charge",
    ];
    let run = batch(&origin, &paths);
    (run.code, run.stdout.clone(), run.json())
}

#[test]
fn every_kind_of_item() {
    let (code, text, json) = odd();
    assert_eq!(code, Some(3), "{text}");
    assert_eq!(json["request_id"], "r-1");
    let items = json["items"].as_array().unwrap();

    // The typed body has only members that are in the spec.
    assert_eq!(items[0]["body"], json!({"distance": 12.0}));
    assert_eq!(
        items[0]["meta"],
        json!({"data_age": "2026-01-02T03:04:05.678Z", "fetched_at": null, "unit_system": null})
    );
    // The raw body keeps every digit and the order, with unsafe characters escaped.
    let raw = r#""body":{"b":1.50,"a":["x y","\u001b[31m","\u007f"],"big":123456789012345678901234567890}"#;
    assert!(text.contains(raw), "{text}");
    assert_eq!(items[1]["meta"]["data_age"], Value::Null);

    let malformed = &items[2]["error"];
    assert_eq!(malformed["kind"], "malformed");
    let description = malformed["description"].as_str().unwrap();
    assert!(description.starts_with("/body/range: "), "{description}");
    assert!(!text.contains("KNAC381AZP5000042"), "{text}");

    assert_eq!(
        items[3]["error"],
        json!({
            "kind": "missing", "type": null, "code": null, "status": null,
            "description": "the response has no result for this path",
            "resolution": null, "retryable": false, "retry_after_seconds": null,
        })
    );
    assert_eq!(
        items[4]["error"],
        json!({
            "kind": "api", "type": "RATE_LIMIT", "code": "VEHICLE", "status": 429,
            "description": "slow down", "resolution": "RETRY_LATER",
            "retryable": true, "retry_after_seconds": 90,
        })
    );
}

#[test]
fn answers_too_many_are_warnings_without_values() {
    let (_, text, json) = odd();
    assert_eq!(
        json["warnings"],
        json!([{"path": "/odometer", "kind": "second"}, {"path": "/vin", "kind": "unasked"}])
    );
    assert_order(
        &text,
        &["warnings", "path", "kind", "path", "kind", "items"],
    );
}

#[test]
fn attempts_bound_the_requests() {
    let body = r#"{"responses": [{"path": "/fuel", "code": 502,
        "body": {"type": "UPSTREAM", "code": "NO_RESPONSE", "resolution": {"type": "RETRY_LATER"}}}]}"#;
    let origin = canned("200 OK", "", body);
    for attempts in ["1", "2"] {
        let run = batch(&origin, &["/fuel", "--json", "--attempts", attempts]);
        assert_eq!(run.code, Some(3), "{run:?}");
        let json = run.json();
        for count in ["attempts", "requests", "charged"] {
            assert_eq!(json[count].to_string(), attempts, "{run:?}");
        }
        assert_eq!(json["stop_reason"], "attempts");
        assert_eq!(json["retry_at"], Value::Null);
    }
}

#[test]
fn a_wait_that_was_not_waited_for_is_a_moment() {
    let (_, text, json) = odd();
    let retry_at: jiff::Timestamp = json["retry_at"].as_str().unwrap().parse().unwrap();
    let wait = retry_at.duration_since(jiff::Timestamp::now()).as_secs();
    assert!((1..=90).contains(&wait), "{text}");
    assert_eq!(json["stop_reason"], "attempts");
}
