//! Compares recorded responses with the spec.
//!
//! Each response is validated against its schema in `spec/`, not with the lenient
//! decoder. Recordings contain locations, VINs and names, so the report never shows
//! values, only their types and counts.
//!
//! There are two exceptions, because the suggested lines for the spec need them:
//! *names* (of members, headers, error types and codes, and the segments of an
//! unknown path) and *values of enums*. Both are shown only if they look like a name:
//! a word of the spec itself, or at most 40 ASCII letters, digits, `_` and `-`,
//! starting with a letter, with at most four digits, and not 17 characters long like
//! a VIN. E-mail addresses, coordinates, dates and UUIDs do not pass. Anything else is
//! shown as `string of 17`. The names of the recorded files are shown as given.
//!
//! Invariant: text of a recording reaches a report only through [`word::Word`].

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
                Ok(None) => check.lose("JSON, but not a response of the API"),
                Err(reason) => check.lose(reason),
            }
        });
        read.with_context(|| format!("failed to open {name}"))?;
    }
    Ok(check.report)
}
