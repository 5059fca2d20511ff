//! A rate: a burst and a refill interval.
//!
//! Invariant: the bucket of every rate refills within [`limits::LONGEST_FILL`].

use std::num::NonZeroU32;
use std::time::Duration;

use smartcar_model::gcra::Gcra;

use crate::limits;

/// A rate limit: a burst of units, and one more unit per interval (token bucket).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(Gcra);

impl Rate {
    /// A burst of `burst` units, and one more unit per `every`.
    ///
    /// An interval of zero counts as one nanosecond. If refilling the bucket would
    /// take longer than a century, the burst is reduced.
    pub fn new(burst: NonZeroU32, every: Duration) -> Self {
        let every = every.clamp(Duration::from_nanos(1), limits::LONGEST_FILL);
        let most = limits::LONGEST_FILL.as_nanos() / every.as_nanos();
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let burst = NonZeroU32::new(burst.get().min(most)).unwrap_or(NonZeroU32::MIN);
        Self(Gcra::new(burst, every))
    }

    /// Smartcar's documented default for an application: 120 requests, and one more
    /// every 30 s.
    pub fn documented_application() -> Self {
        Self::new(limits::APPLICATION_BURST, limits::APPLICATION_REFILL)
    }

    /// The maximum number of units.
    pub fn burst(&self) -> NonZeroU32 {
        self.0.burst()
    }

    /// The time until one more unit is available.
    pub fn every(&self) -> Duration {
        self.0.every()
    }

    /// The arithmetic of the bucket.
    pub(super) fn bucket(&self) -> Gcra {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smartcar_model::gcra::nanos;

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    #[test]
    fn the_documented_rate_is_a_burst_and_two_a_minute() {
        let rate = Rate::documented_application();
        assert_eq!(rate.burst(), units(120));
        assert_eq!(rate.every(), Duration::from_secs(30));
        let bucket = rate.bucket();
        assert_eq!(bucket.take(0, 5, units(121)), Err(u64::MAX));
        let spent = bucket.take(0, 5, units(120)).unwrap();
        assert_eq!(spent, 5 + 120 * 30_000_000_000);
        assert_eq!(bucket.take(spent, 5, units(2)), Err(5 + 2 * 30_000_000_000));
    }

    #[test]
    fn the_ends_of_the_number_line_do_not_panic() {
        for every in [Duration::ZERO, Duration::from_secs(1), Duration::MAX] {
            for burst in [1, u32::MAX] {
                let rate = Rate::new(units(burst), every);
                let bucket = rate.bucket();
                let full = bucket.take(0, 0, rate.burst()).unwrap();
                assert!(full <= nanos(limits::LONGEST_FILL));
                assert!(bucket.take(full, 0, units(1)).is_err());
                assert_eq!(bucket.put_back(full, 0, rate.burst(), 0), 0);
            }
        }
    }
}
