//! What time it is, by tokio's clock.
//!
//! Invariant: waits are measured on the monotonic clock; a moment for people is
//! that clock's reading added to the time of day at the start, so that a paused
//! clock in tests moves both.

use jiff::Timestamp;
use tokio::time::Instant;

/// A pair of readings taken together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    instant: Instant,
    moment: Timestamp,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            instant: Instant::now(),
            moment: Timestamp::now(),
        }
    }

    /// The moment it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.moment_of(Instant::now())
    }

    /// The instant of a moment; `None` for one beyond what the clock can hold.
    /// One that has passed is the start.
    pub(crate) fn instant_of(&self, moment: Timestamp) -> Option<Instant> {
        let after = moment.duration_since(self.moment);
        let after = std::time::Duration::try_from(after).unwrap_or_default();
        self.instant.checked_add(after)
    }

    /// The moment of an instant.
    pub(crate) fn moment_of(&self, instant: Instant) -> Timestamp {
        let passed = instant.saturating_duration_since(self.instant);
        self.moment.saturating_add(passed).unwrap_or(self.moment)
    }
}
