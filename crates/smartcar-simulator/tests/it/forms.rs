//! Every fault in its three forms: built in code, written in TOML, sent to the
//! admin endpoint.
//!
//! Invariant: the three are the same value and have the same effect on the wire.

use std::time::Duration;

use serde_json::{Value, json};
use smartcar_simulator::{Fault, Scenario, Simulator};

use crate::http::{Answer, ask, batch, get, send};

/// A fault, and the inside of its TOML table.
type Case = (Fault, &'static str);

fn cases() -> Vec<Case> {
    [of_answers(), of_one_item(), of_lists(), for_some()].concat()
}

fn of_answers() -> Vec<Case> {
    vec![
        (
            Fault::unchanged().with_status(203),
            "unchanged = true, status = 203",
        ),
        (
            Fault::unchanged()
                .without_header("sc-request-id")
                .header("X-Seen", "1"),
            "unchanged = true, without_headers = ['sc-request-id'], headers = {X-Seen = '1'}",
        ),
        (
            Fault::unchanged()
                .item_header("a", json!(null))
                .item_header("b", json!([1, {}])),
            "unchanged = true, item_headers_json = '{\"a\": null, \"b\": [1, {}]}'",
        ),
        (Fault::latency(Duration::from_millis(2)), "latency_ms = 2"),
        (
            Fault::latency(Duration::from_micros(1_500)),
            "latency_ms = 1.5",
        ),
        (
            Fault::status(503).header("Retry-After", "2"),
            "status = 503, headers = {Retry-After = 2}",
        ),
        (Fault::html(502), "html = 502"),
        (Fault::html(502).with_status(504), "html = 504"),
        (Fault::error("PERMISSION", None), "error = 'PERMISSION'"),
        (
            Fault::error("BILLING", Some("VEHICLE_LIMIT")).with_status(403),
            "error = 'BILLING/VEHICLE_LIMIT', status = 403",
        ),
        (
            Fault::raw_body("{\"responses\": ["),
            "raw_body = '{\"responses\": ['",
        ),
        (
            Fault::raw_body("").with_status(409),
            "raw_body = '', status = 409",
        ),
        (Fault::reset(), "reset = true"),
        (Fault::truncated(20), "truncated = 20"),
    ]
}

fn of_one_item() -> Vec<Case> {
    let limited = || Fault::item_error("/fuel", "RATE_LIMIT", Some("VEHICLE"));
    vec![
        (
            Fault::item("odometer").item_header("sc-data-age", json!("yesterday")),
            "item = 'odometer', item_headers = {sc-data-age = 'yesterday'}",
        ),
        (
            limited().item_header("Retry-After", json!(2)),
            "item = '/fuel', error = 'RATE_LIMIT/VEHICLE', item_headers = {Retry-After = 2}",
        ),
        (
            limited().item_header("retry-after", json!("2")),
            "item = '/fuel', error = 'RATE_LIMIT/VEHICLE', item_headers = {retry-after = '2'}",
        ),
        (
            Fault::item_body("/fuel", json!([1, "a"])),
            "item = '/fuel', body = [1, 'a']",
        ),
        (
            Fault::item_body("/fuel", Value::Null),
            "item = '/fuel', body_json = 'null'",
        ),
        (
            Fault::item_json("/fuel", json!(42)),
            "item = '/fuel', replaced = 42",
        ),
        (
            Fault::item_json(
                "/fuel",
                json!({"path": "/fuel", "code": 502, "headers": null}),
            ),
            "item = '/fuel', replaced_json = '{\"path\": \"/fuel\", \"code\": 502, \"headers\": null}'",
        ),
        (
            Fault::missing_item("/fuel"),
            "item = '/fuel', missing = true",
        ),
        (
            Fault::duplicate_item("/fuel"),
            "item = '/fuel', duplicated = true",
        ),
    ]
}

fn of_lists() -> Vec<Case> {
    vec![
        (Fault::unasked_item("/vin"), "unasked = '/vin'"),
        (
            Fault::extra_item(json!({"code": 200, "headers": {}, "body": {"a": 0.5}})),
            "extra = {code = 200, headers = {}, body = {a = 0.5}}",
        ),
        (Fault::extra_item(Value::Null), "extra_json = 'null'"),
        (Fault::reversed_items(), "reordered = true"),
        (
            Fault::shuffled_items(u64::MAX),
            "shuffled = 18446744073709551615",
        ),
        (Fault::without_item_headers(), "without_item_headers = true"),
        (
            Fault::without_error_headers(),
            "without_error_headers = true",
        ),
    ]
}

fn for_some() -> Vec<Case> {
    vec![
        (
            Fault::html(500).on_path("fuel"),
            "html = 500, path = 'fuel'",
        ),
        (
            Fault::html(500).on_path("/batch").times(1),
            "html = 500, path = '/batch', times = 1",
        ),
        (
            Fault::html(500).on_vehicle("car"),
            "html = 500, vehicle = 'car'",
        ),
        (
            Fault::html(500).on_vehicle("other"),
            "html = 500, vehicle = 'other'",
        ),
        (Fault::html(500).on_request(2), "html = 500, request = 2"),
        (
            Fault::html(500).with_probability(0.5, 42),
            "html = 500, probability = 0.5, seed = 42",
        ),
    ]
}

/// The responses to a few requests.
async fn seen(simulator: &Simulator) -> Vec<Answer> {
    vec![
        batch(simulator).await,
        get(simulator, "/fuel").await,
        batch(simulator).await,
        ask(simulator, "GET /v2.0/vehicles", simulator.token(), "").await,
    ]
}

#[test]
fn the_written_form_is_the_same_fault() {
    for (fault, text) in cases() {
        let written: Fault = text
            .parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(written, fault, "{text}");
        let json = serde_json::to_value(&fault).unwrap();
        let read: Fault = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(read, fault, "{json}");
    }
}

#[tokio::test]
async fn all_forms_do_the_same() {
    let unchanged = seen(&Simulator::start().await.unwrap()).await;
    let mut without_effect = Vec::new();
    for (fault, text) in cases() {
        let built = Simulator::start().await.unwrap();
        built.fault(fault.clone()).unwrap();
        let expected = seen(&built).await;

        let scenario = Scenario::parse(&format!("faults = [{{{text}}}]")).unwrap();
        let written = Simulator::builder()
            .scenario(scenario)
            .start()
            .await
            .unwrap();
        assert_eq!(seen(&written).await, expected, "{text}");

        let asked = Simulator::start().await.unwrap();
        let body = serde_json::to_string(&fault).unwrap();
        let added = send(&asked, "POST /_simulator/faults", &[], &body).await;
        assert_eq!(
            (added.status, added.json()),
            (201, json!({"id": 1})),
            "{body}"
        );
        assert_eq!(seen(&asked).await, expected, "{body}");

        if expected == unchanged {
            without_effect.push(text);
        }
    }
    // These change only the time, or something that was not requested.
    let silent = [
        "latency_ms = 2",
        "latency_ms = 1.5",
        "without_error_headers = true",
        "html = 500, vehicle = 'other'",
    ];
    assert_eq!(without_effect, silent);
}
