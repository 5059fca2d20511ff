//! What cargo-semver-checks says about the API of the packages.
//!
//! Invariant: what it did not compare is never taken for an unchanged API.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::changes::Step;

/// The step that the tool's output demands; `None` if it compared nothing.
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

/// Compares the packages with a revision. Returns the tool's output, which it also prints.
pub fn check(tool: &Path, root: &Path, packages: &[&str], since: &str) -> Result<String> {
    let mut command = Command::new(tool);
    command.args(["semver-checks", "check-release", "--color", "never"]);
    // As if nothing but the third number changed, so that every change is reported.
    command.args(["--release-type", "patch", "--baseline-rev", since]);
    command.args(packages.iter().flat_map(|name| ["--package", name]));
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
