//! The steps of `cargo xtask test`.
//!
//! Invariant: what a step does is data here; `test.rs` runs it.

use std::path::Path;

use super::{extra, features};
use crate::judges::verdict::Verdict;
use crate::judges::{JUDGES, Judge};

/// One step.
pub(super) struct Step {
    pub name: &'static str,
    pub about: &'static str,
    pub action: Action,
}

/// The action of a step.
#[derive(Clone, Copy)]
pub(super) enum Action {
    /// Several cargo commands.
    Cargo(&'static [&'static str]),
    /// `cargo doc`, with warnings turned into errors by an environment variable.
    Doc(&'static str),
    /// Checks the generated files.
    Regen,
    /// Checks instructions and allocations against their limits.
    Bench,
    /// Runs the tests that need Valkey or NATS.
    Engines,
    /// Checks the dependencies' licences and sources.
    Deny,
    /// Tests the simulator's pages in a browser.
    Browser,
    /// Something that needs another toolchain or target.
    Extra(fn(&Path) -> Verdict),
    /// Fuzzes the model for this number of seconds.
    Fuzz(u64),
    /// An external judge.
    Judge(&'static Judge),
}

/// The step that `--fuzz` adds.
pub(super) const FUZZ: &str = "fuzz";

/// The name of all judges in `--only` and `--skip`.
pub(super) const ALL_JUDGES: &str = "judges";

/// The steps before the judges, cheapest first.
pub(super) const CHECKS: &[Step] = &[
    Step {
        name: "fmt",
        about: "all files are formatted",
        action: Action::Cargo(&["fmt --all -- --check"]),
    },
    Step {
        name: "clippy",
        about: "no warnings in any target, with all features that add",
        action: Action::Cargo(&[
            features::CLIPPY,
            // Not in `--all-targets`, because `cargo test` does not run them.
            "clippy -p smartcar-nats --test nats --all-features --locked -- -D warnings",
            "clippy -p smartcar-cli --test queue --all-features --locked -- -D warnings",
            "clippy -p smartcar-tests --test engines --all-features --locked -- -D warnings",
            "clippy -p smartcar-redis --test valkey --all-features --locked -- -D warnings",
            "clippy -p smartcar-cli --test engines --all-features --locked -- -D warnings",
        ]),
    },
    Step {
        name: "deny",
        about: "the dependencies' licences, sources and versions are allowed",
        action: Action::Deny,
    },
    Step {
        name: "doc",
        about: "no warnings in the documentation",
        action: Action::Doc("doc --workspace --no-deps --locked"),
    },
    Step {
        name: "regen",
        about: "the generated files match the spec",
        action: Action::Regen,
    },
    Step {
        name: "tests",
        about: "unit, integration, compile-fail and documentation tests, with all features that add",
        action: Action::Cargo(&[features::TESTS]),
    },
    Step {
        name: "engines",
        about: "tests on real servers, Valkey and NATS",
        action: Action::Engines,
    },
    Step {
        name: "browser",
        about: "the simulator's pages in a headless Chromium, with axe",
        action: Action::Browser,
    },
    Step {
        name: "features",
        about: "no warnings with the feature sets that differ",
        action: Action::Cargo(features::SETS),
    },
    Step {
        name: "bench",
        about: "instructions and allocations are not past their limits",
        action: Action::Bench,
    },
];

/// Steps that run only if they are named, because few machines have what they need.
pub(super) const EXTRAS: &[Step] = &[
    Step {
        name: "msrv",
        about: "each package builds with the oldest Rust that it states",
        action: Action::Extra(extra::msrv),
    },
    Step {
        name: "minimal-versions",
        about: "the packages build with the oldest dependencies that they state",
        action: Action::Extra(extra::minimal_versions),
    },
    Step {
        name: "docs-rs",
        about: "the documentation builds as docs.rs builds it",
        action: Action::Extra(extra::docs_rs),
    },
    WASM,
];

/// Also runs unnamed where its target is installed.
pub(super) const WASM: Step = Step {
    name: "wasm",
    about: "the model builds for WebAssembly",
    action: Action::Extra(extra::wasm),
};

/// All steps that run by default: the checks, then the judges.
pub(super) fn steps() -> Vec<Step> {
    let judges = JUDGES.iter().map(|judge| Step {
        name: judge.name,
        about: judge.about,
        action: Action::Judge(judge),
    });
    let checks = CHECKS.iter().map(|step| Step { ..*step });
    checks.chain(judges).collect()
}

impl Step {
    /// Whether it is meant by this name in `--only` or `--skip`.
    pub(super) fn answers_to(&self, name: &str) -> bool {
        let is_judge = matches!(self.action, Action::Judge(_));
        self.name == name || (is_judge && name == ALL_JUDGES)
    }
}
