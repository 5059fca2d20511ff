//! The limits of one kind of key.
//!
//! Invariant: an interval in whole microseconds is never shorter than the rate's.

use std::num::NonZeroU32;
use std::time::Duration;

use smartcar_batch::{BudgetKey, Priority, Rate};

/// The limits of vehicles, or of the application.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Terms {
    pub(crate) rate: Option<Rate>,
    /// Units of the burst that only interactive requests may use.
    pub(crate) reserve: u32,
    pub(crate) monthly: Option<NonZeroU32>,
}

/// The limits of a budget.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    pub(crate) application: Terms,
    pub(crate) vehicle: Terms,
}

impl Limits {
    pub(crate) fn of(&self, key: &BudgetKey) -> &Terms {
        match key {
            BudgetKey::Vehicle(_) => &self.vehicle,
            _ => &self.application,
        }
    }
}

impl Terms {
    /// The units of the burst that a request may use.
    pub(crate) fn usable(&self, priority: Priority) -> u32 {
        let burst = self.rate.map_or(0, |rate| rate.burst().get());
        match priority {
            Priority::Interactive => burst,
            _ => burst.saturating_sub(self.reserve),
        }
    }

    /// Whether the cost can ever be granted.
    pub(crate) fn fit(&self, cost: NonZeroU32, priority: Priority) -> bool {
        (self.rate.is_none() || cost.get() <= self.usable(priority))
            && self.monthly.is_none_or(|most| cost <= most)
    }

    /// The units of a month; 0 without a limit.
    pub(crate) fn monthly_units(&self) -> u32 {
        self.monthly.map_or(0, NonZeroU32::get)
    }

    /// The interval in microseconds; 0 without a rate.
    pub(crate) fn every(&self) -> u64 {
        self.rate.map_or(0, |rate| micros(rate.every()))
    }
}

/// Whole microseconds, rounded up.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    #[test]
    fn a_reserve_is_for_interactive_requests() {
        let terms = Terms {
            rate: Some(Rate::new(units(10), Duration::from_secs(1))),
            reserve: 4,
            monthly: None,
        };
        assert!(terms.fit(units(10), Priority::Interactive));
        assert!(terms.fit(units(6), Priority::Background));
        assert!(!terms.fit(units(7), Priority::Background));
        assert!(Terms::default().fit(units(u32::MAX), Priority::Background));
    }

    #[test]
    fn an_interval_is_rounded_up() {
        assert_eq!(micros(Duration::from_nanos(1)), 1);
        assert_eq!(micros(Duration::from_nanos(1000)), 1);
        assert_eq!(micros(Duration::from_nanos(1001)), 2);
    }
}
