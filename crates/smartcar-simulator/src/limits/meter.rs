//! Who has asked how much.
//!
//! Invariant: a request is judged at one reading of the simulated clock; what
//! is refused is not counted, and only what was read with success is billed.

use std::num::NonZeroU32;

use jiff::Timestamp;
use jiff::tz::Offset;

use super::account::Accounts;
use super::{BatchTakes, Limits, Terms};
use crate::answer::{Answer, Asked};
use crate::errors::Refusal;
use crate::spec::Operation;

/// Read from Smartcar's own records, so that no car is asked.
const FREE: &str = "permissions";
const NANOS_IN_SECOND: u64 = 1_000_000_000;

/// The limits, and what was taken from them.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Limits,
    terms: Terms,
    start: Timestamp,
    now: Now,
    /// When the application's bucket is full again.
    application: u64,
    vehicles: Accounts,
    makes: Accounts,
}

/// The time of the request.
#[derive(Debug, Clone, Copy)]
struct Now {
    /// Since the meter's start.
    nanos: u64,
    /// Counted from the year zero, in UTC.
    month: i32,
}

impl Meter {
    /// Full buckets and an unused month. Limits out of range are none; they
    /// were refused before.
    pub(crate) fn new(limits: Limits, start: Timestamp) -> Self {
        Self {
            limits,
            terms: limits.terms().unwrap_or_default(),
            start,
            now: Now::at(start, start),
            ..Self::off()
        }
    }

    /// One that never refuses, to be thrown away.
    pub(crate) fn off() -> Self {
        Self {
            limits: Limits::off(),
            terms: Terms::default(),
            start: Timestamp::UNIX_EPOCH,
            now: Now { nanos: 0, month: 0 },
            application: 0,
            vehicles: Accounts::default(),
            makes: Accounts::default(),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether it never refuses.
    pub(crate) fn is_off(&self) -> bool {
        !self.terms.any()
    }

    /// Takes a request of so many paths from the application's bucket. The
    /// questions about its items are of the same time.
    pub(crate) fn request(&mut self, paths: usize, now: Timestamp) -> Result<(), Refusal> {
        if self.is_off() {
            return Ok(());
        }
        self.now = Now::at(self.start, now);
        let Some(rate) = self.terms.application else {
            return Ok(());
        };
        let paths = match self.terms.batch_takes {
            BatchTakes::Paths => u32::try_from(paths).unwrap_or(u32::MAX),
            BatchTakes::Request => 1,
        };
        let cost = NonZeroU32::new(paths).unwrap_or(NonZeroU32::MIN);
        let taken = rate.take(self.application, self.now.nanos, cost);
        self.application = taken.map_err(|_| Refusal::application_limit())?;
        Ok(())
    }

    /// Reads one endpoint of a vehicle, unless a limit forbids it. Vehicles whose
    /// make is not known share one car maker.
    pub(crate) fn read<T>(
        &mut self,
        operation: &Operation,
        asked: Asked<'_>,
        read: impl FnOnce() -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let vehicle = asked.view.id().filter(|_| {
            let permission = operation.permission.as_deref();
            !self.is_off() && operation.id != FREE && asked.grant.covers(permission)
        });
        // What asks no car is not limited, and neither is what may not be asked.
        let Some(vehicle) = vehicle else {
            return read();
        };
        self.bill(vehicle, asked.view.make().unwrap_or_default(), read)
    }

    /// Reads signals of a vehicle, as one request; unless a limit forbids it.
    pub(crate) fn signals(
        &mut self,
        (vehicle, make): (&str, Option<&str>),
        read: impl FnOnce() -> Result<Answer, Refusal>,
    ) -> Result<Answer, Refusal> {
        if self.is_off() {
            return read();
        }
        self.bill(vehicle, make.unwrap_or_default(), read)
    }

    fn bill<T>(
        &mut self,
        vehicle: &str,
        make: &str,
        read: impl FnOnce() -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.admit(vehicle, make)?;
        let answer = read()?;
        if self.terms.vehicle_monthly.is_some() {
            let Now { nanos, month } = self.now;
            let account = self.vehicles.of(vehicle, nanos, month);
            account.used = account.used_in(month).saturating_add(1);
            account.month = month;
        }
        Ok(answer)
    }

    fn admit(&mut self, vehicle: &str, make: &str) -> Result<(), Refusal> {
        let Now { nanos, month } = self.now;
        let one = NonZeroU32::MIN;
        if self.terms.vehicle_monthly.is_some() || self.terms.vehicle_rate.is_some() {
            let account = self.vehicles.of(vehicle, nanos, month);
            if let Some(most) = self.terms.vehicle_monthly
                && account.used_in(month) >= most
            {
                return Err(Refusal::monthly_limit());
            }
            if let Some(rate) = self.terms.vehicle_rate {
                let taken = rate.take(account.full_at, nanos, one);
                account.full_at = taken.map_err(|from| {
                    Refusal::vehicle_limit(from.saturating_sub(nanos).div_ceil(NANOS_IN_SECOND))
                })?;
            }
        }
        if let Some(rate) = self.terms.upstream {
            let account = self.makes.of(make, nanos, month);
            let taken = rate.take(account.full_at, nanos, one);
            account.full_at = taken.map_err(|_| Refusal::upstream_limit())?;
        }
        Ok(())
    }
}

impl Now {
    fn at(start: Timestamp, now: Timestamp) -> Self {
        let passed = now.duration_since(start).as_nanos().max(0);
        let date = Offset::UTC.to_datetime(now).date();
        Self {
            nanos: u64::try_from(passed).unwrap_or(u64::MAX),
            month: i32::from(date.year()) * 12 + i32::from(date.month()) - 1,
        }
    }
}

#[cfg(test)]
#[path = "meter_tests.rs"]
mod tests;
