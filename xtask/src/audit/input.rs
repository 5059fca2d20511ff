//! The recordings: files and directories, read answer by answer.
//!
//! Invariant: what cannot be read is counted with its file and line, and
//! neither its contents nor a parser's words about them are kept.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Deserializer, Value};

use super::answer;
use super::book::Book;
use super::tally::{At, Tally};

/// The files that the arguments name, directories searched, each once.
///
/// Fails if one does not exist.
pub fn files(arguments: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    for argument in arguments {
        let failed = || format!("failed to open {}", argument.display());
        let about = fs::metadata(argument).with_context(failed)?;
        let mut found = Vec::new();
        if about.is_dir() {
            search(argument, &mut found).with_context(failed)?;
            found.sort();
        } else {
            found.push(argument.clone());
        }
        for file in found {
            if seen.insert(fs::canonicalize(&file).unwrap_or_else(|_| file.clone())) {
                files.push(file);
            }
        }
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
        } else if extension(&path)
            .is_some_and(|e| ["json", "ndjson", "jsonl"].contains(&e.as_str()))
        {
            found.push(path);
        }
    }
    Ok(())
}

fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

/// Compares every answer of a file.
pub fn read(book: &Book<'_>, tally: &mut Tally, path: &Path) {
    let name: String = path
        .display()
        .to_string()
        .chars()
        .map(|letter| if letter.is_control() { '?' } else { letter })
        .collect();
    tally.files.push(name);
    let at = At {
        file: tally.files.len() - 1,
        line: 1,
        item: None,
    };
    let by_line = extension(path).is_some_and(|e| e == "ndjson" || e == "jsonl");
    let outcome = if by_line {
        lines(book, tally, path, at)
    } else {
        fs::read(path).map(|bytes| match String::from_utf8(bytes) {
            Ok(text) => whole(book, tally, &text, at),
            Err(_) => tally.lose("not UTF-8", at),
        })
    };
    if outcome.is_err() {
        tally.lose("the file cannot be read", at);
    }
}

/// One answer a line.
fn lines(book: &Book<'_>, tally: &mut Tally, path: &Path, mut at: At) -> io::Result<()> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        let text = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line);
        match std::str::from_utf8(text).map(str::trim) {
            Err(_) => tally.lose("not UTF-8", at),
            Ok("") => {}
            Ok(text) => match serde_json::from_str(text) {
                Ok(value) => one(book, tally, &value, at, &[]),
                Err(error) => tally.lose(reason(&error), at),
            },
        }
        line.clear();
        at.line += 1;
    }
    Ok(())
}

/// An answer, a list of answers, or several values one after the other.
fn whole(book: &Book<'_>, tally: &mut Tally, text: &str, at: At) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut ruler = Ruler::new(text);
    for value in Deserializer::from_str(text).into_iter::<&RawValue>() {
        match value {
            Ok(raw) => match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
                Ok(list) => list
                    .into_iter()
                    .for_each(|raw| located(book, tally, raw, at, &mut ruler)),
                Err(_) => located(book, tally, raw, at, &mut ruler),
            },
            Err(error) => {
                let line = error.line().max(1);
                tally.lose(reason(&error), At { line, ..at });
            }
        }
    }
}

/// One answer of a file that is known as a whole, so that its items have lines.
fn located(book: &Book<'_>, tally: &mut Tally, raw: &RawValue, at: At, ruler: &mut Ruler<'_>) {
    let at = At {
        line: ruler.line(raw),
        ..at
    };
    let lines: Vec<_> = items(raw).iter().map(|raw| ruler.line(raw)).collect();
    match serde_json::from_str(raw.get()) {
        Ok(value) => one(book, tally, &value, at, &lines),
        Err(error) => tally.lose(reason(&error), at),
    }
}

fn one(book: &Book<'_>, tally: &mut Tally, value: &Value, at: At, lines: &[usize]) {
    if let Value::Array(list) = value {
        for value in list {
            one(book, tally, value, at, &[]);
        }
    } else if !answer::compare(book, tally, value, at, lines) {
        tally.lose("JSON, but no answer of a batch", at);
    }
}

/// The items of an answer as they stand in the text.
fn items(raw: &RawValue) -> Vec<&RawValue> {
    #[derive(Deserialize)]
    struct Outline<'a> {
        #[serde(borrow, default)]
        responses: Option<&'a RawValue>,
        #[serde(borrow, default)]
        body: Option<&'a RawValue>,
    }
    fn outline(raw: &RawValue) -> Option<Outline<'_>> {
        serde_json::from_str(raw.get()).ok()
    }
    let responses = outline(raw).and_then(|outer| match outer.responses {
        Some(list) => Some(list),
        None => outline(outer.body?)?.responses,
    });
    responses
        .and_then(|list| serde_json::from_str(list.get()).ok())
        .unwrap_or_default()
}

fn reason(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        Category::Eof => "not JSON: it ends too early",
        Category::Io => "the file cannot be read",
        Category::Syntax | Category::Data => "not JSON",
    }
}

/// Counts lines once, however many places are asked for in the text's order.
struct Ruler<'a> {
    text: &'a str,
    offset: usize,
    line: usize,
}

impl<'a> Ruler<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            offset: 0,
            line: 1,
        }
    }

    /// The line of a part of the text.
    fn line(&mut self, part: &RawValue) -> usize {
        let start = part.get().as_ptr() as usize - self.text.as_ptr() as usize;
        if let Some(between) = self.text.get(self.offset..start) {
            self.line += between.matches('\n').count();
            self.offset = start;
        }
        self.line
    }
}
