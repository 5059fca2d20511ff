//! What of a recording may be shown: words that look like names, never values.
//!
//! Invariant: every text of a recording that reaches a report went through
//! [`Word`], and only names and values of enums are ever given to it.

use std::collections::BTreeSet;
use std::fmt;

/// Longest word that is shown.
const LONGEST: usize = 40;
/// A VIN's length: nothing that long is shown, whatever it looks like.
const VIN: usize = 17;
/// More digits than a name has: part of an id, a coordinate or a telephone number.
const DIGITS: usize = 4;
/// Beyond this a length says nothing, and each length costs an entry.
const LENGTHS: usize = 100;

/// A name or an enum's value of a recording, as far as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// It can be shown.
    Token(String),
    /// Only its length can be shown.
    Hidden(usize),
    /// So many others stand at this place that no more are told apart.
    Further,
}

impl Word {
    /// Decides by the rule of the module [`audit`](super); `spec` are the
    /// words of the spec itself, which give nothing away.
    pub fn new(text: &str, spec: &BTreeSet<&str>) -> Self {
        if spec.contains(text) || is_token(text) {
            return Self::Token(text.to_owned());
        }
        Self::Hidden(text.chars().take(LENGTHS).count())
    }

    /// The word, if it can be shown.
    pub fn token(&self) -> Option<&str> {
        match self {
            Self::Token(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(text) => write!(f, "`{text}`"),
            Self::Hidden(LENGTHS) => write!(f, "(string of {LENGTHS} or more)"),
            Self::Hidden(length) => write!(f, "(string of {length})"),
            Self::Further => f.write_str("(further ones)"),
        }
    }
}

/// Whether a text looks like a name: see the rule of the module [`audit`](super).
pub fn is_token(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() <= LONGEST
        && text.len() != VIN
        && digits <= DIGITS
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// A batch path as it may be shown, if each segment may.
pub fn path(text: &str, spec: &BTreeSet<&str>) -> Option<String> {
    let (base, query) = text
        .split_once('?')
        .map_or((text, ""), |(base, _)| (base, "?…"));
    let rest = base.strip_prefix('/')?;
    // Six segments are more than any path of the API has.
    let good = rest.split('/').count() <= 6
        && rest
            .split('/')
            .all(|segment| spec.contains(segment) || is_token(segment));
    good.then(|| format!("{base}{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown() {
        for text in [
            "TRICKLE",
            "read_engine_oil",
            "sc-data-age",
            "LEVEL_2",
            "batteryTemperature",
        ] {
            assert!(is_token(text), "{text}");
        }
    }

    #[test]
    fn values_are_not() {
        for text in [
            "",
            "52.5163",
            "-13.3777",
            "12345",
            "KNAC381AZP5000042",
            "ada@example.org",
            "1 High Street",
            "3f1c9a52-6d0e-4b8f-9c37-5e2a7d40b611",
            "2026-03-14",
            "NOTAVINBUTASLONGX",
            "A12345",
            "Straße",
            "+49301234567",
            "a.b",
            "<invalid>",
        ] {
            assert!(!is_token(text), "{text}");
        }
        assert!(!is_token(&"A".repeat(41)));
    }

    #[test]
    fn a_word_of_the_spec_is_shown_whatever_its_length() {
        let spec = BTreeSet::from(["ACCOUNT_SUSPENDED"]);
        assert_eq!(
            Word::new("ACCOUNT_SUSPENDED", &spec).token(),
            Some("ACCOUNT_SUSPENDED")
        );
        assert_eq!(
            Word::new("KNAC381AZP5000042", &spec).to_string(),
            "(string of 17)"
        );
        assert_eq!(
            Word::new(&"?".repeat(5000), &spec).to_string(),
            "(string of 100 or more)"
        );
    }

    #[test]
    fn paths_are_judged_by_segment() {
        let spec = BTreeSet::new();
        assert_eq!(path("/tesla/hatch", &spec).as_deref(), Some("/tesla/hatch"));
        assert_eq!(
            path("/permissions?limit=2", &spec).as_deref(),
            Some("/permissions?…")
        );
        for text in [
            "odometer",
            "/vehicles/3f1c9a52-6d0e-4b8f-9c37-5e2a7d40b611",
            "//",
            "/a/b/c/d/e/f/g",
        ] {
            assert_eq!(path(text, &spec), None, "{text}");
        }
    }
}
