//! Replays the fuzz targets' corpus and all inputs that once made a target fail.
//!
//! Invariant: the checks are those of the fuzz targets, so `cargo test` fails on
//! everything that fuzzing has found.
//!
//! It is a separate test binary, because the published package leaves it out: the
//! corpus is only in the repository.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

use std::path::{Path, PathBuf};

#[path = "../../../tests/fuzz/checks.rs"]
mod checks;

/// Each file of a target's corpus and regressions, with its bytes.
fn inputs(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz");
    let mut inputs = Vec::new();
    for kind in ["corpus", "regressions"] {
        let folder = fuzz.join(kind).join(target);
        for entry in folder.read_dir().into_iter().flatten() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            inputs.push((path, bytes));
        }
    }
    inputs
}

fn replay(target: &str, check: fn(&[u8])) {
    let inputs = inputs(target);
    assert!(inputs.len() >= 20, "the corpus of {target} is gone");
    for (path, bytes) in inputs {
        // Only shown if the check fails. The last file shown is then the cause.
        println!("{}", path.display());
        check(&bytes);
    }
}

#[test]
fn decode() {
    replay("decode", checks::decode);
}

#[test]
fn delivery() {
    replay("delivery", checks::delivery);
}

#[test]
fn headers() {
    replay("headers", checks::headers);
}

#[test]
fn signals() {
    replay("signals", checks::signals);
}
