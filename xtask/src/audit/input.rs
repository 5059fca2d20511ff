//! The recordings: files and stdin, read value by value.
//!
//! Invariant: what cannot be read is passed on as a reason; neither its
//! contents nor a parser's words about them are kept.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde_json::{Deserializer, Value};

/// Takes a value, or why there is none, with its line.
pub type Found<'f> = dyn FnMut(usize, Result<Value, &'static str>) + 'f;

/// Opens a file, or stdin, which is called `-`.
pub fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(BufReader::new(File::open(path)?)))
}

/// Reads a file: a value a line where its name or its first line says so, else
/// values of any layout, one after the other. Lists are taken apart.
pub fn values(path: &Path, mut input: Box<dyn BufRead>, found: &mut Found<'_>) -> io::Result<()> {
    let by_line = ["ndjson", "jsonl"].map(|name| path.extension().is_some_and(|end| end == name));
    let (mut text, mut line) = (Vec::new(), 1);
    input.read_until(b'\n', &mut text)?;
    if text.starts_with(b"\xEF\xBB\xBF") {
        text.drain(..3);
    }
    if !by_line.contains(&true) && serde_json::from_slice::<Value>(&text).is_err() {
        input.read_to_end(&mut text)?;
        stream(&text, found);
        return Ok(());
    }
    while !text.is_empty() {
        if !text.trim_ascii().is_empty() {
            one(line, serde_json::from_slice(&text), found);
        }
        text.clear();
        input.read_until(b'\n', &mut text)?;
        line += 1;
    }
    Ok(())
}

fn stream(text: &[u8], found: &mut Found<'_>) {
    let mut values = Deserializer::from_slice(text).into_iter::<Value>();
    let (mut offset, mut line) = (0, 1);
    loop {
        let rest = text[values.byte_offset()..].trim_ascii_start();
        let start = text.len() - rest.len();
        line += text[offset..start].split(|byte| *byte == b'\n').count() - 1;
        offset = start;
        let Some(value) = values.next() else {
            return;
        };
        one(line, value, found);
    }
}

fn one(line: usize, value: serde_json::Result<Value>, found: &mut Found<'_>) {
    match value {
        Ok(Value::Array(list)) => {
            for value in list {
                one(line, Ok(value), found);
            }
        }
        Ok(value) => found(line, Ok(value)),
        Err(error) if error.is_eof() => found(line, Err("not JSON: it ends too early")),
        Err(_) => found(line, Err("not JSON")),
    }
}
