//! What a budget is asked and told.
//!
//! Invariant: a request is granted by all of its keys or by none, and what was
//! granted is spent once a byte of the request has left.

use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
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

/// How urgent a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Priority {
    /// Nobody waits for it: a poll, a report.
    #[default]
    Background,
    /// A person waits for it: `interactive` on a request, a fleet or a loader.
    Interactive,
}

/// What a [`RateBudget`] is asked for, or given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetRequest<'a> {
    /// Whose budgets it draws on. A key that is named twice counts once.
    pub keys: &'a [BudgetKey],
    /// How many units it takes of every key.
    pub cost: NonZeroU32,
    /// How urgent it is. A budget may hold back a reserve for what is urgent.
    pub priority: Priority,
}

impl<'a> BudgetRequest<'a> {
    /// A request that nobody waits for.
    pub fn new(keys: &'a [BudgetKey], cost: NonZeroU32) -> Self {
        Self {
            keys,
            cost,
            priority: Priority::default(),
        }
    }

    /// The same with a priority.
    #[must_use]
    pub fn with_priority(self, priority: Priority) -> Self {
        Self { priority, ..self }
    }
}

/// A rate budget: asked before every request, told what the API answered.
///
/// [`InProcessBudget`](crate::InProcessBudget) is the default. Processes that share
/// one application's limit need one that keeps its numbers where all of them reach
/// it. An `Arc` of a budget is a budget.
///
/// A budget that has not decided within 30 s counts as
/// [`BudgetDenied::Unavailable`]. What it is told holds a call for a second at
/// most: [`observe`](RateBudget::observe) and [`release`](RateBudget::release)
/// then go on in a task, for 30 s at most.
///
/// The futures may be dropped at any point. One that was dropped before it was
/// ready may have spent its units or not; it has never spent a part of them.
///
/// ```
/// use smartcar_batch::{
///     BudgetDenied, BudgetFuture, BudgetKey, BudgetRequest, Grant, InProcessBudget, Priority,
///     RateBudget, ServerLimit, jiff,
/// };
///
/// /// Keeps the night for polls: by day only what a person waits for is granted.
/// #[derive(Debug)]
/// struct ByDay {
///     inner: InProcessBudget,
///     evening: jiff::Timestamp,
/// }
///
/// impl RateBudget for ByDay {
///     fn acquire<'a>(
///         &'a self,
///         request: BudgetRequest<'a>,
///     ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
///         Box::pin(async move {
///             if request.priority == Priority::Background && jiff::Timestamp::now() < self.evening {
///                 return Err(BudgetDenied::ApplicationRetryAt(self.evening));
///             }
///             self.inner.acquire(request).await
///         })
///     }
///
///     fn observe<'a>(&'a self, key: &'a BudgetKey, limit: ServerLimit) -> BudgetFuture<'a, ()> {
///         self.inner.observe(key, limit)
///     }
///
///     fn release<'a>(&'a self, unused: BudgetRequest<'a>, grant: Grant) -> BudgetFuture<'a, ()> {
///         self.inner.release(unused, grant)
///     }
/// }
/// ```
pub trait RateBudget: Send + Sync + std::fmt::Debug + 'static {
    /// Takes the cost of every key, or of none. It does not wait: a budget that is
    /// spent says when to come back.
    fn acquire<'a>(
        &'a self,
        request: BudgetRequest<'a>,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>>;

    /// Reports what the API said about a key. It is the truth, whatever was counted
    /// here: the key is refused to everyone until the API's wait has passed.
    fn observe<'a>(&'a self, key: &'a BudgetKey, limit: ServerLimit) -> BudgetFuture<'a, ()>;

    /// Gives back what was granted for requests of which no byte left: their
    /// connection did not open, they were not begun before the deadline, or the
    /// call was dropped before. Anything else stays spent.
    ///
    /// The keys and the priority are those of the grant; the cost is the part that
    /// was not used. A budget that cannot take units back need not: it then allows
    /// less than it could, never more.
    fn release<'a>(&'a self, unused: BudgetRequest<'a>, grant: Grant) -> BudgetFuture<'a, ()> {
        let _ = (unused, grant);
        Box::pin(std::future::ready(()))
    }
}

impl<T: RateBudget + ?Sized> RateBudget for Arc<T> {
    fn acquire<'a>(
        &'a self,
        request: BudgetRequest<'a>,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
        (**self).acquire(request)
    }

    fn observe<'a>(&'a self, key: &'a BudgetKey, limit: ServerLimit) -> BudgetFuture<'a, ()> {
        (**self).observe(key, limit)
    }

    fn release<'a>(&'a self, unused: BudgetRequest<'a>, grant: Grant) -> BudgetFuture<'a, ()> {
        (**self).release(unused, grant)
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
                _: BudgetRequest<'a>,
            ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
                Box::pin(async { Err(BudgetDenied::Unavailable) })
            }
            fn observe<'a>(&'a self, _: &'a BudgetKey, _: ServerLimit) -> BudgetFuture<'a, ()> {
                Box::pin(async {})
            }
        }
        // What a client holds.
        let budget: Arc<dyn RateBudget> = Arc::new(Closed);
        let unused = BudgetRequest::new(&[BudgetKey::Application], NonZeroU32::MIN);
        let _release = budget.release(unused, Grant::new(7));
    }
}
