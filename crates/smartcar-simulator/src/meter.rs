//! Counts requests against the limits.
//!
//! Invariant: a request is checked at one reading of the simulated clock. Rejected
//! requests are not counted, and only successful reads are billed. At most [`MOST`]
//! vehicles and as many makes are remembered: idle accounts are evicted first, then
//! the least recently used.

use std::collections::HashMap;
use std::num::NonZeroU32;

use jiff::Timestamp;
use smartcar_model::gcra::{Gcra, month_of};

use crate::errors::Refusal;
use crate::limits::{BatchTakes, Limits, Rates};
use crate::world::view::View;

const NANOS_IN_SECOND: u64 = 1_000_000_000;

/// The limits and their current state.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) limits: Limits,
    rates: Rates,
    start: Timestamp,
    now: Now,
    /// When the application's bucket is full again.
    application: u64,
    vehicles: Accounts,
    makes: Accounts,
}

/// The time of the request.
#[derive(Debug, Clone, Copy, Default)]
struct Now {
    /// Nanoseconds since the meter's start.
    nanos: u64,
    /// Months since the year zero, in UTC.
    month: i32,
}

/// The vehicle that is charged for a read. Vehicles of unknown make share one car
/// maker.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payer<'p> {
    vehicle: &'p str,
    make: &'p str,
}

impl<'p> Payer<'p> {
    /// The viewed vehicle, or `None` if the view is not of a vehicle.
    pub(crate) fn of(view: &'p View<'_>) -> Option<Self> {
        Some(Self {
            vehicle: view.id?,
            make: view.make().unwrap_or_default(),
        })
    }
}

impl Meter {
    /// Starts with full buckets and an unused month. Limits out of range count as
    /// no limit; they were rejected earlier.
    pub(crate) fn new(limits: Limits, start: Timestamp) -> Self {
        Self {
            limits,
            rates: limits.rates().unwrap_or_default(),
            start,
            now: Now::default(),
            application: 0,
            vehicles: Accounts::default(),
            makes: Accounts::default(),
        }
    }

    /// Takes a request with this number of paths from the application's bucket. Its
    /// items are checked at the same time of the clock.
    pub(crate) fn request(&mut self, paths: usize, now: Timestamp) -> Result<(), Refusal> {
        self.now = Now {
            nanos: self.nanos(now),
            month: month_of(now),
        };
        let Some(rate) = self.rates.application else {
            return Ok(());
        };
        let paths = match self.limits.batch_takes {
            BatchTakes::Paths => u32::try_from(paths).unwrap_or(u32::MAX),
            BatchTakes::Request => 1,
        };
        // A request that costs more than the bucket holds takes a full bucket.
        let cost = NonZeroU32::new(paths).unwrap_or(NonZeroU32::MIN);
        let taken = rate.take(self.application, self.now.nanos, cost.min(rate.burst()));
        self.application = taken.map_err(|_| Refusal::application_limit())?;
        Ok(())
    }

    /// Reads an endpoint and charges the vehicle for it, unless a limit forbids it.
    /// A read that does not contact a car is not limited.
    pub(crate) fn read<T>(
        &mut self,
        payer: Option<Payer<'_>>,
        read: impl FnOnce() -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let Some(payer) = payer else {
            return read();
        };
        self.admit(payer)?;
        let answer = read()?;
        if self.limits.vehicle_monthly.is_some() {
            let Now { nanos, month } = self.now;
            let account = self.vehicles.of(payer.vehicle, nanos, month);
            account.used = account.used_in(month).saturating_add(1);
            account.month = month;
        }
        Ok(answer)
    }

    /// How many requests the application's bucket has left, if it is limited.
    pub(crate) fn application_left(&self, now: Timestamp) -> Option<u32> {
        self.rates
            .application
            .map(|rate| left(rate, self.application, self.nanos(now)))
    }

    /// How many requests a vehicle has left at once and this month, where they are
    /// limited.
    pub(crate) fn vehicle_left(&self, id: &str, now: Timestamp) -> (Option<u32>, Option<u32>) {
        let account = self.vehicles.known.get(id).copied().unwrap_or_default();
        let at_once = self.rates.vehicle;
        let at_once = at_once.map(|rate| left(rate, account.full_at, self.nanos(now)));
        let used = account.used_in(month_of(now));
        let monthly = self.limits.vehicle_monthly;
        (at_once, monthly.map(|most| most.saturating_sub(used)))
    }

    fn nanos(&self, now: Timestamp) -> u64 {
        let passed = now.duration_since(self.start).as_nanos().max(0);
        u64::try_from(passed).unwrap_or(u64::MAX)
    }

    fn admit(&mut self, payer: Payer<'_>) -> Result<(), Refusal> {
        let Now { nanos, month } = self.now;
        let take = |rate: Gcra, full_at| rate.take(full_at, nanos, NonZeroU32::MIN);
        let monthly = self.limits.vehicle_monthly;
        if monthly.is_some() || self.rates.vehicle.is_some() {
            let account = self.vehicles.of(payer.vehicle, nanos, month);
            if monthly.is_some_and(|most| account.used_in(month) >= most) {
                return Err(Refusal::monthly_limit());
            }
            if let Some(rate) = self.rates.vehicle {
                account.full_at = take(rate, account.full_at).map_err(|from| {
                    Refusal::vehicle_limit(from.saturating_sub(nanos).div_ceil(NANOS_IN_SECOND))
                })?;
            }
        }
        if let Some(rate) = self.rates.upstream {
            let account = self.makes.of(payer.make, nanos, month);
            let taken = take(rate, account.full_at);
            account.full_at = taken.map_err(|_| Refusal::upstream_limit())?;
        }
        Ok(())
    }
}

/// The most requests that a bucket still has.
fn left(rate: Gcra, full_at: u64, now: u64) -> u32 {
    let has = |cost| NonZeroU32::new(cost).is_none_or(|cost| rate.take(full_at, now, cost).is_ok());
    let (mut least, mut most) = (0, rate.burst().get());
    while least < most {
        let middle = least + (most - least).div_ceil(2);
        if has(middle) {
            least = middle;
        } else {
            most = middle - 1;
        }
    }
    least
}

/// The maximum number of remembered vehicles: 5 to 8 MB with ids of the API's
/// length.
pub(crate) const MOST: usize = 50_000;

/// The state of a vehicle or a make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Account {
    /// When the bucket is full again, in the meter's nanoseconds.
    pub(crate) full_at: u64,
    /// The month that `used` counts.
    pub(crate) month: i32,
    pub(crate) used: u32,
    /// Value of the look-up counter when this account was last used.
    looked: u64,
}

impl Account {
    /// The number of billable requests in a month.
    pub(crate) fn used_in(&self, month: i32) -> u32 {
        if self.month == month { self.used } else { 0 }
    }

    fn is_idle(&self, now: u64, month: i32) -> bool {
        self.full_at <= now && self.used_in(month) == 0
    }
}

/// All accounts, by name.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    known: HashMap<String, Account>,
    looks: u64,
}

impl Accounts {
    /// The account of a name, created if there is none.
    pub(crate) fn of(&mut self, name: &str, now: u64, month: i32) -> &mut Account {
        self.looks += 1;
        if self.known.len() >= MOST && !self.known.contains_key(name) {
            self.forget(now, month);
        }
        let account = self.known.entry(name.to_owned()).or_default();
        account.looked = self.looks;
        account
    }

    /// Evicts many accounts at once, so that this runs rarely.
    fn forget(&mut self, now: u64, month: i32) {
        self.known.retain(|_, account| !account.is_idle(now, month));
        let surplus = self.known.len().saturating_sub(MOST / 2);
        if surplus > 0 {
            let mut looks: Vec<u64> = self.known.values().map(|account| account.looked).collect();
            let (_, last, _) = looks.select_nth_unstable(surplus - 1);
            let last = *last;
            self.known.retain(|_, account| account.looked > last);
        }
    }
}

#[cfg(test)]
mod accounts_tests;
#[cfg(test)]
mod tests;
