//! Deliberately broken simulators, to test the judges.
//!
//! Invariant: each is the correct simulator with a single permanent fault. The judges
//! and our own tests use the same ones.

use std::sync::LazyLock;

/// A broken simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// A short description of the fault.
    pub name: &'static str,
    /// Our own check that must catch it.
    pub check: &'static str,
    /// The fault, as `smartcar simulate --fault` takes it.
    pub fault: Option<&'static str>,
}

/// The correct simulator. A judge that fails on it cannot judge the broken ones.
pub const HONEST: Broken = Broken {
    name: "nothing",
    check: "",
    fault: None,
};

/// All broken simulators, from `judges/broken.txt`.
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
