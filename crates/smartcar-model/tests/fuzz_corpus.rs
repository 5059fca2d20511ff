//! Replays the fuzz targets' corpus, and every input that ever broke one.
//!
//! Invariant: the checks are the fuzz targets' own, so that `cargo test` fails
//! on whatever fuzzing once found.
//!
//! A binary of its own, because the published package leaves it out: its corpus
//! is in the repository only.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

use std::path::{Path, PathBuf};

#[path = "../../../tests/fuzz/checks.rs"]
mod checks;

/// Each file of a target's corpus and regressions with its bytes.
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
        // Shown only if the check fails, and then the last one is the culprit.
        println!("{}", path.display());
        check(&bytes);
    }
}

#[test]
fn decode() {
    replay("decode", checks::decode);
}

#[test]
fn headers() {
    replay("headers", checks::headers);
}

#[test]
fn signals() {
    replay("signals", checks::signals);
}
