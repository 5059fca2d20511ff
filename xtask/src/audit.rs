//! Recorded answers beside the spec: where do they differ?
//!
//! Each answer is validated against its schema in `spec/`, not with the lenient
//! decoder. Recordings hold locations, VINs and names, so values are never
//! shown, only their types and how often they were seen.
//!
//! Two kinds of text of a recording are shown all the same, because the line to
//! add to the spec needs them: *names* (of members, headers, error types and
//! codes, and the segments of an unknown path) and *values where the spec has an
//! enum*. Both only if they look like a name: a word of the spec itself, or at
//! most 40 ASCII letters, digits, `_` and `-`, beginning with a letter, with at
//! most four digits, and not 17 characters long, as a VIN is. Neither an e-mail
//! address, a coordinate, a date nor a UUID passes. What does not pass is shown
//! as `string of 17`. Names of recorded files are shown as they were given.
//!
//! Invariant: a value of a recording reaches a report through [`word::Word`] or
//! not at all.

pub mod answer;
pub mod book;
pub mod check;
pub mod input;
pub mod report;
pub mod shape;
pub mod strict;
pub mod word;

use std::path::PathBuf;

use anyhow::{Context, Result};

use book::Book;
use check::Check;
use report::Report;

/// Compares recordings with the specs; `-` is stdin. Fails if a file cannot be opened.
pub fn audit(book: &Book, recordings: &[PathBuf]) -> Result<Report> {
    let mut check = Check::new(book);
    for path in recordings {
        let name = path.display().to_string();
        check.at.file = name.replace(char::is_control, "?");
        check.report.files += 1;
        let read = input::values(path, &mut |line, value| {
            check.at.line = line;
            match value.map(answer::read) {
                Ok(Some(answer)) => check.answer(&answer),
                Ok(None) => check.lose("JSON, but not an answer of the API"),
                Err(reason) => check.lose(reason),
            }
        });
        read.with_context(|| format!("failed to open {name}"))?;
    }
    Ok(check.report)
}
