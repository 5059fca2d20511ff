//! The API changes since the last release, as users see them.
//!
//! Invariant: based only on the spec and on what the generated crates promise. Structs
//! and enums may grow in a minor step. Only a major step may stop code from compiling
//! or change its meaning.

mod changelog;
mod changes;
mod committed;
mod fold;
mod snapshot;

pub use changelog::{entry, keep, release as released};
pub use changes::{Change, Step, compare};
pub use committed::committed;
pub use fold::{Line, fold};
pub use snapshot::Snapshot;

/// The file with the snapshot of the last release.
pub const LOCK: &str = "spec/api.lock.json";
/// The changelog.
pub const CHANGELOG: &str = "CHANGELOG.md";
