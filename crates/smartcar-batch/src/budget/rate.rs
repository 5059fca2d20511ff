//! How fast units come back.
//!
//! Invariant: in any stretch of time no more is taken than the burst and what
//! came back meanwhile. governor's generic cell rate algorithm decides that; a
//! bucket is one number, the time at which it is full again.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, RateLimiter, StateStore};
use governor::{InsufficientCapacity, Quota};

use crate::limits;

/// So many units at once, and one more after each interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    burst: NonZeroU32,
    every: Duration,
}

impl Rate {
    /// `burst` units at once, and one more after each `every`.
    ///
    /// An interval of zero is read as one nanosecond. Where filling the bucket
    /// would take longer than [`limits::LONGEST_FILL`], the bucket is smaller.
    pub fn new(burst: NonZeroU32, every: Duration) -> Self {
        let every = every.clamp(Duration::from_nanos(1), limits::LONGEST_FILL);
        let most = limits::LONGEST_FILL.as_nanos() / every.as_nanos();
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let burst = NonZeroU32::new(burst.get().min(most)).unwrap_or(NonZeroU32::MIN);
        Self { burst, every }
    }

    /// What Smartcar documents for an application that agreed on nothing else:
    /// 120 requests, and one more every 30 s.
    pub fn documented_application() -> Self {
        Self::new(limits::APPLICATION_BURST, limits::APPLICATION_REFILL)
    }

    /// How many units there are at most.
    pub fn burst(&self) -> NonZeroU32 {
        self.burst
    }

    /// After which time one more unit is there.
    pub fn every(&self) -> Duration {
        self.every
    }

    /// Whether a full bucket holds that much.
    pub(super) fn fits(&self, cost: NonZeroU32) -> bool {
        cost <= self.burst
    }

    /// When a bucket that is full at `full_at` is full after taking `cost` of it
    /// at `now`, or the time from which on that can be taken.
    pub(super) fn take(&self, full_at: u64, now: u64, cost: NonZeroU32) -> Result<u64, u64> {
        let Some(quota) = Quota::with_period(self.every) else {
            return Err(u64::MAX);
        };
        // A limiter for this one question. The states of all keys live in the
        // ledger, under its lock, and are written only once every key agreed.
        let ahead = std::cell::Cell::new(Nanos::from(full_at.saturating_sub(now)));
        let limiter = RateLimiter::<_, _, _, NoOpMiddleware<Nanos>>::new(
            quota.allow_burst(self.burst),
            Slot(ahead),
            At(now.into()),
        );
        match limiter.check_n(cost) {
            Ok(Ok(())) => Ok(now.saturating_add(limiter.into_state_store().0.get().into())),
            Ok(Err(later)) => Err(later.earliest_possible().into()),
            Err(InsufficientCapacity(_)) => Err(u64::MAX),
        }
    }

    /// When a bucket is full after it got back what was taken of it at `taken`
    /// and never used.
    ///
    /// Time has filled it since: those units would have been there without the
    /// taking, or have run over. To give them again would allow too much.
    pub(super) fn put_back(&self, full_at: u64, now: u64, cost: NonZeroU32, taken: u64) -> u64 {
        let worth = nanos(self.every).saturating_mul(u64::from(cost.get()));
        full_at.saturating_sub(worth.saturating_sub(now.saturating_sub(taken)))
    }
}

/// The nanoseconds of a duration, as many as fit.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// One bucket: how far ahead of now it is full.
struct Slot(std::cell::Cell<Nanos>);

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

/// The time of the question, the same for all of its keys.
struct At(Nanos);

impl Clock for At {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    #[test]
    fn the_documented_rate_is_a_burst_and_two_a_minute() {
        let rate = Rate::documented_application();
        assert_eq!(rate.burst(), units(120));
        assert_eq!(rate.every(), Duration::from_secs(30));
        assert!(rate.fits(units(120)) && !rate.fits(units(121)));
        let spent = rate.take(0, 5, units(120)).unwrap();
        assert_eq!(spent, 5 + 120 * 30_000_000_000);
        assert_eq!(rate.take(spent, 5, units(2)), Err(5 + 2 * 30_000_000_000));
    }

    #[test]
    fn what_time_has_filled_is_not_given_back_again() {
        let rate = Rate::new(units(5), Duration::from_nanos(10));
        let taken = rate.take(0, 0, units(5)).unwrap();
        assert_eq!(rate.put_back(taken, 0, units(5), 0), 0);
        // After four intervals one of the five units is still missing.
        let more = rate.take(taken, 40, units(4)).unwrap();
        assert_eq!(more, 90);
        assert_eq!(rate.put_back(more, 40, units(5), 0), 80);
        assert_eq!(rate.put_back(more, 60, units(5), 0), 90);
    }

    #[test]
    fn the_ends_of_the_number_line_do_not_panic() {
        for every in [Duration::ZERO, Duration::from_secs(1), Duration::MAX] {
            for burst in [1, u32::MAX] {
                let rate = Rate::new(units(burst), every);
                let full = rate.take(0, 0, rate.burst()).unwrap();
                assert!(full <= nanos(limits::LONGEST_FILL));
                assert!(rate.take(full, 0, units(1)).is_err());
                assert_eq!(rate.put_back(full, 0, rate.burst(), 0), 0);
            }
        }
    }

    proptest! {
        // The model is a token bucket in fractions of a unit: another algorithm
        // than governor's, with the same promise.
        #[test]
        fn governor_agrees_with_a_token_bucket(
            burst in 1..9_u32,
            every in 1..50_u64,
            steps in prop::collection::vec((0..120_u64, 1..12_u32), 1..60),
        ) {
            let rate = Rate::new(units(burst), Duration::from_nanos(every));
            let capacity = u64::from(burst) * every;
            let (mut full_at, mut level, mut now) = (0, capacity, 0);
            for (pause, cost) in steps {
                now += pause;
                level = (level + pause).min(capacity);
                let cost = units(cost);
                if !rate.fits(cost) {
                    continue;
                }
                let price = u64::from(cost.get()) * every;
                match rate.take(full_at, now, cost) {
                    Ok(next) => {
                        prop_assert!(level >= price);
                        level -= price;
                        full_at = next;
                    }
                    Err(from) => {
                        prop_assert!(level < price);
                        prop_assert_eq!(from, now + price - level);
                        prop_assert!(rate.take(full_at, from, cost).is_ok());
                    }
                }
                prop_assert_eq!(full_at.saturating_sub(now), capacity - level);
            }
        }
    }
}
