//! The results of the steps of `cargo xtask test`, and their summary table.
//!
//! Invariant: a step that did not run says why and how to enable it, and never counts as
//! passed.

use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

use crate::exit::{CLEAN, STALE};

/// The result of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It passed.
    Passed,
    /// It failed, with a message. Its findings are printed above.
    Failed(String),
    /// Something it needs is missing on this machine.
    NotRun {
        /// What is missing.
        why: String,
        /// How to install it.
        how: String,
    },
}

impl Verdict {
    /// Runs a command that prints its own findings. Its exit code is the result.
    pub fn of(command: &mut Command) -> Self {
        match command.status() {
            Ok(status) if status.success() => Self::Passed,
            Ok(status) => Self::Failed(status.to_string()),
            Err(error) => {
                let program = command.get_program().to_string_lossy();
                Self::Failed(format!("failed to start {program}: {error}"))
            }
        }
    }

    /// The same, with a prefix for the failure message.
    #[must_use]
    pub fn about(self, what: &str) -> Self {
        match self {
            Self::Failed(why) => Self::Failed(format!("{what}: {why}")),
            other => other,
        }
    }

    /// Combines several runs of one step: the first that did not run, else all failures.
    pub fn all(runs: impl IntoIterator<Item = Self>) -> Self {
        let mut failures = Vec::new();
        for run in runs {
            match run {
                Self::Passed => {}
                Self::Failed(why) => failures.push(why),
                Self::NotRun { .. } => return run,
            }
        }
        if failures.is_empty() {
            return Self::Passed;
        }
        Self::Failed(failures.join("\n    "))
    }

    /// Its word in the table.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Failed(_) => "FAILED",
            Self::NotRun { .. } => "not run",
        }
    }
}

/// One line of the table.
#[derive(Debug)]
pub struct Row {
    /// The step.
    pub step: &'static str,
    /// Its result.
    pub verdict: Verdict,
    /// Its duration.
    pub elapsed: Duration,
}

impl Row {
    /// The line printed after a step.
    pub fn line(&self) -> String {
        format!(
            "{}: {} in {}",
            self.step,
            self.verdict.word(),
            seconds(self.elapsed)
        )
    }
}

/// The summary, one line per step and more for those that did not pass.
pub fn table(rows: &[Row], ci: bool) -> String {
    let width = rows.iter().map(|row| row.step.len()).max().unwrap_or(0);
    let mut text = String::new();
    for Row {
        step,
        verdict,
        elapsed,
    } in rows
    {
        let (word, time) = (verdict.word(), seconds(*elapsed));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{step:width$}  {word:7}  {time:>8}");
        let _ = match verdict {
            Verdict::Passed => Ok(()),
            Verdict::Failed(why) => writeln!(text, "    {why}"),
            Verdict::NotRun { why, how } => writeln!(text, "    {why}\n    to install it: {how}"),
        };
    }
    let count = |word| rows.iter().filter(|row| row.verdict.word() == word).count();
    let (failed, not_run) = (count("FAILED"), count("not run"));
    let _ = write!(
        text,
        "{} ok, {failed} failed, {not_run} not run",
        count("ok")
    );
    if ci && not_run > 0 {
        text.push_str(" (a failure, because CI is set)");
    }
    text
}

/// The command's exit code. In CI every step must run.
pub fn exit_code(rows: &[Row], ci: bool) -> u8 {
    let good = rows.iter().all(|row| match row.verdict {
        Verdict::Passed => true,
        Verdict::Failed(_) => false,
        Verdict::NotRun { .. } => !ci,
    });
    if good { CLEAN } else { STALE }
}

/// Whether the value of the variable `CI` means that this is CI.
pub fn is_ci(value: Option<&str>) -> bool {
    value.is_some_and(|value| !matches!(value, "" | "0" | "false"))
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.1} s", elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(step: &'static str, verdict: Verdict) -> Row {
        let elapsed = Duration::from_millis(1_240);
        Row {
            step,
            verdict,
            elapsed,
        }
    }

    fn not_run() -> Verdict {
        let (why, how) = ("node was not found".into(), "install it".into());
        Verdict::NotRun { why, how }
    }

    #[test]
    fn not_run_is_a_failure_in_ci_only() {
        let rows = [row("fmt", Verdict::Passed), row("redocly", not_run())];
        assert_eq!(exit_code(&rows, false), CLEAN);
        assert_eq!(exit_code(&rows, true), STALE);
    }

    #[test]
    fn a_failure_is_one_everywhere() {
        let rows = [
            row("fmt", Verdict::Failed("exit status: 1".into())),
            row("doc", Verdict::Passed),
        ];
        assert_eq!(exit_code(&rows, false), STALE);
        assert_eq!(exit_code(&rows, true), STALE);
        assert_eq!(exit_code(&rows[1..], true), CLEAN);
    }

    #[test]
    fn several_runs_are_one_step() {
        let failed = |why: &str| Verdict::Failed(why.into());
        let passed = [Verdict::Passed, Verdict::Passed.about("v3")];
        assert_eq!(Verdict::all(passed), Verdict::Passed);
        let runs = [failed("1"), Verdict::Passed, failed("2").about("v3")];
        assert_eq!(Verdict::all(runs), failed("1\n    v3: 2"));
        assert_eq!(Verdict::all([failed("1"), not_run()]), not_run());
    }

    #[test]
    fn the_table_says_what_to_do() {
        let rows = [
            row("fmt", Verdict::Passed),
            row("clippy", Verdict::Failed("exit status: 101".into())),
            row("redocly", not_run()),
        ];
        let expected = "\
fmt      ok          1.2 s
clippy   FAILED      1.2 s
    exit status: 101
redocly  not run     1.2 s
    node was not found
    to install it: install it
1 ok, 1 failed, 1 not run";
        assert_eq!(table(&rows, false), expected);
        assert_eq!(
            table(&rows, true),
            format!("{expected} (a failure, because CI is set)")
        );
        assert!(!table(&rows[..2], true).contains("CI"));
    }

    #[test]
    fn ci_may_be_unset_in_several_ways() {
        assert!(is_ci(Some("true")) && is_ci(Some("1")) && is_ci(Some("yes")));
        assert!(!is_ci(None) && !is_ci(Some("")) && !is_ci(Some("false")) && !is_ci(Some("0")));
    }

    #[test]
    fn a_command_that_cannot_start_is_named() {
        let Verdict::Failed(why) = Verdict::of(&mut Command::new("no-such-program")) else {
            panic!("it should have failed");
        };
        assert!(why.contains("no-such-program"), "{why}");
    }
}
