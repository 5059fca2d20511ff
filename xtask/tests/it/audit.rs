//! `cargo xtask audit`: what it reports, what it accepts, and what it never shows.
//!
//! Invariant: every value is invented and planted so that a leak is detected.

#![allow(
    clippy::needless_pass_by_value,
    reason = "`json!` gives values, and a test reads best without `&`"
)]

mod clean;
mod planted;
mod secrecy;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use tempfile::TempDir;
use xtask::api::Api;
use xtask::audit::book::Book;
use xtask::audit::report::Report;
use xtask::plan::{SPEC, SPEC_V3};
use xtask::source::Source;

static BOOK: LazyLock<Book> = LazyLock::new(|| Book::load(&xtask::commands::root()).unwrap());

fn api(name: &str) -> Api {
    let text = std::fs::read_to_string(xtask::commands::root().join(name)).unwrap();
    Api::read(&Source::parse(name, &text).unwrap())
}

/// Writes a file into a new directory.
fn recording(name: &str, text: &[u8]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    File::create(&path).unwrap().write_all(text).unwrap();
    (directory, path)
}

/// Responses as NDJSON.
fn ndjson(answers: &[Value]) -> Vec<u8> {
    let lines = answers.iter().map(|answer| format!("{answer}\n"));
    lines.collect::<String>().into_bytes()
}

/// Audits one file.
fn audit(name: &str, text: &[u8]) -> Report {
    let (_directory, path) = recording(name, text);
    xtask::audit::audit(&BOOK, &[path]).unwrap()
}

/// Runs the command.
fn command(arguments: &[&Path], more: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("audit")
        .args(arguments)
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    child.wait_with_output().unwrap()
}

/// A good item of v2.0.
fn good(path: &str, body: Value) -> Value {
    json!({"path": path, "code": 200, "body": body})
}

/// A signal.
fn signal(code: &str, body: &Value) -> Value {
    let attributes = json!({"code": code, "status": {"value": "SUCCESS"}, "body": body});
    json!({"id": code, "type": "signal", "attributes": attributes})
}

/// Only what the specs describe: a good item of every endpoint with all declared headers, every
/// listed error, every signal, and all of them in the output of the command.
fn clean() -> Vec<Value> {
    let (v2, v3) = (api(SPEC), api(SPEC_V3));
    let header = |name: &String| match name.as_str() {
        "sc-unit-system" => json!("metric"),
        "sc-request-id" => json!("b0f7a3d4-52c6-4e19-8a77-9d1e6c3f2b80"),
        _ => json!("2026-03-14T09:26:53.000Z"),
    };
    let mut items = Vec::new();
    let mut printed = Vec::new();
    for endpoint in &v2.endpoints {
        let headers: Map<_, _> = endpoint
            .headers
            .iter()
            .map(|name| (name.clone(), header(name)))
            .collect();
        let mut item = good(&endpoint.path, endpoint.example.clone());
        item["headers"] = headers.into();
        items.push(item);
        let meta = json!({"data_age": "2 h", "fetched_at": null, "unit_system": "metric"});
        printed.push(
            json!({"path": endpoint.path, "ok": true, "body": endpoint.example, "meta": meta}),
        );
    }
    for error in &v2.errors {
        let body = json!({
            "type": error.kind, "code": error.code, "statusCode": error.status,
            "description": "it failed", "docURL": null, "requestId": "b0f7a3d4",
            "resolution": error.resolution.as_ref().map(|kind| json!({"type": kind})),
            "suggestedUserMessage": "Please wait.", "detail": null,
        });
        let headers = json!({"Retry-After": 120});
        items.push(json!({"path": format!("/fuel?{}", items.len()), "code": error.status, "body": body, "headers": headers}));
        let why =
            json!({"kind": "api", "type": error.kind, "code": error.code, "status": error.status});
        printed.push(json!({"path": "/fuel", "ok": false, "error": why}));
    }
    let mut signals = Vec::new();
    for (_, described) in v3.signals() {
        signals.push(signal(&described.code, &described.example));
        let path = format!("/signals/{}", described.code);
        printed.push(json!({"path": path, "ok": true, "body": described.example, "meta": {}}));
    }
    let mut failed = signal("odometer-traveleddistance", &Value::Null);
    failed["attributes"]["status"] =
        json!({"value": "ERROR", "error": {"type": "PERMISSION", "code": null}});
    signals.push(failed);
    vec![
        json!({"responses": items}),
        json!({"data": signals, "meta": {"pageNumber": 1}}),
        json!({"data": signals[0], "included": {"vehicle": {"attributes": {"make": "KIA"}}}}),
        json!({"data": [{"id": "0c9b", "type": "connection", "attributes": {"permissions": ["read_fuel"]}}]}),
        json!({"errors": [{"status": "404", "type": "RESOURCE_NOT_FOUND", "code": "SIGNAL_NOT_FOUND"}]}),
        json!({"type": "AUTHENTICATION", "code": null, "statusCode": 401}),
        json!({"vehicle": "3f1c", "request_id": null, "attempts": 1, "warnings": [], "items": printed}),
        json!({"vehicle": "3f1c", "error": {"kind": "timeout", "type": null, "status": null}}),
    ]
}
