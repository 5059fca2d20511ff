//! A bucket that fills again with time.
//!
//! Invariant: in any stretch of time no more is taken than the bucket holds and
//! what came back meanwhile. governor's generic cell rate algorithm decides
//! that; a bucket is one number, the time at which it is full again.

use std::cell::Cell;
use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, RateLimiter, StateStore};
use governor::{InsufficientCapacity, Quota};

/// A bucket that takes longer to fill could not be told from one that never does.
const LONGEST_FILL: Duration = Duration::from_secs(366 * 86_400);

/// Why numbers are no rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RateError {
    limit: &'static str,
    problem: &'static str,
}

impl RateError {
    fn new(problem: &'static str) -> Self {
        let limit = "";
        Self { limit, problem }
    }

    /// The same, with the limit's name.
    pub(super) fn of(mut self, limit: &'static str) -> Self {
        self.limit = limit;
        self
    }
}

impl fmt::Display for RateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} limit {}", self.limit, self.problem)
    }
}

impl std::error::Error for RateError {}

/// So many units at once, and one more after each interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    bucket: NonZeroU32,
    every: Duration,
}

impl Rate {
    /// A full bucket, of which `refill` units come back in each `per`.
    pub(super) fn new(bucket: u32, refill: u32, per: Duration) -> Result<Self, RateError> {
        let none = || RateError::new("must be 1 or more, or be left out");
        let bucket = NonZeroU32::new(bucket).ok_or_else(none)?;
        let every = per.checked_div(refill).ok_or_else(none)?;
        if every.is_zero() {
            return Err(RateError::new(
                "needs at least a nanosecond for each request",
            ));
        }
        if every
            .checked_mul(bucket.get())
            .is_none_or(|fill| fill > LONGEST_FILL)
        {
            return Err(RateError::new("must be full again after a year at most"));
        }
        Ok(Self { bucket, every })
    }

    /// When a bucket that is full at `full_at` is full after taking `cost` of it
    /// at `now`, or the time from which on that can be taken. More than a bucket
    /// holds counts as a full one.
    pub(super) fn take(self, full_at: u64, now: u64, cost: NonZeroU32) -> Result<u64, u64> {
        let quota = Quota::with_period(self.every).expect("an interval of zero was refused");
        // A limiter for this one question, at its time zero; what is remembered
        // of all vehicles lives in one place that can forget.
        let ahead = Cell::new(Nanos::from(full_at.saturating_sub(now)));
        let limiter = RateLimiter::<_, _, _, NoOpMiddleware<Nanos>>::new(
            quota.allow_burst(self.bucket),
            Slot(ahead),
            Now(now.into()),
        );
        match limiter.check_n(cost.min(self.bucket)) {
            Ok(Ok(())) => Ok(now.saturating_add(limiter.into_state_store().0.get().into())),
            Ok(Err(later)) => Err(later.earliest_possible().into()),
            Err(InsufficientCapacity(_)) => Err(u64::MAX),
        }
    }
}

/// One bucket: how far ahead of now it is full.
struct Slot(Cell<Nanos>);

impl StateStore for Slot {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (outcome, next) = decide(Some(self.0.get()))?;
        self.0.set(next);
        Ok(outcome)
    }
}

/// The simulated time of the question.
struct Now(Nanos);

impl Clock for Now {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0
    }
}

#[cfg(test)]
#[path = "rate_tests.rs"]
mod tests;
