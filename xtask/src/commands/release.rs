//! `cargo xtask release --dry-run`: what a release would be.
//!
//! Invariant: nothing is written outside `target/`, tagged or published. `RELEASING.md`
//! says how a person does that.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::exit::{CLEAN, STALE};
use crate::package::published;
use crate::plan;
use crate::release::{
    CHANGELOG, Step, compare, demanded, following, last_release, latest, semver, since_release,
    snapshot_of, unreleased,
};
use crate::tools::SEMVER_CHECKS;

/// The command's options.
#[derive(Debug, clap::Args)]
pub struct Release {
    /// Required, because a person publishes: RELEASING.md says how
    #[arg(long, required = true)]
    pub dry_run: bool,
    /// Compare the API with this revision in place of the last tag
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,
    /// Do not compare the API. The first comparison builds cargo-semver-checks, which takes
    /// several minutes
    #[arg(long, conflicts_with = "since")]
    pub skip_semver: bool,
}

/// Runs the command.
pub fn run(options: &Release) -> Result<u8> {
    let root = super::root();
    let packages = published(&root)?;
    let changelog = fs::read_to_string(root.join(CHANGELOG))?;

    let mut steps = Vec::new();
    anstream::println!("=== the API of the crates");
    let api = api(&root, options)?;
    match &api {
        Api::Compared(step) => steps.push(*step),
        Api::Skipped(why) | Api::Unknown(why) => anstream::println!("not compared: {why}"),
    }

    anstream::println!("\n=== the API of the specs");
    let changes = match last_release(&root)? {
        Some(last) => compare(&last, &snapshot_of(&plan::load(&root)?)?),
        None => Vec::new(),
    };
    steps.extend(changes.first().map(|change| change.step));
    anstream::println!("{}", since_release(&changes));

    let section = unreleased(&changelog).context("the changelog has no `## Unreleased`")?;
    let breaking = section
        .lines()
        .filter(|line| line.starts_with("- Breaking:"))
        .count();
    steps.extend((breaking > 0).then_some(Step::Major));
    anstream::println!("\n=== the changelog's section: {breaking} breaking lines\n{section}");

    let last = latest(&changelog).context("the changelog has no released version")?;
    let step = steps.into_iter().max().unwrap_or(Step::Patch);
    let next = following(last, step).with_context(|| format!("{last} is not a version"))?;
    let now = env!("CARGO_PKG_VERSION");
    anstream::println!("\n=== the version\n{last} and a {step} step give {next}");
    if now != next {
        anstream::println!("Cargo.toml has {now}: raise it in both places, and run `cargo check`");
    }

    anstream::println!("\n=== the order of publishing");
    for package in &packages {
        anstream::println!("cargo publish --package {}", package.name);
    }
    Ok(match api {
        Api::Unknown(_) => STALE,
        Api::Compared(_) | Api::Skipped(_) => CLEAN,
    })
}

/// The verdict about the crates' API.
enum Api {
    Compared(Step),
    /// There is nothing to compare with, or it was not wanted.
    Skipped(String),
    /// At least one package could not be compared.
    Unknown(String),
}

fn api(root: &Path, options: &Release) -> Result<Api> {
    if options.skip_semver {
        return Ok(Api::Skipped("--skip-semver".to_owned()));
    }
    let Some(since) = options.since.clone().or_else(|| last_tag(root)) else {
        let why = "there is no tag such as v0.1.0; --since takes another revision";
        return Ok(Api::Skipped(why.to_owned()));
    };
    anyhow::ensure!(
        semver::has(root, &since, ""),
        "git does not know the revision {since}"
    );
    let tool = SEMVER_CHECKS.ready(root)?;
    let (mut compared, mut unknown) = (Vec::new(), Vec::new());
    for package in published(root)?.iter().filter(|it| it.is_library()) {
        let name = package.name.as_str();
        if !semver::has(root, &since, &package.folder(root)?) {
            anstream::println!("{name} is new since {since}");
            continue;
        }
        match demanded(&semver::check(&tool, root, name, &since)?) {
            Some(step) => compared.push(step),
            None => unknown.push(name.to_owned()),
        }
    }
    if !unknown.is_empty() {
        return Ok(Api::Unknown(unknown.join(", ")));
    }
    let Some(step) = compared.into_iter().max() else {
        return Ok(Api::Skipped(format!("every package is new since {since}")));
    };
    anstream::println!("since {since}: a {step} step");
    Ok(Api::Compared(step))
}

fn last_tag(root: &Path) -> Option<String> {
    let mut git = Command::new("git");
    git.args(["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]);
    let output = git.current_dir(root).output().ok()?;
    let tag = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| tag.trim().to_owned())
}
