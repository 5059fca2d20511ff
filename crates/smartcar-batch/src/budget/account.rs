//! The state of one budget key.
//!
//! Invariant: an account that behaves like a new one reports itself as idle and may
//! be evicted.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::Offset;
use smartcar_model::gcra::{month_of, nanos};

use super::rate::Rate;
use super::rate_budget::Priority;
use crate::limits;

/// The limits for one kind of key.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Terms {
    pub(super) rate: Option<Rate>,
    /// Units of the burst that only interactive requests may use.
    pub(super) reserve: u32,
    pub(super) monthly: Option<NonZeroU32>,
}

impl Terms {
    /// The terms for a request. Interactive requests may use the reserve.
    pub(super) fn of(self, priority: Priority) -> Self {
        let reserve = match priority {
            Priority::Background => self.reserve,
            Priority::Interactive => 0,
        };
        Self { reserve, ..self }
    }

    /// Whether the cost can ever be granted.
    pub(super) fn fit(&self, cost: NonZeroU32) -> bool {
        let found = cost.saturating_add(self.reserve);
        self.rate.is_none_or(|rate| found <= rate.burst())
            && self.monthly.is_none_or(|most| cost <= most)
    }

    /// Whether a grant changes any state.
    pub(super) fn any(&self) -> bool {
        self.rate.is_some() || self.monthly.is_some()
    }
}

/// A time, in the units that accounts use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    /// Nanoseconds since the budget was created.
    pub(super) nanos: u64,
    /// The calendar month in UTC, counted from the year zero.
    month: i32,
    moment: Timestamp,
}

impl Now {
    pub(super) fn new(nanos: u64, moment: Timestamp) -> Self {
        Self {
            nanos,
            month: month_of(moment),
            moment,
        }
    }

    /// The start of the next month, in nanoseconds since the budget was created.
    fn month_ends(&self) -> u64 {
        self.nanos
            .saturating_add(nanos(until_next_month(self.moment)))
    }
}

/// The time until the end of the calendar month, in UTC.
fn until_next_month(moment: Timestamp) -> Duration {
    let first = Offset::UTC.to_datetime(moment).date().first_of_month();
    // The last month of jiff's calendar, in the year 9999, has no successor.
    first
        .checked_add(jiff::Span::new().months(1))
        .ok()
        .and_then(|next| Offset::UTC.to_timestamp(next.at(0, 0, 0, 0)).ok())
        .and_then(|next| Duration::try_from(next.duration_since(moment)).ok())
        .unwrap_or(limits::LONGEST_PARK)
}

/// The state of one key. Times are nanoseconds since the budget was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Account {
    /// When the bucket is full again.
    pub(super) full_at: u64,
    /// End of the wait that the API stated.
    parked_until: u64,
    /// The month that `used` counts.
    month: i32,
    used: u32,
}

impl Account {
    /// The account after taking `cost`, or the time from which it can be taken.
    pub(super) fn take(self, terms: &Terms, now: &Now, cost: NonZeroU32) -> Result<Self, u64> {
        let mut next = self;
        // Every limit counts: the caller has to wait for the last of them.
        let mut wait_until = self.parked_until;
        if let Some(rate) = &terms.rate {
            let bucket = rate.bucket();
            // The reserve has to be there, and is left.
            let found = cost.saturating_add(terms.reserve);
            let taken = bucket
                .take(self.full_at, now.nanos, found)
                .and_then(|_| bucket.take(self.full_at, now.nanos, cost));
            match taken {
                Ok(full_at) => next.full_at = full_at,
                Err(from) => wait_until = wait_until.max(from),
            }
        }
        if let Some(most) = terms.monthly {
            next.month = now.month;
            next.used = self.used_in(now.month).saturating_add(cost.get());
            if next.used > most.get() {
                wait_until = wait_until.max(now.month_ends());
            }
        }
        if wait_until > now.nanos {
            Err(wait_until)
        } else {
            Ok(next)
        }
    }

    /// The account after releasing units that were taken at `taken`.
    pub(super) fn put_back(
        mut self,
        terms: &Terms,
        now: &Now,
        cost: NonZeroU32,
        taken: &Now,
    ) -> Self {
        if let Some(rate) = &terms.rate {
            self.full_at = rate
                .bucket()
                .put_back(self.full_at, now.nanos, cost, taken.nanos);
        }
        if self.month == taken.month {
            self.used = self.used.saturating_sub(cost.get());
        }
        self
    }

    /// The account after a `Retry-After`. A wait is never shortened.
    pub(super) fn park(mut self, now: &Now, wait: Duration) -> Self {
        let until = now
            .nanos
            .saturating_add(nanos(wait.min(limits::LONGEST_PARK)));
        self.parked_until = self.parked_until.max(until);
        self
    }

    /// The account after the API reported that the monthly quota is exhausted.
    pub(super) fn exhaust(mut self, terms: &Terms, now: &Now) -> Self {
        self.parked_until = self.parked_until.max(now.month_ends());
        if let Some(most) = terms.monthly {
            self.used = self.used_in(now.month).max(most.get());
            self.month = now.month;
        }
        self
    }

    /// Whether a new account would behave the same from now on.
    pub(super) fn is_idle(&self, now: &Now) -> bool {
        self.full_at <= now.nanos && self.parked_until <= now.nanos && self.used_in(now.month) == 0
    }

    fn used_in(&self, month: i32) -> u32 {
        if self.month == month { self.used } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64, moment: &str) -> Now {
        Now::new(nanos, moment.parse().unwrap())
    }

    fn units(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        for (moment, next) in [
            ("2026-01-31T23:59:59.999999999Z", "2026-02-01T00:00:00Z"),
            ("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("2028-02-10T12:00:00Z", "2028-03-01T00:00:00Z"),
            ("2026-12-31T23:00:00-05:00", "2027-02-01T00:00:00Z"),
        ] {
            let (moment, next): (Timestamp, Timestamp) =
                (moment.parse().unwrap(), next.parse().unwrap());
            assert_eq!(moment + until_next_month(moment), next);
            assert_eq!(month_of(next), month_of(moment) + 1);
        }
        assert_eq!(until_next_month(Timestamp::MAX), limits::LONGEST_PARK);
    }

    #[test]
    fn a_month_counts_up_to_its_limit_and_starts_anew() {
        let terms = Terms {
            monthly: Some(units(5)),
            ..Terms::default()
        };
        let january = at(7, "2026-01-31T23:59:59Z");
        let account = Account::default().take(&terms, &january, units(3)).unwrap();
        assert_eq!(account.take(&terms, &january, units(3)), Err(1_000_000_007));
        assert!(!account.is_idle(&january));

        let february = at(1_000_000_007, "2026-02-01T00:00:00Z");
        assert!(account.is_idle(&february));
        let account = account.take(&terms, &february, units(5)).unwrap();
        assert!(account.take(&terms, &february, units(1)).is_err());
        // Releasing a January request does not change February's count.
        let late = account.put_back(&terms, &february, units(3), &january);
        assert_eq!(late, account);
        let back = account.put_back(&terms, &february, units(5), &february);
        assert!(back.is_idle(&february));
    }

    #[test]
    fn a_430_ends_the_month_with_and_without_a_limit() {
        let now = at(0, "2026-04-30T23:59:00Z");
        for monthly in [None, Some(units(500))] {
            let terms = Terms {
                monthly,
                ..Terms::default()
            };
            let account = Account::default().exhaust(&terms, &now);
            assert_eq!(account.used, monthly.map_or(0, NonZeroU32::get));
            assert_eq!(account.take(&terms, &now, units(1)), Err(60_000_000_000));
            let may = at(60_000_000_000, "2026-05-01T00:00:00Z");
            assert!(account.is_idle(&may) && account.take(&terms, &may, units(1)).is_ok());
        }
    }

    #[test]
    fn a_430_does_not_shorten_a_longer_wait() {
        let now = at(0, "2026-04-30T23:59:00Z");
        let parked = Account::default().park(&now, Duration::from_secs(61));
        assert_eq!(parked.exhaust(&Terms::default(), &now), parked);
    }

    #[test]
    fn a_wait_is_kept_bounded_and_never_shortened() {
        let now = at(0, "2026-04-30T23:59:00Z");
        let account = Account::default().park(&now, Duration::from_nanos(9));
        assert_eq!(account.park(&now, Duration::from_nanos(4)), account);
        assert_eq!(account.take(&Terms::default(), &now, units(1)), Err(9));
        let longest = nanos(limits::LONGEST_PARK);
        let account = account.park(&now, Duration::MAX);
        assert_eq!(
            account.take(&Terms::default(), &now, units(1)),
            Err(longest)
        );
    }
}
