//! What values look like: which types were seen, never which values.
//!
//! Invariant: bounded. A shape's size depends on the caps of this module, not
//! on how much was recorded.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::token::Word;

/// Deeper levels are not looked at.
const DEPTH: usize = 6;
/// Most members of one object that are told apart.
const MEMBERS: usize = 64;

/// The type of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction.
    Integer,
    /// A number with one.
    Number,
    /// A number in a string.
    NumericText,
    /// The text `<invalid>`.
    Invalid,
    /// A date with time and offset.
    DateTime,
    /// A date without time.
    Date,
    /// Any other string.
    Text,
    /// A list.
    List,
    /// An object.
    Object,
}

impl Seen {
    /// The type of a value.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.as_f64().is_some_and(|n| n.fract() == 0.0) => {
                Self::Integer
            }
            Value::Number(_) => Self::Number,
            Value::String(text) if text == "<invalid>" => Self::Invalid,
            Value::String(text) if number(text).is_some() => Self::NumericText,
            Value::String(text) if is_date_time(text) => Self::DateTime,
            Value::String(text) if is_date(text) => Self::Date,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Object,
        }
    }

    /// The type in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::NumericText => "number in a string",
            Self::Invalid => "string `<invalid>`",
            Self::DateTime => "string with a date-time",
            Self::Date => "string with a date",
            Self::Text => "string",
            Self::List => "array",
            Self::Object => "object",
        }
    }
}

/// A finite number in a text.
pub fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|n: &f64| n.is_finite())
}

/// Whether a text is `YYYY-MM-DD`.
pub fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && digits(bytes, 0..4, 0..=9999)
        && digits(bytes, 5..7, 1..=12)
        && digits(bytes, 8..10, 1..=31)
}

/// Whether a text is a date-time of RFC 3339, the format's definition.
pub fn is_date_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let clock = bytes.len() >= 20
        && text.get(..10).is_some_and(is_date)
        && bytes[10].eq_ignore_ascii_case(&b'T')
        && bytes[13] == b':'
        && bytes[16] == b':'
        && digits(bytes, 11..13, 0..=23)
        && digits(bytes, 14..16, 0..=59)
        && digits(bytes, 17..19, 0..=60);
    let mut rest = if clock { &bytes[19..] } else { return false };
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    match rest {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', offset @ ..] => {
            offset.len() == 5
                && offset[2] == b':'
                && digits(offset, 0..2, 0..=23)
                && digits(offset, 3..5, 0..=59)
        }
        _ => false,
    }
}

fn digits(bytes: &[u8], at: std::ops::Range<usize>, within: std::ops::RangeInclusive<u32>) -> bool {
    let mut value = 0;
    for byte in &bytes[at] {
        if !byte.is_ascii_digit() {
            return false;
        }
        value = value * 10 + u32::from(byte - b'0');
    }
    within.contains(&value)
}

/// Everything that was seen at one place.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// The types.
    pub seen: BTreeSet<Seen>,
    /// What the lists held.
    pub elements: Option<Box<Shape>>,
    /// What the objects held, under the names that may be shown.
    pub members: BTreeMap<String, Shape>,
    /// Whether an object had a name that may not be shown, or too many names.
    pub unnamed: bool,
}

impl Shape {
    /// Adds a value.
    pub fn add(&mut self, value: &Value, words: &BTreeSet<&str>) {
        self.add_at(value, words, DEPTH);
    }

    fn add_at(&mut self, value: &Value, words: &BTreeSet<&str>, depth: usize) {
        self.seen.insert(Seen::of(value));
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        match value {
            Value::Array(list) => {
                let elements = self.elements.get_or_insert_default();
                for element in list {
                    elements.add_at(element, words, depth);
                }
            }
            Value::Object(map) => {
                for (name, value) in map {
                    let room = self.members.len() < MEMBERS || self.members.contains_key(name);
                    match Word::new(name, words) {
                        Word::Token(name) if room => {
                            self.members
                                .entry(name)
                                .or_default()
                                .add_at(value, words, depth);
                        }
                        _ => self.unnamed = true,
                    }
                }
            }
            _ => {}
        }
    }

    /// The types in words.
    pub fn describe(&self) -> String {
        let names: Vec<_> = self.seen.iter().map(|seen| seen.name()).collect();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_other_text() {
        for text in [
            "2026-03-14T09:26:53Z",
            "2026-03-14T09:26:53.000Z",
            "2026-03-14t09:26:53.1+01:00",
        ] {
            assert!(is_date_time(text), "{text}");
        }
        for text in [
            "2026-03-14",
            "2026-03-14T09:26:53",
            "2026-03-14T09:26Z",
            "2026-13-14T09:26:53Z",
            "2026-03-14T09:26:53.Z",
            "2026-03-14T09:26:53+1",
            "äääääääääääää",
            "",
        ] {
            assert!(!is_date_time(text), "{text}");
        }
        assert!(is_date("2026-03-14") && !is_date("2026-00-14") && !is_date("ääääää"));
    }
}
