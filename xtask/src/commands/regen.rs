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
use crate::release::{CHANGELOG, LOCK, Snapshot, compare, entry, keep, released};
use crate::write::{self, Drift, DriftKind};

/// The command's options.
#[derive(Debug, Default, clap::Args)]
pub struct Regen {
    /// Write nothing; exit 1 and show the difference if a generated file is missing, stale or orphaned
    #[arg(long)]
    pub check: bool,
    /// Keep CHANGELOG.md: write what changed since the last release under `Unreleased`
    #[arg(long, conflicts_with = "check")]
    pub changelog: bool,
    /// Make this the release that later changes are compared with, under the workspace's version and this date
    #[arg(long, value_name = "DATE", conflicts_with = "check")]
    pub release: Option<String>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Another workspace than this one
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Drawn in the source
    #[default]
    Text,
    /// One JSON object on stdout, for CI
    Json,
}

/// Runs the command.
pub fn run(options: &Regen) -> Result<u8> {
    let root = options.root.clone().unwrap_or_else(super::root);
    let text = std::fs::read_to_string(root.join(SPEC))
        .with_context(|| format!("failed to read {SPEC}"))?;
    let (api, plan) = match plan::plan_with_api(SPEC, &text) {
        Ok(planned) => planned,
        Err(findings) => {
            print_findings(&findings, options.format);
            return Ok(WRONG);
        }
    };
    let drift = write::drift(&root, &plan)?;
    let code = if options.check {
        report(&drift)
    } else {
        write::apply(&root, &plan, &drift)?;
        for Drift { path, kind } in &drift {
            let done = match kind {
                DriftKind::Missing => "created",
                DriftKind::Stale(_) => "updated",
                DriftKind::Orphaned => "removed",
            };
            anstream::println!("{done} {path}");
        }
        let (files, changed) = (plan.len(), drift.len());
        anstream::println!("{files} files generated from {SPEC}, {changed} changed");
        CLEAN
    };
    since_release(&root, options, &Snapshot::of(&api))?;
    Ok(code)
}

/// Says what changed for users, and keeps changelog and lock where asked to.
fn since_release(root: &Path, options: &Regen, now: &Snapshot) -> Result<()> {
    let lock = read_if_there(&root.join(LOCK))?;
    let last: Option<Snapshot> = lock
        .map(|text| serde_json::from_str(&text))
        .transpose()
        .with_context(|| format!("{LOCK} is not what `regen --release` wrote: restore it from git"))?;
    let Some(last) = last else {
        anstream::println!("no release yet: {LOCK} is not there, `--release DATE` writes it");
        return release(root, options, now);
    };
    let changes = compare(&last, now);
    match changes.first() {
        None => anstream::println!("no change of the API since the last release"),
        Some(gravest) => {
            for change in &changes {
                anstream::println!("{}: {}", change.step, change.text);
            }
            anstream::println!(
                "{} changes since the last release: the next is a {} step\n\nchangelog entry:\n\n{}",
                changes.len(),
                gravest.step,
                entry(&changes).trim_end()
            );
        }
    }
    if options.changelog {
        let path = root.join(CHANGELOG);
        let text = keep(read_if_there(&path)?.as_deref(), &entry(&changes)).map_err(anyhow::Error::msg)?;
        write::replace(&path, &text)?;
    }
    release(root, options, now)
}

fn release(root: &Path, options: &Regen, now: &Snapshot) -> Result<()> {
    let Some(date) = &options.release else {
        return Ok(());
    };
    let path = root.join(CHANGELOG);
    let text = match read_if_there(&path)? {
        Some(text) => text,
        None => keep(None, "First release.\n\n").map_err(anyhow::Error::msg)?,
    };
    // The workspace's packages share one version, this one's too.
    let text = released(&text, env!("CARGO_PKG_VERSION"), date).map_err(anyhow::Error::msg)?;
    write::replace(&path, &text)?;
    write::replace(&root.join(LOCK), &now.to_json()?)?;
    anstream::println!("released: {LOCK} and {CHANGELOG} are written");
    Ok(())
}

fn read_if_there(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("failed to read {}", path.display())),
    }
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
