//! The generic cell rate algorithm (GCRA): a token bucket that refills over time.
//!
//! The state of a bucket is one number: the time at which it is full again. All
//! times are nanoseconds since a moment that the caller chooses.
//!
//! Invariant: in any period, at most one full bucket plus the refill of that
//! period is taken.

use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::Offset;

/// The parameters of a bucket: its size, and the interval after which one unit
/// refills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gcra {
    burst: NonZeroU32,
    every: NonZeroU64,
}

impl Gcra {
    /// Creates the parameters. An interval of zero counts as one nanosecond. If a
    /// full refill takes 2^64 nanoseconds or more, the bucket behaves as if it
    /// were smaller.
    pub fn new(burst: NonZeroU32, every: Duration) -> Self {
        let every = NonZeroU64::new(nanos(every)).unwrap_or(NonZeroU64::MIN);
        Self { burst, every }
    }

    /// Units in a full bucket.
    pub fn burst(&self) -> NonZeroU32 {
        self.burst
    }

    /// Interval after which one unit refills.
    pub fn every(&self) -> Duration {
        Duration::from_nanos(self.every.get())
    }

    /// Takes `cost` units at `now` from a bucket that is full at `full_at`.
    /// Returns the new time at which it is full. The error is the earliest time
    /// at which the units are available, or `u64::MAX` if they exceed a full
    /// bucket.
    pub fn take(&self, full_at: u64, now: u64, cost: NonZeroU32) -> Result<u64, u64> {
        if cost > self.burst {
            return Err(u64::MAX);
        }
        let ahead = full_at.saturating_sub(now).saturating_add(self.worth(cost));
        match ahead.saturating_sub(self.worth(self.burst)) {
            0 => Ok(now.saturating_add(ahead)),
            lacking => Err(now.saturating_add(lacking)),
        }
    }

    /// Returns units that were taken at `taken` and not used. The result is the
    /// new time at which the bucket is full.
    ///
    /// Units that have refilled since then are not returned. The bucket would
    /// have them anyway, or they would have overflowed.
    pub fn put_back(&self, full_at: u64, now: u64, cost: NonZeroU32, taken: u64) -> u64 {
        let missing = self.worth(cost).saturating_sub(now.saturating_sub(taken));
        full_at.saturating_sub(missing)
    }

    /// The time in which `units` refill.
    fn worth(&self, units: NonZeroU32) -> u64 {
        self.every.get().saturating_mul(units.get().into())
    }
}

/// A duration in nanoseconds, saturating.
pub fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A calendar month in UTC, as the number of months since year zero.
pub fn month_of(moment: Timestamp) -> i32 {
    let date = Offset::UTC.to_datetime(moment).date();
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

#[cfg(test)]
#[path = "gcra_tests.rs"]
mod tests;
