//! A recording with each kind of deviation, and the exact report of a small one.

use serde_json::{Value, json};
use xtask::source::Source;

use super::{audit, command, good, ndjson, recording, signal};

/// Values that must not appear in any output. Each is planted below.
const SECRETS: [&str; 10] = [
    "52.516275",
    "KNAC381AZP5000042",
    "ada@example.org",
    "Unter den Linden",
    "48151623",
    "3f1c9a52",
    "Ada Lovelace",
    "1985-10-26",
    "31415",
    "hunter2",
];

fn failed(code: u16, kind: &str, word: &str, status: u16) -> Value {
    let body =
        json!({"type": kind, "code": word, "statusCode": status, "description": "Ada Lovelace"});
    json!({"responses": [{"path": "/fuel", "code": code, "body": body}]})
}

fn item(path: &str, body: Value) -> Value {
    json!({"responses": [good(path, body)]})
}

fn reported(code: &str, body: &Value) -> Value {
    json!({"data": [signal(code, body)]})
}

/// Response, kind, and the text that the report must contain.
#[rustfmt::skip]
fn plants() -> Vec<(Value, &'static str, &'static str)> {
    let mut header = item("/odometer", json!({"distance": 31415}));
    header["responses"][0]["headers"] = json!({"X-Garage": "hunter2"});
    let mut status = reported("charge-voltage", &json!({"value": 1}));
    status["data"][0]["attributes"]["status"] = json!({"value": "HALF"});
    let printed = |path: &str, body: Value| json!({"vehicle": "3f1c9a52", "items": [{"path": path, "ok": true, "body": body}]});
    vec![
        (item("/odometer", json!({"distance": 1, "owner": "ada@example.org"})), "unknown-member", "owner: {type: string, description: …}"),
        (item("/vin", json!({"vin": "x", "KNAC381AZP5000042": 1})), "unknown-member", "unknown member (string of 17) of body: integer"),
        (item("/battery", json!({"percentRemaining": 0.5, "at": "1985-10-26T01:21:00Z"})), "unknown-member", "at: {type: string, format: date-time, description: …}"),
        (item("/charge", json!({"isPluggedIn": true, "state": "TRICKLE"})), "enum-value", "enum: [CHARGING, FULLY_CHARGED, NOT_CHARGING, TRICKLE]"),
        (item("/charge", json!({"isPluggedIn": true, "state": "Unter den Linden"})), "enum-value", "undocumented value (string of 16) of body.state"),
        (item("/permissions", json!({"permissions": ["read_mind"]})), "enum-value", "- read_mind"),
        (item("/location", json!({"latitude": "52.516275", "longitude": 2})), "wrong-type", "body.latitude is declared number, seen: string"),
        (item("/charge/limit", json!({"limit": null})), "wrong-type", "body.limit is declared number, seen: null"),
        (item("/charge", json!({"state": "CHARGING"})), "missing-member", "body lacks the required member \"isPluggedIn\""),
        (item("/engine/oil", json!({"lifeRemaining": 48_151_623})), "out-of-range", "body.lifeRemaining is greater than the maximum of 1"),
        (item("/tesla/charge/completion", json!({"time": "1985-10-26 hunter2"})), "out-of-range", "body.time is not a \"date-time\""),
        (item("/tesla/hatch", json!({"where": [{"street": "Unter den Linden"}]})), "unknown-path", "/tesla/hatch: 1 item"),
        (item("/vehicles/3f1c9a52-6d0e-4b8f-9c37-5e2a7d40b611", json!({})), "unknown-path", "(path not shown)"),
        (header, "unknown-header", "x-garage: {description: …, schema: {type: string}}"),
        (failed(409, "VEHICLE_STATE", "WASHING", 409), "error-pair", "- {type: VEHICLE_STATE, code: WASHING, status: 409, resolution: null, retry: …,"),
        (failed(409, "VEHICLE_STATE", "ada@example.org", 409), "error-pair", "type `VEHICLE_STATE`, code (string of 15), status 409"),
        (json!({"responses": "hunter2"}), "wrong-type", "responses is declared array, seen: string"),
        (json!({"status": 200, "body": {"portal": "hunter2"}}), "unknown-member", "unknown member `portal` of body"),
        (reported("odometer-traveleddistance", &json!({"value": 31415, "trip": {"a": [1], "b": null}})), "unknown-member", "trip: {$ref: '#/components/schemas/OdometerTraveledDistanceTrip'}"),
        (reported("motion-heading", &json!({"value": 31415.5})), "unknown-path", "/signals/motion-heading: 1 item"),
        (status, "enum-value", "enum: [SUCCESS, ERROR, UNAVAILABLE, HALF]"),
        (json!({"errors": [{"status": "418", "type": "TEAPOT", "code": "SHORT", "title": "hunter2"}]}), "error-pair", "type `TEAPOT`, code `SHORT`, status 418"),
        (printed("/charge", json!({"isPluggedIn": "hunter2", "state": "SLOW"})), "enum-value", "SLOW: …"),
    ]
}

#[test]
fn each_deviation_is_found_and_no_secret_is_shown() {
    let plants = plants();
    let answers: Vec<_> = plants.iter().map(|plant| plant.0.clone()).collect();
    let planted = serde_json::to_string(&answers).unwrap();
    assert_eq!(SECRETS.map(|secret| planted.contains(secret)), [true; 10]);
    for (answer, kind, help) in &plants {
        let report = audit("a.json", answer.to_string().as_bytes());
        let found = report.deviations().any(|found| found.kind == *kind);
        assert!(
            found && report.to_string().contains(help),
            "{kind}: {help}\n{report}"
        );
    }
    // Twice each, so that not all counts are one.
    let report = audit("a.ndjson", &ndjson(&[answers.clone(), answers].concat()));
    assert!(report.deviations().count() >= plants.len() - 2, "{report}");
    assert!(report.deviations().all(|found| found.items % 2 == 0));
    let outputs = [
        report.to_string(),
        serde_json::to_string_pretty(&report).unwrap(),
    ];
    for secret in SECRETS {
        assert!(
            outputs.iter().all(|output| !output.contains(secret)),
            "{secret}\n{}",
            outputs[0]
        );
    }
    for suggestion in report.deviations().flat_map(|found| &found.suggestions) {
        let text = suggestion.lines.join("\n");
        assert!(
            Source::parse("suggestion", &text).is_ok() && suggestion.line > 1,
            "{text}"
        );
    }
}

const TEXT: &str = "\
(response): 3 responses
  unlisted error: type `RATE_LIMIT`, code `ACCOUNT`, status 429
    1 of 3 responses, first FILE:3
    spec/smartcar-v2.yaml:LINE, components/schemas/Error/x-smartcar-errors: add
        - {type: RATE_LIMIT, code: ACCOUNT, status: 429, resolution: RETRY_LATER, retry: …,
           description: …}

/charge: 2 items
  unknown member `batteryTemperature` of body: null, number
    2 of 2 items, first FILE:1 (responses[0])
    spec/smartcar-v2.yaml:LINE, components/schemas/Charge/properties: add
        batteryTemperature: {type: number, format: double, nullable: true, description: …}
  undocumented value `TRICKLE` of body.state
    1 of 2 items, first FILE:2 (responses[0])
    spec/smartcar-v2.yaml:LINE, components/schemas/ChargeState/enum: replace by
        enum: [CHARGING, FULLY_CHARGED, NOT_CHARGING, TRICKLE]
    spec/smartcar-v2.yaml:LINE, components/schemas/ChargeState/x-enum-descriptions: add
        TRICKLE: …

/location: 1 item
  body.latitude is declared number, seen: string
    1 of 1 item, first FILE:2 (responses[1])
    spec/smartcar-v2.yaml:LINE, components/schemas/Location/properties/latitude/type: see

not JSON: it ends too early: 1 time, first FILE:4

1 file, 3 responses, 3 items read: 4 deviations
";

#[test]
fn the_report_is_as_agreed() {
    let charge = |state: &str, temperature: Value| {
        let body = json!({"isPluggedIn": true, "state": state, "batteryTemperature": temperature});
        good("/charge", body)
    };
    let location = good("/location", json!({"latitude": "52.5", "longitude": 13.4}));
    let error = json!({"type": "RATE_LIMIT", "code": "ACCOUNT", "statusCode": 429, "resolution": {"type": "RETRY_LATER"}});
    let mut text = ndjson(&[
        json!({"responses": [charge("CHARGING", json!(21.5))]}),
        json!({"responses": [charge("TRICKLE", Value::Null), location]}),
        json!({"status": 429, "headers": {"retry-after": "2"}, "body": error}),
    ]);
    text.extend(b"{\"responses\": [");
    let (_directory, path) = recording("drive.ndjson", &text);
    let output = command(&[&path], &[], b"");
    let shown = String::from_utf8(output.stdout).unwrap();
    let shown = shown.replace(&path.display().to_string(), "FILE");
    // The spec grows, so its lines are not part of the golden text.
    let mut parts = shown.split("smartcar-v2.yaml:");
    let first = parts.next().unwrap().to_owned();
    let shown = parts.fold(first, |shown, part| {
        let rest = part.trim_start_matches(|letter: char| letter.is_ascii_digit());
        format!("{shown}smartcar-v2.yaml:LINE{rest}")
    });
    assert_eq!((shown.as_str(), output.status.code()), (TEXT, Some(1)));
    let output = command(&[&path], &["--format", "json"], b"");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["files"], 1);
    let deviation = &report["paths"]["/charge"]["deviations"][0];
    assert_eq!(
        (&deviation["kind"], &deviation["first"]["line"]),
        (&json!("unknown-member"), &json!(1))
    );
    assert_eq!(
        deviation["suggestions"][0]["pointer"],
        "/components/schemas/Charge/properties"
    );
}

#[test]
fn a_map_of_names_does_not_fill_the_report() {
    let letter = |n: u16| char::from(b'a' + u8::try_from(n).unwrap());
    let name = |n: u16| format!("name_{}{}", letter(n % 26), letter(n / 26));
    let many: serde_json::Map<_, _> = (0..600).map(|n| (name(n), json!(1))).collect();
    let paths: Vec<_> = (0..600)
        .map(|n| good(&format!("/{}", name(n)), json!({})))
        .collect();
    let answers = [
        item("/charge", Value::Object(many)),
        json!({ "responses": paths }),
    ];
    let report = audit("a.ndjson", &ndjson(&answers));
    assert!(report.paths.len() <= 260, "{}", report.paths.len());
    assert!(report.deviations().count() < 600);
    assert!(report.to_string().contains("  further deviations\n"));
}
