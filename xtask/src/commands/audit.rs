//! `cargo xtask audit FILE…`: compares recorded responses with the spec.
//!
//! Invariant: writes no files and prints no values of a recording.

use std::path::PathBuf;

use anyhow::Result;

use super::regen::Format;
use crate::audit::{self, book::Book};
use crate::exit::{CLEAN, STALE, WRONG};

/// The command's options.
#[derive(Debug, clap::Args)]
pub struct Audit {
    /// Recorded responses of v2.0 or version 3, or the output of `smartcar batch --json` or
    /// `smartcar fleet`, as JSON or NDJSON; `-` is stdin
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Root of the workspace, if not this one
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// Runs the command.
pub fn run(options: &Audit) -> Result<u8> {
    let root = options.root.clone().unwrap_or_else(super::root);
    let report = audit::audit(&Book::load(&root)?, &options.files)?;
    match options.format {
        Format::Text => anstream::print!("{}", report),
        Format::Json => anstream::println!("{}", serde_json::to_string_pretty(&report)?),
    }
    if report.read().0 == 0 {
        anstream::eprintln!("error: no response was read");
        return Ok(WRONG);
    }
    Ok(if report.is_clean() { CLEAN } else { STALE })
}
