//! `cargo xtask audit FILE…`: where recorded answers differ from the spec.
//!
//! Invariant: writes nothing, and prints no value of a recording.

use std::path::PathBuf;

use annotate_snippets::Renderer;
use anyhow::{Context, Result};

use super::regen::Format;
use super::{CLEAN, STALE, WRONG};
use crate::audit;
use crate::plan::{self, SPEC};

/// The command's options.
#[derive(Debug, clap::Args)]
pub struct Audit {
    /// Recorded batch answers: JSON, NDJSON, or a directory of them
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// List the irregular forms too that the spec names
    #[arg(long)]
    pub verbose: bool,
    /// How the report is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Another workspace than this one
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// Runs the command.
pub fn run(options: &Audit) -> Result<u8> {
    let root = options.root.clone().unwrap_or_else(super::root);
    let text = std::fs::read_to_string(root.join(SPEC))
        .with_context(|| format!("failed to read {SPEC}"))?;
    let source = match plan::read(SPEC, &text) {
        Ok((source, _)) => source,
        Err(findings) => {
            anstream::eprint!("{}", findings.draw(&Renderer::styled()));
            return Ok(WRONG);
        }
    };
    let report = audit::audit(&source, &options.files)?;
    match options.format {
        Format::Text => anstream::print!("{}", report.text(options.verbose)),
        Format::Json => anstream::println!("{}", serde_json::to_string_pretty(&report)?),
    }
    if report.answers == 0 {
        anstream::eprintln!("error: no answer of a batch was read");
        return Ok(WRONG);
    }
    Ok(if report.is_clean() { CLEAN } else { STALE })
}
