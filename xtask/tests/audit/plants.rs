//! What is planted: each deviation once, with values that would give it away.

use serde_json::{Value, json};

/// Values that must not be seen again. Each is planted below.
pub(crate) const SECRETS: &[&str] = &[
    "52.516275",
    "-103.377704",
    "KNAC381AZP5000042",
    "ada@example.org",
    "Unter den Linden",
    "48151623",
    "3f1c9a52",
    "Ada Lovelace",
    "Plugged-at-home",
    "quarter past",
    "1985-10-26",
    "b0f7a3d4",
    "777.25",
    "2.125",
    "31415",
    "hunter2",
];

/// Item, kind, place, and what the suggestion or advice must contain.
pub(crate) type Plant = (Value, &'static str, &'static str, &'static str);

/// A good item.
pub(crate) fn good(path: &str, body: Value) -> Value {
    json!({"path": path, "code": 200, "body": body})
}

fn failed(code: u16, body: Value) -> Value {
    json!({"path": "/fuel", "code": code, "body": body})
}

/// Deviations of bodies.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(crate) fn bodies() -> Vec<Plant> {
    vec![
        (
            good(
                "/odometer",
                json!({"distance": 1, "owner": "ada@example.org"}),
            ),
            "unknown-member",
            "body",
            "owner: {type: string, description: …}",
        ),
        (
            good(
                "/vin",
                json!({"vin": "KNAC381AZP5000042", "KNAC381AZP5000042": 1}),
            ),
            "unknown-member",
            "body",
            "cannot be shown",
        ),
        (
            good(
                "/battery",
                json!({"percentRemaining": 0.5, "range": 3, "at": "1985-10-26T01:21:00Z"}),
            ),
            "unknown-member",
            "body",
            "at: {type: string, format: date-time, description: …}",
        ),
        (
            good(
                "/location",
                json!({"latitude": "52.516275", "longitude": 2}),
            ),
            "wrong-type",
            "body.latitude",
            "x-smartcar-irregular: [text]",
        ),
        (
            good("/location", json!({"latitude": 1, "longitude": true})),
            "wrong-type",
            "body.longitude",
            "type: boolean",
        ),
        (
            good("/tesla/battery", json!({"maxRangeChargeCounter": 777.25})),
            "wrong-type",
            "body.maxRangeChargeCounter",
            "format: double",
        ),
        (
            good(
                "/tesla/attributes",
                json!({"id": 48_151_623, "make": "a", "model": "b", "year": 1}),
            ),
            "wrong-type",
            "body.id",
            "x-smartcar-irregular: [number]",
        ),
        (
            good(
                "/diagnostics/dtcs",
                json!({"activeCodes": {"code": "Ada Lovelace"}}),
            ),
            "wrong-type",
            "body.activeCodes",
            "x-smartcar-irregular: [single]",
        ),
        (
            good("/charge/limit", json!({"limit": null})),
            "null",
            "body.limit",
            "nullable: true",
        ),
        (
            good("/charge", json!({"state": "CHARGING"})),
            "missing-member",
            "body",
            "required: [state]",
        ),
        (
            good("/charge", json!({"isPluggedIn": true, "state": "TRICKLE"})),
            "enum-value",
            "body.state",
            "enum: [CHARGING, FULLY_CHARGED, NOT_CHARGING, TRICKLE]",
        ),
        (
            good(
                "/charge",
                json!({"isPluggedIn": true, "state": "Unter den Linden"}),
            ),
            "enum-value",
            "body.state",
            "cannot be shown",
        ),
        (
            good("/permissions", json!({"permissions": ["read_mind"]})),
            "enum-value",
            "body.permissions[]",
            "- read_mind",
        ),
        (
            good("/engine/oil", json!({"lifeRemaining": 2.125})),
            "above-maximum",
            "body.lifeRemaining",
            "maximum: 1",
        ),
        (
            good(
                "/location",
                json!({"latitude": -103.377_704, "longitude": 2}),
            ),
            "below-minimum",
            "body.latitude",
            "minimum: -90",
        ),
        (
            good("/tesla/charge/completion", json!({"time": "1985-10-26"})),
            "not-date-time",
            "body.time",
            "x-smartcar-irregular: [date]",
        ),
        (
            good(
                "/cadillac/charge/completion",
                json!({"time": "quarter past"}),
            ),
            "not-date-time",
            "body.time",
            "format: date-time",
        ),
    ]
}

/// Deviations of items, their headers and errors.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(crate) fn items() -> Vec<Plant> {
    let mut header = good("/security", Value::Null);
    header["body"] = json!({"isLocked": true, "doors": [], "windows": [], "sunroof": [], "storage": [],
        "chargingPort": []});
    header["headers"] = json!({"X-Garage": "Plugged-at-home"});
    let mut unit = good("/tesla/speedometer", json!({"speed": 31415}));
    unit["headers"] = json!({"SC-Unit-System": "nautical"});
    let mut age = good("/tesla/compass", json!({"direction": "N", "heading": 1}));
    age["headers"] = json!({"sc-data-age": 48_151_623});
    let error = |kind: &str, code: Value, status: u16| json!({"type": kind, "code": code, "statusCode": status, "description": "Ada Lovelace", "requestId": "b0f7a3d4"});
    let mut extra = error("PERMISSION", Value::Null, 403);
    extra["trace"] = json!("hunter2");
    vec![
        (
            header,
            "unknown-header",
            "headers",
            "x-garage: {$ref: '#/components/headers/XGarage'}",
        ),
        (unit, "enum-value", "headers.sc-unit-system", "nautical"),
        (age, "wrong-type", "headers.sc-data-age", "by hand"),
        (
            failed(409, error("VEHICLE_STATE", json!("WASHING"), 409)),
            "error-pair",
            "error",
            "- {type: VEHICLE_STATE, code: WASHING, status: 409, resolution: null, retry: later,",
        ),
        (
            failed(423, error("UPSTREAM", json!("NO_RESPONSE"), 423)),
            "error-pair",
            "error",
            "- {type: UPSTREAM, code: NO_RESPONSE, status: 423, resolution: null, retry: auto,",
        ),
        (
            failed(409, error("VEHICLE_STATE", json!("ada@example.org"), 409)),
            "error-pair",
            "error",
            "cannot be shown",
        ),
        (
            failed(403, extra),
            "unknown-member",
            "error",
            "trace: {type: string, description: …}",
        ),
        (
            failed(403, error("PERMISSION", Value::Null, 401)),
            "status-differs",
            "error.statusCode",
            "nothing to add",
        ),
        (
            good(
                "/tesla/hatch",
                json!({"open": true, "where": [{"street": "Unter den Linden"}]}),
            ),
            "unknown-path",
            "item",
            "street: {type: string, description: …}",
        ),
        (
            good("/vehicles/3f1c9a52-6d0e-4b8f-9c37-5e2a7d40b611", json!({})),
            "unknown-path",
            "item",
            "can be shown",
        ),
        (
            json!({"code": 200, "body": {"vin": "KNAC381AZP5000042"}}),
            "missing-member",
            "item",
            "required: [code]",
        ),
        (
            json!({"path": "/tesla/status", "code": 204}),
            "status",
            "code",
            "say so",
        ),
        (
            json!({"path": "/tesla/status", "code": 200}),
            "no-body",
            "item",
            "mend the description",
        ),
    ]
}
