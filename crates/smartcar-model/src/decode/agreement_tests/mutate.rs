//! Answers broken at random, from a seed.
//!
//! Invariant: the same seed gives the same answers.

use std::ops::Range;

use super::corpus::{CORPUS, VALUES};

/// Random numbers (`SplitMix64`), so that no test needs a crate for them.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count.max(1) as u64).unwrap_or_default()
    }

    fn one_of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }
}

/// An answer of the corpus with one to three changes; three of four begin with one
/// that the one pass may read.
pub(super) fn mutated(dice: &mut Dice) -> String {
    let (mut name, mut text) = dice.one_of(CORPUS);
    while name.starts_with("careful") && dice.below(4) > 0 {
        (name, text) = dice.one_of(CORPUS);
    }
    let mut text = text.to_owned();
    for _ in 0..=dice.below(3) {
        change(&mut text, dice);
    }
    text
}

fn change(text: &mut String, dice: &mut Dice) {
    let tokens = tokens(text);
    if tokens.is_empty() {
        return;
    }
    let token = dice.one_of(&tokens);
    match dice.below(16) {
        // A value or a name by another, mostly one of its kind.
        0 => text.replace_range(token, dice.one_of(VALUES)),
        1..6 => {
            let kind = kind(&text[token.clone()]);
            let alike = VALUES.iter().filter(|value| self::kind(value) == kind);
            let alike: Vec<_> = alike.copied().collect();
            if !alike.is_empty() {
                text.replace_range(token, dice.one_of(&alike));
            }
        }
        // One of its bytes.
        12..15 => {
            let at = token.start + dice.below(token.len());
            if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                let bytes = [
                    "0", "9", ".", "e", "-", "a", "Z", "\u{7f}", "/", " ", "\\", "\"",
                ];
                text.replace_range(at..=at, dice.one_of(&bytes));
            }
        }
        15 => {
            let other = text[dice.one_of(&tokens)].to_owned();
            text.replace_range(token, &other);
        }
        // White space.
        6 => text.insert_str(
            token.start,
            dice.one_of(&[" ", "\n", "\t", "\r\n", "\u{a0}"]),
        ),
        7 => text.replace_range(token, ""),
        // A whole value, gone or there again.
        8 => {
            if let Some(range) = value(text, &tokens, dice) {
                text.replace_range(range, dice.one_of(VALUES));
            }
        }
        9 => {
            if let Some(range) = value(text, &tokens, dice) {
                let copy = format!(",{}", &text[range.clone()]);
                text.insert_str(range.end, &copy);
            }
        }
        // Two values or members change places.
        10 => {
            if let (Some(a), Some(b)) = (value(text, &tokens, dice), value(text, &tokens, dice))
                && a.end <= b.start
            {
                let (first, second) = (text[a.clone()].to_owned(), text[b.clone()].to_owned());
                text.replace_range(b, &first);
                text.replace_range(a, &second);
            }
        }
        // A byte more, or the end.
        _ if dice.below(2) == 0 => {
            let at = floor(text, dice.below(text.len()));
            text.insert(
                at,
                dice.one_of(&['"', '\\', '{', ']', ',', '0', '-', 'e', 'é', '\u{1}']),
            );
        }
        _ => {
            let at = floor(text, dice.below(text.len()));
            text.truncate(at);
        }
    }
}

/// What a token is: a text, a number, a bracket, or a word.
fn kind(token: &str) -> u8 {
    match token.as_bytes().first() {
        Some(b'0'..=b'9' | b'-') => b'0',
        Some(b'a'..=b'z') => b'a',
        Some(first) => *first,
        None => 0,
    }
}

/// An object, a list, a member with its name, or a plain value.
fn value(text: &str, tokens: &[Range<usize>], dice: &mut Dice) -> Option<Range<usize>> {
    let first = dice.below(tokens.len());
    let start = tokens[first].start;
    let mut depth = 0_i32;
    let mut rest = tokens[first..].iter().peekable();
    while let Some(token) = rest.next() {
        match &text[token.clone()] {
            "{" | "[" => depth += 1,
            "}" | "]" => depth -= 1,
            _ => {}
        }
        let is_name = rest
            .peek()
            .is_some_and(|next| &text[(*next).clone()] == ":");
        let is_colon = &text[token.clone()] == ":";
        if depth < 0 {
            return None;
        }
        if depth == 0 && !is_name && !is_colon {
            return Some(start..token.end);
        }
    }
    None
}

/// Strings with their quotes, punctuation, and whatever is between.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at = (at + 1).min(bytes.len());
            }
            b'{' | b'}' | b'[' | b']' | b':' | b',' => at += 1,
            b' ' | b'\n' | b'\t' | b'\r' => {
                at += 1;
                continue;
            }
            _ => {
                while at < bytes.len() && !b"\"{}[]:, \n\t\r".contains(&bytes[at]) {
                    at += 1;
                }
            }
        }
        if text.is_char_boundary(start) && text.is_char_boundary(at) {
            tokens.push(start..at);
        }
    }
    tokens
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
