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
/// Beyond this a length says nothing.
const LENGTHS: usize = 100;
/// More segments than any path of the API has.
const SEGMENTS: usize = 6;

/// A name or an enum's value of a recording, as far as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// It can be shown.
    Shown(String),
    /// Only its length can be shown.
    Hidden(usize),
}

impl Word {
    /// Decides by the rule of the module [`audit`](super); the words of the
    /// spec itself give nothing away.
    pub fn new(text: &str, spec: &BTreeSet<String>) -> Self {
        if spec.contains(text) || is_name(text) {
            return Self::Shown(text.to_owned());
        }
        Self::Hidden(text.chars().take(LENGTHS).count())
    }

    /// The word, if it can be shown.
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

/// Whether a text looks like a name: see the rule of the module [`audit`](super).
pub fn is_name(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let odd = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '-';
    let first = |letter: char| letter.is_ascii_alphabetic();
    let short = text.len() <= LONGEST && text.len() != VIN && digits <= DIGITS;
    short && text.starts_with(first) && !text.contains(odd)
}

/// A batch path as it may be shown, if each segment may.
pub fn path(text: &str, spec: &BTreeSet<String>) -> Option<String> {
    let base = text.split('?').next()?;
    let query = if base == text { "" } else { "?…" };
    let mut segments = base.strip_prefix('/')?.split('/');
    let good = segments.clone().count() <= SEGMENTS
        && segments.all(|segment| Word::new(segment, spec).shown().is_some());
    good.then(|| format!("{base}{query}"))
}
