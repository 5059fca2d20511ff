//! The report of one small recording, byte by byte.

use serde_json::{Value, json};

use super::support::{command, ndjson, recording};

const TEXT: &str = "\
(batch): 3 answers, 2 good
  unlisted error: type `RATE_LIMIT`, code `ACCOUNT`, status 429
    1 of 3 answers, first FILE:3
    spec/smartcar-v2.yaml:LINE, components/schemas/Error/x-smartcar-errors: add
        - {type: RATE_LIMIT, code: ACCOUNT, status: 429, resolution: RETRY_LATER, retry: auto,
           description: …}

/charge: 2 items, 2 good
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

/location: 1 item, 1 good
  undeclared header `sc-unit-system`: string
    1 of 1 item, first FILE:2 (responses[1])
    spec/smartcar-v2.yaml:LINE, paths//vehicles/{id}/location/get/responses/200/headers: add
        sc-unit-system: {$ref: '#/components/headers/UnitSystem'}

not JSON: it ends too early: 1 time
  FILE:4

1 file, 3 answers, 3 items read: 4 deviations, 0 known irregular forms
";

fn answers() -> Vec<u8> {
    let charge = |state: &str, temperature: Value| {
        json!({"path": "/charge", "code": 200,
            "body": {"isPluggedIn": true, "state": state, "batteryTemperature": temperature}})
    };
    let location = json!({"path": "/location", "code": 200, "headers": {"SC-Unit-System": "metric"},
        "body": {"latitude": 52.516_275, "longitude": 13.377_704}});
    let error = json!({"type": "RATE_LIMIT", "code": "ACCOUNT", "statusCode": 429,
        "resolution": {"type": "RETRY_LATER"}});
    let mut text = ndjson(&[
        json!({"responses": [charge("CHARGING", json!(21.5))]}),
        json!({"responses": [charge("TRICKLE", Value::Null), location]}),
        json!({"status": 429, "headers": {"retry-after": "2"}, "body": error}),
    ]);
    text.extend(b"{\"responses\": [");
    text
}

/// The spec grows: its lines are no part of the golden text.
fn without_lines(text: &str) -> String {
    let mut parts = text.split("smartcar-v2.yaml:");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        format!("{text}smartcar-v2.yaml:LINE{rest}")
    })
}

#[test]
fn the_text_is_as_agreed() {
    let (_directory, path) = recording("drive.ndjson", &answers());
    let output = command(&[&path], &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    let text = without_lines(&text.replace(&path.display().to_string(), "FILE"));
    assert_eq!(text, TEXT);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_json_says_the_same() {
    let (_directory, path) = recording("drive.ndjson", &answers());
    let output = command(&[&path], &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        [
            &report["files"],
            &report["answers"],
            &report["items"],
            &report["deviations"]
        ],
        [1, 3, 3, 4].map(|n: i32| json!(n)).each_ref()
    );
    assert_eq!(report["paths"][1]["path"], "/charge");
    let deviation = &report["paths"][1]["deviations"][1];
    assert_eq!(deviation["kind"], "enum-value");
    assert_eq!(deviation["place"], "body.state");
    assert_eq!(
        (&deviation["items"], &deviation["of"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(deviation["first"]["line"], 2);
    let suggestion = &deviation["suggestions"][0];
    assert_eq!(
        suggestion["pointer"],
        "/components/schemas/ChargeState/enum"
    );
    assert_eq!(suggestion["action"], "replace");
    assert_eq!(report["unreadable"][0]["places"][0]["line"], 4);
}
