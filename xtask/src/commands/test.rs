//! `cargo xtask test`: all checks that a change must pass.
//!
//! Invariant: a failed step does not stop the others, and the exit code matches the
//! table that is printed last.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;

use super::steps::{ALL_JUDGES, Action, EXTRAS, FUZZ, Step, WASM, steps};
use super::{bench, browser, deny, engines, extra, fuzz, regen};
use crate::exit::CLEAN;
use crate::judges::Court;
use crate::judges::call::cargo;
use crate::judges::kit::on_this_machine;
use crate::judges::verdict::{self, Row, Verdict};

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

impl Test {
    /// The named steps that do not exist.
    pub fn unknown_steps(&self) -> Vec<&str> {
        let known: Vec<_> = steps()
            .into_iter()
            .chain(EXTRAS.iter().map(|it| Step { ..*it }))
            .collect();
        let exists = |name: &str| {
            let is_fuzz = name == FUZZ && self.fuzz.is_some();
            is_fuzz || known.iter().any(|step| step.answers_to(name))
        };
        let names = self.only.iter().chain(&self.skip).map(String::as_str);
        names.filter(|name| !exists(name)).collect()
    }
}

/// Runs the command.
pub fn run(options: &Test) -> Result<u8> {
    // The steps run in the root, so a relative path must be made absolute first.
    let root = std::path::absolute(options.root.clone().unwrap_or_else(super::root))?;
    let mut steps = steps();
    steps.extend(extras(options, &root));
    steps.extend(options.fuzz.map(|seconds| Step {
        name: FUZZ,
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

/// The extra steps of this run: those that are named or listed, and what the machine has.
fn extras(options: &Test, root: &Path) -> impl Iterator<Item = Step> {
    let is_wanted = |step: &&Step| {
        let is_named = options.only.iter().any(|name| name == step.name);
        is_named || options.list || (step.name == WASM.name && extra::has_wasm(root))
    };
    EXTRAS.iter().filter(is_wanted).map(|step| Step { ..*step })
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

fn act(action: Action, root: &Path, court: &mut Court<'_>) -> Verdict {
    match action {
        Action::Cargo(lines) => all(lines, root),
        Action::Doc(line) => Verdict::of(cargo(line, root).env("RUSTDOCFLAGS", "-D warnings")),
        Action::Regen => regenerated(root),
        Action::Bench => bench::step(root),
        Action::Deny => deny::step(root, &on_this_machine),
        Action::Engines => engines::step(root, &on_this_machine),
        Action::Browser => browser::step(root, &on_this_machine),
        Action::Extra(run) => run(root),
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
    use super::super::steps::CHECKS;
    use super::*;
    use crate::judges::JUDGES;

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
    fn extra_steps_run_only_if_they_are_named() {
        let named = |only: &[&str]| {
            let options = Test {
                only: only.iter().map(|&name| name.to_owned()).collect(),
                skip: Vec::new(),
                fuzz: None,
                list: false,
                root: None,
            };
            let nowhere = Path::new("nowhere");
            let names = extras(&options, nowhere).map(|step| step.name);
            names.collect::<Vec<_>>()
        };
        assert_eq!(named(&["msrv", "fmt"]), ["msrv"]);
        assert_eq!(named(&[]), [""; 0]);
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
