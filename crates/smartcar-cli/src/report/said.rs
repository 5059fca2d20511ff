//! The facts of an error, read from its JSON.
//!
//! Invariant: everything comes from the JSON, except hints on unknown paths.

use serde::Deserialize;
use serde_json::Value;
use smartcar_batch::{Error, ItemError};

use crate::unknown;

/// The facts of an error that tables and CSV show.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Said {
    pub(crate) kind: String,
    #[serde(rename = "type")]
    pub(crate) error_type: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) description: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after_seconds: Option<u64>,
    detail: Option<Value>,
}

impl Said {
    /// From an item's error, with a hint if the path is unknown.
    pub(crate) fn of_item(path: &str, error: &ItemError) -> Self {
        let mut said = Self::read(serde_json::to_value(error));
        if let Some(hint) = unknown::note(path, error) {
            let words = said.description.map(|words| words + "; ");
            said.description = Some(words.unwrap_or_default() + &hint);
        }
        said
    }

    /// From the error of a whole batch.
    pub(crate) fn of_batch(error: &Error) -> Self {
        Self::read(serde_json::to_value(error).map(|mut object| object["error"].take()))
    }

    fn read(json: serde_json::Result<Value>) -> Self {
        let said = json.and_then(serde_json::from_value);
        said.expect("the library writes these members")
    }

    /// Status, type and code, such as `429 RATE_LIMIT VEHICLE`; empty unless it is an API error.
    pub(crate) fn head(&self) -> String {
        let status = self.status.map(|status| status.to_string());
        let parts = [&status, &self.error_type, &self.code];
        let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
        parts.join(" ")
    }

    /// The API's detail on one line, such as `requests/1/path: is not a path; …`.
    pub(crate) fn detail(&self) -> Option<String> {
        let detail = match self.detail.as_ref()? {
            Value::Array(list) => join(list, "; "),
            other => plain(other),
        };
        Some(detail).filter(|detail| !detail.is_empty())
    }
}

/// A value without JSON punctuation. The steps of a path are joined with slashes.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(steps) => join(steps, "/"),
        Value::Object(members) => join(members.values(), ": "),
        other => other.to_string(),
    }
}

fn join<'a>(values: impl IntoIterator<Item = &'a Value>, separator: &str) -> String {
    let parts: Vec<_> = values
        .into_iter()
        .map(plain)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_one_line() {
        let detail = serde_json::json!([
            {"field": ["requests", 1, "path"], "message": "unknown path", "more": null},
            "and so on"
        ]);
        let said = Said {
            detail: Some(detail),
            ..Said::default()
        };
        let line = "requests/1/path: unknown path; and so on";
        assert_eq!(said.detail().as_deref(), Some(line));
    }
}
