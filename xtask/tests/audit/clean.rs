//! What is no deviation: everything the spec says, and the forms it names.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::support::{audit, clean, command, ndjson, put, recording};

#[test]
fn every_example_of_the_spec_is_clean_in_every_form() {
    let answers = clean();
    let enveloped: Vec<_> = answers
        .iter()
        .map(|answer| json!({"status": 200, "headers": {"SC-Request-Id": "b0f7a3d4", "Date": "x"}, "body": answer}))
        .collect();
    let texts = answers
        .iter()
        .map(|answer| json!({"status": 200, "body": answer.to_string()}));
    let forms = [
        ("one.json", serde_json::to_vec_pretty(&answers[0]).unwrap()),
        ("list.json", serde_json::to_vec_pretty(&answers).unwrap()),
        ("stream.json", ndjson(&answers)),
        ("lines.ndjson", ndjson(&answers)),
        ("envelopes.jsonl", ndjson(&enveloped)),
        ("texts.ndjson", ndjson(&texts.collect::<Vec<_>>())),
    ];
    for (name, text) in &forms {
        let report = audit(name, text);
        assert!(report.is_clean(), "{name}: {}", report.text(true));
        assert_eq!(
            report.answers,
            if *name == "one.json" {
                1
            } else {
                answers.len() as u64
            },
            "{name}"
        );
    }
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in &forms {
        put(directory.path(), &format!("deep/{name}"), text);
    }
    put(directory.path(), "notes.txt", b"not a recording");
    let output = command(&[directory.path()], &[]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("6 files, "));
}

#[test]
fn failed_batches_are_clean_too() {
    let error = json!({"type": "AUTHENTICATION", "code": null, "statusCode": 401});
    let bare = serde_json::to_vec(&error).unwrap();
    assert!(audit("error.json", &bare).is_clean());
    let envelope = json!({"status": 401, "headers": {"sc-request-id": "x"}, "body": error});
    assert!(audit("error.json", &serde_json::to_vec(&envelope).unwrap()).is_clean());
}

#[test]
fn documented_irregular_forms_are_counted_apart() {
    let good = |path: &str, body: Value| json!({"path": path, "code": 200, "body": body});
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
    let report = audit("irregular.ndjson", &ndjson(&[answer, single]));
    assert!(report.is_clean(), "{}", report.text(true));
    let forms: BTreeSet<_> = report
        .irregular
        .iter()
        .map(|found| found.form.as_str())
        .collect();
    let expected = [
        "date",
        "invalid",
        "number",
        "single",
        "spelling:chargingLocation",
        "spelling:serviceID",
        "spelling:systemID",
        "text",
        "wrapped:serviceHistory",
    ];
    assert_eq!(forms, BTreeSet::from(expected));
    assert!(
        report
            .text(false)
            .contains("known irregular forms (--verbose lists them)")
    );
    assert!(
        report
            .text(true)
            .contains("  /tesla/charge body.connector: invalid, 1 item, first ")
    );
}

#[test]
fn what_cannot_be_read_is_named_by_its_line() {
    let report = audit(
        "bad.ndjson",
        b"{\"responses\": []}\n\n{\"vin\": \"KNAC381AZP5000042\"\n{\"vin\": 1}\n\xff\n[]\n",
    );
    let found: Vec<_> = report
        .unreadable
        .iter()
        .map(|lost| (lost.reason, lost.places[0].line))
        .collect();
    let expected = [
        ("JSON, but no answer of a batch", 4),
        ("not JSON: it ends too early", 3),
        ("not UTF-8", 5),
    ];
    assert_eq!(found, expected);
    assert!(!report.text(true).contains("KNAC"));
    let report = audit("bad.json", b"{\"responses\": []}\n{\"responses\": [}");
    assert_eq!(
        (report.answers, report.unreadable[0].places[0].line),
        (1, 2)
    );
}

#[test]
fn exit_codes() {
    let code = |text: &[u8]| {
        let (_directory, path) = recording("a.json", text);
        command(&[&path], &[]).status.code()
    };
    assert_eq!(code(b"{\"responses\": []}"), Some(0));
    assert_eq!(code(b"{\"responses\": [{}]}"), Some(1));
    assert_eq!(code(b"{\"responses\": []}\n["), Some(1));
    assert_eq!(code(b"<html>"), Some(2));
    assert_eq!(code(b""), Some(2));
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(command(&[directory.path()], &[]).status.code(), Some(2));
    assert_eq!(
        command(&[&directory.path().join("none.json")], &[])
            .status
            .code(),
        Some(2)
    );
    assert_eq!(command(&[], &[]).status.code(), Some(2));
}
