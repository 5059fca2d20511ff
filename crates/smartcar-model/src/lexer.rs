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
        loop {
            match self.text.as_bytes().get(self.at)? {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                byte => return Some(*byte),
            }
        }
    }

    /// Passes a token if it is the next one.
    fn next_is(&mut self, token: u8) -> bool {
        let is = self.peek() == Some(token);
        self.at += usize::from(is);
        is
    }

    /// Passes the comma before another member or element (true), or the end of
    /// the object or list (false).
    fn goes_on(&mut self, end: u8) -> Option<bool> {
        let next = self.peek()?;
        self.at += 1;
        match next {
            b',' => Some(true),
            next if next == end => Some(false),
            _ => None,
        }
    }

    /// A member's name with its quotes, and its colon.
    fn key(&mut self) -> Option<&'a str> {
        let start = (self.peek()? == b'"').then_some(self.at)?;
        self.string()?;
        let key = self.text.get(start..self.at)?;
        self.next_is(b':').then_some(key)
    }

    /// The text of a whole value.
    pub(crate) fn value(&mut self) -> Option<&'a str> {
        self.peek()?;
        let start = self.at;
        self.pass()?;
        self.text.get(start..self.at)
    }

    /// Calls back with the name of each member of an object, in its quotes. The
    /// callback passes the value.
    pub(crate) fn members(
        &mut self,
        mut member: impl FnMut(&'a str, &mut Self) -> Option<()>,
    ) -> Option<()> {
        self.next_is(b'{').then_some(())?;
        if self.next_is(b'}') {
            return Some(());
        }
        loop {
            let key = self.key()?;
            member(key, self)?;
            if !self.goes_on(b'}')? {
                return Some(());
            }
        }
    }

    /// Calls back at each element of a list. The callback passes it.
    pub(crate) fn elements(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.next_is(b'[').then_some(())?;
        if self.next_is(b']') {
            return Some(());
        }
        loop {
            element(self)?;
            if !self.goes_on(b']')? {
                return Some(());
            }
        }
    }

    /// Whether nothing but white space follows.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    fn pass(&mut self) -> Option<()> {
        self.open.clear();
        loop {
            match self.peek()? {
                first @ (b'{' | b'[') => {
                    self.at += 1;
                    let end = if first == b'{' { b'}' } else { b']' };
                    if !self.next_is(end) {
                        self.open.push(end);
                        if end == b'}' {
                            self.key()?;
                        }
                        continue;
                    }
                }
                b'"' => self.string()?,
                b'-' | b'0'..=b'9' => self.number()?,
                b'n' => self.word("null")?,
                b't' => self.word("true")?,
                b'f' => self.word("false")?,
                _ => return None,
            }
            // What was opened ends, or goes on with another value.
            loop {
                let Some(end) = self.open.last().copied() else {
                    return Some(());
                };
                if !self.goes_on(end)? {
                    self.open.pop();
                    continue;
                }
                if end == b'}' {
                    self.key()?;
                }
                break;
            }
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        rest.starts_with(word.as_bytes())
            .then(|| self.at += word.len())
    }

    /// From the opening quote to after the closing one.
    fn string(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        self.at += 1;
        loop {
            while let Some(eight) = bytes.get(self.at..)?.first_chunk() {
                let special = special(u64::from_le_bytes(*eight));
                self.at += special;
                if special < 8 {
                    break;
                }
            }
            match bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => self.escape()?,
                0..=0x1f => return None,
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at + 1..)?;
        self.at += match rest.first()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
            b'u' => {
                let digits = rest.get(1..5)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(6)?
            }
            _ => return None,
        };
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let is = |bytes: &[u8], at: usize, wanted: &[u8]| {
            bytes.get(at).is_some_and(|byte| wanted.contains(byte))
        };
        let bytes = self.text.as_bytes();
        self.at += usize::from(is(bytes, self.at, b"-"));
        let zero = is(bytes, self.at, b"0");
        if self.digits()? > 1 && zero {
            return None;
        }
        if is(bytes, self.at, b".") {
            self.at += 1;
            self.digits()?;
        }
        if is(bytes, self.at, b"eE") {
            self.at += 1;
            self.at += usize::from(is(bytes, self.at, b"+-"));
            self.digits()?;
        }
        Some(())
    }

    /// Passes digits, at least one.
    fn digits(&mut self) -> Option<usize> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(count)
    }
}

/// The position of the first quote, backslash or control character in eight bytes
/// of a text, the first byte being the lowest. Eight if there is none.
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
