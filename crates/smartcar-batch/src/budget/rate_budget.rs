//! The trait of rate budgets.
//!
//! Invariant: a request is granted for all of its keys or for none, and a granted
//! unit is spent once a byte of the request was sent.

use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use smartcar_model::{BudgetDenied, VehicleId};

/// The future that the methods of a [`RateBudget`] return.
pub type BudgetFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The budget that a request draws on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BudgetKey {
    /// The budget of one vehicle.
    Vehicle(VehicleId),
    /// The budget of the application, which all its vehicles share.
    Application,
}

/// A rate limit that a response of the API reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerLimit {
    /// 429: wait this long before the next request.
    RetryAfter(Duration),
    /// 430 `VEHICLE_REQUEST_LIMIT`: the requests of the billing period are used up.
    QuotaExhausted,
}

/// A receipt for granted units.
///
/// Dropping it leaves the units spent. It cannot be cloned, so no unit is released
/// twice.
#[derive(Debug)]
pub struct Grant {
    stamp: u64,
}

impl Grant {
    /// A receipt with a number that the budget chooses, for example the time by its
    /// own clock.
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
    /// Nobody is waiting for it: a poll or a report.
    #[default]
    Background,
    /// A person is waiting for it: `interactive` on a request, a fleet or a loader.
    Interactive,
}

/// What to acquire from or release to a [`RateBudget`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetRequest<'a> {
    /// The budgets that it draws on. A duplicate key counts once.
    pub keys: &'a [BudgetKey],
    /// The number of units to take from every key.
    pub cost: NonZeroU32,
    /// How urgent it is. A budget may keep a reserve for interactive requests.
    pub priority: Priority,
}

impl<'a> BudgetRequest<'a> {
    /// A request with [`Priority::Background`].
    pub fn new(keys: &'a [BudgetKey], cost: NonZeroU32) -> Self {
        Self {
            keys,
            cost,
            priority: Priority::default(),
        }
    }

    /// Sets the priority.
    #[must_use]
    pub fn with_priority(self, priority: Priority) -> Self {
        Self { priority, ..self }
    }
}

/// A rate budget. The client calls it before every request, and reports the rate
/// limits of the API to it.
///
/// The default is [`InProcessBudget`](crate::InProcessBudget). Processes that share
/// the limit of one application need a budget with a shared store. An `Arc` of a
/// budget is a budget.
///
/// If a budget does not decide within 30 s, the request is denied with
/// [`BudgetDenied::Unavailable`]. A call waits one second at most for
/// [`observe`](RateBudget::observe) and [`release`](RateBudget::release); after that
/// they continue in a task, for 30 s at most.
///
/// The futures may be dropped at any point. A future that was dropped before it was
/// ready has spent either all of its units or none.
///
/// ```
/// use smartcar_batch::{
///     BudgetDenied, BudgetFuture, BudgetKey, BudgetRequest, Grant, InProcessBudget, Priority,
///     RateBudget, ServerLimit, jiff,
/// };
///
/// /// Polls only at night: by day, only interactive requests are granted.
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
    /// Takes the cost from every key, or from none. It must not wait: if a budget is
    /// used up, return when to retry.
    fn acquire<'a>(
        &'a self,
        request: BudgetRequest<'a>,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>>;

    /// Reports a rate limit of the API for a key. It overrides what was counted
    /// locally: the key must be denied for all callers until the API's wait is over.
    fn observe<'a>(&'a self, key: &'a BudgetKey, limit: ServerLimit) -> BudgetFuture<'a, ()>;

    /// Releases units of requests of which no byte was sent: the connection did not
    /// open, the deadline passed before, or the call was dropped before. All other
    /// units stay spent.
    ///
    /// The keys and the priority are those of the grant; the cost is the unused part.
    /// Releasing is optional: a budget that ignores it allows fewer requests than it
    /// could, never more. The default does nothing.
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
        // As a client stores it.
        let budget: Arc<dyn RateBudget> = Arc::new(Closed);
        let unused = BudgetRequest::new(&[BudgetKey::Application], NonZeroU32::MIN);
        let _release = budget.release(unused, Grant::new(7));
    }
}
