//! Recordings without deviations: everything in the specs, and their irregular forms.

use serde_json::{Value, json};

use super::{audit, clean, command, good, ndjson, recording, signal};

#[test]
fn what_the_specs_say_is_clean_in_every_form_of_file() {
    let answers = clean();
    let enveloped = |body: &Value| json!({"status": 200, "headers": {"SC-Request-Id": "b0f7a3d4", "Date": "x"}, "body": body});
    let enveloped: Vec<_> = answers
        .iter()
        .filter(|body| body.get("type").is_none())
        .map(enveloped)
        .collect();
    let texts: Vec<_> = answers
        .iter()
        .map(|answer| json!({"status": "200", "body": answer.to_string()}))
        .collect();
    let forms = [
        (
            "one.json",
            serde_json::to_vec_pretty(&answers[0]).unwrap(),
            1,
        ),
        (
            "list.json",
            serde_json::to_vec_pretty(&answers).unwrap(),
            answers.len(),
        ),
        ("stream.json", ndjson(&answers), answers.len()),
        ("lines.ndjson", ndjson(&answers), answers.len()),
        ("envelopes.jsonl", ndjson(&enveloped), enveloped.len()),
        ("texts.ndjson", ndjson(&texts[..5]), 5),
    ];
    for (name, text, count) in &forms {
        let report = audit(name, text);
        assert!(report.is_clean(), "{name}: {report}");
        assert_eq!(report.read().0, *count as u64, "{name}");
        assert!(report.read().1 > 80, "{name}");
    }
    let output = command(&["-".as_ref()], &[], &forms[1].1);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.starts_with(b"1 file, "));
}

#[test]
fn irregular_forms_that_the_specs_name_are_clean() {
    let answer = json!({"responses": [
        good("/", json!({"id": "a", "make": "b", "model": "c", "year": "2024"})),
        good("/tesla/charge", json!({"connector": "<invalid>", "voltage": "<invalid>", "state": "<invalid>"})),
        good("/service/history", json!({"serviceHistory": [
            {"serviceID": 4, "serviceDate": "2026-03-14", "odometerDistance": "81.5"}]})),
        good("/diagnostics/system_status", json!({"systems": [{"systemID": "SYSTEM_ABS", "status": "OK"}]})),
        good("/tesla/alerts", json!({"alerts": [{"userText": "one"}]})),
        good("/ford/charge/schedule_by_location", json!({"chargingLocation": {
            "chargeLimit": 1, "location": {"latitude": 1.5, "longitude": 2.5},
            "chargingSchedules": {"weekday": [], "weekend": []}}})),
    ]});
    let single = json!({"responses": [good("/service/history", json!({"serviceId": "a"}))]});
    let mut text = signal(
        "odometer-traveleddistance",
        &json!({"value": "81.5", "unit": "km"}),
    );
    text["meta"] = json!({"oemUpdatedAt": 1_773_480_413});
    let report = audit(
        "a.ndjson",
        &ndjson(&[answer, single, json!({"data": text})]),
    );
    assert!(report.is_clean(), "{report}");
}

#[test]
fn what_cannot_be_read_is_named_by_its_line() {
    let text = b"{\"responses\": []}\n\n{\"vin\": \"KNAC381AZP5000042\"\n{\"vin\": 1}\n\xff\n[]\n";
    let report = audit("bad.ndjson", text);
    let lost = report.unreadable.iter();
    let found: Vec<_> = lost
        .map(|(reason, (_, first))| (*reason, first.line))
        .collect();
    let expected = [
        ("JSON, but not a response of the API", 4),
        ("not JSON", 5),
        ("not JSON: it ends too early", 3),
    ];
    assert_eq!(found, expected);
    let report = audit("bad.json", b"{\n\"responses\": []}\n\n{\"responses\": [}");
    let (_, first) = &report.unreadable["not JSON"];
    assert_eq!((report.read().0, first.line), (1, 4));
}

#[test]
fn exit_codes() {
    let code = |text: &[u8]| {
        let (_directory, path) = recording("a.json", text);
        command(&[&path], &[], b"").status.code()
    };
    assert_eq!(code(b"{\"responses\": []}"), Some(0));
    assert_eq!(code(b"{\"responses\": [{}]}"), Some(1));
    assert_eq!(code(b"<html>"), Some(2));
    assert_eq!(
        command(&["none.json".as_ref()], &[], b"").status.code(),
        Some(2)
    );
}

#[test]
fn deliveries_and_the_management_api_are_read() {
    let delivery = json!({"headers": {}, "body": {
        "eventId": "e1", "eventType": "VEHICLE_STATE", "meta": {"deliveryId": "d1", "mode": "LIVE"},
        "data": {"user": {"id": "u1", "externalId": null}, "signals": [
            {"code": "odometer-traveleddistance", "body": {"value": 10, "unit": "km"}}]},
    }});
    let webhook = json!({"status": 200, "body": {"data": [{"id": "w1", "type": "webhook",
        "attributes": {"name": "fleet", "isEnabled": true}}]}});
    let subscription = json!({"status": 202, "body": {"data": {"id": "s1", "type": "subscription",
        "attributes": {"webhookId": "w1", "userId": "u1", "vehicleId": "v1"}}}});
    let all = [delivery.clone(), webhook, subscription];
    let report = audit("good.ndjson", &ndjson(&all));
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.read().0, 3);

    let mut odd = delivery;
    odd["body"]["data"]["signals"][0]["body"]["value"] = json!("far");
    odd["body"]["data"]["signals"][0]["extra"] = json!(1);
    let report = audit("odd.ndjson", &ndjson(&[odd])).to_string();
    assert!(
        report.contains("extra") && report.contains("2 deviations"),
        "{report}"
    );
}
