//! The examples, run as the programs that they are.
//!
//! Invariant: each file of `examples/` runs here, against the simulator, and its
//! output is looked at.

#![allow(
    clippy::unwrap_used,
    reason = "a failed `unwrap` in a test is the test's message"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;
use std::time::SystemTime;

/// Where cargo puts the examples, beside the folder of this test.
fn folder() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().with_file_name("examples")
}

fn program(name: &str) -> PathBuf {
    folder().join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

/// When a file below the folder was changed last.
fn newest(folder: &Path) -> SystemTime {
    let files = std::fs::read_dir(folder).unwrap();
    let times = files.map(|file| {
        let path = file.unwrap().path();
        if path.is_dir() {
            newest(&path)
        } else {
            changed(&path).unwrap()
        }
    });
    times.max().unwrap()
}

/// `cargo test` builds the examples together with this test. Only where one test
/// is named (`--test examples`) it does not: then this does.
fn build_if_older_than_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = newest(&root.join("src")).max(newest(&root.join("examples")));
    let mut names = names();
    if names.all(|name| changed(&program(&name)).is_some_and(|built| built >= sources)) {
        return;
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--examples", "--target-dir"]);
    let profile = folder().parent().unwrap().to_owned();
    cargo.arg(profile.parent().unwrap()).current_dir(root);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    // The same features, so that the library is not built twice.
    for (feature, is_on) in [
        ("schemars", cfg!(feature = "schemars")),
        ("tracing", cfg!(feature = "tracing")),
        ("uom", cfg!(feature = "uom")),
    ] {
        if is_on {
            cargo.args(["--features", feature]);
        }
    }
    assert!(
        cargo.status().unwrap().success(),
        "the examples do not build"
    );
}

/// The examples that the features allow.
fn names() -> impl Iterator<Item = String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| cfg!(feature = "schemars") || name != "json_schemas")
}

/// What the example prints. It must end well.
fn run(name: &str, arguments: &[&str]) -> String {
    static BUILT: Once = Once::new();
    BUILT.call_once(build_if_older_than_the_sources);
    let mut command = Command::new(program(name));
    for variable in [
        "SMARTCAR_ACCESS_TOKEN",
        "SMARTCAR_API_ORIGIN",
        "SMARTCAR_API",
        "ADDR",
    ] {
        command.env_remove(variable);
    }
    let output = command.args(arguments).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{name}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn no_example_is_forgotten() {
    let this = include_str!("examples.rs");
    let index = include_str!("../examples/README.md");
    for name in names() {
        assert!(
            this.contains(&format!("run(\"{name}\"")),
            "{name} is not run"
        );
        assert!(
            index.contains(&format!("({name}.rs)")),
            "{name} is not listed"
        );
    }
}

#[test]
fn quickstart() {
    let output = run("quickstart", &[]);
    let lines: Vec<_> = output.lines().collect();
    assert_eq!(lines.len(), 6, "{output}");
    assert_eq!(lines[0], "one batch, 5 requests of the quota");
    for (line, name) in lines[1..]
        .iter()
        .zip([" vehicle", "odometer", "location", " battery"])
    {
        assert!(line.starts_with(&format!("{name}: ")), "{output}");
    }
    assert!(lines[5].ends_with(" km left"), "{output}");
}

#[test]
fn web_service() {
    let output = run("web_service", &[]);
    assert!(output.contains(r#"200: {"km":"#), "{output}");
    assert!(output.contains("400: "), "{output}");
    assert!(output.ends_with("by their paths: [3]\n"), "{output}");
}

#[test]
fn fleet_poller() {
    let output = run("fleet_poller", &[]);
    assert!(output.contains("round 1: 5 vehicles are due"), "{output}");
    assert!(output.contains("round 3: "), "{output}");
    // The limited one is not asked again, for it is not due in this time.
    let limited: Vec<_> = output
        .lines()
        .filter(|line| line.starts_with("car-3: "))
        .collect();
    assert_eq!(limited.len(), 1, "{output}");
    assert!(limited[0].contains("; again in 1"), "{output}");
}

#[test]
fn testing() {
    assert_eq!(run("testing", &[]), "6 checks passed\n");
}

#[test]
fn token_source() {
    let output = run("token_source", &[]);
    assert!(
        output.ends_with("ten tasks answered; 2 token requests in all\n"),
        "{output}"
    );
}

#[cfg(feature = "schemars")]
#[test]
fn json_schemas() {
    let output = run("json_schemas", &["TeslaCharge"]);
    let schemas: serde_json::Value = serde_json::from_str(&output).unwrap();
    for name in ["Record", "TeslaCharge"] {
        assert!(schemas[name]["properties"].is_object(), "{output}");
    }
}
