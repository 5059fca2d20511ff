//! What answers must be readable without: sending, TLS, a runtime, the generator.
//! Versions with known faults and crates to avoid are in `deny.toml`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

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

/// The names of what a package's build links or runs on this platform, without its options.
fn normal_dependencies(name: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal"])
        .args([
            "--no-default-features",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--package",
            name,
        ])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let tree = String::from_utf8(output.stdout).unwrap();
    tree.lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_model_has_no_network_stack_below_it() {
    let below = normal_dependencies("smartcar-model");
    for expected in ["serde", "serde_json", "jiff"] {
        assert!(below.contains(expected), "{below:?}");
    }
    for name in NOT_IN_THE_MODEL {
        assert!(!below.contains(*name), "{name} is below smartcar-model");
    }
    assert!(!below.contains("schemars"), "options were to be left out");
    // The walk would find them: they are below the façade's transport.
    let client = normal_dependencies("smartcar-client");
    for name in ["reqwest", "hyper", "tokio", "progenitor-client"] {
        assert!(client.contains(name), "{name} is not below smartcar-client");
    }
}
