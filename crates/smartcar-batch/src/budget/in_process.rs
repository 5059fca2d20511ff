//! The in-process budget.
//!
//! Invariant: all keys of a request are checked at one time and under one lock, and
//! changed only if all of them grant it.

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

/// A rate budget in memory, for one process.
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
/// A vehicle is evicted once its state does not matter: its bucket is full, no wait
/// is left, and, if months are counted, it sent nothing this month. At most about
/// twice as many vehicles as still matter are kept. Each takes about 56 bytes,
/// whatever the length of its ID, and the table grows without a peak: a million
/// vehicles take 54 MiB.
///
/// Months are calendar months in UTC. This is an assumption, also for the wait after
/// a 430: the billing period of a Smartcar plan is not published.
pub struct InProcessBudget {
    vehicle: Terms,
    application: Terms,
    clock: Clock,
    start: Instant,
    /// The time of day at the start.
    began: Timestamp,
    ledger: Mutex<Ledger>,
}

impl InProcessBudget {
    /// A budget without limits of its own. It only denies requests while a wait that
    /// the API stated lasts.
    pub fn unlimited() -> Self {
        let clock = Clock::start();
        Self {
            vehicle: Terms::default(),
            application: Terms::default(),
            clock,
            start: Instant::now(),
            began: clock.now(),
            ledger: Mutex::default(),
        }
    }

    /// Limits the rate per vehicle. Smartcar does not publish this rate; it differs
    /// by make.
    #[must_use]
    pub fn per_vehicle(mut self, rate: Rate) -> Self {
        self.vehicle.rate = Some(rate);
        self
    }

    /// Limits the rate of all vehicles together, for example to
    /// [`Rate::documented_application`].
    #[must_use]
    pub fn per_application(mut self, rate: Rate) -> Self {
        self.application.rate = Some(rate);
        self
    }

    /// Limits the number of requests per vehicle and calendar month, as plans do.
    #[must_use]
    pub fn per_vehicle_and_month(mut self, requests: NonZeroU32) -> Self {
        self.vehicle.monthly = Some(requests);
        self
    }

    /// Keeps units of the application's burst for requests that a person waits for
    /// ([`Request::interactive`](crate::Request::interactive)). Background requests
    /// leave at least this many. No effect without
    /// [`per_application`](Self::per_application).
    #[must_use]
    pub fn reserve(mut self, units: u32) -> Self {
        self.application.reserve = units;
        self
    }

    fn terms(&self, key: &BudgetKey) -> &Terms {
        match key {
            BudgetKey::Vehicle(_) => &self.vehicle,
            BudgetKey::Application => &self.application,
        }
    }

    fn decide(&self, request: BudgetRequest<'_>) -> Result<Grant, BudgetDenied> {
        let BudgetRequest {
            keys,
            cost,
            priority,
        } = request;
        let terms = |key| self.terms(key).of(priority);
        if !keys.iter().all(|key| terms(key).fit(cost)) {
            return Err(BudgetDenied::NeverFits);
        }
        let mut ledger = self.ledger();
        // Most clients have no limits of their own. Then nothing depends on the time.
        if !self.vehicle.any() && !self.application.any() && ledger.is_empty() {
            return Ok(Grant::new(0));
        }
        // Read under the lock, so that accounts never see time run backwards.
        let now = nanos(self.start.elapsed());
        let now = if keys.iter().any(|key| self.terms(key).monthly.is_some()) {
            self.at(now)
        } else {
            // The month decides nothing then, and takes longer than all the rest.
            Now::new(now, self.began)
        };
        // The latest wait, and whether it is the application's.
        let mut wait_until = None;
        let mut granted = Vec::new();
        for key in keys {
            let terms = terms(key);
            match ledger.account(key).take(&terms, &now, cost) {
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
        // Each key was checked against the state before this request, so a duplicate
        // key is written twice with the same account.
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
            // A duplicate key was charged once, so release it once.
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
        // Accounts are replaced as a whole, so a panic leaves none half-written and a
        // poisoned ledger can be used.
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
        // Only the count: there may be a million vehicles.
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
        // Inside the future, so that a future that is never polled takes nothing.
        Box::pin(async move { self.decide(request) })
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
