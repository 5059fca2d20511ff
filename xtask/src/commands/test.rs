//! `cargo xtask test`: all checks that a change must pass.
//!
//! Invariant: a failed step does not stop the others, and the exit code matches the
//! table that is printed last.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;

use super::{bench, browser, engines, fuzz, regen};
use crate::exit::CLEAN;
use crate::judges::call::cargo;
use crate::judges::kit::on_this_machine;
use crate::judges::verdict::{self, Row, Verdict};
use crate::judges::{Court, JUDGES, Judge};

/// The command's options.
#[derive(Debug, clap::Args)]
pub struct Test {
    /// Run only this step; may be repeated; `judges` means all judges
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Skip this step; may be repeated
    #[arg(long, value_name = "NAME")]
    pub skip: Vec<String>,
    /// Add the step `fuzz`, which fuzzes each target for this number of seconds
    #[arg(long, value_name = "SECONDS")]
    pub fuzz: Option<u64>,
    /// List the steps without running them
    #[arg(long)]
    pub list: bool,
    /// Root of the workspace, if not this one
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
}

/// One step.
struct Step {
    name: &'static str,
    about: &'static str,
    action: Action,
}

/// The action of a step.
#[derive(Clone, Copy)]
enum Action {
    /// Several cargo commands.
    Cargo(&'static [&'static str]),
    /// `cargo doc`, with warnings turned into errors by an environment variable.
    Doc(&'static str),
    /// Checks the generated files.
    Regen,
    /// Checks instructions and allocations against their limits.
    Bench,
    /// Runs the tests that need Valkey or NATS.
    Engines,
    /// Tests the simulator's pages in a browser.
    Browser,
    /// Fuzzes the model for this number of seconds.
    Fuzz(u64),
    /// An external judge.
    Judge(&'static Judge),
}

/// The name of all judges in `--only` and `--skip`.
const ALL_JUDGES: &str = "judges";

/// Feature sets that the default build does not cover.
const FEATURES: &[&str] = &[
    "check -p smartcar-batch-derive --locked --no-default-features",
    "check -p smartcar-batch --locked --no-default-features --features derive",
    "check -p smartcar-batch --locked --no-default-features --features rustls-no-provider",
    "check -p smartcar-batch --locked --no-default-features --features native-tls",
    "check -p smartcar-model --locked --features schemars",
    "check -p smartcar-model --locked --features uom",
    "check -p smartcar-model --locked --features serde",
    "check -p smartcar-batch --locked --no-default-features --features uom",
    "check -p smartcar-batch --locked --no-default-features --features serde",
    "check -p smartcar-batch --locked --no-default-features --features testing",
    "check -p smartcar-redis --locked --no-default-features",
];

/// The steps before the judges, cheapest first.
const CHECKS: &[Step] = &[
    Step {
        name: "fmt",
        about: "all files are formatted",
        action: Action::Cargo(&["fmt --all -- --check"]),
    },
    Step {
        name: "clippy",
        about: "no warnings in any target",
        action: Action::Cargo(&[
            "clippy --workspace --all-targets --locked -- -D warnings",
            // Not in `--all-targets`, because `cargo test` does not run them.
            "clippy -p smartcar-nats --test nats --all-features --locked -- -D warnings",
            "clippy -p smartcar-cli --test queue --all-features --locked -- -D warnings",
            "clippy -p smartcar-tests --test engines --all-features --locked -- -D warnings",
            "clippy -p smartcar-redis --test valkey --all-features --locked -- -D warnings",
            "clippy -p smartcar-cli --test engines --all-features --locked -- -D warnings",
        ]),
    },
    Step {
        name: "doc",
        about: "no warnings in the documentation",
        action: Action::Doc("doc --workspace --no-deps --locked"),
    },
    Step {
        name: "regen",
        about: "the generated files match the spec",
        action: Action::Regen,
    },
    Step {
        name: "tests",
        about: "unit, integration, compile-fail and documentation tests",
        action: Action::Cargo(&["test --workspace --locked --no-fail-fast"]),
    },
    Step {
        name: "engines",
        about: "tests on real servers, Valkey and NATS",
        action: Action::Engines,
    },
    Step {
        name: "browser",
        about: "the simulator's pages in a headless Chromium, with axe",
        action: Action::Browser,
    },
    Step {
        name: "features",
        about: "feature sets that the default build does not cover",
        action: Action::Cargo(FEATURES),
    },
    Step {
        name: "bench",
        about: "instructions and allocations are not past their limits",
        action: Action::Bench,
    },
];

/// Runs the command.
pub fn run(options: &Test) -> Result<u8> {
    let mut steps = steps();
    steps.extend(options.fuzz.map(|seconds| Step {
        name: "fuzz",
        about: "fuzzing of the model",
        action: Action::Fuzz(seconds),
    }));
    let steps = select(steps, &options.only, &options.skip)?;
    if options.list {
        for Step { name, about, .. } in &steps {
            anstream::println!("{name:24}{about}");
        }
        return Ok(CLEAN);
    }
    // The steps run in the root, so a relative path must be made absolute first.
    let root = std::path::absolute(options.root.clone().unwrap_or_else(super::root))?;
    let mut court = Court::new(&root, &on_this_machine);
    let mut rows = Vec::new();
    for Step {
        name,
        about,
        action,
    } in steps
    {
        anstream::println!("\n=== {name}: {about}");
        let start = Instant::now();
        let verdict = act(action, &root, &mut court);
        let elapsed = start.elapsed();
        let row = Row {
            step: name,
            verdict,
            elapsed,
        };
        anstream::println!("{}", row.line());
        rows.push(row);
    }
    let ci = verdict::is_ci(std::env::var("CI").ok().as_deref());
    anstream::println!("\n=== summary\n{}", verdict::table(&rows, ci));
    Ok(verdict::exit_code(&rows, ci))
}

fn steps() -> Vec<Step> {
    let judges = JUDGES.iter().map(|judge| Step {
        name: judge.name,
        about: judge.about,
        action: Action::Judge(judge),
    });
    let checks = CHECKS.iter().map(|step| Step { ..*step });
    checks.chain(judges).collect()
}

/// The selected steps, in their usual order. Unknown names are rejected, because a run
/// without the wanted step would look like success.
fn select(mut steps: Vec<Step>, only: &[String], skip: &[String]) -> Result<Vec<Step>> {
    for name in only.iter().chain(skip) {
        if !steps.iter().any(|step| step.answers_to(name)) {
            let names: Vec<_> = steps.iter().map(|step| step.name).collect();
            let names = names.join(", ");
            anyhow::bail!("unknown step `{name}`; the steps are {names}, and {ALL_JUDGES}");
        }
    }
    let named = |step: &Step, names: &[String]| names.iter().any(|name| step.answers_to(name));
    steps.retain(|step| (only.is_empty() || named(step, only)) && !named(step, skip));
    anyhow::ensure!(!steps.is_empty(), "no steps to run");
    Ok(steps)
}

impl Step {
    fn answers_to(&self, name: &str) -> bool {
        let is_judge = matches!(self.action, Action::Judge(_));
        self.name == name || (is_judge && name == ALL_JUDGES)
    }
}

fn act(action: Action, root: &Path, court: &mut Court<'_>) -> Verdict {
    match action {
        Action::Cargo(lines) => all(lines, root),
        Action::Doc(line) => Verdict::of(cargo(line, root).env("RUSTDOCFLAGS", "-D warnings")),
        Action::Regen => regenerated(root),
        Action::Bench => bench::step(root),
        Action::Engines => engines::step(root, &on_this_machine),
        Action::Browser => browser::step(root, &on_this_machine),
        Action::Fuzz(seconds) => fuzz::briefly(root, seconds),
        Action::Judge(judge) => court.hear(judge, None),
    }
}

fn all(lines: &[&str], root: &Path) -> Verdict {
    Verdict::all(lines.iter().map(|line| {
        anstream::println!("cargo {line}");
        Verdict::of(&mut cargo(line, root)).about(&format!("cargo {line}"))
    }))
}

fn regenerated(root: &Path) -> Verdict {
    let options = regen::Regen {
        check: true,
        root: Some(root.to_owned()),
        ..regen::Regen::default()
    };
    match regen::run(&options) {
        Ok(CLEAN) => Verdict::Passed,
        Ok(_) => Verdict::Failed("see `cargo xtask regen --check`".into()),
        Err(error) => Verdict::Failed(format!("{error:#}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(only: &[&str], skip: &[&str]) -> Result<Vec<&'static str>> {
        let owned = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        let steps = select(steps(), &owned(only), &owned(skip))?;
        Ok(steps.iter().map(|step| step.name).collect())
    }

    #[test]
    fn all_steps_run_by_default_and_their_names_differ() {
        let all = selected(&[], &[]).unwrap();
        assert_eq!(all.len(), CHECKS.len() + JUDGES.len());
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert!(!all.contains(&ALL_JUDGES));
    }

    #[test]
    fn the_tests_on_engines_are_linted_too() {
        let Action::Cargo(lines) = &CHECKS
            .iter()
            .find(|step| step.name == "clippy")
            .unwrap()
            .action
        else {
            panic!("clippy is run by cargo");
        };
        for (package, name) in engines::TESTS {
            let line =
                format!("clippy -p {package} --test {name} --all-features --locked -- -D warnings");
            assert!(lines.contains(&line.as_str()), "{line}");
        }
    }

    #[test]
    fn only_and_skip_keep_the_order() {
        assert_eq!(selected(&["doc", "fmt"], &[]).unwrap(), ["fmt", "doc"]);
        let judges: Vec<_> = JUDGES.iter().map(|judge| judge.name).collect();
        assert_eq!(selected(&["judges"], &[]).unwrap(), judges);
        assert_eq!(
            selected(&["judges"], &["redocly"]).unwrap(),
            [&judges[..1], &judges[2..]].concat()
        );
        assert_eq!(judges[1], "redocly");
        assert_eq!(selected(&[], &["judges"]).unwrap().len(), CHECKS.len());
    }

    #[test]
    fn a_selection_that_means_nothing_is_refused() {
        let error = selected(&[], &["clipy"]).unwrap_err().to_string();
        assert!(
            error.contains("`clipy`") && error.contains("clippy"),
            "{error}"
        );
        assert!(selected(&["fmt"], &["fmt"]).is_err());
    }
}
