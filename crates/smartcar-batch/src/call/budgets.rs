//! What a call takes from the budgets, gives back and reports.
//!
//! Invariant: what was granted is spent unless nothing of it was sent.

use std::num::NonZeroU32;

use jiff::Timestamp;
use smartcar_model::{BudgetDenied, StopReason, VehicleId};
use tokio::time::{Instant, timeout_at};

use super::end::{End, too_late};
use super::judge::{Scope, limits};
use crate::budget::{BudgetKey, BudgetRequest, Grant, ServerLimit};
use crate::dialect::Fault;
use crate::limits::{BUDGET_PAUSE, BUDGET_PAUSE_CEILING};
use crate::observe;
use crate::options::Options;
use crate::shared::Shared;

/// The budgets of one call.
pub(super) struct Budgets<'a> {
    client: &'a Shared,
    options: &'a Options,
    keys: Vec<BudgetKey>,
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
    ) -> Result<Grant, End> {
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
            let denied = match timeout_at(*deadline, acquired).await {
                Ok(Ok(grant)) => return Ok(grant),
                Ok(Err(denied)) => denied,
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

    /// Gives back what was never sent, and reports what the replies said.
    pub(super) async fn account(
        &self,
        grant: Grant,
        unsent: u32,
        faults: &[Fault],
        now: Timestamp,
    ) {
        if let Some(unsent) = NonZeroU32::new(unsent) {
            let budget = &self.client.budget;
            budget.release(self.request(unsent), grant).await;
        }
        for (scope, seen) in limits(faults, now) {
            let key = match (scope, self.keys.as_slice()) {
                (Scope::Vehicle, [vehicle, _]) => vehicle,
                // A list cannot use up a vehicle's month.
                _ if seen == ServerLimit::QuotaExhausted => continue,
                _ => &BudgetKey::Application,
            };
            self.client.budget.observe(key, seen).await;
        }
    }
}
