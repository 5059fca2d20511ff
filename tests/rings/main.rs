//! No two modules of a crate import each other, directly or in a ring, and a module
//! imports a name from the module that defines it.
//!
//! Run it with `cargo test -p smartcar-tests --test rings`. Tests, bare `mod`
//! declarations and generated folders do not count.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is the test's message")]

mod imports;
mod source;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;

use imports::{Edges, Imports};
use source::Crate;

/// The problems of the crate whose root module is this file.
fn findings(root: &Path) -> Vec<String> {
    let imports = Imports::of(&Crate::read(root));
    let mut found = rings(&imports.edges);
    for ((module, face), paths) in imports.passed_on {
        let paths: Vec<_> = paths.into_iter().collect();
        found.push(format!(
            "{module} imports through {face}, which does not define it: {}",
            paths.join(", ")
        ));
    }
    found
}

/// For each group of modules that can reach each other: the shortest ring, then the
/// other imports in the group.
fn rings(edges: &Edges) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for module in edges.keys() {
        if seen.contains(module) {
            continue;
        }
        let group: Vec<&String> = edges
            .keys()
            .filter(|other| way(edges, module, other).is_some())
            .filter(|other| way(edges, other, module).is_some())
            .collect();
        seen.extend(group.iter().copied());
        let Some(ring) = group
            .iter()
            .filter_map(|start| way(edges, start, start))
            .min_by_key(Vec::len)
        else {
            continue;
        };
        let arrow = |from: &str, to: &str| format!("{from} -> {to} (by {})", edges[from][to]);
        let around: Vec<String> = ring.windows(2).map(|two| arrow(two[0], two[1])).collect();
        let others = group
            .iter()
            .flat_map(|from| edges[*from].keys().map(|to| (from.as_str(), to)))
            .filter(|(_, to)| group.contains(to))
            .map(|(from, to)| arrow(from, to))
            .filter(|one| !around.contains(one))
            .map(|one| format!("\n      also {one}"));
        found.push(format!(
            "ring in a group of {}: {}{}",
            group.len(),
            around.join(", "),
            others.collect::<String>()
        ));
    }
    found
}

/// The shortest path along one or more imports.
fn way<'a>(edges: &'a Edges, from: &'a str, to: &str) -> Option<Vec<&'a str>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(at) = queue.pop_front() {
        for next in edges.get(at).into_iter().flat_map(BTreeMap::keys) {
            if !before.contains_key(next.as_str()) {
                before.insert(next, at);
                queue.push_back(next);
            }
        }
    }
    let (reached, _) = before.get_key_value(to)?;
    let mut way = vec![*reached];
    loop {
        let last = before[way.last()?];
        way.push(last);
        if last == from {
            way.reverse();
            return Some(way);
        }
    }
}

#[test]
fn no_crate_has_rings() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut crates: Vec<_> = fs::read_dir(repository.join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .chain([repository.join("xtask"), repository.join("tests")])
        .collect();
    crates.sort();
    let mut found = String::new();
    for directory in crates {
        let roots = ["src/lib.rs", "src/main.rs"].map(|name| directory.join(name));
        for root in roots.iter().filter(|root| root.exists()) {
            for finding in findings(root) {
                let name = root.strip_prefix(repository).unwrap().display();
                found += &format!("\n{name}: {finding}");
            }
        }
    }
    assert!(found.is_empty(), "{found}");
}

/// The problems of a crate with these files.
#[allow(
    clippy::disallowed_methods,
    reason = "a partial file does no harm here"
)]
fn planted(files: &[(&str, &str)]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = directory.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    findings(&directory.path().join("lib.rs"))
}

#[test]
fn a_planted_ring_is_found() {
    let found = planted(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::{self, B as Other}; struct A(Other);"),
        ("b.rs", "pub struct B; fn f() { vec![super::c::g()]; }"),
        ("c.rs", "use crate::a; fn g() -> a::A { todo!() }"),
    ]);
    assert_eq!(
        found,
        [
            "ring in a group of 3: a -> b (by crate::b::B), b -> c (by super::c::g), \
             c -> a (by a::A)"
        ]
    );
}

#[test]
fn paths_in_macros_and_attributes_count() {
    let found = planted(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "struct A { #[serde(with = \"crate::b\")] b: u8 }"),
        ("b.rs", "macro_rules! a { () => { $crate::a::A } } use a;"),
    ]);
    assert_eq!(
        found,
        ["ring in a group of 2: a -> b (by crate::b::*), b -> a (by $crate::a::A)"]
    );
}

#[test]
fn a_child_that_needs_its_parent_is_a_ring_when_the_parent_needs_it() {
    let child = ("a/child.rs", "use super::A; pub fn f(_: A) {}");
    let apart = [
        ("lib.rs", "mod a;"),
        ("a.rs", "mod child; struct A;"),
        child,
    ];
    assert_eq!(planted(&apart), [""; 0]);
    let joined = [
        ("lib.rs", "mod a;"),
        ("a.rs", "mod child; struct A; fn g() { child::f(A) }"),
        child,
    ];
    assert_eq!(
        planted(&joined),
        ["ring in a group of 2: a -> a::child (by child::f), a::child -> a (by super::A)"]
    );
}

#[test]
fn a_name_that_is_only_passed_on_is_found() {
    let found = planted(&[
        (
            "lib.rs",
            "mod a; mod b; pub use a::{A, inner::*}; pub use std::fmt::Debug;",
        ),
        ("a.rs", "pub mod inner { pub struct I; } pub struct A;"),
        (
            "b.rs",
            "use crate::{A, I}; fn f(_: A, _: I) -> impl crate::Debug {}",
        ),
    ]);
    assert_eq!(
        found,
        ["b imports through crate, which does not define it: crate::A, crate::Debug, crate::I"]
    );
}

#[test]
fn tests_generated_code_and_siblings_do_not_count() {
    let found = planted(&[
        (
            "lib.rs",
            "mod a; mod b; mod generated; #[path = \"other.rs\"] mod named; pub use a::A;",
        ),
        (
            "a.rs",
            "use crate::b::B; pub struct A(B); #[cfg(test)] mod tests { use crate::A; }",
        ),
        (
            "b.rs",
            "pub(in crate::b) struct B; #[cfg(test)] fn f() -> crate::a::A { todo!() }",
        ),
        (
            "generated/mod.rs",
            "mod types; pub use types::*; use crate::A;",
        ),
        (
            "generated/types.rs",
            "pub struct T(crate::A, crate::named::N);",
        ),
        (
            "other.rs",
            "pub struct N(crate::generated::T); fn f() { quote! { crate::A } }",
        ),
    ]);
    assert_eq!(found, [""; 0]);
}
