//! Text that the server wrote, before it reaches an error or a log.
//!
//! Invariant: bounded, and without characters that move a terminal's cursor or
//! hide other text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};

/// Longest server text that is kept, in characters.
const LIMIT: usize = 300;

/// Bounds a text and strips control and direction characters.
pub(crate) fn clean(text: &str) -> String {
    // Nearly every text is short and printable, and is copied in one piece.
    if text.len() <= LIMIT && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut kept: String = text
        .chars()
        .filter(|letter| !letter.is_control() && !is_invisible(*letter))
        .take(LIMIT + 1)
        .collect();
    if let Some((at, _)) = kept.char_indices().nth(LIMIT) {
        kept.truncate(at);
        kept.push('…');
    }
    kept
}

/// Direction marks and overrides, zero-width characters, line separators, soft
/// hyphens, annotations and tags.
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// A string that is borrowed where it has no escapes.
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowed;
        impl<'de> Visitor<'de> for Borrowed {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_what_moves_a_terminal_and_bounds_the_rest() {
        assert_eq!(clean("a\u{1b}[31mb\r\nc\u{202e}d"), "a[31mbcd");
        let long = clean(&"é".repeat(1_000));
        assert_eq!(long.chars().count(), LIMIT + 1);
        assert!(long.ends_with('…'));
        let longest = "a".repeat(LIMIT);
        assert_eq!(clean(&longest), longest);
        assert_eq!(clean(&(longest.clone() + "b")), longest + "…");
        for kept in ["", " ~", "é"] {
            assert_eq!(clean(kept), kept);
        }
        assert_eq!(clean("\u{7f}"), "");
    }
}
