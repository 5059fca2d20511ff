//! How long to wait, as it is written.
//!
//! Invariant: rounded up, since asking a moment early is refused again.

use std::time::Duration;

/// Whole seconds, rounded up.
pub(super) fn whole(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
