//! `cargo xtask package`: the packages as the registry will get them.
//!
//! Invariant: nothing is published. All output is below `target/packages/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::exit::{CLEAN, STALE};
use crate::judges::call::cargo;
use crate::package::{Package, Trial, faults, first_snippet, published};

/// The command's options.
#[derive(Debug, Default, clap::Args)]
pub struct Packages {
    /// Check metadata, files and sizes only; build nothing
    #[arg(long)]
    pub no_build: bool,
    /// Also package files that are not committed
    #[arg(long)]
    pub allow_dirty: bool,
}

/// Runs the command.
pub fn run(options: &Packages) -> Result<u8> {
    let root = super::root();
    let packages = published(&root)?;
    let made = make(&root, &packages, options)?;
    let trial = Trial::unpack(&root.join("target/packages/unpacked"), &made)?;
    let mut found = Vec::new();
    for (package, file) in &made {
        let files = trial.files(package)?;
        let size = fs::metadata(file)?.len();
        let (name, count, kib) = (&package.name, files.len(), size.div_ceil(1024));
        anstream::println!("{name:24}{count:5} files {kib:5} KiB");
        found.extend(faults(package, &files, size));
        found.extend(foreign_licences(&root, &trial, package)?);
    }
    for fault in &found {
        anstream::eprintln!("error: {fault}");
    }
    if !found.is_empty() {
        return Ok(STALE);
    }
    if options.no_build {
        return Ok(CLEAN);
    }
    let readme = fs::read_to_string(root.join("README.md"))?;
    let snippet = first_snippet(&readme).context("README.md has no Rust code")?;
    trial.furnish(
        &packages,
        &fs::read_to_string(root.join("Cargo.lock"))?,
        snippet,
    )?;
    trial.build()?;
    anstream::println!("unpacked packages: built against each other by version");
    let printed = trial.run(&root)?;
    anyhow::ensure!(
        printed.contains(" km\n"),
        "the README's first snippet printed {printed:?}"
    );
    anstream::println!("README's first snippet, with smartcar-batch alone, printed:\n{printed}");
    Ok(CLEAN)
}

/// Makes the package files. Cargo builds each of them, in the order of dependencies.
fn make(root: &Path, packages: &[Package], options: &Packages) -> Result<Vec<(Package, PathBuf)>> {
    let mut command = cargo(
        "package --locked --quiet --target-dir target/packages",
        root,
    );
    command.args(options.no_build.then_some("--no-verify"));
    command.args(options.allow_dirty.then_some("--allow-dirty"));
    for package in packages {
        command.args(["--package", &package.name]);
    }
    let status = command.status().context("failed to start cargo")?;
    anyhow::ensure!(status.success(), "cargo package: {status}");
    let file = |package: &Package| {
        let name = format!("target/packages/package/{}.crate", package.stem());
        (package.clone(), root.join(name))
    };
    Ok(packages.iter().map(file).collect())
}

/// Licence texts that differ from the repository's, as a link that git did not follow.
fn foreign_licences(root: &Path, trial: &Trial, package: &Package) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        let ours = fs::read(root.join(name))?;
        if trial.read(package, name)?.is_some_and(|text| text != ours) {
            found.push(format!("{}: {name} is not the repository's", package.name));
        }
    }
    Ok(found)
}
