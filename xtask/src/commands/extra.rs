//! Steps of `cargo xtask test` that need another toolchain or target. They run only if
//! they are named; the hosted CI names them.
//!
//! Invariant: nothing is installed here, and what is missing is named.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::judges::call::{call, cargo};
use crate::judges::verdict::Verdict;
use crate::package::{Package, published};

const NIGHTLY: &str = "nightly";
/// The target for which the model is checked.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Each package builds with the oldest Rust that it states.
pub fn msrv(root: &Path) -> Verdict {
    each(root, |package| {
        let version = package.metadata["rust_version"]
            .as_str()
            .unwrap_or_default();
        let line = format!(
            "check -p {} --locked --target-dir target/msrv",
            package.name
        );
        with(version, &line, root, Verdict::of)
    })
}

/// The packages build with the oldest versions of dependencies that they state.
pub fn minimal_versions(root: &Path) -> Verdict {
    let lock = "target/minimal-versions/Cargo.lock";
    let oldest = format!("-Zdirect-minimal-versions --config resolver.lockfile-path='{lock}'");
    let packages = match published(root) {
        Ok(packages) => packages,
        Err(error) => return Verdict::Failed(format!("{error:#}")),
    };
    let names: Vec<_> = packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let names = names.join(" -p ");
    let run = |line: &str| with(NIGHTLY, line, root, Verdict::of);
    match run(&format!("{oldest} generate-lockfile")) {
        Verdict::Passed => run(&format!(
            "{oldest} check --locked --target-dir target/minimal-versions -p {names}"
        )),
        other => other,
    }
}

/// The documentation builds as docs.rs builds it, with features marked.
pub fn docs_rs(root: &Path) -> Verdict {
    each(root, |package| {
        // A package with programs only has their documentation shown.
        let is_library = package.is_library() || package.has_target("proc-macro");
        let line = format!(
            "doc --no-deps {} -p {} --locked --target-dir target/docs-rs {}",
            if is_library { "--lib" } else { "--bins" },
            package.name,
            features(package)
        );
        with(NIGHTLY, &line, root, |command| {
            Verdict::of(command.env("RUSTDOCFLAGS", "--cfg docsrs -D warnings"))
        })
    })
}

/// The model builds for WebAssembly.
pub fn wasm(root: &Path) -> Verdict {
    if !has_wasm(root) {
        return Verdict::NotRun {
            why: format!("the target {WASM} is not installed"),
            how: format!("rustup target add {WASM}"),
        };
    }
    let line = format!("check -p smartcar-model --all-features --locked --target {WASM}");
    Verdict::of(&mut cargo(&line, root))
}

/// Whether the target for WebAssembly is installed for the pinned toolchain.
pub fn has_wasm(root: &Path) -> bool {
    let mut rustc = call("rustc --print target-libdir --target", &[]);
    let output = rustc.arg(WASM).current_dir(root).output();
    output.is_ok_and(|output| {
        let folder = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success() && Path::new(folder.trim()).exists()
    })
}

/// The features that docs.rs enables, as options of cargo.
fn features(package: &Package) -> String {
    let docs_rs = &package.metadata["metadata"]["docs"]["rs"];
    if docs_rs["all-features"] == true {
        return "--all-features".to_owned();
    }
    let features = docs_rs["features"].as_array().into_iter().flatten();
    let features: Vec<_> = features.filter_map(|feature| feature.as_str()).collect();
    format!("--features {}", features.join(","))
}

fn each(root: &Path, run: impl Fn(&Package) -> Verdict) -> Verdict {
    match published(root) {
        Ok(packages) => Verdict::all(
            packages
                .iter()
                .map(|package| run(package).about(&package.name)),
        ),
        Err(error) => Verdict::Failed(format!("{error:#}")),
    }
}

/// Runs cargo of another toolchain.
fn with(
    toolchain: &str,
    line: &str,
    root: &Path,
    run: impl Fn(&mut Command) -> Verdict,
) -> Verdict {
    let rustup = || {
        let mut command = Command::new("rustup");
        command.args(["run", toolchain, "cargo"]).current_dir(root);
        // Those of the cargo that runs this, which must not reach the other.
        for name in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN"] {
            command.env_remove(name);
        }
        command
    };
    let present = rustup()
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !present.is_ok_and(|status| status.success()) {
        return Verdict::NotRun {
            why: format!("the toolchain {toolchain} is not installed"),
            how: format!("rustup toolchain install {toolchain} --profile minimal"),
        };
    }
    anstream::println!("cargo +{toolchain} {line}");
    run(rustup().args(line.split_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toolchain_that_is_not_there_is_named() {
        let root = crate::commands::root();
        let verdict = with("0.0.1-none", "check", &root, |_| Verdict::Passed);
        let Verdict::NotRun { why, how } = verdict else {
            panic!("it cannot have run");
        };
        assert!(why.contains("0.0.1-none"), "{why}");
        assert!(
            how.starts_with("rustup toolchain install 0.0.1-none"),
            "{how}"
        );
    }

    #[test]
    fn docs_rs_shows_what_the_package_says() {
        let packages = published(&crate::commands::root()).unwrap();
        let of = |name: &str| features(packages.iter().find(|p| p.name == name).unwrap());
        assert_eq!(of("smartcar-model"), "--all-features");
        // The TLS choices exclude each other.
        let batch = of("smartcar-batch");
        assert!(
            batch.contains("schemars") && !batch.contains("native-tls"),
            "{batch}"
        );
    }
}
