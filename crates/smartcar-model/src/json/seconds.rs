//! Waiting times in JSON.
//!
//! Invariant: rounded up, because a request that is sent a moment too early is
//! rejected again.

use std::time::Duration;

/// Whole seconds, rounded up.
pub(super) fn whole(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
