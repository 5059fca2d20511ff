//! What a dependency on the façade costs to build, beside one on reqwest alone.
//!
//! Invariant: both are packages outside the workspace, with the same versions and
//! the same TLS; neither leaves anything behind.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::table::Line;
use crate::judges::call::cargo;

/// Crates below each, and where `cold` the CPU seconds of a cold debug build.
pub fn lines(root: &Path, cold: bool) -> Result<Vec<Line>> {
    let path = serde_json::Value::from(root.join("crates/smartcar-batch").to_string_lossy());
    let ours = format!("smartcar-batch = {{ path = {path} }}");
    let base =
        r#"reqwest = { version = "0.13.5", default-features = false, features = ["rustls"] }"#;
    let (ours, base) = (Package::new(root, &ours)?, Package::new(root, base)?);
    let (count, of) = (ours.crates()?, base.crates()?);
    let mut lines = vec![Line {
        name: "crates below a default dependency".to_owned(),
        limit: 112.0,
        goal: 106.0,
        gated: false,
        today: Some(count),
        detail: format!("reqwest with the same TLS: {of}"),
    }];
    if cold {
        let (seconds, of) = (ours.cold_build()?, base.cold_build()?);
        lines.push(Line {
            name: "cold debug build, CPU".to_owned(),
            limit: 1.15,
            goal: 1.08,
            gated: false,
            today: Some(seconds / of),
            detail: format!("{seconds:.0} s to {of:.0} s"),
        });
    }
    Ok(lines)
}

struct Package(tempfile::TempDir);

impl Package {
    #[allow(
        clippy::disallowed_methods,
        reason = "nobody sees these files half-written: the folder is ours and goes again"
    )]
    fn new(root: &Path, dependency: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let manifest = format!(
            "[package]\nname = \"cost\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n{dependency}\n\n[workspace]\n"
        );
        std::fs::write(folder.path().join("Cargo.toml"), manifest)?;
        std::fs::create_dir(folder.path().join("src"))?;
        std::fs::write(folder.path().join("src/lib.rs"), "")?;
        // The workspace's versions.
        std::fs::copy(root.join("Cargo.lock"), folder.path().join("Cargo.lock"))?;
        Ok(Self(folder))
    }

    fn crates(&self) -> Result<f64> {
        let line = "tree --edges normal,build --prefix none --format {p}";
        let output = cargo(line, self.0.path()).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "failed to list the crates:\n{said}"
        );
        let tree = String::from_utf8(output.stdout)?;
        let crates: BTreeSet<_> = tree
            .lines()
            .map(|line| line.split(" (").next().unwrap_or(line))
            .collect();
        // Without the package itself.
        let below = u32::try_from(crates.len().saturating_sub(1))?;
        Ok(f64::from(below))
    }

    fn cold_build(&self) -> Result<f64> {
        let before = children()?;
        let mut build = cargo("build --quiet", self.0.path());
        let status = build
            .env("CARGO_TARGET_DIR", self.0.path().join("target"))
            // As a registry's packages are built; those of a path would be incremental.
            .env("CARGO_INCREMENTAL", "0")
            .status()?;
        ensure!(status.success(), "failed to build");
        Ok(children()? - before)
    }
}

/// CPU seconds of every child that has ended, as Linux counts them.
fn children() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat");
    let stat = stat.context("CPU time of a build is known on Linux only")?;
    let after = stat.rsplit(')').next().unwrap_or_default();
    // Fields 16 and 17 of the whole; the name that ended above is the second.
    let ticks = after.split_whitespace().skip(13).take(2);
    let ticks: f64 = ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    // Linux has counted in hundredths on every platform for long.
    Ok(ticks / 100.0)
}
