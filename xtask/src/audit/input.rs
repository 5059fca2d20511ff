//! Reads the recordings from files and stdin, value by value.
//!
//! Invariant: an unreadable value becomes a reason; neither its contents nor a parser's
//! message are kept.

use std::io::{self, Read};
use std::path::Path;

use serde_json::{Deserializer, Value};

/// Receives a value, or the reason why it is unreadable, with its line.
pub type Found<'f> = dyn FnMut(usize, Result<Value, &'static str>) + 'f;

/// Reads the JSON values of a file, or of stdin for `-`. Lists are split into their
/// elements. If the file has one value per line, judging by its name or first line, an
/// invalid line does not end the reading.
pub fn values(path: &Path, found: &mut Found<'_>) -> io::Result<()> {
    let mut text = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut text)?;
    } else {
        text = std::fs::read(path)?;
    }
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&text);
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let by_line = ["ndjson", "jsonl"].map(|name| path.extension().is_some_and(|end| end == name));
    if by_line.contains(&true) || serde_json::from_slice::<Value>(first).is_ok() {
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            if !line.trim_ascii().is_empty() {
                one(index + 1, serde_json::from_slice(line), found);
            }
        }
        return Ok(());
    }
    let mut values = Deserializer::from_slice(text).into_iter::<Value>();
    let (mut offset, mut line) = (0, 1);
    loop {
        let rest = text[values.byte_offset()..].trim_ascii_start();
        let start = text.len() - rest.len();
        line += text[offset..start].split(|byte| *byte == b'\n').count() - 1;
        offset = start;
        let Some(value) = values.next() else {
            return Ok(());
        };
        one(line, value, found);
    }
}

fn one(line: usize, value: serde_json::Result<Value>, found: &mut Found<'_>) {
    match value {
        Ok(Value::Array(list)) => list
            .into_iter()
            .for_each(|value| one(line, Ok(value), found)),
        Ok(value) => found(line, Ok(value)),
        Err(error) if error.is_eof() => found(line, Err("not JSON: it ends too early")),
        Err(_) => found(line, Err("not JSON")),
    }
}
