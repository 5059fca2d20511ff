//! The recordings: files, directories and stdin, read value by value.
//!
//! Invariant: what cannot be read is passed on as a reason; neither its
//! contents nor a parser's words about them are kept.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Deserializer, Value};

/// Takes a value, or why there is none, with its line.
pub type Found<'f> = dyn FnMut(usize, Result<Value, &'static str>) + 'f;

/// The files that the arguments name, directories searched, each once.
pub fn files(arguments: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    for argument in arguments {
        let failed = || format!("failed to open {}", argument.display());
        let mut found = Vec::new();
        if is_stdin(argument) || !fs::metadata(argument).with_context(failed)?.is_dir() {
            found.push(argument.clone());
        } else {
            search(argument, &mut found).with_context(failed)?;
            found.sort();
        }
        found.retain(|file| seen.insert(fs::canonicalize(file).unwrap_or_else(|_| file.clone())));
        files.append(&mut found);
    }
    Ok(files)
}

fn search(directory: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        // A linked directory is not followed: it might lead back here.
        if entry.file_type()?.is_dir() {
            search(&path, found)?;
        } else if has_extension(&path, &["json", "ndjson", "jsonl"]) {
            found.push(path);
        }
    }
    Ok(())
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn has_extension(path: &Path, wanted: &[&str]) -> bool {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    wanted.iter().any(|wanted| extension == *wanted)
}

/// A file's name as a terminal can show it.
pub fn name(path: &Path) -> String {
    path.display()
        .to_string()
        .replace(|letter: char| letter.is_control(), "?")
}

/// Reads a file: a value a line where its name or its first line says so, else
/// values of any layout, one after the other. Lists are taken apart.
pub fn values(path: &Path, found: &mut Found<'_>) -> io::Result<()> {
    let mut input: Box<dyn BufRead> = if is_stdin(path) {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path)?))
    };
    let (mut text, mut line) = (Vec::new(), 1);
    input.read_until(b'\n', &mut text)?;
    if text.starts_with(b"\xEF\xBB\xBF") {
        text.drain(..3);
    }
    let whole_line = serde_json::from_slice::<Value>(&text).is_ok();
    if !whole_line && !has_extension(path, &["ndjson", "jsonl"]) {
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
        let rest = &text[values.byte_offset()..];
        let start = text.len() - rest.trim_ascii_start().len();
        line += text[offset..start].iter().filter(|b| **b == b'\n').count();
        offset = start;
        let Some(value) = values.next() else {
            return;
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
