//! The feature sets that are tested and linted.
//!
//! Invariant: every feature of every package is in the set of all that add, except the TLS
//! choices, which exclude each other; and every feature is linted without most others.

/// Clippy with all features that add. Its lint `incompatible_msrv` rejects what the Rust that
/// a package states does not have.
pub(super) const CLIPPY: &str = concat!(
    "clippy --workspace --all-targets --locked --features ",
    "smartcar-batch/derive,smartcar-batch/rustls,smartcar-batch/schemars,smartcar-batch/serde,",
    "smartcar-batch/testing,smartcar-batch/tracing,smartcar-batch/uom,smartcar-batch-derive/derive,",
    "smartcar-model/schemars,smartcar-model/serde,smartcar-model/uom,",
    "smartcar-redis/cluster,smartcar-redis/rustls,",
    "smartcar-webhook/axum,smartcar-webhook/derive,smartcar-webhook/serde,smartcar-webhook/uom",
    " -- -D warnings",
);

/// The tests with the same features.
pub(super) const TESTS: &str = concat!(
    "test --workspace --no-fail-fast --locked --features ",
    "smartcar-batch/derive,smartcar-batch/rustls,smartcar-batch/schemars,smartcar-batch/serde,",
    "smartcar-batch/testing,smartcar-batch/tracing,smartcar-batch/uom,smartcar-batch-derive/derive,",
    "smartcar-model/schemars,smartcar-model/serde,smartcar-model/uom,",
    "smartcar-redis/cluster,smartcar-redis/rustls,",
    "smartcar-webhook/axum,smartcar-webhook/derive,smartcar-webhook/serde,smartcar-webhook/uom",
);

/// Feature sets that the default build does not cover.
pub(super) const SETS: &[&str] = &[
    "clippy -p smartcar-batch-derive --locked --no-default-features -- -D warnings",
    "clippy -p smartcar-batch --locked --no-default-features -- -D warnings",
    "clippy -p smartcar-batch --locked --no-default-features --features derive -- -D warnings",
    "clippy -p smartcar-batch --locked --no-default-features --features rustls -- -D warnings",
    "clippy -p smartcar-batch --locked --no-default-features --features rustls-no-provider -- -D warnings",
    "clippy -p smartcar-batch --locked --no-default-features --features native-tls -- -D warnings",
    "clippy -p smartcar-batch --locked --no-default-features --features schemars -- -D warnings",
    "clippy -p smartcar-batch --locked --no-default-features --features serde -- -D warnings",
    "clippy -p smartcar-batch --locked --no-default-features --features testing -- -D warnings",
    "clippy -p smartcar-batch --locked --no-default-features --features tracing -- -D warnings",
    "clippy -p smartcar-batch --locked --no-default-features --features uom -- -D warnings",
    "clippy -p smartcar-model --locked --features schemars -- -D warnings",
    "clippy -p smartcar-model --locked --features serde -- -D warnings",
    "clippy -p smartcar-model --locked --features uom -- -D warnings",
    "clippy -p smartcar-redis --locked --no-default-features -- -D warnings",
    "clippy -p smartcar-redis --locked --no-default-features --features cluster -- -D warnings",
    "clippy -p smartcar-redis --locked --no-default-features --features rustls -- -D warnings",
    "clippy -p smartcar-webhook --locked --no-default-features -- -D warnings",
    "clippy -p smartcar-webhook --locked --no-default-features --features derive -- -D warnings",
    "clippy -p smartcar-webhook --locked --no-default-features --features axum -- -D warnings",
    "clippy -p smartcar-webhook --locked --no-default-features --features serde -- -D warnings",
    "clippy -p smartcar-webhook --locked --no-default-features --features uom -- -D warnings",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::published;

    /// They exclude each other.
    const TLS: [&str; 2] = [
        "smartcar-batch/native-tls",
        "smartcar-batch/rustls-no-provider",
    ];

    /// Package, feature.
    fn features() -> Vec<(String, String)> {
        let packages = published(&crate::commands::root()).unwrap();
        let features = packages.iter().flat_map(|package| {
            let features = package.metadata["features"]
                .as_object()
                .into_iter()
                .flatten();
            let names = features.map(|(feature, _)| feature.clone());
            names.map(|feature| (package.name.clone(), feature))
        });
        features
            .filter(|(_, feature)| feature != "default")
            .collect()
    }

    #[test]
    fn every_feature_that_adds_is_tested_and_linted_together() {
        let expected: Vec<_> = features()
            .into_iter()
            .map(|(package, feature)| format!("{package}/{feature}"))
            .filter(|name| !TLS.contains(&name.as_str()))
            .collect();
        for line in [CLIPPY, TESTS] {
            let (_, list) = line.split_once("--features ").unwrap();
            let list = list.split(' ').next().unwrap();
            let mut found: Vec<_> = list.split(',').map(str::to_owned).collect();
            let mut expected = expected.clone();
            found.sort();
            expected.sort();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn every_feature_is_linted_without_most_others() {
        for (package, feature) in features() {
            // Its default set is its only feature.
            if package == "smartcar-batch-derive" {
                continue;
            }
            let start = format!("clippy -p {package} ");
            let end = format!("--features {feature} -- -D warnings");
            let is_linted = |line: &str| line.starts_with(&start) && line.ends_with(&end);
            assert!(
                SETS.iter().any(|line| is_linted(line)),
                "{package}/{feature}"
            );
        }
    }
}
