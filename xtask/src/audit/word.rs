//! Decides which text of a recording may be shown: names, never values.
//!
//! Invariant: text of a recording reaches a report only through [`Word`], which is
//! used only for names and enum values.

use std::collections::BTreeSet;
use std::fmt;

/// Maximum length of a shown word.
const LONGEST: usize = 40;
/// The length of a VIN. Words of this length are never shown.
const VIN: usize = 17;
/// With this many digits, a word could be part of an ID, coordinate or phone number.
const DIGITS: usize = 4;
/// Longer lengths are not shown exactly.
const LENGTHS: usize = 100;
/// More segments than any path of the API.
const SEGMENTS: usize = 6;

/// A name or an enum value of a recording, hidden if it must not be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// May be shown.
    Shown(String),
    /// Only its length may be shown.
    Hidden(usize),
}

impl Word {
    /// Applies the rule of the module [`audit`](super). Words of the spec are always
    /// shown.
    pub fn new(text: &str, spec: &BTreeSet<String>) -> Self {
        if spec.contains(text) || is_name(text) {
            return Self::Shown(text.to_owned());
        }
        Self::Hidden(text.chars().take(LENGTHS).count())
    }

    /// The word, if it may be shown.
    pub fn shown(&self) -> Option<&str> {
        match self {
            Self::Shown(text) => Some(text),
            Self::Hidden(_) => None,
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shown(text) => write!(f, "`{text}`"),
            Self::Hidden(LENGTHS) => write!(f, "(string of {LENGTHS} or more)"),
            Self::Hidden(length) => write!(f, "(string of {length})"),
        }
    }
}

/// Whether a text looks like a name, by the rule of the module [`audit`](super).
pub fn is_name(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let odd = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '-';
    let first = |letter: char| letter.is_ascii_alphabetic();
    let short = text.len() <= LONGEST && text.len() != VIN && digits <= DIGITS;
    short && text.starts_with(first) && !text.contains(odd)
}

/// A batch path without its query, if every segment may be shown.
pub fn path(text: &str, spec: &BTreeSet<String>) -> Option<String> {
    let base = text.split('?').next()?;
    let query = if base == text { "" } else { "?…" };
    let mut segments = base.strip_prefix('/')?.split('/');
    let good = segments.clone().count() <= SEGMENTS
        && segments.all(|segment| Word::new(segment, spec).shown().is_some());
    good.then(|| format!("{base}{query}"))
}
