//! Escapes text from a server or a user before it reaches a terminal.
//!
//! Invariant: printed text has no characters that move the cursor or hide other
//! text.

use std::fmt::Write;

use serde::Serialize;
use serde_json::value::RawValue;

/// Escapes control and direction characters.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_unsafe(letter) {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(letter));
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Compacts JSON to one line with the same numbers and strings. Whitespace between
/// tokens is removed, and characters unsafe for a terminal are escaped.
pub(crate) fn compact(json: &str) -> String {
    let mut compact = String::with_capacity(json.len());
    let mut in_string = false;
    let mut escaped = false;
    for letter in json.chars() {
        if !in_string {
            in_string = letter == '"';
            if !letter.is_ascii_whitespace() {
                compact.push(letter);
            }
            continue;
        }
        in_string = escaped || letter != '"';
        escaped = !escaped && letter == '\\';
        if is_unsafe(letter) {
            // All of these characters fit in four hex digits.
            let _ = write!(compact, "\\u{:04x}", u32::from(letter));
        } else {
            compact.push(letter);
        }
    }
    compact
}

/// A compacted raw body.
pub(crate) fn compact_raw(raw: &RawValue) -> Box<RawValue> {
    RawValue::from_string(compact(raw.get())).unwrap_or_else(|_| raw.to_owned())
}

/// An object as one line of JSON that is safe for a terminal.
pub(crate) fn line(object: &impl Serialize) -> String {
    // These structs have string keys and serialise without errors.
    let json = serde_json::to_string(object).unwrap_or_else(|_| "null".to_owned());
    compact(&json)
}

/// `1 vehicle`, `2 vehicles`.
pub(crate) fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// Control characters, direction marks and overrides, zero-width characters,
/// line separators.
fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_but_text() {
        assert_eq!(
            shown("a\u{1b}[31m\u{202e}é\n"),
            r"a\u{1b}[31m\u{202e}é\u{a}"
        );
    }

    #[test]
    fn compact_json_says_the_same() {
        let json =
            "{ \"a b\" : [ 1.50,\n\t\"x \\\" \\\\\" , \"\u{9b}31m\u{202e}é\" ] , \"n\":1e400 }";
        let compact = compact(json);
        assert_eq!(
            compact,
            r#"{"a b":[1.50,"x \" \\","\u009b31m\u202eé"],"n":1e400}"#
        );
        let a = "[\"x \\\" \\\\\" , \"\u{9b}31m\"]";
        let same: serde_json::Value = serde_json::from_str(&super::compact(a)).unwrap();
        assert_eq!(same, serde_json::from_str::<serde_json::Value>(a).unwrap());
    }

    #[test]
    fn a_thing_and_more() {
        assert_eq!(
            [0, 1, 2].map(|n| count(n, "path")),
            ["0 paths", "1 path", "2 paths"]
        );
    }
}
