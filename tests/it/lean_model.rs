//! Reading responses must not depend on an HTTP client, TLS, a runtime or the
//! generator. Versions with known faults and crates to avoid are in `deny.toml`.

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

/// The packages that a package links or builds with on this platform, without its
/// optional features.
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
        assert!(!below.contains(*name), "smartcar-model depends on {name}");
    }
    assert!(
        !below.contains("schemars"),
        "optional features must be excluded"
    );
    // The search would find them: the façade's transport depends on them.
    let client = normal_dependencies("smartcar-client");
    for name in ["reqwest", "hyper", "tokio", "progenitor-client"] {
        assert!(
            client.contains(name),
            "smartcar-client does not depend on {name}"
        );
    }
}
