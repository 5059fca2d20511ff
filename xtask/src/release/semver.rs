//! What cargo-semver-checks says about the API of the packages.
//!
//! Invariant: what it did not compare is never taken for an unchanged API.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::changes::Step;

/// The step that the tool's output for a package demands; `None` if it compared nothing.
pub fn demanded(output: &str) -> Option<Step> {
    let summaries = output.lines().filter_map(|line| {
        let (_, summary) = line.split_once("Summary ")?;
        Some(match summary {
            _ if summary.contains("new major") => Step::Major,
            _ if summary.contains("new minor") => Step::Minor,
            _ => Step::Patch,
        })
    });
    summaries.max()
}

/// Whether a revision has this folder of the repository; the empty one is the root.
pub fn has(root: &Path, revision: &str, folder: &str) -> bool {
    let mut git = Command::new("git");
    git.args(["cat-file", "-e"])
        .arg(format!("{revision}:{folder}"));
    git.current_dir(root).stderr(Stdio::null());
    git.status().is_ok_and(|status| status.success())
}

/// Compares a package with a revision. Returns the tool's output, which it also prints.
pub fn check(tool: &Path, root: &Path, package: &str, since: &str) -> Result<String> {
    let mut command = Command::new(tool);
    command.args(["semver-checks", "check-release", "--color", "never"]);
    // As if nothing but the third number changed, so that every change is reported.
    command.args(["--release-type", "patch", "--baseline-rev", since]);
    command.args(["--package", package]);
    command.current_dir(root);
    command.env("CARGO_TARGET_DIR", root.join("target/semver-checks"));
    let output = command.output().context("failed to start the tool")?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    anstream::println!("{}", text.trim_end());
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write;

    #[test]
    fn a_package_that_a_revision_does_not_have_is_new() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write::replace(&root.join("crates/old/Cargo.toml"), "").unwrap();
        for line in [
            "init --quiet",
            "add .",
            "-c user.name=a -c user.email=a@example.com -c commit.gpgsign=false \
             commit --quiet --message=a",
        ] {
            let mut git = Command::new("git");
            let status = git.args(line.split_whitespace()).current_dir(root).status();
            assert!(status.unwrap().success(), "git {line}");
        }
        write::replace(&root.join("crates/new/Cargo.toml"), "").unwrap();
        assert!(has(root, "HEAD", "") && has(root, "HEAD", "crates/old"));
        assert!(!has(root, "HEAD", "crates/new"));
        assert!(!has(root, "v9.9.9", ""));
    }

    #[test]
    fn the_gravest_summary_counts() {
        let none = "     Summary no semver update required\n";
        let minor = "     Summary semver requires new minor version: 0 major and 1 minor checks\n";
        let major = "     Summary semver requires new major version: 2 major and 0 minor checks\n";
        assert_eq!(demanded(none), Some(Step::Patch));
        assert_eq!(demanded(&[none, minor].concat()), Some(Step::Minor));
        assert_eq!(demanded(&[major, minor, none].concat()), Some(Step::Major));
        assert_eq!(demanded("error: failed to build rustdoc\n"), None);
    }
}
