//! Charges of requests that were abandoned before their outcome.
//!
//! Invariant: a vehicle is tracked from its first grant until its outcome.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smartcar_batch::{
    BudgetDenied, BudgetFuture, BudgetKey, BudgetRequest, Grant, RateBudget, ServerLimit, VehicleId,
};

/// A budget that also records the units granted per vehicle in progress.
#[derive(Debug)]
pub(super) struct Counted {
    budget: Arc<dyn RateBudget>,
    granted: Mutex<HashMap<VehicleId, u32>>,
}

impl Counted {
    pub(super) fn new(budget: Arc<dyn RateBudget>) -> Self {
        Self {
            budget,
            granted: Mutex::default(),
        }
    }

    /// Stops tracking a vehicle: its outcome has the charge.
    pub(super) fn ended(&self, vehicle: &VehicleId) {
        self.granted().remove(vehicle);
    }

    /// Units granted to vehicles without an outcome. Units of unsent requests were
    /// already returned.
    pub(super) fn under_way(&self) -> u64 {
        self.granted().values().copied().map(u64::from).sum()
    }

    fn add(&self, keys: &[BudgetKey], units: i64) {
        for key in keys {
            if let BudgetKey::Vehicle(vehicle) = key {
                let mut granted = self.granted();
                let count = granted.entry(vehicle.clone()).or_default();
                let sum = i64::from(*count).saturating_add(units);
                *count = sum.clamp(0, u32::MAX.into()).try_into().unwrap_or_default();
            }
        }
    }

    fn granted(&self) -> MutexGuard<'_, HashMap<VehicleId, u32>> {
        // A poisoned lock is safe to use: every update is a single step.
        self.granted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RateBudget for Counted {
    fn acquire<'a>(
        &'a self,
        request: BudgetRequest<'a>,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
        Box::pin(async move {
            let grant = self.budget.acquire(request).await?;
            self.add(request.keys, request.cost.get().into());
            Ok(grant)
        })
    }

    fn observe<'a>(&'a self, key: &'a BudgetKey, seen: ServerLimit) -> BudgetFuture<'a, ()> {
        self.budget.observe(key, seen)
    }

    fn release<'a>(&'a self, request: BudgetRequest<'a>, grant: Grant) -> BudgetFuture<'a, ()> {
        self.add(request.keys, -i64::from(request.cost.get()));
        self.budget.release(request, grant)
    }
}
