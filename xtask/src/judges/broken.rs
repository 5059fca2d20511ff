//! Simulators that are broken on purpose, to see who notices.
//!
//! Invariant: each is the honest simulator with one permanent fault and nothing
//! else; the judges and our own tests hear the same ones.

use std::sync::LazyLock;

/// A simulator with something wrong in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// What is wrong, in a few words.
    pub name: &'static str,
    /// The check of our own that must catch it.
    pub check: &'static str,
    /// The fault, as `smartcar simulate --fault` takes it.
    pub fault: Option<&'static str>,
}

/// The simulator as it is: whoever objects to it says nothing about the others.
pub const HONEST: Broken = Broken {
    name: "nothing",
    check: "",
    fault: None,
};

/// All of them, from `judges/broken.txt`.
pub static BROKEN: LazyLock<Vec<Broken>> = LazyLock::new(|| {
    let lines = include_str!("../../judges/broken.txt").lines();
    let row = |line: &'static str| {
        let mut parts = line.splitn(3, " | ");
        Some(Broken {
            name: parts.next()?,
            check: parts.next()?,
            fault: Some(parts.next()?),
        })
    };
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(row)
        .collect()
});
