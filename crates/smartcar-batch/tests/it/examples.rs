//! Runs the examples as programs.
//!
//! Invariant: every file in `examples/` runs here, against the simulator, and its
//! output is checked.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;
use std::time::SystemTime;

/// The folder where cargo puts the examples, next to that of this test.
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

/// The time of the last change to a file in the folder.
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

/// `cargo test` builds the examples together with this test, except when a single
/// test is named (`--test it`). In that case this builds them.
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

/// The examples that the enabled features allow.
fn names() -> impl Iterator<Item = String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| cfg!(feature = "schemars") || name != "json_schemas")
}

/// The output of an example on an API version. The example must succeed.
fn run(name: &str, api: &str, arguments: &[&str]) -> String {
    static BUILT: Once = Once::new();
    BUILT.call_once(build_if_older_than_the_sources);
    let mut command = Command::new(program(name));
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("SMARTCAR_") || variable == "ADDR" {
            command.env_remove(variable);
        }
    }
    let command = command.env("SMARTCAR_API", api).args(arguments);
    let output = command.output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{name} on {api}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn no_example_is_forgotten() {
    let this = include_str!("examples.rs");
    let index = include_str!("../../examples/README.md");
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
    let of = |api, price: &str| {
        let output = run("quickstart", api, &[]);
        let (first, values) = output.split_once('\n').unwrap();
        assert_eq!(first, format!("one batch, {price} requests charged"));
        // The car is electric, so it has no fuel. Each API says so in its own words.
        let (values, failure) = values.trim_end().rsplit_once('\n').unwrap();
        assert!(failure.starts_with("/fuel: "), "{output}");
        values.to_owned()
    };
    let values = of("v2", "5");
    let lines: Vec<_> = values.lines().collect();
    let names = [" vehicle", "odometer", "location", " battery"];
    assert_eq!(lines.len(), names.len(), "{values}");
    for (line, name) in lines.iter().zip(names) {
        assert!(line.starts_with(&format!("{name}: ")), "{values}");
    }
    // The same vehicle at the same time, read from its signals.
    assert_eq!(of("v3", "1"), values);
}

#[test]
fn web_service() {
    let of = |api| run("web_service", api, &[]);
    let output = of("v2");
    assert!(output.contains(r#"200: {"km":"#), "{output}");
    assert!(output.contains("400: "), "{output}");
    assert!(output.ends_with("requests to the API: 1\n"), "{output}");
    // The outputs are equal except for the port.
    let pages = |output: String| output.split_once('\n').unwrap().1.to_owned();
    assert_eq!(pages(of("v3")), pages(output));
}

#[test]
fn fleet_poller() {
    for api in ["v2", "v3"] {
        let output = run("fleet_poller", api, &[]);
        assert!(output.contains("round 1: 5 vehicles are due"), "{output}");
        assert!(output.contains("round 3: "), "{output}");
        let of = |vehicle: &str| {
            let lines = output.lines();
            let lines = lines.filter(|line| line.starts_with(&format!("{vehicle}: ")));
            lines.collect::<Vec<_>>()
        };
        let polled = of("car-1");
        assert_eq!(polled.len(), 3, "{output}");
        assert!(polled.iter().all(|line| line.contains(" km, fuel Some(")));
        // The rate-limited vehicle is not requested again, because it is not due
        // within this time.
        let limited = of("car-3");
        assert_eq!(limited.len(), 1, "{output}");
        assert!(limited[0].contains("; again in 1"), "{output}");
    }
}

#[test]
fn testing() {
    for api in ["v2", "v3"] {
        assert_eq!(run("testing", api, &[]), "6 checks passed\n");
    }
}

/// It uses v2.0, whatever the environment says.
#[test]
fn token_source() {
    for api in ["v2", "v3"] {
        let output = run("token_source", api, &[]);
        assert!(
            output.ends_with("ten tasks done; 2 token requests in total\n"),
            "{output}"
        );
    }
}

#[cfg(feature = "schemars")]
#[test]
fn json_schemas() {
    let output = run("json_schemas", "v2", &["TeslaCharge"]);
    let schemas: serde_json::Value = serde_json::from_str(&output).unwrap();
    for name in ["Record", "TeslaCharge"] {
        assert!(schemas[name]["properties"].is_object(), "{output}");
    }
}
