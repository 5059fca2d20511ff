//! JSON text, split into its values without decoding them.
//!
//! Invariant: what is passed over is JSON, by the rules of serde_json's reader of
//! ignored values: grammar and escapes are checked, and nesting has no limit.

/// A position in a text. After a `None` the text is not JSON, or not in the form
/// that was asked for, and the position is meaningless.
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// The ends of the lists and objects that are open.
    open: Vec<u8>,
}

/// The name of a member, without its quotes.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a> {
    /// Its JSON text.
    pub(crate) text: &'a str,
    /// Whether the text has escapes.
    pub(crate) has_escapes: bool,
}

impl<'a> Lexer<'a> {
    /// At the start of a text.
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::new(),
        }
    }

    /// The next byte that is not white space. `None` at the end.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        self.at = space(self.text.as_bytes(), self.at);
        self.text.as_bytes().get(self.at).copied()
    }

    /// Whether nothing but white space follows.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Calls back with the name of each member of an object. The callback passes
    /// the value.
    pub(crate) fn members(
        &mut self,
        mut member: impl FnMut(Key<'a>, &mut Self) -> Option<()>,
    ) -> Option<()> {
        let bytes = self.text.as_bytes();
        let Some(at) = opened(bytes, self.at, b'{', b'}')? else {
            self.at = closed(bytes, self.at)?;
            return Some(());
        };
        self.at = at;
        loop {
            let start = self.at;
            let (end, has_escapes) = string(bytes, start)?;
            self.at = colon(bytes, end)?;
            let text = self.text.get(start + 1..end - 1)?;
            member(Key { text, has_escapes }, self)?;
            let at = space(bytes, self.at);
            self.at = at + 1;
            match bytes.get(at)? {
                b',' => self.at = space(bytes, at + 1),
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// Calls back at each element of a list. The callback passes it.
    pub(crate) fn elements(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        let bytes = self.text.as_bytes();
        let Some(at) = opened(bytes, self.at, b'[', b']')? else {
            self.at = closed(bytes, self.at)?;
            return Some(());
        };
        self.at = at;
        loop {
            element(self)?;
            let at = space(bytes, self.at);
            self.at = at + 1;
            match bytes.get(at)? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    /// The text of a whole value.
    pub(crate) fn value(&mut self) -> Option<&'a str> {
        let start = space(self.text.as_bytes(), self.at);
        self.at = self.pass(start)?;
        self.text.get(start..self.at)
    }

    /// Where a value ends.
    fn pass(&mut self, mut at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        self.open.clear();
        loop {
            at = match bytes.get(at)? {
                b'"' => string(bytes, at)?.0,
                first @ (b'{' | b'[') => {
                    let end = if *first == b'{' { b'}' } else { b']' };
                    at = space(bytes, at + 1);
                    if *bytes.get(at)? == end {
                        at + 1
                    } else {
                        self.open.push(end);
                        if end == b'}' {
                            at = key(bytes, at)?;
                        }
                        continue;
                    }
                }
                b'-' | b'0'..=b'9' => number(bytes, at)?,
                b'n' => word(bytes, at, b"null")?,
                b't' => word(bytes, at, b"true")?,
                b'f' => word(bytes, at, b"false")?,
                _ => return None,
            };
            // What was opened ends, or goes on with another value.
            loop {
                let Some(end) = self.open.last().copied() else {
                    return Some(at);
                };
                at = space(bytes, at);
                let next = *bytes.get(at)?;
                at += 1;
                if next == b',' {
                    at = space(bytes, at);
                    if end == b'}' {
                        at = key(bytes, at)?;
                    }
                    break;
                }
                if next != end {
                    return None;
                }
                self.open.pop();
            }
        }
    }
}

/// After white space.
#[inline]
fn space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\t' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

/// The first member or element of an object or list; `Some(None)` if it is empty.
fn opened(bytes: &[u8], at: usize, first: u8, end: u8) -> Option<Option<usize>> {
    let at = space(bytes, at);
    if *bytes.get(at)? != first {
        return None;
    }
    let at = space(bytes, at + 1);
    Some((*bytes.get(at)? != end).then_some(at))
}

/// After an empty object or list.
fn closed(bytes: &[u8], at: usize) -> Option<usize> {
    let at = space(bytes, space(bytes, at) + 1) + 1;
    (at <= bytes.len()).then_some(at)
}

/// From a member's name to its value.
#[inline]
fn key(bytes: &[u8], at: usize) -> Option<usize> {
    let (end, _) = string(bytes, at)?;
    Some(space(bytes, colon(bytes, end)?))
}

/// After a colon.
#[inline]
fn colon(bytes: &[u8], at: usize) -> Option<usize> {
    let at = space(bytes, at);
    (*bytes.get(at)? == b':').then_some(at + 1)
}

/// From the opening quote to after the closing one, and whether there are escapes
/// between.
fn string(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    if *bytes.get(at)? != b'"' {
        return None;
    }
    let mut at = at + 1;
    let mut has_escapes = false;
    loop {
        while let Some(eight) = bytes.get(at..)?.first_chunk() {
            let special = special(u64::from_le_bytes(*eight));
            at += special;
            if special < 8 {
                break;
            }
        }
        match bytes.get(at)? {
            b'"' => return Some((at + 1, has_escapes)),
            b'\\' => {
                has_escapes = true;
                at = escape(bytes, at)?;
            }
            0..=0x1f => return None,
            _ => at += 1,
        }
    }
}

fn escape(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at + 1..)?;
    match rest.first()? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 2),
        b'u' => {
            let digits = rest.get(1..5)?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(at + 6)
        }
        _ => None,
    }
}

fn word(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let rest = bytes.get(at..)?;
    rest.starts_with(word).then_some(at + word.len())
}

fn number(bytes: &[u8], mut at: usize) -> Option<usize> {
    let is = |at: usize, wanted: u8| bytes.get(at) == Some(&wanted);
    at += usize::from(is(at, b'-'));
    let integer = digits(bytes, at)?;
    if integer - at > 1 && is(at, b'0') {
        return None;
    }
    at = integer;
    if is(at, b'.') {
        at = digits(bytes, at + 1)?;
    }
    if is(at, b'e') || is(at, b'E') {
        at += 1;
        at += usize::from(is(at, b'+') || is(at, b'-'));
        at = digits(bytes, at)?;
    }
    Some(at)
}

/// After digits, at least one.
fn digits(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    (at > start).then_some(at)
}

/// The position of the first quote, backslash or control character in eight bytes
/// of a text, the first byte being the lowest. Eight if there is none.
#[inline]
fn special(eight: u64) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let quote = (eight ^ (ONES * 0x22)).wrapping_sub(ONES);
    let backslash = (eight ^ (ONES * 0x5c)).wrapping_sub(ONES);
    let control = eight.wrapping_sub(ONES * 0x20);
    // A byte that is none of them can have its highest bit set here, by a borrow,
    // but only above one that is.
    let found = (quote | backslash | control) & !eight & (ONES * 0x80);
    (found.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    fn passes(text: &str) -> bool {
        let mut lexer = Lexer::new(text);
        lexer.value().is_some() && lexer.is_at_end()
    }

    fn agrees(text: &str) {
        let raw = serde_json::from_str::<&RawValue>(text);
        assert_eq!(passes(text), raw.is_ok(), "{text}");
        if let Ok(raw) = raw {
            assert_eq!(Lexer::new(text).value(), Some(raw.get()));
        }
    }

    #[test]
    fn passes_what_serde_json_passes() {
        for text in [
            "null",
            "nul",
            "nulll",
            "true",
            "truE",
            "false",
            "0",
            "-0",
            "00",
            "01",
            "-",
            "1.",
            ".5",
            "1.5",
            "1e",
            "1e5",
            "1E+05",
            "1e-",
            "-1.0e-10",
            "1e400",
            "+1",
            "\"\"",
            "\"a",
            "\"\\",
            "\"\\\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\ud800\"",
            "\"\\u12g4\"",
            "\"tab\there\"",
            "\"a long text with é and \u{1f600}\"",
            "\"0123456\\\"89\"",
            "\"\u{7f}\"",
            "\"\u{80}\u{81}\u{a2}\u{dc}\"",
            "[]",
            "[ ]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1]]",
            "[[[]]]",
            "[}",
            "{]",
            "{}",
            "{ }",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
            "{\"a\" : [ {\"b\":null} , \"\" ] }",
            "{1:2}",
            "{\"a\":1}x",
            "",
            " ",
            " 1 ",
            "\u{a0}1",
        ] {
            agrees(text);
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        agrees(&deep);
        agrees(&deep[1..]);
    }

    proptest! {
        #[test]
        fn on_any_text(text in r#"[\[\]{}",:0-9eE+.\\ntu -]{0,24}|"\PC{0,20}"|"[\x00-\x7f]{0,20}""#) {
            agrees(&text);
        }

        #[test]
        fn a_special_byte_is_found(bytes: [u8; 8]) {
            let is = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
            let first = bytes.iter().position(is).unwrap_or(8);
            prop_assert_eq!(special(u64::from_le_bytes(bytes)), first);
        }
    }
}
