//! What a budget is asked and told.
//!
//! Invariant: a request is granted by all of its keys or by none, and what was
//! granted is spent once a byte of the request has left.

use std::num::NonZeroU32;
use std::pin::Pin;
use std::time::Duration;

use smartcar_model::{BudgetDenied, VehicleId};

/// What a [`RateBudget`] answers with.
pub type BudgetFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Whose budget a request draws on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BudgetKey {
    /// One vehicle's.
    Vehicle(VehicleId),
    /// That of the application, which all of its vehicles share.
    Application,
}

/// What an answer of the API said about a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerLimit {
    /// 429: wait this long before the next request.
    RetryAfter(Duration),
    /// 430 `VEHICLE_REQUEST_LIMIT`: the requests of the billing period are used
    /// up.
    QuotaExhausted,
}

/// The receipt for units that were granted.
///
/// Dropping it keeps the units spent. It cannot be copied, so that no unit is
/// given back twice.
#[derive(Debug)]
pub struct Grant {
    stamp: u64,
}

impl Grant {
    /// A receipt with a number by which the budget knows it again, for example
    /// the time by its own clock.
    pub fn new(stamp: u64) -> Self {
        Self { stamp }
    }

    /// The number that the budget chose.
    pub fn stamp(&self) -> u64 {
        self.stamp
    }
}

/// A rate budget: asked before every request, told what the API answered.
///
/// [`InProcessBudget`](crate::InProcessBudget) is the default. Processes that share one application's
/// limit need one that keeps its numbers where all of them reach it.
///
/// A budget that has not decided within 30 s counts as
/// [`BudgetDenied::Unavailable`]. What it is told holds a call for a second at
/// most: [`observe`](RateBudget::observe) and [`release`](RateBudget::release)
/// then go on in a task, for 30 s at most.
///
/// The futures may be dropped at any point. One that was dropped before it was
/// ready may have spent its units or not; it has never spent a part of them.
pub trait RateBudget: Send + Sync + std::fmt::Debug + 'static {
    /// Takes `cost` units of every key, or of none. It does not wait: a budget
    /// that is spent says when to come back.
    ///
    /// A key that is given twice counts once.
    fn acquire<'a>(
        &'a self,
        keys: &'a [BudgetKey],
        cost: NonZeroU32,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>>;

    /// Tells what the API said of a key. It is the truth, whatever was counted
    /// here: the key is refused to everyone until the API's wait has passed.
    fn observe<'a>(&'a self, key: &'a BudgetKey, seen: ServerLimit) -> BudgetFuture<'a, ()>;

    /// Gives back what was granted for requests of which no byte left: their
    /// connection did not open, they were not begun before the deadline, or the
    /// call was dropped before. Anything else stays spent.
    ///
    /// The keys are those of the grant, and the cost is at most its cost. A budget that cannot take
    /// units back need not: it then allows less than it could, never more.
    fn release<'a>(
        &'a self,
        keys: &'a [BudgetKey],
        cost: NonZeroU32,
        grant: Grant,
    ) -> BudgetFuture<'a, ()> {
        let _ = (keys, cost, grant);
        Box::pin(std::future::ready(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_need_not_take_anything_back() {
        #[derive(Debug)]
        struct Closed;
        impl RateBudget for Closed {
            fn acquire<'a>(
                &'a self,
                _: &'a [BudgetKey],
                _: NonZeroU32,
            ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
                Box::pin(async { Err(BudgetDenied::Unavailable) })
            }
            fn observe<'a>(&'a self, _: &'a BudgetKey, _: ServerLimit) -> BudgetFuture<'a, ()> {
                Box::pin(async {})
            }
        }
        // What a client holds.
        let budget: std::sync::Arc<dyn RateBudget> = std::sync::Arc::new(Closed);
        let _release = budget.release(&[BudgetKey::Application], NonZeroU32::MIN, Grant::new(7));
    }
}
