//! A valid path of a batch.
//!
//! Invariant: a path that would make the API reject the whole batch is rejected
//! before anything is sent.

use std::fmt;

use crate::path_rule::{Fault, fault};
use crate::response::{Error, ErrorKind};

/// The path of an endpoint in a batch: its URL without `/vehicles/{id}`. `/` is
/// the vehicle itself.
///
/// ```
/// use smartcar_model::BatchPath;
///
/// assert!(BatchPath::new("/tesla/speedometer").is_ok());
/// assert!(BatchPath::new("odometer").is_err());
/// assert!(BatchPath::new("/permissions?limit=5").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchPath(Box<str>);

impl BatchPath {
    /// Checks a path, which must begin with a slash.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] if the path is longer than 256
    /// bytes, has a query, contains an empty segment or one made of dots, or is
    /// `/batch`.
    pub fn new(path: impl Into<String>) -> Result<Self, Error> {
        let path: String = path.into();
        let Some(fault) = fault(&path) else {
            return Ok(Self(path.into()));
        };
        let shown: String = path.chars().take(60).collect();
        let why = match fault {
            Fault::Letter(at) => {
                let letter = path[at..].chars().next().unwrap_or_default();
                format!("has the character {letter:?}: write it as the API's documentation does")
            }
            other => other.text().trim_start_matches("the path ").to_owned(),
        };
        Err(Error::new(
            ErrorKind::InvalidRequest,
            format!("the path {shown:?} {why}"),
        ))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for BatchPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for BatchPath {
    type Err = Error;

    fn from_str(path: &str) -> Result<Self, Error> {
        Self::new(path)
    }
}

#[cfg(test)]
mod tests {
    use super::{BatchPath, fault};

    #[test]
    fn the_rule_takes_what_a_url_can_carry_and_nothing_else() {
        for good in [
            "/",
            "/odometer",
            "/tesla/charge",
            "/batch/x",
            "/a.b",
            "/..a",
            "/...",
            "/~x",
            "/a-b_c",
            "/a:b@c",
        ] {
            assert!(fault(good).is_none(), "{good}");
        }
        for (bad, why) in [
            ("", "slash"),
            ("odometer", "slash"),
            (" /odometer", "slash"),
            ("/odometer ", "' '"),
            ("/a?b=1", "query"),
            ("/é?b=1", "query"),
            ("/a#b", "'#'"),
            ("/a%2e", "'%'"),
            ("//", "segment"),
            ("/a/", "segment"),
            ("/a//b", "segment"),
            ("/./a", "segment"),
            ("/.", "segment"),
            ("/a/..", "segment"),
            ("/aé", "'é'"),
            ("/a\tb", "'\\t'"),
            ("/batch", "batch"),
        ] {
            let error = BatchPath::new(bad).unwrap_err().to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
        for letter in (0..128_u8).map(char::from) {
            let plain = letter.is_ascii_graphic() && !"\\%\"<>^`{|}#?/".contains(letter);
            assert_eq!(fault(&format!("/a{letter}")).is_none(), plain, "{letter:?}");
        }
        for (length, good) in [(255, true), (256, true), (257, false)] {
            let path = format!("/{}", "a".repeat(length - 1));
            assert_eq!(fault(&path).is_none(), good, "{length}");
        }
    }
}
