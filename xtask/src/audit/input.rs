//! The recordings: files and stdin, read value by value.
//!
//! Invariant: what cannot be read is passed on as a reason; neither its
//! contents nor a parser's words about them are kept.

use std::io::{self, Read};
use std::path::Path;

use serde_json::{Deserializer, Value};

/// Takes a value, or why there is none, with its line.
pub type Found<'f> = dyn FnMut(usize, Result<Value, &'static str>) + 'f;

/// Reads a file, or stdin for `-`: values of any layout, one after the other.
/// Lists are taken apart. Where the file has one value per line, as its name or
/// its first line says, a line that cannot be read does not end the reading.
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
