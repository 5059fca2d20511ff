//! Writes JSON directly into a text buffer.
//!
//! Invariant: every value is written as `serde_json` writes it.

use serde::Serialize;

/// Appends a value.
pub(crate) fn append(text: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(text, value).expect("memory takes every byte, and every key is a text");
}

/// Converts the buffer to a string.
pub(crate) fn finish(text: Vec<u8>) -> String {
    String::from_utf8(text).expect("json is utf-8")
}

/// Writes a single value.
pub(crate) fn written(value: &impl Serialize) -> String {
    let mut text = Vec::new();
    append(&mut text, value);
    finish(text)
}
