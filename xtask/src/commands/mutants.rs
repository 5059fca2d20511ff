//! `cargo xtask mutants`: changes the code where a silent fault would cost most, and checks
//! that a test notices each change.
//!
//! Invariant: the working copy is not changed; cargo-mutants works in a copy of it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::exit::{CLEAN, STALE};
use crate::mutants::{Found, faults, scores};
use crate::tools::MUTANTS;

/// The command's options.
#[derive(Debug, clap::Args)]
pub struct Mutants {
    /// Change only this file, such as `crates/smartcar-model/src/headers.rs`; may be
    /// repeated
    #[arg(long, value_name = "FILE")]
    pub file: Vec<String>,
    /// How many changes are tried at once, each in a copy of its own
    #[arg(long, value_name = "NUMBER", default_value = "2")]
    pub jobs: std::num::NonZeroU8,
    /// Try only what no test noticed in the last run; gives no scores
    #[arg(long)]
    pub again: bool,
}

/// The code that is changed: decoders, the decision after an attempt, budgets, and the
/// receiver of webhooks. Each with the package that has its tests.
const MODULES: &[(&str, &[&str])] = &[
    (
        "smartcar-model",
        &[
            "crates/smartcar-model/src/decode/*.rs",
            "crates/smartcar-model/src/decode.rs",
            "crates/smartcar-model/src/headers.rs",
            "crates/smartcar-model/src/item_response.rs",
            "crates/smartcar-model/src/v3/*.rs",
            "crates/smartcar-model/src/v3/convert/*.rs",
        ],
    ),
    (
        "smartcar-batch",
        &[
            "crates/smartcar-batch/src/call/budgets.rs",
            "crates/smartcar-batch/src/call/judge.rs",
            "crates/smartcar-batch/src/call/judge/*.rs",
            "crates/smartcar-batch/src/budget/*.rs",
            "crates/smartcar-batch/src/budget/in_process/*.rs",
        ],
    ),
    (
        "smartcar-webhook",
        &[
            "crates/smartcar-model/src/webhook/*.rs",
            "crates/smartcar-webhook/src/receiver.rs",
            "crates/smartcar-webhook/src/management_token.rs",
            "crates/smartcar-webhook/src/claims.rs",
            "crates/smartcar-webhook/src/seen.rs",
        ],
    ),
];

/// The list of survivors with their reasons.
const SURVIVORS: &str = "xtask/mutants/survivors.txt";
/// What was noticed in earlier runs, or did not compile.
const EARLIER: &str = "previously_caught.txt";
/// A lower score of a file is a failure, whatever the list says.
const LEAST: usize = 90;

/// Runs the command.
pub fn run(options: &Mutants) -> Result<u8> {
    for file in &options.file {
        anyhow::ensure!(
            tested_by(file).is_some(),
            "{file}: pass a path from the workspace's folder, such as crates/smartcar-model/src/headers.rs"
        );
    }
    let root = super::root();
    let tool = MUTANTS.ready(&root)?;
    let mut found = Found::default();
    for (package, files) in MODULES {
        let files: Vec<&str> = match options.file.as_slice() {
            [] => files.to_vec(),
            some => {
                let files = some.iter().map(String::as_str);
                files
                    .filter(|file| tested_by(file) == Some(package))
                    .collect()
            }
        };
        if files.is_empty() {
            continue;
        }
        let folder = root.join("target/mutants").join(package);
        fs::create_dir_all(&folder)?;
        change(&tool, &root, options, package, &files)?;
        read(&folder.join("mutants.out"), &mut found)?;
    }
    let scores = scores(&found);
    anyhow::ensure!(!scores.is_empty(), "there was nothing to change");
    let mut wrong = faults(&found, &fs::read_to_string(root.join(SURVIVORS))?);
    // What was noticed earlier is listed with what did not compile.
    if !options.again {
        for (file, score) in &scores {
            anstream::println!("{file:56}{score}");
        }
        let low = scores.iter().filter(|(_, score)| score.percent() < LEAST);
        wrong.extend(low.map(|(file, score)| format!("less than {LEAST} %: {file}, {score}")));
    }
    for fault in &wrong {
        anstream::eprintln!("error: {fault}");
    }
    Ok(if wrong.is_empty() { CLEAN } else { STALE })
}

/// The package that has a file's tests: as listed, else its own. `None` for a file of no
/// package that is listed.
fn tested_by(file: &str) -> Option<&'static str> {
    let has = |known: &&str| file == *known || file.starts_with(known.trim_end_matches("*.rs"));
    let listed = MODULES.iter().find(|(_, files)| files.iter().any(has));
    let own = || {
        let mut modules = MODULES.iter();
        modules.find(|(package, _)| file.starts_with(&format!("crates/{package}/")))
    };
    listed.or_else(own).map(|(package, _)| *package)
}

/// Runs cargo-mutants on files, with the tests of one package.
fn change(
    tool: &Path,
    root: &Path,
    options: &Mutants,
    package: &str,
    files: &[&str],
) -> Result<()> {
    let mut command = std::process::Command::new(tool);
    command.args(["mutants", "--workspace", "--test-package", package]);
    command.arg("--all-features");
    command.args(["--no-shuffle", "--colors", "never", "--output"]);
    command.arg(Path::new("target/mutants").join(package));
    command.arg(format!("--jobs={}", options.jobs));
    if options.again {
        command.arg("--iterate");
    }
    command.args(files.iter().flat_map(|file| ["--file", file]));
    // Arguments of each build too. Examples in docs would cost more than all the rest.
    command.args(["--lib", "--test", "it"].map(|arg| format!("--cargo-arg={arg}")));
    // Else warnings that a change causes would be errors, and count as noticed.
    command.env_remove("RUSTFLAGS").current_dir(root);
    command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    // The tests of random answers, shortened: they run for each change.
    command.env("SMARTCAR_MUTATIONS", "500");
    command.env("PROPTEST_CASES", "40");
    let status = command.status().context("failed to start cargo-mutants")?;
    // 2: survivors. 3: timeouts. Both are read from its files.
    match status.code() {
        Some(0 | 2 | 3) => Ok(()),
        _ => anyhow::bail!("cargo-mutants: {status}"),
    }
}

fn read(folder: &Path, found: &mut Found) -> Result<()> {
    let lines = |file: &str| -> Result<Vec<String>> {
        let path = folder.join(file);
        let text = fs::read_to_string(&path);
        let text = text.with_context(|| format!("failed to read {}", path.display()))?;
        Ok(text.lines().map(str::to_owned).collect())
    };
    // Only `--again` writes it.
    if folder.join(EARLIER).exists() {
        found.caught.extend(lines(EARLIER)?);
    }
    found.caught.extend(lines("caught.txt")?);
    found.missed.extend(lines("missed.txt")?);
    found.timeout.extend(lines("timeout.txt")?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_exists() {
        let root = crate::commands::root();
        for (_, files) in MODULES {
            for file in *files {
                let known = file.strip_suffix("/*.rs").unwrap_or(file);
                assert!(root.join(known).exists(), "{file}");
            }
        }
    }

    #[test]
    fn a_file_is_tried_with_the_tests_that_are_about_it() {
        for (file, package) in [
            ("crates/smartcar-model/src/v3/scan.rs", "smartcar-model"),
            ("crates/smartcar-model/src/lenient.rs", "smartcar-model"),
            (
                "crates/smartcar-model/src/webhook/state.rs",
                "smartcar-webhook",
            ),
            ("crates/smartcar-webhook/src/seen.rs", "smartcar-webhook"),
        ] {
            assert_eq!(tested_by(file), Some(package), "{file}");
        }
        assert_eq!(tested_by("scan.rs"), None);
        assert_eq!(tested_by("crates/smartcar-cli/src/main.rs"), None);
    }

    #[test]
    fn the_list_of_survivors_is_well_formed() {
        let list = fs::read_to_string(crate::commands::root().join(SURVIVORS)).unwrap();
        assert_eq!(faults(&Found::default(), &list), [""; 0]);
    }
}
