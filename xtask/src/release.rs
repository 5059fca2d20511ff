//! The API changes since the last release, as users see them.
//!
//! Invariant: based only on the spec and on what the generated crates promise. Structs
//! and enums may grow in a minor step. Only a major step may stop code from compiling
//! or change its meaning.

mod changelog;
mod changes;
mod committed;
mod files;
mod fold;
pub mod semver;
mod snapshot;
mod version;

pub use changelog::{entry, keep, latest, release as released, unreleased};
pub use changes::{Change, Step, compare, since_release};
pub use committed::{committed, snapshot_of};
pub use files::{CHANGELOG, LOCK, last_release, read_if_there};
pub use fold::{Line, fold};
pub use semver::demanded;
pub use snapshot::Snapshot;
pub use version::following;
