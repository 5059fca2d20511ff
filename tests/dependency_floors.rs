//! What the dependency tree must not hold: versions with known faults, crates
//! that nobody maintains, and a network stack below the model.
//!
//! It reads Cargo.lock, so that it covers every platform and feature, and needs
//! no network and no advisory database; `cargo xtask deny` asks the latter.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use semver::Version;
use serde_json::Value;

/// The first version without the advisories known when it was written.
const FLOORS: &[(&str, &str)] = &[
    // A redirect from https to http kept the token.
    ("reqwest", "0.13.5"),
    // RUSTSEC-2026-0258, 2024-0332, 2024-0003, 2023-0034.
    ("h2", "0.4.16"),
    // RUSTSEC-2026-0007.
    ("bytes", "1.11.1"),
    // RUSTSEC-2024-0399, 2024-0336.
    ("rustls", "0.23.18"),
    // RUSTSEC-2026-0104, -0099, -0098, -0049.
    ("rustls-webpki", "0.103.13"),
    // RUSTSEC-2026-0044 to -0048.
    ("aws-lc-sys", "0.39.0"),
    // RUSTSEC-2025-0009.
    ("ring", "0.17.12"),
    // RUSTSEC-2024-0421.
    ("idna", "1.0.0"),
    // RUSTSEC-2025-0023.
    ("tokio", "1.44.2"),
    // RUSTSEC-2025-0055.
    ("tracing-subscriber", "0.3.20"),
    // RUSTSEC-2026-0009.
    ("time", "0.3.47"),
    // RUSTSEC-2026-0185.
    ("quinn-proto", "0.11.15"),
    // RUSTSEC-2025-0022, 2025-0004.
    ("openssl", "0.10.72"),
];

/// The same list as in deny.toml.
const AVOID: &[&str] = &["backoff", "serde_yml", "yaml-rust", "rustls-pemfile"];

/// What answers must be readable without: sending, TLS, a runtime, the generator.
const NOT_IN_THE_MODEL: &[&str] = &[
    "aws-lc-rs",
    "aws-lc-sys",
    "axum",
    "h2",
    "http",
    "http-body",
    "hyper",
    "hyper-util",
    "mio",
    "native-tls",
    "openssl",
    "prettyplease",
    "progenitor",
    "progenitor-client",
    "progenitor-impl",
    "reqwest",
    "ring",
    "rustls",
    "socket2",
    "tokio",
    "tower",
    "typify",
    "url",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Every crate with every version that a lock file names.
fn locked(path: &str) -> Vec<(String, Version)> {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    let value = |line: &str, key: &str| {
        let quoted = line.strip_prefix(key)?.strip_prefix(" = \"")?;
        Some(quoted.strip_suffix('"')?.to_owned())
    };
    let lines: Vec<_> = text.lines().collect();
    let packages = lines.windows(2).filter_map(|pair| {
        let name = value(pair[0], "name")?;
        Some((name, value(pair[1], "version")?.parse().unwrap()))
    });
    packages.collect()
}

/// One line for each crate that is below its floor.
fn below_the_floor(packages: &[(String, Version)]) -> Vec<String> {
    let floor = |name: &str| {
        let (_, floor) = FLOORS.iter().find(|(floored, _)| *floored == name)?;
        Some(floor.parse::<Version>().unwrap())
    };
    let found = packages.iter().filter_map(|(name, version)| {
        let floor = floor(name)?;
        (*version < floor).then(|| format!("{name} {version} is older than {floor}"))
    });
    found.collect()
}

fn avoided(packages: &[(String, Version)]) -> Vec<&str> {
    let names = packages.iter().map(|(name, _)| name.as_str());
    names.filter(|name| AVOID.contains(name)).collect()
}

#[test]
fn no_dependency_is_below_its_floor_or_to_be_avoided() {
    for lock in ["Cargo.lock", "tests/fuzz/Cargo.lock"] {
        let packages = locked(lock);
        assert!(packages.len() > 10, "{lock} was not understood");
        assert_eq!(below_the_floor(&packages), [""; 0], "{lock}");
        assert_eq!(avoided(&packages), [""; 0], "{lock}");
    }
    // The floors are of this tree: some of them must bear on it.
    let packages = locked("Cargo.lock");
    for name in ["reqwest", "h2", "rustls", "tokio", "idna"] {
        assert!(packages.iter().any(|(locked, _)| locked == name), "{name}");
    }
}

#[test]
fn an_old_version_is_told_even_beside_a_new_one() {
    let package = |name: &str, version: &str| (name.to_owned(), version.parse().unwrap());
    let packages = [
        package("h2", "0.4.16"),
        package("h2", "0.3.26"),
        package("rustls-webpki", "0.103.9"),
        package("rustls", "0.23.18-rc.1"),
        package("tokio", "1.54.0"),
        package("yaml-rust", "0.4.5"),
        package("yaml-rust2", "0.10.0"),
    ];
    assert_eq!(
        below_the_floor(&packages),
        [
            "h2 0.3.26 is older than 0.4.16",
            "rustls-webpki 0.103.9 is older than 0.103.13",
            "rustls 0.23.18-rc.1 is older than 0.23.18",
        ]
    );
    assert_eq!(avoided(&packages), ["yaml-rust"]);
}

#[test]
fn what_is_denied_is_what_is_avoided() {
    let text = std::fs::read_to_string(root().join("deny.toml")).unwrap();
    let (_, bans) = text.split_once("\ndeny = [").unwrap();
    let (bans, _) = bans.split_once("\n]").unwrap();
    let crates = bans.split("crate = \"").skip(1);
    let crates: BTreeSet<_> = crates.filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(crates, AVOID.iter().copied().collect());
}

/// cargo's own view of the tree, on this platform: the crates of other
/// platforms need not have been downloaded.
fn metadata() -> Value {
    let host = Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: "));
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version", "1"])
        .args(["--filter-platform", host.unwrap()])
        .current_dir(root())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The names of what a package's build links or runs, without its options.
fn normal_dependencies(metadata: &Value, name: &str) -> BTreeSet<String> {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let packages: BTreeMap<_, _> = list(&metadata["packages"])
        .into_iter()
        .map(|package| (text(&package["id"]), package))
        .collect();
    let nodes: BTreeMap<_, _> = list(&metadata["resolve"]["nodes"])
        .into_iter()
        .map(|node| (text(&node["id"]), node))
        .collect();
    let (start, package) = packages
        .iter()
        .find(|(_, package)| package["name"] == name)
        .unwrap();
    assert_eq!(package["features"]["default"], Value::Null);
    // The graph has the features that the whole workspace asks for.
    let optional: BTreeSet<_> = list(&package["dependencies"])
        .iter()
        .filter(|dependency| dependency["optional"] == true)
        .map(|dependency| text(&dependency["name"]))
        .collect();
    let mut seen = BTreeSet::from([start.clone()]);
    let mut left = vec![start.clone()];
    while let Some(id) = left.pop() {
        for dependency in list(&nodes[&id]["deps"]) {
            let next = text(&dependency["pkg"]);
            let kinds = list(&dependency["dep_kinds"]);
            let normal = kinds.iter().any(|kind| kind["kind"].is_null());
            let left_out = id == *start && optional.contains(&text(&packages[&next]["name"]));
            if normal && !left_out && seen.insert(next.clone()) {
                left.push(next);
            }
        }
    }
    seen.iter().map(|id| text(&packages[id]["name"])).collect()
}

#[test]
fn the_model_has_no_network_stack_below_it() {
    let metadata = metadata();
    let below = normal_dependencies(&metadata, "smartcar-model");
    for expected in ["serde", "serde_json", "jiff"] {
        assert!(below.contains(expected), "{below:?}");
    }
    for name in NOT_IN_THE_MODEL {
        assert!(!below.contains(*name), "{name} is below smartcar-model");
    }
    assert!(!below.contains("schemars"), "options were to be left out");
    // The walk would find them: they are below the façade's transport.
    let client = normal_dependencies(&metadata, "smartcar-client");
    for name in ["reqwest", "hyper", "tokio", "progenitor-client"] {
        assert!(client.contains(name), "{name} is not below smartcar-client");
    }
}
