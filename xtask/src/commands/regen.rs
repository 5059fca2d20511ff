//! `cargo xtask regen [--check]`: generates files from the spec, or checks them.
//!
//! Invariant: with `--check` nothing is written, and exit 1 always comes with the
//! files, the differences and the command that fixes them.

use std::path::{Path, PathBuf};

use annotate_snippets::Renderer;
use anyhow::Result;
use serde_json::json;

use crate::exit::{CLEAN, STALE, WRONG};
use crate::finding::{self, Findings};
use crate::plan::{self, Planned, SPECS};
use crate::release::{
    CHANGELOG, Change, LOCK, Snapshot, committed, compare, entry, fold, keep, last_release,
    read_if_there, released, since_release,
};
use crate::write::{self, Drift, DriftKind};

/// The command's options.
#[derive(Debug, Default, clap::Args)]
pub struct Regen {
    /// Write nothing; show the differences and exit 1 if a generated file is missing, stale or orphaned
    #[arg(long)]
    pub check: bool,
    /// Update CHANGELOG.md: write the API changes since the last release under `Unreleased`
    #[arg(long, conflicts_with_all = ["check", "release"])]
    pub changelog: bool,
    /// Record a release with the workspace's version and this date; later changes are compared with it
    #[arg(long, value_name = "DATE", conflicts_with = "check")]
    pub release: Option<String>,
    /// List every API change since the last release
    #[arg(long)]
    pub all: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Root of the workspace, if not this one
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// The output format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Text, with findings drawn in the source
    #[default]
    Text,
    /// One JSON object on stdout, for CI
    Json,
}

/// The result of a run as data, printed afterwards.
struct Outcome {
    /// Number of planned files.
    files: usize,
    drift: Vec<Drift>,
    /// The changes since the last commit; `None` without one.
    uncommitted: Option<Vec<Change>>,
    /// The changes since the last release; `None` before the first.
    changes: Option<Vec<Change>>,
}

/// Runs the command.
pub fn run(options: &Regen) -> Result<u8> {
    let root = options.root.clone().unwrap_or_else(super::root);
    let texts = plan::load(&root)?;
    let Planned { apis, plan } = match plan::plan_all(&texts) {
        Ok(planned) => planned,
        Err(findings) => {
            print_findings(&findings, options.format);
            return Ok(WRONG);
        }
    };
    let now = Snapshot::of(&apis);
    let released = released_changelog(&root, options)?;
    let outcome = Outcome {
        files: plan.len(),
        drift: write::drift(&root, &plan)?,
        uncommitted: committed(&root, &now, &texts).map(|last| compare(&last, &now)),
        changes: last_release(&root)?.map(|last| compare(&last, &now)),
    };
    if !options.check {
        write::apply(&root, &plan, &outcome.drift)?;
        keep_changelog(&root, options, &outcome)?;
        if let Some(text) = released {
            write::replace(&root.join(CHANGELOG), &text)?;
            write::replace(&root.join(LOCK), &now.to_json()?)?;
        }
    }
    match options.format {
        Format::Text => outcome.print(options),
        Format::Json => anstream::println!("{}", outcome.json()),
    }
    Ok(if options.check && !outcome.drift.is_empty() {
        STALE
    } else {
        CLEAN
    })
}

impl Outcome {
    fn print(&self, options: &Regen) {
        let check = options.check;
        for drift in &self.drift {
            let Drift { path, kind } = drift;
            match kind {
                DriftKind::Stale(diff) if check => anstream::println!("stale: {path}\n{diff}"),
                _ if check => anstream::println!("{}: {path}", kind.name()),
                DriftKind::Missing => anstream::println!("created {path}"),
                DriftKind::Stale(_) => anstream::println!("updated {path}"),
                DriftKind::Orphaned => anstream::println!("removed {path}"),
            }
        }
        let specs = SPECS.iter().map(|spec| spec.name).collect::<Vec<_>>();
        let specs = specs.join(" and ");
        match (check, self.drift.len()) {
            (true, 0) => {
                anstream::println!("all generated files match {specs}");
            }
            (true, _) => anstream::println!("run `cargo xtask regen` and commit the result"),
            (false, changed) => {
                let files = self.files;
                anstream::println!("{files} files generated from {specs}, {changed} changed");
            }
        }
        self.print_changes(options.all);
    }

    /// What changed since the last commit in full, and since the last release as numbers.
    fn print_changes(&self, all: bool) {
        let uncommitted = self.uncommitted.as_deref().unwrap_or_default();
        if !uncommitted.is_empty() {
            anstream::println!("API changes since the last commit:");
        }
        for line in fold(uncommitted) {
            anstream::println!("{}: {}", line.step, line.text);
        }
        let Some(changes) = &self.changes else {
            anstream::println!("no release yet: `cargo xtask regen --release DATE` writes {LOCK}");
            return;
        };
        if all {
            for change in changes {
                anstream::println!("{}: {}", change.step, change.text);
            }
        }
        anstream::println!("{}", since_release(changes));
    }

    /// The result as JSON for CI. It always has `findings`, so that one parser is enough.
    fn json(&self) -> serde_json::Value {
        let drift: Vec<_> = self
            .drift
            .iter()
            .map(|drift| json!({ "path": drift.path, "kind": drift.kind.name() }))
            .collect();
        let lines = |changes: &Vec<Change>| {
            let line =
                |change: &Change| json!({ "step": change.step.to_string(), "text": change.text });
            changes.iter().map(line).collect::<Vec<_>>()
        };
        let step = self.changes.iter().flatten().next();
        json!({
            "findings": [],
            "drift": drift,
            "uncommitted": self.uncommitted.as_ref().map(lines),
            "changes": self.changes.as_ref().map(lines),
            "step": step.map(|change| change.step.to_string()),
        })
    }
}

fn keep_changelog(root: &Path, options: &Regen, outcome: &Outcome) -> Result<()> {
    let Some(changes) = outcome.changes.as_ref().filter(|_| options.changelog) else {
        return Ok(());
    };
    let path = root.join(CHANGELOG);
    let text =
        keep(read_if_there(&path)?.as_deref(), &entry(changes)).map_err(anyhow::Error::msg)?;
    write::replace(&path, &text)
}

/// The changelog after `--release`; `None` without the option. It is made before anything
/// is written, so that a rejected date or version leaves every file as it was.
fn released_changelog(root: &Path, options: &Regen) -> Result<Option<String>> {
    let Some(date) = &options.release else {
        return Ok(None);
    };
    let text = match read_if_there(&root.join(CHANGELOG))? {
        Some(text) => text,
        None => keep(None, "First release.\n\n").map_err(anyhow::Error::msg)?,
    };
    // All packages of the workspace share one version, including this one.
    let text = released(&text, env!("CARGO_PKG_VERSION"), date).map_err(anyhow::Error::msg)?;
    Ok(Some(text))
}

fn print_findings(files: &[Findings], format: Format) {
    match format {
        Format::Text => {
            for findings in files {
                anstream::eprint!("{}", findings.draw(&Renderer::styled()));
            }
        }
        Format::Json => anstream::println!("{}", finding::json(files)),
    }
}

/// Used by the plain test: checks a workspace for drift.
pub fn drift_of(root: &Path) -> Result<Vec<Drift>> {
    let planned = plan::plan_all(&plan::load(root)?).map_err(|files| {
        let drawn: String = files
            .iter()
            .map(|file| file.draw(&Renderer::plain()))
            .collect();
        anyhow::anyhow!(drawn)
    })?;
    write::drift(root, &planned.plan)
}
