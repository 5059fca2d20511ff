//! The rules of budgets, on budgets that break them.
//!
//! Invariant: each broken budget differs from a good one in one way.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use smartcar_batch::budget::conformance::{Limits, check, check_without_release};
use smartcar_batch::{
    BudgetDenied, BudgetFuture, BudgetKey, BudgetRequest, Grant, InProcessBudget, Priority,
    RateBudget, ServerLimit,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    NotShared,
    NoWaits,
    NoRelease,
    NoReserve,
    NotTheVehicle,
    TakesWhenNotPolled,
    VehicleOnly,
}

#[derive(Debug)]
struct Faulty(Arc<InProcessBudget>, Fault);

impl RateBudget for Faulty {
    fn acquire<'a>(
        &'a self,
        request: BudgetRequest<'a>,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
        let Self(inner, fault) = self;
        match fault {
            Fault::NoReserve => inner.acquire(request.with_priority(Priority::Interactive)),
            Fault::NotTheVehicle => Box::pin(async move {
                let application = request.keys.contains(&BudgetKey::Application);
                let keys = application.then_some(BudgetKey::Application);
                let request = BudgetRequest::new(keys.as_slice(), request.cost)
                    .with_priority(request.priority);
                inner.acquire(request).await
            }),
            Fault::TakesWhenNotPolled => {
                let mut taken = inner.acquire(request);
                let answer = taken.as_mut().now_or_never();
                Box::pin(std::future::ready(answer.unwrap()))
            }
            Fault::VehicleOnly => Box::pin(async move {
                inner.acquire(request).await.map_err(|denied| match denied {
                    BudgetDenied::ApplicationRetryAt(moment) => BudgetDenied::RetryAt(moment),
                    other => other,
                })
            }),
            _ => inner.acquire(request),
        }
    }

    fn observe<'a>(&'a self, key: &'a BudgetKey, limit: ServerLimit) -> BudgetFuture<'a, ()> {
        match self.1 {
            Fault::NoWaits => Box::pin(std::future::ready(())),
            _ => self.0.observe(key, limit),
        }
    }

    fn release<'a>(&'a self, unused: BudgetRequest<'a>, grant: Grant) -> BudgetFuture<'a, ()> {
        match self.1 {
            Fault::NoRelease => Box::pin(std::future::ready(())),
            _ => self.0.release(unused, grant),
        }
    }
}

fn budget(limits: Limits) -> Arc<InProcessBudget> {
    let mut budget = InProcessBudget::unlimited().reserve(limits.reserve);
    if let Some(rate) = limits.per_application {
        budget = budget.per_application(rate);
    }
    if let Some(rate) = limits.per_vehicle {
        budget = budget.per_vehicle(rate);
    }
    if let Some(requests) = limits.per_vehicle_and_month {
        budget = budget.per_vehicle_and_month(requests);
    }
    Arc::new(budget)
}

fn make(limits: Limits, fault: Fault) -> [Faulty; 2] {
    let one = budget(limits);
    let other = match fault {
        Fault::NotShared => budget(limits),
        _ => Arc::clone(&one),
    };
    [Faulty(one, fault), Faulty(other, fault)]
}

#[tokio::test]
async fn a_good_budget_keeps_all_rules() {
    check(async |limits| make(limits, Fault::None)).await;
    check_without_release(async |limits| make(limits, Fault::NoRelease)).await;
}

#[tokio::test]
async fn each_fault_breaks_a_rule() {
    for (fault, rule) in [
        (Fault::NotShared, "is one of its key"),
        (Fault::NoWaits, "is one of its key"),
        (Fault::NoRelease, "released units can be used again"),
        (Fault::NoReserve, "a reserve is for interactive requests"),
        (Fault::NotTheVehicle, "what exceeds a maximum never fits"),
        (Fault::TakesWhenNotPolled, "a future that is never polled"),
        (Fault::VehicleOnly, "a denied request takes from no key"),
    ] {
        let checked = AssertUnwindSafe(check(async |limits| make(limits, fault)));
        let panic = checked.catch_unwind().await.unwrap_err();
        let message = panic.downcast_ref::<String>().unwrap();
        assert!(message.contains(rule), "{fault:?}: {message}");
    }
}
