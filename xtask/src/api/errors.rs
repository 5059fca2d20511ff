//! The catalogue of API errors (`x-smartcar-errors`).
//!
//! Invariant: one row for each pair of type and code, in the order of the file.

use super::document::{components, prose};
use crate::source::Node;

/// A row of the error catalogue.
#[derive(Debug, Clone)]
pub struct ErrorEntry {
    /// `type`.
    pub kind: String,
    /// `code`.
    pub code: Option<String>,
    /// HTTP status.
    pub status: u16,
    /// `resolution.type`.
    pub resolution: Option<String>,
    /// `auto`, `wait`, `later` or `no`.
    pub retry: String,
    /// The meaning.
    pub description: String,
}

/// Every row.
pub(super) fn read(root: &Node) -> Vec<ErrorEntry> {
    let error = components(root).iter().find(|(key, _)| key.text == "Error");
    let rows = error.and_then(|(_, error)| error.get("x-smartcar-errors"));
    let rows = rows.map_or(&[][..], Node::elements).iter();
    rows.filter_map(entry).collect()
}

fn entry(row: &Node) -> Option<ErrorEntry> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the lint allows only 100 to 599"
    )]
    let status = row.number("status")? as u16;
    Some(ErrorEntry {
        kind: row.text("type")?.to_owned(),
        code: row.text("code").map(str::to_owned),
        status,
        resolution: row.text("resolution").map(str::to_owned),
        retry: row.text("retry")?.to_owned(),
        description: prose(row, "description"),
    })
}
