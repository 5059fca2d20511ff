//! Hints on paths that are not in the spec.
//!
//! Invariant: known paths get no hint.

use smartcar_batch::model::nearest_path;
use smartcar_batch::model::v3::SignalInfo;
use smartcar_batch::{EndpointInfo, ItemError};

use crate::environment::Refusal;

/// The path of all signals.
const ALL_SIGNALS: &str = "/signals";

/// A hint on an unknown path; `None` for a known one.
fn hint(path: &str) -> Option<String> {
    let is_known = EndpointInfo::of(path).is_some() || SignalInfo::of_path(path).is_some();
    if is_known || path == ALL_SIGNALS {
        return None;
    }
    let what = if is_signal(path) { "signal" } else { "path" };
    Some(match nearest_path(path) {
        Some(near) => format!("{path} is not a known {what}: did you mean {near}?"),
        None => format!("{path} is not a known {what}: `smartcar endpoints` lists them"),
    })
}

/// A hint on the path of a failed item. A `NotAvailable` error already names the
/// nearest signal, so it gets none.
pub(crate) fn note(path: &str, error: &ItemError) -> Option<String> {
    let is_told = matches!(error, ItemError::NotAvailable(_)) && nearest_path(path).is_some();
    if is_told { None } else { hint(path) }
}

/// Appends the hints on the unknown paths to a text.
pub(crate) fn with_hints<'a>(text: String, paths: impl IntoIterator<Item = &'a String>) -> String {
    let hints = paths.into_iter().filter_map(|path| hint(path));
    hints.fold(text, |text, hint| format!("{text}; {hint}"))
}

/// Rejects unknown paths, because one fails the batch of every vehicle. Unknown signals
/// are accepted: they may be newer than the spec.
pub(crate) fn check(paths: &[String], allow_unknown: bool) -> Result<(), Refusal> {
    if allow_unknown {
        return Ok(());
    }
    let is_checked = |path: &&String| path.starts_with('/') && !is_signal(path);
    let mut hints = paths
        .iter()
        .filter(is_checked)
        .filter_map(|path| hint(path));
    hints.next().map_or(Ok(()), |message| {
        Err(Refusal {
            message,
            cure: Some("--allow-unknown-paths sends it anyway"),
        })
    })
}

/// Whether a path names a signal. A vehicle may have signals that are not in the spec.
pub(crate) fn is_signal(path: &str) -> bool {
    path.starts_with("/signals/")
}
