//! The specs as they are committed.
//!
//! Invariant: git is only read. Without git or a commit there is nothing to compare with.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::plan::{self, SPECS};

use super::snapshot::Snapshot;

/// The API of the last commit; `None` without one, or if its specs are not valid for the
/// present rules.
pub fn committed(root: &Path, now: &Snapshot, texts: &[String]) -> Option<Snapshot> {
    let committed: Option<Vec<String>> = SPECS.iter().map(|spec| show(root, spec.name)).collect();
    let committed = committed?;
    if committed == texts {
        return Some(now.clone());
    }
    snapshot_of(&committed).ok()
}

/// The snapshot of the specs' texts, which must be valid.
pub fn snapshot_of(texts: &[String]) -> Result<Snapshot> {
    let named = SPECS.iter().map(|spec| spec.name);
    let named: Vec<_> = named.zip(texts.iter().map(String::as_str)).collect();
    let Ok(read) = plan::read_all(&named) else {
        anyhow::bail!("the specs are not valid: see `cargo xtask regen --check`");
    };
    let apis: Vec<_> = read.into_iter().map(|(_, api)| api).collect();
    Ok(Snapshot::of(&apis))
}

fn show(root: &Path, name: &str) -> Option<String> {
    let mut git = Command::new("git");
    git.arg("show").arg(format!("HEAD:./{name}"));
    let output = git.current_dir(root).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    // A checkout may have other line ends than the commit.
    output.status.success().then(|| text.replace("\r\n", "\n"))
}
