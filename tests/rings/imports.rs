//! Which modules import which names from which others.
//!
//! Invariant: an import counts for the module that defines the name, through any
//! number of re-exports.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Crate, Segments};

/// The modules that each module imports from, each with one of the import paths.
pub(crate) type Edges = BTreeMap<String, BTreeMap<String, String>>;

/// The imports between a crate's modules.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    pub(crate) edges: Edges,
    /// The names that a module imports through a parent that only re-exports them.
    pub(crate) passed_on: BTreeMap<(String, String), BTreeSet<String>>,
}

/// What a path refers to.
enum Named {
    Module(Segments),
    /// Something defined in this module.
    In(Segments),
    Foreign,
}

impl Imports {
    pub(crate) fn of(all: &Crate) -> Self {
        let mut found = Self::default();
        for (at, module) in &all.0 {
            if module.is_generated {
                continue;
            }
            let from = written(&module.file);
            // Only the first path found is reported; the one in the `use` is the
            // clearest.
            let paths = module.imported.values().chain(&module.paths);
            let paths = paths.map(|path| (path, false));
            let globs = module.globs.iter().map(|path| (path, true));
            for (path, is_glob) in paths.chain(globs) {
                let mut way = Way::new(all);
                let home = match way.resolve(at, path) {
                    Named::In(home) => home,
                    Named::Module(home) if is_glob => home,
                    Named::Module(_) | Named::Foreign => module.file.clone(),
                };
                // For an imported name only its `use` is reported. A macro for
                // other crates has to use the root.
                let is_apart = path[0] == "$crate" || module.imported.contains_key(&path[0]);
                let path = path.join("::");
                for face in way.faces.iter().map(|face| &all.0[face].file) {
                    if !is_apart && *face != module.file && module.file.starts_with(face) {
                        let key = (from.clone(), written(face));
                        let known = found.passed_on.entry(key).or_default();
                        known.insert(path.clone());
                    }
                }
                let home = written(&all.0[&home].file);
                if home != from {
                    let known = found.edges.entry(from.clone()).or_default();
                    known.entry(home).or_insert(path);
                }
            }
        }
        found
    }
}

fn written(module: &[String]) -> String {
    if module.is_empty() {
        return "crate".to_owned();
    }
    module.join("::")
}

/// The search for the target of one path.
struct Way<'a> {
    all: &'a Crate,
    /// The modules that re-export the name.
    faces: Vec<Segments>,
    /// Imports already followed, because `use a::a` refers to itself.
    followed: BTreeSet<(Segments, String)>,
}

impl<'a> Way<'a> {
    fn new(all: &'a Crate) -> Self {
        Self {
            all,
            faces: Vec::new(),
            followed: BTreeSet::new(),
        }
    }

    fn resolve(&mut self, at: &[String], path: &[String]) -> Named {
        let mut here = at.to_vec();
        let mut is_ours = false;
        for (index, name) in path.iter().enumerate() {
            match name.as_str() {
                "crate" | "$crate" => here.clear(),
                "super" => here.truncate(here.len().saturating_sub(1)),
                "self" => {}
                name => {
                    let is_last = index + 1 == path.len();
                    match self.look_up(&here, name, is_last) {
                        Some(Named::Module(module)) => here = module,
                        Some(other) => return other,
                        // A macro may define it. Without a prefix of this crate it
                        // belongs to another crate.
                        None if is_ours => return Named::In(here),
                        None => return Named::Foreign,
                    }
                }
            }
            is_ours = true;
        }
        Named::Module(here)
    }

    fn look_up(&mut self, at: &[String], name: &str, is_last: bool) -> Option<Named> {
        let module = &self.all.0[at];
        let child = [at, &[name.to_owned()]].concat();
        let is_module = self.all.0.contains_key(&child);
        if module.defined.contains(name) && (is_last || !is_module) {
            return Some(Named::In(at.to_vec()));
        }
        if is_module {
            return Some(Named::Module(child));
        }
        if !self.followed.insert((at.to_vec(), name.to_owned())) {
            return None;
        }
        if let Some(path) = module.imported.get(name) {
            self.faces.push(at.to_vec());
            return Some(self.resolve(at, path));
        }
        for glob in &module.globs {
            if let Named::Module(from) = self.resolve(at, glob)
                && let Some(named) = self.look_up(&from, name, is_last)
            {
                self.faces.push(at.to_vec());
                return Some(named);
            }
        }
        None
    }
}
