//! The time-limited fuzzing of `cargo xtask test --fuzz SECONDS`. See
//! `tests/fuzz/README.md` for longer runs.
//!
//! Invariant: all output goes to `target/`; the checked-in inputs are only read.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::judges::verdict::Verdict;

/// Fuzzes each target for this number of seconds.
pub fn briefly(root: &Path, seconds: u64) -> Verdict {
    for (arguments, how) in [
        (
            &["--version"][..],
            "rustup toolchain install nightly --profile minimal",
        ),
        (&["fuzz", "--version"], "cargo install cargo-fuzz --locked"),
    ] {
        let found = nightly_cargo(root).args(arguments).output();
        if !found.is_ok_and(|output| output.status.success()) {
            let why = format!("`cargo +nightly {}` does not work", arguments.join(" "));
            let how = how.to_owned();
            return Verdict::NotRun { why, how };
        }
    }
    match targets(root) {
        Ok(targets) => Verdict::all(targets.iter().map(|target| {
            let run = run(root, target, seconds).map(|mut command| Verdict::of(&mut command));
            let verdict = run.unwrap_or_else(|error| Verdict::Failed(format!("{error:#}")));
            verdict.about(target)
        })),
        Err(error) => Verdict::Failed(format!("{error:#}")),
    }
}

/// The programs in `tests/fuzz/fuzz_targets/`.
fn targets(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("tests/fuzz/fuzz_targets");
    let mut targets = Vec::new();
    for entry in folder
        .read_dir()
        .context("failed to list the fuzz targets")?
    {
        let path = entry?.path();
        targets.extend(
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned()),
        );
    }
    targets.sort();
    Ok(targets)
}

fn nightly_cargo(root: &Path) -> Command {
    let mut command = Command::new("rustup");
    // The targets need nightly cargo, not the one that runs this.
    command.env_remove("CARGO").current_dir(root);
    command.args(["run", "nightly", "cargo"]);
    command
}

/// New inputs go to the first folder; the others are only read.
fn run(root: &Path, target: &str, seconds: u64) -> Result<Command> {
    let below = |folder: &str| root.join(folder).join(target);
    let (new, artifacts) = (below("target/fuzz-corpus"), below("target/fuzz-artifacts"));
    for folder in [&new, &artifacts] {
        let failed = || format!("failed to create {}", folder.display());
        std::fs::create_dir_all(folder).with_context(failed)?;
    }
    let kept = ["tests/fuzz/corpus", "tests/fuzz/regressions"].map(below);
    let mut command = nightly_cargo(root);
    command
        .args([
            "fuzz",
            "run",
            "--fuzz-dir",
            "tests/fuzz",
            "--target-dir",
            "target/fuzz",
        ])
        .args(["--sanitizer", "none", "--no-trace-compares", target])
        .arg(new)
        .args(kept.iter().filter(|folder| folder.exists()))
        .args(["--", "-max_len=4096", "-timeout=20"])
        .arg(format!("-dict=tests/fuzz/dictionaries/{target}.dict"))
        // libFuzzer appends the file name directly to this prefix.
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(format!("-max_total_time={seconds}"));
    Ok(command)
}
