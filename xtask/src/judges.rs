//! The outside judges: tools of others that read what we write, and keep us
//! from agreeing with ourselves.
//!
//! Invariant: a judge runs in the exact version that is pinned below
//! `xtask/judges/`, and is installed nowhere but below `target/judges/`.

pub mod broken;
pub mod case;
pub mod kit;
pub mod live;
pub mod npm;
pub mod python;
pub mod spec;
pub mod verdict;
pub mod wire;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use broken::Broken;
use case::Case;
use kit::{Kit, Lookup};
use verdict::Verdict;

/// One judge. To add one: pin it below `xtask/judges/`, give it a line here.
#[derive(Debug)]
pub struct Judge {
    /// The step's name.
    pub name: &'static str,
    /// What it judges.
    pub about: &'static str,
    /// What it is installed with.
    pub kit: &'static Kit,
    /// Whether it asks the simulator, and so may notice that one is broken.
    pub asks_simulator: bool,
    /// Asks it.
    pub ask: fn(&Case<'_>) -> Verdict,
}

/// All of them.
pub const JUDGES: &[Judge] = &[
    Judge {
        name: "openapi-spec-validator",
        about: "spec/ follows OpenAPI's own schema",
        kit: &python::KIT,
        asks_simulator: false,
        ask: spec::openapi_spec_validator,
    },
    Judge {
        name: "redocly",
        about: "spec/ under Redocly's recommended rules",
        kit: &npm::KIT,
        asks_simulator: false,
        ask: spec::redocly,
    },
    Judge {
        name: "spectral",
        about: "spec/ under Spectral's rules for OpenAPI",
        kit: &npm::KIT,
        asks_simulator: false,
        ask: spec::spectral,
    },
    Judge {
        name: "schemathesis",
        about: "the simulator under Schemathesis' good and bad requests",
        kit: &python::KIT,
        asks_simulator: true,
        ask: wire::schemathesis,
    },
    Judge {
        name: "python-sdk",
        about: "the simulator as Smartcar's own SDK for Python reads it",
        kit: &python::KIT,
        asks_simulator: true,
        ask: wire::python_sdk,
    },
    Judge {
        name: "node-sdk",
        about: "the simulator as Smartcar's own SDK for Node.js reads it",
        kit: &npm::KIT,
        asks_simulator: true,
        ask: wire::node_sdk,
    },
    Judge {
        name: "prism",
        about: "our client through Prism's validating proxy, and against its mock",
        kit: &npm::KIT,
        asks_simulator: true,
        ask: wire::prism,
    },
];

/// Where judges are heard.
pub struct Court<'a> {
    root: &'a Path,
    lookup: Lookup<'a>,
    /// A failed install may have taken minutes; the next judge would fail the same way.
    kits: BTreeMap<&'static str, Result<PathBuf, Verdict>>,
}

impl<'a> Court<'a> {
    /// A court for one workspace.
    pub fn new(root: &'a Path, lookup: Lookup<'a>) -> Self {
        let kits = BTreeMap::new();
        Self { root, lookup, kits }
    }

    /// Installs the judge if need be, and asks it.
    pub fn hear(&mut self, judge: &Judge) -> Verdict {
        self.ask(judge, None)
    }

    /// The same about a broken simulator, where passing means not noticing.
    pub fn hear_of(&mut self, judge: &Judge, broken: &'static Broken) -> Verdict {
        self.ask(judge, Some(broken))
    }

    fn ask(&mut self, judge: &Judge, broken: Option<&'static Broken>) -> Verdict {
        let kit = self
            .kits
            .entry(judge.kit.name)
            .or_insert_with(|| judge.kit.ready(self.root, self.lookup));
        let kit = match kit {
            Ok(kit) => kit.as_path(),
            Err(verdict) => return verdict.clone(),
        };
        match specs(self.root) {
            Ok(specs) => (judge.ask)(&Case {
                root: self.root,
                kit,
                specs,
                broken,
            }),
            Err(error) => Verdict::Failed(format!("{error:#}")),
        }
    }
}

/// Every API description. None at all would be a judge with nothing to say.
fn specs(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in root
        .join("spec")
        .read_dir()
        .context("failed to list spec")?
    {
        let name = PathBuf::from(entry?.file_name());
        if name
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            found.push(Path::new("spec").join(name));
        }
    }
    anyhow::ensure!(!found.is_empty(), "there is no spec/*.yaml");
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::write;

    #[test]
    fn a_missing_program_is_looked_up_once_and_told_by_each_judge() {
        let root = tempfile::tempdir().unwrap();
        let lookups = Cell::new(0);
        let lookup = |_: &str| {
            lookups.set(lookups.get() + 1);
            None
        };
        let mut court = Court::new(root.path(), &lookup);
        for judge in JUDGES {
            let verdict = court.hear(judge);
            assert!(matches!(verdict, Verdict::NotRun { .. }), "{verdict:?}");
        }
        assert_eq!(lookups.get(), 2);
    }

    #[test]
    fn every_description_is_judged_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        assert!(specs(root.path()).is_err());
        for name in ["b.yaml", "a.yaml", "README.md"] {
            write::replace(&root.path().join("spec").join(name), "").unwrap();
        }
        let expected = ["spec/a.yaml", "spec/b.yaml"].map(PathBuf::from);
        assert_eq!(specs(root.path()).unwrap(), expected);
    }
}
