//! Paths that the description does not know.
//!
//! Invariant: a known path is never the subject of a hint.

use smartcar_batch::model::nearest_path;
use smartcar_batch::model::v3::SignalInfo;
use smartcar_batch::{EndpointInfo, ItemError};

/// What an unknown path may mean, in words; `None` for a known one.
pub(crate) fn hint(path: &str) -> Option<String> {
    if EndpointInfo::of(path).is_some() || SignalInfo::of_path(path).is_some() {
        return None;
    }
    let what = if is_signal(path) { "signal" } else { "path" };
    Some(match nearest_path(path) {
        Some(near) => format!("{path} is not a known {what}: did you mean {near}?"),
        None => format!("{path} is not a known {what}: `smartcar endpoints` lists them"),
    })
}

/// The same where an item failed. An error about the store names the nearest signal
/// itself.
pub(crate) fn note(path: &str, error: &ItemError) -> Option<String> {
    let is_told = matches!(error, ItemError::NotAvailable(_)) && nearest_path(path).is_some();
    if is_told { None } else { hint(path) }
}

/// A text and the hints on those of the paths that are unknown.
pub(crate) fn with_hints<'a>(text: String, paths: impl IntoIterator<Item = &'a String>) -> String {
    let hints = paths.into_iter().filter_map(|path| hint(path));
    hints.fold(text, |text, hint| format!("{text}; {hint}"))
}

/// Whether a path names a signal: the vehicle may have one that nobody listed.
pub(crate) fn is_signal(path: &str) -> bool {
    path.starts_with("/signals/")
}
