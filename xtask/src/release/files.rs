//! The files that a release writes.
//!
//! Invariant: a file that is not there is not an error, one that cannot be read is.

use std::path::Path;

use anyhow::{Context, Result};

use super::snapshot::Snapshot;

/// The file with the snapshot of the last release.
pub const LOCK: &str = "spec/api.lock.json";
/// The changelog.
pub const CHANGELOG: &str = "CHANGELOG.md";

/// The API of the last release; `None` before the first.
pub fn last_release(root: &Path) -> Result<Option<Snapshot>> {
    let lock = read_if_there(&root.join(LOCK))?;
    lock.map(|text| serde_json::from_str(&text))
        .transpose()
        .with_context(|| {
            format!("{LOCK} is not a file written by `regen --release`: restore it from git")
        })
}

/// A file's text; `None` if there is none.
pub fn read_if_there(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("failed to read {}", path.display())),
    }
}
