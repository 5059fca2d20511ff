//! Answers broken at random, from a seed.
//!
//! Invariant: the same seed gives the same answers.

use std::ops::Range;

use fastrand::Rng;

use super::corpus::{CORPUS, VALUES};

fn one_of<T: Clone>(dice: &mut Rng, list: &[T]) -> T {
    list[dice.usize(..list.len())].clone()
}

/// An answer of the corpus with one to three changes; three of four begin with one
/// that the one pass may read.
pub(super) fn mutated(dice: &mut Rng) -> String {
    let (mut name, mut text) = one_of(dice, CORPUS);
    while name.starts_with("careful") && dice.usize(..4) > 0 {
        (name, text) = one_of(dice, CORPUS);
    }
    let mut text = text.to_owned();
    for _ in 0..=dice.usize(..3) {
        change(&mut text, dice);
    }
    text
}

fn change(text: &mut String, dice: &mut Rng) {
    let tokens = tokens(text);
    if tokens.is_empty() {
        return;
    }
    let token = one_of(dice, &tokens);
    match dice.usize(..16) {
        // A value or a name by another, mostly one of its kind.
        0 => text.replace_range(token, one_of(dice, VALUES)),
        1..6 => {
            let kind = kind(&text[token.clone()]);
            let alike = VALUES.iter().filter(|value| self::kind(value) == kind);
            let alike: Vec<_> = alike.copied().collect();
            if !alike.is_empty() {
                text.replace_range(token, one_of(dice, &alike));
            }
        }
        // One of its bytes.
        12..15 => {
            let at = token.start + dice.usize(..token.len());
            if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                let bytes = [
                    "0", "9", ".", "e", "-", "a", "Z", "\u{7f}", "/", " ", "\\", "\"",
                ];
                text.replace_range(at..=at, one_of(dice, &bytes));
            }
        }
        15 => {
            let other = text[one_of(dice, &tokens)].to_owned();
            text.replace_range(token, &other);
        }
        // White space.
        6 => text.insert_str(
            token.start,
            one_of(dice, &[" ", "\n", "\t", "\r\n", "\u{a0}"]),
        ),
        7 => text.replace_range(token, ""),
        // A whole value, gone or there again.
        8 => {
            if let Some(range) = value(text, &tokens, dice) {
                text.replace_range(range, one_of(dice, VALUES));
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
        _ if dice.usize(..2) == 0 => {
            let at = floor(text, dice.usize(..text.len()));
            text.insert(
                at,
                one_of(
                    dice,
                    &['"', '\\', '{', ']', ',', '0', '-', 'e', 'é', '\u{1}'],
                ),
            );
        }
        _ => {
            let at = floor(text, dice.usize(..text.len()));
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
fn value(text: &str, tokens: &[Range<usize>], dice: &mut Rng) -> Option<Range<usize>> {
    let first = dice.usize(..tokens.len());
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
