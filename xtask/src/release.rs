//! What changed for users since the last release, on the level of the API.
//!
//! Invariant: judged from the spec alone, by what the generated crates promise:
//! structs and enums may grow, so growth is minor; what compiled may stop to
//! compile, or mean something else, only with a major step.

mod changelog;
mod changes;
mod snapshot;

pub use changelog::{entry, keep, release as released};
pub use changes::{Change, Step, compare};
pub use snapshot::Snapshot;

/// Where the last release's snapshot is kept.
pub const LOCK: &str = "spec/api.lock.json";
/// Where the changes are kept for readers.
pub const CHANGELOG: &str = "CHANGELOG.md";
