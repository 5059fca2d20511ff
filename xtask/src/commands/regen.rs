//! `cargo xtask regen [--check]`: from the spec to the generated files.
//!
//! Invariant: with `--check` nothing is written, and exit 1 always names the
//! files, the difference and the command that mends it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use annotate_snippets::Renderer;

use super::{CLEAN, STALE, WRONG};
use crate::finding::Findings;
use crate::plan::{self, SPEC};
use crate::write::{self, Drift, DriftKind};

/// The command's options.
#[derive(Debug, clap::Args)]
pub struct Regen {
    /// Write nothing; exit 1 and show the difference if a generated file is missing, stale or orphaned
    #[arg(long)]
    pub check: bool,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Another workspace than this one
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Drawn in the source
    Text,
    /// One JSON object on stdout, for CI
    Json,
}

/// Runs the command.
pub fn run(options: &Regen) -> Result<u8> {
    let root = options.root.clone().unwrap_or_else(super::root);
    let text = std::fs::read_to_string(root.join(SPEC))
        .with_context(|| format!("failed to read {SPEC}"))?;
    let plan = match plan::plan(SPEC, &text) {
        Ok(plan) => plan,
        Err(findings) => {
            print_findings(&findings, options.format);
            return Ok(WRONG);
        }
    };
    let drift = write::drift(&root, &plan)?;
    if options.check {
        return Ok(report(&drift));
    }
    write::apply(&root, &plan, &drift)?;
    for Drift { path, kind } in &drift {
        let done = match kind {
            DriftKind::Missing => "created",
            DriftKind::Stale(_) => "updated",
            DriftKind::Orphaned => "removed",
        };
        anstream::println!("{done} {path}");
    }
    anstream::println!(
        "{} files generated from {SPEC}, {} changed",
        plan.len(),
        drift.len()
    );
    Ok(CLEAN)
}

fn print_findings(findings: &Findings, format: Format) {
    match format {
        Format::Text => anstream::eprint!("{}", findings.draw(&Renderer::styled())),
        Format::Json => anstream::println!("{}", findings.json()),
    }
}

fn report(drift: &[Drift]) -> u8 {
    for Drift { path, kind } in drift {
        match kind {
            DriftKind::Missing => anstream::println!("missing: {path}"),
            DriftKind::Orphaned => anstream::println!("orphaned: {path}"),
            DriftKind::Stale(diff) => anstream::println!("stale: {path}\n{diff}"),
        }
    }
    if drift.is_empty() {
        anstream::println!("every generated file is as {SPEC} plans it");
        return CLEAN;
    }
    anstream::println!("run `cargo xtask regen` and commit what it writes");
    STALE
}

/// What the plain test asserts: no drift below a root.
pub fn drift_of(root: &Path) -> Result<Vec<Drift>> {
    let text = std::fs::read_to_string(root.join(SPEC))?;
    let plan = plan::plan(SPEC, &text)
        .map_err(|findings| anyhow::anyhow!(findings.draw(&Renderer::plain())))?;
    write::drift(root, &plan)
}
