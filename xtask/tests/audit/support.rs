//! Recordings made in the tests.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Map, Value, json};
use tempfile::TempDir;
use xtask::api::Api;
use xtask::audit::report::Report;
use xtask::plan::SPEC;
use xtask::source::Source;

/// The spec of this workspace.
pub(crate) fn spec() -> Source {
    let text = std::fs::read_to_string(xtask::commands::root().join(SPEC)).unwrap();
    Source::parse(SPEC, &text).unwrap()
}

/// Writes a file into a new directory.
pub(crate) fn recording(name: &str, text: &[u8]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = put(directory.path(), name, text);
    (directory, path)
}

/// Writes a file.
pub(crate) fn put(directory: &Path, name: &str, text: &[u8]) -> PathBuf {
    let path = directory.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::File::create(&path)
        .unwrap()
        .write_all(text)
        .unwrap();
    path
}

/// Answers as NDJSON.
pub(crate) fn ndjson(answers: &[Value]) -> Vec<u8> {
    answers
        .iter()
        .flat_map(|answer| format!("{answer}\n").into_bytes())
        .collect()
}

/// Audits one file.
pub(crate) fn audit(name: &str, text: &[u8]) -> Report {
    let (_directory, path) = recording(name, text);
    xtask::audit::audit(&spec(), &[path]).unwrap()
}

/// Runs the command.
pub(crate) fn command(arguments: &[&Path], more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("audit")
        .args(arguments)
        .args(more)
        .output()
        .unwrap()
}

/// A good item of every endpoint with every declared header, and a failed one
/// of every listed error: all that the spec says, and nothing else.
pub(crate) fn clean() -> Vec<Value> {
    let spec = spec();
    let api = Api::read(&spec);
    let header = |name: &str| match name {
        "sc-unit-system" => json!("metric"),
        "sc-request-id" => json!("b0f7a3d4-52c6-4e19-8a77-9d1e6c3f2b80"),
        "retry-after" => json!("120"),
        _ => json!("2026-03-14T09:26:53.000Z"),
    };
    let good = api.endpoints.iter().map(|endpoint| {
        let headers: Map<_, _> = endpoint
            .headers
            .iter()
            .map(|name| (name.clone(), header(name)))
            .collect();
        json!({"path": endpoint.path, "code": 200, "body": endpoint.example, "headers": headers})
    });
    let mut answers = vec![json!({"responses": good.collect::<Vec<_>>()})];
    answers.extend(api.errors.iter().map(|error| {
        let body = json!({
            "type": error.kind, "code": error.code, "statusCode": error.status,
            "description": "it failed", "docURL": null, "requestId": "b0f7a3d4",
            "resolution": error.resolution.as_ref().map(|kind| json!({"type": kind})),
            "suggestedUserMessage": "Please wait.", "detail": null,
        });
        let headers = json!({"Retry-After": 120});
        json!({"responses": [{"path": "/fuel", "code": error.status, "body": body, "headers": headers}]})
    }));
    answers
}
