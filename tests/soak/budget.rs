//! A budget that counts, and is slow, spent or away now and then.
//!
//! Invariant: it counts in the step that makes its future ready, so that a future
//! that was dropped before has counted nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use smartcar_batch::{
    BudgetDenied, BudgetFuture, BudgetKey, BudgetRequest, Grant, RateBudget, ServerLimit, jiff,
};

use crate::answer::CALM;
use crate::draw::{millis, one_in, rng};
use crate::ledger::{Ledger, Number};

#[derive(Debug)]
pub(crate) struct Counting {
    seed: u64,
    ledger: Arc<Ledger>,
    asked: AtomicU64,
}

impl Counting {
    pub(crate) fn new(seed: u64, ledger: Arc<Ledger>) -> Self {
        Self {
            seed,
            ledger,
            asked: AtomicU64::new(0),
        }
    }

    fn rng(&self) -> fastrand::Rng {
        rng(self.seed, 2, self.asked.fetch_add(1, SeqCst))
    }

    /// How long it takes to note something.
    fn pause(&self) -> Option<Duration> {
        let mut rng = self.rng();
        if one_in(&mut rng, 3000) {
            // Longer than a call waits for it.
            return Some(Duration::from_millis(1200));
        }
        one_in(&mut rng, 20).then(|| millis(&mut rng, 1..6))
    }
}

/// The vehicle's number; calls of the soak are all about a vehicle.
fn number(keys: &[BudgetKey]) -> Option<Number> {
    keys.iter().find_map(|key| match key {
        BudgetKey::Vehicle(id) => id.as_str().split('-').nth(1)?.parse().ok(),
        _ => None,
    })
}

impl RateBudget for Counting {
    fn acquire<'a>(
        &'a self,
        request: BudgetRequest<'a>,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
        Box::pin(async move {
            let number = number(request.keys).ok_or(BudgetDenied::Unavailable)?;
            let mut rng = self.rng();
            if one_in(&mut rng, 30) {
                tokio::time::sleep(millis(&mut rng, 1..10)).await;
            }
            let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(rng.i64(1..20));
            match rng.u32(0..1000) {
                _ if number >= CALM => {}
                0..20 => return Err(BudgetDenied::RetryAt(soon)),
                20..25 => return Err(BudgetDenied::ApplicationRetryAt(soon)),
                25..28 => return Err(BudgetDenied::Unavailable),
                28..31 if request.cost.get() > 1 => return Err(BudgetDenied::NeverFits),
                _ => {}
            }
            let cost = i64::from(request.cost.get());
            self.ledger.note(number, |row| row.budget += cost);
            Ok(Grant::new(number))
        })
    }

    fn observe<'a>(&'a self, _: &'a BudgetKey, _: ServerLimit) -> BudgetFuture<'a, ()> {
        Box::pin(async move {
            if let Some(pause) = self.pause() {
                tokio::time::sleep(pause).await;
            }
        })
    }

    fn release<'a>(&'a self, unused: BudgetRequest<'a>, grant: Grant) -> BudgetFuture<'a, ()> {
        Box::pin(async move {
            if let Some(pause) = self.pause() {
                tokio::time::sleep(pause).await;
            }
            let cost = i64::from(unused.cost.get());
            self.ledger.note(grant.stamp(), |row| row.budget -= cost);
        })
    }
}
