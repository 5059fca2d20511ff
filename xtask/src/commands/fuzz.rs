//! `cargo xtask fuzz`: hostile answers and headers for the model, by libFuzzer.
//!
//! Invariant: what it finds and builds is written below `target/`; the inputs
//! that are checked in are only read.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::{CLEAN, STALE};

/// The command's options.
#[derive(Debug, clap::Args)]
pub struct Fuzz {
    /// Only this target
    pub target: Option<String>,
    /// Inputs to try on each target
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    pub runs: u64,
    /// End each target after this time, even if inputs are left to try
    #[arg(long, value_name = "S")]
    pub seconds: Option<u64>,
    /// Try this file and nothing else, such as one that a crash left behind; may be repeated
    #[arg(long, value_name = "FILE", requires = "target")]
    pub input: Vec<PathBuf>,
}

/// The programs in `tests/fuzz/fuzz_targets/`.
const TARGETS: &[&str] = &["decode", "headers", "signals"];

/// What builds them; libFuzzer's coverage needs an unstable compiler.
const CARGO_FUZZ: (&str, &str) = ("cargo-fuzz", "0.13.2");
const TOOLCHAIN: &str = "nightly";

/// Longest input in bytes: room for some twenty items, and still thousands of
/// inputs a second.
const MAX_LEN: u32 = 4096;

/// An input that takes longer than this is a finding, in seconds. A good one
/// takes less than a millisecond.
const TIMEOUT: u32 = 20;

/// Runs the command.
pub fn run(options: &Fuzz) -> Result<u8> {
    let targets = select(options.target.as_deref())?;
    let root = super::root();
    need_nightly()?;
    let tool = installed(&root, CARGO_FUZZ)?;
    build(&tool, &root)?;
    let mut code = CLEAN;
    for target in targets {
        anstream::println!("=== {target}");
        let mut command = call(target, options, &root)?;
        let log = listen(&mut command)?;
        anstream::println!("{target}: {}", log.verdict(target));
        if log.failed {
            code = STALE;
        }
    }
    Ok(code)
}

fn select(wanted: Option<&str>) -> Result<Vec<&'static str>> {
    let Some(wanted) = wanted else {
        return Ok(TARGETS.to_vec());
    };
    let found = TARGETS.iter().copied().find(|target| *target == wanted);
    let found = found.with_context(|| {
        let names = TARGETS.join(", ");
        format!("no fuzz target is called `{wanted}`; there are {names}")
    })?;
    Ok(vec![found])
}

fn need_nightly() -> Result<()> {
    let list = Command::new("rustup").args(["toolchain", "list"]).output();
    let list = list.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    anyhow::ensure!(
        list.is_ok_and(|list| has_toolchain(&list)),
        "the fuzz targets need the {TOOLCHAIN} toolchain; \
         to get it: `rustup toolchain install {TOOLCHAIN} --profile minimal`"
    );
    Ok(())
}

fn has_toolchain(list: &str) -> bool {
    list.lines().any(|line| line.starts_with(TOOLCHAIN))
}

/// A cargo subcommand in exactly this version, installed below `target/tools`
/// if it was not.
pub(super) fn installed(root: &Path, (name, version): (&str, &str)) -> Result<PathBuf> {
    let tools = root.join("target/tools");
    let program = tools
        .join("bin")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let records = std::fs::read_to_string(tools.join(".crates.toml")).unwrap_or_default();
    if program.exists() && is_recorded(&records, name, version) {
        return Ok(program);
    }
    anstream::println!("installing {name} {version} into target/tools; this takes some minutes");
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["install", name, "--version", version, "--locked", "--root"])
        .arg(&tools)
        .current_dir(root)
        .status()
        .context("failed to start cargo")?;
    anyhow::ensure!(
        status.success(),
        "failed to install {name} {version}: cargo ended with {status}; \
         it needs the package registry to be within reach"
    );
    Ok(program)
}

/// Whether cargo's record of what it installed names this version.
fn is_recorded(records: &str, name: &str, version: &str) -> bool {
    let start = format!("\"{name} {version} (");
    records.lines().any(|line| line.starts_with(&start))
}

/// Builds the targets optimised and with debug assertions, but without what
/// makes each input several times as dear: a sanitizer, since the crates forbid
/// the unsafe code that it watches, and the tracing of comparisons, since the
/// dictionaries hold the words that it would have to guess.
fn build(tool: &Path, root: &Path) -> Result<()> {
    let status = Command::new(tool)
        .args(["fuzz", "build"])
        .args(["--sanitizer", "none", "--no-trace-compares"])
        .arg("--fuzz-dir")
        .arg(root.join("tests/fuzz"))
        .arg("--target-dir")
        .arg(root.join("target/fuzz"))
        .current_dir(root)
        .env("RUSTUP_TOOLCHAIN", TOOLCHAIN)
        // The cargo that runs this is not the one that must build these.
        .env_remove("CARGO")
        .status()
        .with_context(|| format!("failed to start {}", tool.display()))?;
    anyhow::ensure!(status.success(), "failed to build the fuzz targets");
    Ok(())
}

/// The built target with libFuzzer's arguments. New inputs go to the first
/// folder, the others are only read.
fn call(target: &str, options: &Fuzz, root: &Path) -> Result<Command> {
    let program = root
        .join("target/fuzz")
        .join(host()?)
        .join("release")
        .join(format!("{target}{}", std::env::consts::EXE_SUFFIX));
    let corpus = root.join("target/fuzz-corpus").join(target);
    let artifacts = root.join("target/fuzz-artifacts").join(target);
    let ours = root.join("tests/fuzz");
    for folder in [&corpus, &artifacts] {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("failed to create {}", folder.display()))?;
    }
    let dictionary = ours.join("dictionaries").join(format!("{target}.dict"));
    let mut command = Command::new(program);
    command
        .arg(format!("-max_len={MAX_LEN}"))
        .arg(format!("-timeout={TIMEOUT}"))
        .arg(format!("-dict={}", dictionary.display()))
        // libFuzzer puts a file's name right behind it.
        .arg(format!("-artifact_prefix={}/", artifacts.display()));
    if !options.input.is_empty() {
        command.args(&options.input);
        return Ok(command);
    }
    command.arg(format!("-runs={}", options.runs));
    if let Some(seconds) = options.seconds {
        command.arg(format!("-max_total_time={seconds}"));
    }
    command.arg(corpus);
    for kind in ["corpus", "regressions"] {
        let folder = ours.join(kind).join(target);
        if folder.exists() {
            command.arg(folder);
        }
    }
    Ok(command)
}

/// cargo-fuzz builds for the host by its name.
fn host() -> Result<String> {
    let output = Command::new("rustc")
        .arg("-vV")
        .env("RUSTUP_TOOLCHAIN", TOOLCHAIN)
        .output()
        .context("failed to start rustc")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc did not name its host")?.to_owned())
}

/// Runs a target; what it says is passed on while it runs.
fn listen(command: &mut Command) -> Result<Log> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("failed to start {program}"))?;
    let mut log = Log::default();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).split(b'\n') {
            // A crash prints the input, which need not be text.
            let line = line.context("failed to read what the target says")?;
            let line = String::from_utf8_lossy(&line);
            if log.hear(&line) {
                anstream::eprintln!("{line}");
            }
        }
    }
    let status = child.wait().context("failed to wait for the target")?;
    log.failed = !status.success();
    Ok(log)
}

/// What libFuzzer said that is worth keeping.
#[derive(Debug, Default, PartialEq)]
struct Log {
    /// `… runs in … second(s)`.
    done: Option<String>,
    /// Counters of the code that were reached.
    coverage: Option<u64>,
    /// The input that failed.
    artifact: Option<String>,
    failed: bool,
}

impl Log {
    /// Takes a line; whether to show it.
    fn hear(&mut self, line: &str) -> bool {
        if let Some((_, artifact)) = line.split_once("Test unit written to ") {
            self.artifact = Some(artifact.trim().to_owned());
        } else if let Some(done) = line.strip_prefix("Done ") {
            self.done = Some(done.trim().to_owned());
        } else if line.starts_with('#') {
            if let Some((_, after)) = line.split_once(" cov: ") {
                let digits = after.split_whitespace().next();
                self.coverage = digits.and_then(|digits| digits.parse().ok());
            }
            // One line for every input that is kept would bury the others.
            return ["INITED", "pulse", "DONE"]
                .iter()
                .any(|word| line.contains(word));
        }
        // The end of a run suggests a dictionary, which ours is better than.
        !line.starts_with('"') && !line.starts_with("WARNING: Failed to find function")
    }

    fn verdict(&self, target: &str) -> String {
        if let (true, Some(artifact)) = (self.failed, &self.artifact) {
            return format!(
                "FAILED on {artifact}\n    \
                 to see it again: cargo xtask fuzz {target} --input {artifact}\n    \
                 once it is mended: move it to tests/fuzz/regressions/{target}/, which `cargo test` replays"
            );
        }
        if self.failed {
            return "FAILED, see above".into();
        }
        let done = self.done.as_deref().unwrap_or("the given inputs");
        match self.coverage {
            Some(coverage) => format!("ok, {done}, coverage {coverage}"),
            None => format!("ok, {done}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_program_dictionary_and_inputs() {
        let fuzz = crate::commands::root().join("tests/fuzz");
        let mut programs: Vec<_> = fuzz
            .join("fuzz_targets")
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_owned())
            .collect();
        programs.sort();
        assert_eq!(programs, TARGETS);
        for target in TARGETS {
            assert!(fuzz.join(format!("dictionaries/{target}.dict")).exists());
            assert!(fuzz.join("corpus").join(target).read_dir().is_ok());
            assert_eq!(select(Some(target)).unwrap(), [*target]);
        }
        let error = select(Some("decoder")).unwrap_err().to_string();
        assert_eq!(
            error,
            "no fuzz target is called `decoder`; there are decode, headers, signals"
        );
    }

    #[test]
    fn a_tool_of_another_version_does_not_count() {
        let records = "[v1]\n\"cargo-fuzz 0.13.2 (registry+x)\" = [\"cargo-fuzz\"]\n";
        assert!(is_recorded(records, "cargo-fuzz", "0.13.2"));
        assert!(!is_recorded(records, "cargo-fuzz", "0.13.20"));
        assert!(!is_recorded(records, "fuzz", "0.13.2"));
        assert!(has_toolchain("stable-x (default)\nnightly-x\n"));
        assert!(!has_toolchain("stable-x (default)\n"));
    }

    #[test]
    fn the_end_of_a_run_is_understood() {
        let mut log = Log::default();
        assert!(!log.hear("#2\tNEW    cov: 11 ft: 12 corp: 1/1b"));
        assert!(log.hear("#8192\tpulse  cov: 1204 ft: 90 corp: 3/9b"));
        assert!(log.hear("Done 10000 runs in 3 second(s)"));
        assert!(!log.hear("\"\\001\\000\" # Uses: 42"));
        assert_eq!(
            log.verdict("decode"),
            "ok, 10000 runs in 3 second(s), coverage 1204"
        );
    }

    #[test]
    fn a_crash_names_its_input_and_how_to_see_it_again() {
        let mut log = Log {
            failed: true,
            ..Log::default()
        };
        assert_eq!(log.verdict("decode"), "FAILED, see above");
        log.hear("artifact_prefix='/t/'; Test unit written to /t/crash-6250b5");
        let verdict = log.verdict("decode");
        assert!(verdict.contains("cargo xtask fuzz decode --input /t/crash-6250b5\n"));
    }
}
