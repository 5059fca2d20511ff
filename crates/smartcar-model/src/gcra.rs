//! The generic cell rate algorithm: a bucket that fills up again with time.
//!
//! A bucket is one number, the time at which it is full again. All times are
//! nanoseconds since a moment that the caller chose.
//!
//! Invariant: in any stretch of time no more is taken than one full bucket and
//! what came back meanwhile.

use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::Offset;

/// So many units at once, and one more after each interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gcra {
    burst: NonZeroU32,
    every: NonZeroU64,
}

impl Gcra {
    /// An interval of zero counts as one nanosecond. Filling the bucket must take
    /// fewer than 2^64 nanoseconds, or it seems smaller.
    pub fn new(burst: NonZeroU32, every: Duration) -> Self {
        let every = NonZeroU64::new(nanos(every)).unwrap_or(NonZeroU64::MIN);
        Self { burst, every }
    }

    /// How many units a full bucket holds.
    pub fn burst(&self) -> NonZeroU32 {
        self.burst
    }

    /// After how long one more unit is there.
    pub fn every(&self) -> Duration {
        Duration::from_nanos(self.every.get())
    }

    /// When a bucket that is full at `full_at` is full after `cost` units are taken
    /// at `now`. The error is the time from which on they can be taken: the end
    /// of time for more than a full bucket.
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

    /// When a bucket is full after it got back what was taken at `taken` and never
    /// used.
    ///
    /// Time has filled it since: those units would be there without the taking, or
    /// would have run over. To give them again would allow too much.
    pub fn put_back(&self, full_at: u64, now: u64, cost: NonZeroU32, taken: u64) -> u64 {
        let missing = self.worth(cost).saturating_sub(now.saturating_sub(taken));
        full_at.saturating_sub(missing)
    }

    /// How long so many units take to come back.
    fn worth(&self, units: NonZeroU32) -> u64 {
        self.every.get().saturating_mul(units.get().into())
    }
}

/// The nanoseconds of a duration, as many as fit.
pub fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A calendar month in UTC, counted from the year zero.
pub fn month_of(moment: Timestamp) -> i32 {
    let date = Offset::UTC.to_datetime(moment).date();
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

#[cfg(test)]
#[path = "gcra_tests.rs"]
mod tests;
