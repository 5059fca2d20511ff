//! What a call takes from the budgets, gives back and reports.
//!
//! Invariant: what was granted is spent exactly as far as it was sent, however the
//! call ends; no budget holds a call past its deadline, nor an answer that is there.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use futures_util::future::{FutureExt, join};

use jiff::Timestamp;
use smartcar_model::{BudgetDenied, StopReason, VehicleId};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout, timeout_at};

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

/// The budgets of one call.
pub(super) struct Budgets<'a> {
    client: &'a Shared,
    options: &'a Options,
    keys: Vec<BudgetKey>,
}

/// What was granted for one attempt. If the call is dropped in the middle, what
/// was not sent is given back by a task, where the runtime still takes one.
pub(super) struct Granted<'a> {
    budgets: &'a Budgets<'a>,
    grant: Option<Grant>,
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
    /// The vehicle's, if the call asks about one, and the application's.
    pub(super) fn of(
        client: &'a Shared,
        options: &'a Options,
        vehicle: Option<&VehicleId>,
    ) -> Self {
        let vehicle = vehicle.cloned().map(BudgetKey::Vehicle);
        Self {
            client,
            options,
            keys: vehicle
                .into_iter()
                .chain([BudgetKey::Application])
                .collect(),
        }
    }

    fn request(&self, cost: NonZeroU32) -> BudgetRequest<'_> {
        BudgetRequest::new(&self.keys, cost).with_priority(self.options.priority)
    }

    /// Waits until the budgets admit what is left to ask.
    ///
    /// A fleet's calls wait in one line: the first of it waits for the
    /// application, and meanwhile the deadline moves on. A call that waits for
    /// its own vehicle steps out of the line.
    pub(super) async fn admit(
        &self,
        cost: NonZeroU32,
        deadline: &mut Instant,
    ) -> Result<Granted<'_>, End> {
        // Many may wait for the same moment, and only some get it: each asks
        // less often from time to time, and none spins if two clocks disagree.
        let mut pause = BUDGET_PAUSE;
        let patience = self.options.patience.as_ref();
        let mut turn = None;
        loop {
            if let (Some(patience), None) = (patience, &turn) {
                let since = Instant::now();
                turn = Some(patience.line.lock().await);
                *deadline += since.elapsed();
            }
            let acquired = self.client.budget.acquire(self.request(cost));
            let latest = Instant::now() + BUDGET_TIMEOUT;
            let denied = match timeout_at(latest.min(*deadline), acquired).await {
                Ok(Ok(grant)) => {
                    return Ok(Granted {
                        budgets: self,
                        grant: Some(grant),
                        unsent: AtomicU32::new(cost.get()),
                    });
                }
                Ok(Err(denied)) => denied,
                Err(_) if latest < *deadline => BudgetDenied::Unavailable,
                Err(_) => return Err(too_late()),
            };
            let Some(moment) = denied.retry_at() else {
                return Err(End::of(StopReason::Budget(denied)));
            };
            let in_line =
                patience.is_some() && matches!(denied, BudgetDenied::ApplicationRetryAt(_));
            let now = Instant::now();
            let latest = patience
                .and_then(|patience| now.checked_add(patience.max_wait))
                .map_or(*deadline, |latest| latest.min(*deadline));
            let at = match self.client.clock.instant_of(moment) {
                Some(at) if in_line || at < latest => at,
                // Too long: whoever keeps a queue should know now.
                at => {
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
            tokio::time::sleep_until(at.max(now + pause)).await;
            pause = (pause * 2).min(BUDGET_PAUSE_CEILING);
            if in_line {
                *deadline += now.elapsed();
            }
        }
    }

    /// Gives back what was never sent, and reports what the replies said. A budget
    /// that is slow does that while the call goes on.
    pub(super) async fn account(
        &self,
        mut granted: Granted<'_>,
        unsent: u32,
        faults: &[Fault],
        now: Timestamp,
        deadline: Instant,
    ) {
        let back = NonZeroU32::new(unsent).zip(granted.grant.take());
        let of_vehicle = self.keys.len() > 1;
        let seen: Vec<_> = limits(faults, now)
            .into_iter()
            // A list cannot use up a vehicle's month.
            .filter(|(_, seen)| of_vehicle || *seen != ServerLimit::QuotaExhausted)
            .collect();
        if back.is_none() && seen.is_empty() {
            return;
        }
        let mut report = Box::pin(self.report(back, seen));
        // Most budgets need no more than this.
        if report.as_mut().now_or_never().is_none() {
            let until = deadline.min(Instant::now() + BUDGET_GRACE);
            // Late or panicked, it costs no answer.
            let _ = timeout_at(until, tokio::spawn(report)).await;
        }
    }

    /// Tells the budget, whatever becomes of the call.
    fn report(
        &self,
        back: Option<(NonZeroU32, Grant)>,
        seen: Vec<(Scope, ServerLimit)>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (budget, keys) = (Arc::clone(&self.client.budget), self.keys.clone());
        let priority = self.options.priority;
        async move {
            let release = async {
                if let Some((unsent, grant)) = back {
                    let unused = BudgetRequest::new(&keys, unsent).with_priority(priority);
                    budget.release(unused, grant).await;
                }
            };
            let observe = async {
                for (scope, seen) in seen {
                    let key = match (scope, keys.as_slice()) {
                        (Scope::Vehicle, [vehicle, _]) => vehicle,
                        _ => &BudgetKey::Application,
                    };
                    budget.observe(key, seen).await;
                }
            };
            // Slower than that it is not worth keeping.
            let _ = timeout(BUDGET_REPORT_TIMEOUT, join(release, observe)).await;
        }
    }
}
