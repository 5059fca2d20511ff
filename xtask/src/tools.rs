//! Cargo's own tools, installed below `target/tools` at exact versions.
//!
//! Invariant: nothing is installed outside `target`, and a tool that is there already at
//! its version is not built again.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::judges::call::cargo;

/// A tool of the package registry.
#[derive(Debug)]
pub struct Tool {
    /// The package, and the program.
    pub name: &'static str,
    /// Its exact version.
    pub version: &'static str,
}

/// Tells whether a public API is compatible with an older one.
pub const SEMVER_CHECKS: Tool = Tool {
    name: "cargo-semver-checks",
    version: "0.51.0",
};

/// Changes the code, and tells which changes no test notices.
pub const MUTANTS: Tool = Tool {
    name: "cargo-mutants",
    version: "27.1.0",
};

impl Tool {
    /// The program, installed if it is not there at its version.
    pub fn ready(&self, root: &Path) -> Result<PathBuf> {
        let Self { name, version } = self;
        let tools = root.join("target/tools");
        let line = format!("install {name} --version ={version} --locked --quiet --root");
        let status = cargo(&line, root)
            .arg(&tools)
            // Else the tool's own build would go to the folder of ours.
            .env_remove("CARGO_TARGET_DIR")
            // They run a few times only, so a quick build counts for more than a quick program.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .status()
            .context("failed to start cargo")?;
        anyhow::ensure!(
            status.success(),
            "failed to install {name}: the package registry must be reachable"
        );
        let program = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        Ok(tools.join("bin").join(program))
    }
}
