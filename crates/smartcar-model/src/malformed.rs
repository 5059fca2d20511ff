//! What could not be decoded and where, without any of the data.
//!
//! Invariant: no value from the response is included, only fixed texts and the
//! names of members.

use std::fmt;

use crate::text;

/// The reason for not reading a member that occurs twice.
pub(crate) const DUPLICATE: &str = "a duplicate member";

/// A response, or a part of it, that could not be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pointer: String,
    reason: String,
}

impl Malformed {
    pub(crate) fn new(pointer: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            reason: reason.into(),
        }
    }

    /// Converts serde's error at a path below a place.
    pub(crate) fn from_serde(
        place: &str,
        error: &serde_path_to_error::Error<serde_json::Error>,
    ) -> Self {
        let mut at = place.to_owned();
        for segment in error.path() {
            match segment {
                serde_path_to_error::Segment::Seq { index } => {
                    at.push_str(&format!("/{index}"));
                }
                serde_path_to_error::Segment::Map { key } => {
                    at.push('/');
                    at.push_str(&text::clean(key));
                }
                _ => {}
            }
        }
        Self::new(at, reason(error.inner()))
    }

    /// Converts a JSON error at a place.
    pub(crate) fn from_json(place: &str, error: &serde_json::Error) -> Self {
        Self::new(place, reason(error))
    }

    /// The location as a JSON pointer into the item, such as `/body/distance`.
    /// Empty for the whole item.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The reason without any value, such as `expected a number, found a string`.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            return f.write_str(&self.reason);
        }
        write!(f, "{}: {}", self.pointer, self.reason)
    }
}

impl std::error::Error for Malformed {}

/// serde's message without the value that it quotes. A message consists of fixed
/// words, the offending value and the expectation, which is this crate's own
/// text.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message
        .rfind(" at line ")
        .map_or(message.as_str(), |at| &message[..at]);
    if message == DUPLICATE {
        return message.to_owned();
    }
    for known in ["missing field `", "duplicate field `"] {
        if message.starts_with(known) {
            // The name of a member that one of this crate's types declares.
            return text::clean(message);
        }
    }
    if error.is_syntax() || error.is_eof() {
        // A syntax error does not quote a value.
        return text::clean(message);
    }
    let expected = message
        .rfind(", expected ")
        .map(|at| text::clean(&message[at + ", expected ".len()..]));
    let found = [
        ("invalid type: null", "null"),
        ("invalid type: unit", "null"),
        ("invalid type: boolean", "a boolean"),
        ("invalid type: integer", "an integer"),
        ("invalid type: floating point", "a number"),
        ("invalid type: string", "a string"),
        ("invalid type: sequence", "a list"),
        ("invalid type: map", "an object"),
        ("invalid value: integer", "an integer out of range"),
        (
            "invalid value: floating point",
            "a number that does not fit",
        ),
        ("invalid value: string", "a string that does not fit"),
    ]
    .iter()
    .find_map(|(start, found)| message.starts_with(start).then_some(*found));
    match (found, expected) {
        (Some(found), Some(expected)) => format!("expected {expected}, found {found}"),
        (Some(found), None) => format!("unexpected {found}"),
        (None, Some(expected)) => format!("expected {expected}"),
        (None, None) => "unexpected shape".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why<T: serde::de::DeserializeOwned + std::fmt::Debug>(json: &str) -> String {
        reason(&serde_json::from_str::<T>(json).expect_err("must not fit"))
    }

    #[test]
    fn no_value_is_quoted() {
        assert_eq!(
            why::<f64>(r#""KNAC381AZP5000042""#),
            "expected f64, found a string"
        );
        assert_eq!(
            why::<f64>(r#""x, expected y at line 1""#),
            "expected f64, found a string"
        );
        assert_eq!(why::<bool>("52.5163"), "expected a boolean, found a number");
        assert_eq!(
            why::<u8>("-3"),
            "expected u8, found an integer out of range"
        );
        assert_eq!(why::<f64>("1e400"), "number out of range");
        assert_eq!(why::<String>("[1]"), "expected a string, found a list");
    }
}
