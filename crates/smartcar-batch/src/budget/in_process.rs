//! The budget of one process.
//!
//! Invariant: all keys of a question are judged at one reading of the clock and
//! under one lock, and written only when all of them granted it.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use smartcar_model::BudgetDenied;
use smartcar_model::gcra::nanos;
use tokio::time::Instant;

use super::account::{Now, Terms};
use super::ledger::Ledger;
use super::rate::Rate;
use super::rate_budget::{BudgetFuture, BudgetKey, BudgetRequest, Grant, RateBudget, ServerLimit};
use crate::clock::Clock;

/// Rate budgets in memory, for one process.
///
/// ```
/// use smartcar_batch::{InProcessBudget, Rate};
/// use std::{num::NonZeroU32, time::Duration};
///
/// let budget = InProcessBudget::unlimited()
///     .per_application(Rate::documented_application())
///     .per_vehicle(Rate::new(NonZeroU32::new(20).unwrap(), Duration::from_secs(120)));
/// ```
///
/// A vehicle is forgotten once nothing about it matters any more: its bucket is
/// full, no wait is left, and it asked nothing in this month if months are
/// counted. What is remembered is at most about twice as many vehicles as that
/// leaves. One takes 85 to 160 bytes, by how full the table is: a million took
/// 116 MiB.
///
/// Months are those of the calendar in UTC. That is an assumption, also for the
/// wait after a 430: the period of a Smartcar plan is not published.
pub struct InProcessBudget {
    vehicle: Terms,
    application: Terms,
    clock: Clock,
    start: Instant,
    ledger: Mutex<Ledger>,
}

impl InProcessBudget {
    /// No limit of its own: it refuses only what the API asked to wait for.
    pub fn unlimited() -> Self {
        Self {
            vehicle: Terms::default(),
            application: Terms::default(),
            clock: Clock::start(),
            start: Instant::now(),
            ledger: Mutex::default(),
        }
    }

    /// Limits each vehicle. Smartcar publishes no such rate; it differs by make.
    #[must_use]
    pub fn per_vehicle(mut self, rate: Rate) -> Self {
        self.vehicle.rate = Some(rate);
        self
    }

    /// Limits all vehicles together, for example by
    /// [`Rate::documented_application`].
    #[must_use]
    pub fn per_application(mut self, rate: Rate) -> Self {
        self.application.rate = Some(rate);
        self
    }

    /// Limits each vehicle to so many requests in a calendar month, as plans do.
    #[must_use]
    pub fn per_vehicle_and_month(mut self, requests: NonZeroU32) -> Self {
        self.vehicle.monthly = Some(requests);
        self
    }

    fn terms(&self, key: &BudgetKey) -> &Terms {
        match key {
            BudgetKey::Vehicle(_) => &self.vehicle,
            BudgetKey::Application => &self.application,
        }
    }

    fn take(&self, keys: &[BudgetKey], cost: NonZeroU32) -> Result<Grant, BudgetDenied> {
        if !keys.iter().all(|key| self.terms(key).fit(cost)) {
            return Err(BudgetDenied::NeverFits);
        }
        let mut ledger = self.ledger();
        // Read under the lock: accounts never see time run backwards.
        let now = self.now();
        // And whether it is the application that makes everyone wait so long.
        let mut wait_until = None;
        let mut granted = Vec::with_capacity(keys.len());
        for key in keys {
            let terms = self.terms(key);
            match ledger.account(key).take(terms, &now, cost) {
                Ok(account) if terms.any() => granted.push((key, account)),
                Ok(_) => {}
                Err(from) => {
                    let of_application = *key == BudgetKey::Application;
                    wait_until = wait_until.max(Some((from, of_application)));
                }
            }
        }
        if let Some((from, of_application)) = wait_until {
            let moment = self.moment(from);
            return Err(if of_application {
                BudgetDenied::ApplicationRetryAt(moment)
            } else {
                BudgetDenied::RetryAt(moment)
            });
        }
        // Each was judged by the state before this question, so a key that is
        // given twice is written twice with the same account.
        for (key, account) in granted {
            ledger.set(key, account, &now);
        }
        Ok(Grant::new(now.nanos))
    }

    fn see(&self, key: &BudgetKey, seen: ServerLimit) {
        let mut ledger = self.ledger();
        let now = self.now();
        let account = ledger.account(key);
        let account = match seen {
            ServerLimit::RetryAfter(wait) => account.park(&now, wait),
            ServerLimit::QuotaExhausted => account.exhaust(self.terms(key), &now),
        };
        ledger.set(key, account, &now);
    }

    fn put_back(&self, keys: &[BudgetKey], cost: NonZeroU32, grant: &Grant) {
        let mut ledger = self.ledger();
        let now = self.now();
        let taken = self.at(grant.stamp());
        for (position, key) in keys.iter().enumerate() {
            let terms = self.terms(key);
            // Taken once, however often it is named.
            if terms.any() && !keys[..position].contains(key) {
                let account = ledger.account(key).put_back(terms, &now, cost, &taken);
                ledger.set(key, account, &now);
            }
        }
    }

    fn now(&self) -> Now {
        self.at(nanos(self.start.elapsed()))
    }

    fn at(&self, nanos: u64) -> Now {
        Now::new(nanos, self.moment(nanos))
    }

    fn moment(&self, nanos: u64) -> Timestamp {
        let instant = self.start.checked_add(Duration::from_nanos(nanos));
        self.clock.moment_of(instant.unwrap_or(self.start))
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // Nothing is half written when something panics: accounts are replaced
        // whole. So a poisoned ledger is a good one.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for InProcessBudget {
    fn default() -> Self {
        Self::unlimited()
    }
}

impl fmt::Debug for InProcessBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the vehicles: there may be a million.
        f.debug_struct("InProcessBudget")
            .field("vehicle", &self.vehicle)
            .field("application", &self.application)
            .field("vehicles", &self.ledger().len())
            .finish_non_exhaustive()
    }
}

impl RateBudget for InProcessBudget {
    fn acquire<'a>(
        &'a self,
        request: BudgetRequest<'a>,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
        // Within the future, so that one that is never polled takes nothing.
        Box::pin(async move { self.take(request.keys, request.cost) })
    }

    fn observe<'a>(&'a self, key: &'a BudgetKey, limit: ServerLimit) -> BudgetFuture<'a, ()> {
        Box::pin(async move { self.see(key, limit) })
    }

    fn release<'a>(&'a self, unused: BudgetRequest<'a>, grant: Grant) -> BudgetFuture<'a, ()> {
        Box::pin(async move { self.put_back(unused.keys, unused.cost, &grant) })
    }
}

#[cfg(test)]
mod tests;
