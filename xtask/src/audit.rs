//! Recorded batch answers beside the spec: where do they differ?
//!
//! The raw JSON is compared with the schemas of `spec/`, not with the lenient
//! decoder. Recordings hold locations, VINs and names, so values are never
//! shown, only their types, their lengths and how often they were seen.
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
//! Invariant: a value of a recording reaches a report through
//! [`token::Word`] or not at all.

pub mod answer;
pub mod book;
pub mod headers;
pub mod input;
pub mod message;
pub mod report;
pub mod shape;
pub mod suggest;
pub mod tally;
pub mod token;
pub mod trail;
pub mod walk;
pub mod yaml;

use std::path::PathBuf;

use anyhow::Result;

use crate::source::Source;
use book::Book;
use report::Report;
use tally::Tally;

/// Compares recordings with a linted spec. Fails if one does not exist.
pub fn audit(source: &Source, recordings: &[PathBuf]) -> Result<Report> {
    let book = Book::new(source);
    let mut tally = Tally::default();
    for file in input::files(recordings)? {
        input::read(&book, &mut tally, &file);
    }
    Ok(report::report(&book, &tally))
}
