//! The budget of a call: acquire, release and report.
//!
//! Invariant: of a grant, exactly the part that was sent is spent, however the call
//! ends. A budget delays neither a call past its deadline nor a response that has
//! arrived.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use futures_util::future::{FutureExt, join};

use jiff::Timestamp;
use smartcar_model::{BudgetDenied, StopReason, VehicleId};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use super::end::{End, too_late};
use super::judge::{Scope, limits};
use crate::budget::{BudgetKey, BudgetRequest, Grant, ServerLimit};
use crate::dialect::Fault;
use crate::limits::{
    BUDGET_GRACE, BUDGET_PAUSE, BUDGET_PAUSE_CEILING, BUDGET_REPORT_TIMEOUT, BUDGET_TIMEOUT,
};
use crate::observe;
use crate::options::Options;
use crate::shared::Shared;

/// The budget keys of one call.
pub(super) struct Budgets<'a> {
    client: &'a Shared,
    options: &'a Options,
    /// The last one is the application's.
    keys: [BudgetKey; 2],
    of_vehicle: bool,
}

/// The grant for one attempt. If the call is dropped in between, a task releases what
/// was not sent, provided that the runtime still accepts tasks.
pub(super) struct Granted<'a> {
    budgets: &'a Budgets<'a>,
    grant: Option<Grant>,
    /// When it was granted.
    pub(super) at: Instant,
    /// The price of the requests that have not left the machine.
    pub(super) unsent: AtomicU32,
}

impl Drop for Granted<'_> {
    fn drop(&mut self) {
        let unsent = NonZeroU32::new(self.unsent.load(Relaxed));
        if let (Some(grant), Some(unsent)) = (self.grant.take(), unsent)
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(self.budgets.report(Some((unsent, grant)), Vec::new()));
        }
    }
}

impl<'a> Budgets<'a> {
    /// The vehicle's key, if the call is about a vehicle, and the application's.
    pub(super) fn of(
        client: &'a Shared,
        options: &'a Options,
        vehicle: Option<&VehicleId>,
    ) -> Self {
        let key = vehicle.cloned().map(BudgetKey::Vehicle);
        Self {
            client,
            options,
            keys: [
                key.unwrap_or(BudgetKey::Application),
                BudgetKey::Application,
            ],
            of_vehicle: vehicle.is_some(),
        }
    }

    fn request(&self, cost: NonZeroU32) -> BudgetRequest<'_> {
        let keys = &self.keys[usize::from(!self.of_vehicle)..];
        BudgetRequest::new(keys, cost).with_priority(self.options.priority)
    }

    /// Waits until the budget grants the cost of the open items, from now on.
    ///
    /// The calls of a fleet wait in a FIFO queue: the first one waits for the
    /// application, and the deadlines are extended meanwhile. A call that waits for
    /// its own vehicle leaves the queue.
    pub(super) async fn admit(
        &self,
        cost: NonZeroU32,
        now: Instant,
        deadline: &mut Instant,
    ) -> Result<Granted<'_>, End> {
        // Many calls may wait for the same moment, and only some succeed. The growing
        // pause keeps each from asking too often, and from spinning if two clocks
        // disagree.
        let mut pause = BUDGET_PAUSE;
        let patience = self.options.patience.as_ref();
        let outlasts = patience.is_some_and(|patience| patience.outlasts);
        let mut turn = None;
        // The clock is read again only after a wait.
        let mut known = Some(now);
        loop {
            if let (Some(patience), None) = (patience, &turn) {
                // Without a wait the deadline stays, and the clock is not needed.
                turn = Some(if let Ok(turn) = patience.line.try_lock() {
                    turn
                } else {
                    let since = known.take().unwrap_or_else(Instant::now);
                    let turn = Box::pin(patience.line.lock()).await;
                    *deadline += since.elapsed();
                    turn
                });
            }
            let asked = known.take().unwrap_or_else(Instant::now);
            let latest = asked + BUDGET_TIMEOUT;
            let ends_first = outlasts || latest < *deadline;
            let mut acquired = self.client.budget.acquire(self.request(cost));
            // Most budgets decide at the first poll, and need no timer.
            let (decided, at) = if let Some(decided) = acquired.as_mut().now_or_never() {
                (Ok(decided), asked)
            } else {
                let until = if ends_first { latest } else { *deadline };
                let decided = Box::pin(timeout_at(until, acquired)).await;
                (decided, Instant::now())
            };
            let denied = match decided {
                Ok(Ok(grant)) => {
                    return Ok(Granted {
                        budgets: self,
                        grant: Some(grant),
                        at,
                        unsent: AtomicU32::new(cost.get()),
                    });
                }
                Ok(Err(denied)) => denied,
                Err(_) if ends_first => BudgetDenied::Unavailable,
                Err(_) => return Err(too_late()),
            };
            if outlasts && denied == BudgetDenied::Unavailable {
                observe::parked();
                Box::pin(sleep(pause)).await;
                pause = (pause * 2).min(BUDGET_PAUSE_CEILING);
                *deadline += asked.elapsed();
                continue;
            }
            let Some(moment) = denied.retry_at() else {
                return Err(End::of(StopReason::Budget(denied)));
            };
            let in_line =
                patience.is_some() && matches!(denied, BudgetDenied::ApplicationRetryAt(_));
            let now = Instant::now();
            let latest = patience
                .and_then(|patience| now.checked_add(patience.max_wait))
                .map_or(*deadline, |latest| latest.min(*deadline));
            let at = self.client.clock.instant_of(moment);
            // By the budget's clock, which may be behind, the moment may have come.
            let next = match at.map(|at| at.max(now + pause)) {
                Some(next) if in_line || next < latest => next,
                // Too long to wait here: a caller with a queue should know now.
                _ => {
                    return Err(End {
                        retry_at: at,
                        stopped: StopReason::Budget(denied),
                    });
                }
            };
            observe::parked();
            if !in_line {
                turn = None;
            }
            Box::pin(sleep_until(next)).await;
            pause = (pause * 2).min(BUDGET_PAUSE_CEILING);
            if in_line {
                *deadline += now.elapsed();
            }
        }
    }

    /// Releases what was never sent and reports what the replies said. If the budget
    /// is slow, this continues in a task while the call goes on.
    pub(super) async fn account(
        &self,
        mut granted: Granted<'_>,
        unsent: u32,
        faults: &[Fault],
        now: Timestamp,
        deadline: Instant,
    ) {
        let back = NonZeroU32::new(unsent).zip(granted.grant.take());
        let of_vehicle = self.of_vehicle;
        let seen: Vec<_> = limits(faults, now)
            .into_iter()
            // A list request cannot exhaust a vehicle's monthly quota.
            .filter(|(_, seen)| of_vehicle || *seen != ServerLimit::QuotaExhausted)
            .collect();
        if back.is_none() && seen.is_empty() {
            return;
        }
        let mut report = Box::pin(self.report(back, seen));
        // Most budgets finish at the first poll.
        if report.as_mut().now_or_never().is_none() {
            let until = deadline.min(Instant::now() + BUDGET_GRACE);
            // If the report is late or panics, the response is still returned.
            let _ = timeout_at(until, tokio::spawn(report)).await;
        }
    }

    /// Reports to the budget, even if the call ends first.
    fn report(
        &self,
        back: Option<(NonZeroU32, Grant)>,
        seen: Vec<(Scope, ServerLimit)>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (budget, keys) = (Arc::clone(&self.client.budget), self.keys.clone());
        let of_vehicle = self.of_vehicle;
        let priority = self.options.priority;
        async move {
            let release = async {
                if let Some((unsent, grant)) = back {
                    let keys = &keys[usize::from(!of_vehicle)..];
                    let unused = BudgetRequest::new(keys, unsent).with_priority(priority);
                    budget.release(unused, grant).await;
                }
            };
            let observe = async {
                for (scope, seen) in seen {
                    // Without a vehicle, both are the application's.
                    let key = match scope {
                        Scope::Vehicle => &keys[0],
                        Scope::Application => &keys[1],
                    };
                    budget.observe(key, seen).await;
                }
            };
            // A slower report is abandoned.
            let _ = timeout(BUDGET_REPORT_TIMEOUT, join(release, observe)).await;
        }
    }
}
