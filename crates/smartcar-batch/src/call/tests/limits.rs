//! Budgets, the retry quota, and the state after a call is dropped.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::{NO_RESPONSE, Script, Step, VEHICLE_LIMIT, api, builder, exact, seconds, vehicle_of};
use crate::limits::{RETRY_COST_TRANSIENT, RETRY_QUOTA, RETRY_REFILL};
use crate::{
    BudgetDenied, BudgetFuture, BudgetKey, BudgetRequest, ErrorKind, Fuel, Grant, InProcessBudget,
    Location, Odometer, Priority, Rate, RateBudget, RetryPolicy, ServerLimit, StopReason,
    VehicleId,
};

fn units(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

pub(super) fn per_vehicle(burst: u32, every: u64) -> Arc<dyn RateBudget> {
    Arc::new(InProcessBudget::unlimited().per_vehicle(Rate::new(units(burst), seconds(every))))
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_can_never_fit_is_a_typed_error_at_once() {
    let script = Script::default();
    let vehicle = vehicle_of(builder().budget(per_vehicle(2, 60)), &script);
    let error = vehicle
        .batch::<(Odometer, Location, Fuel)>()
        .send()
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.charged()), (ErrorKind::Budget, 0));
    assert_eq!(error.retry_at(), None);
    assert!(!error.is_retryable());
    assert!(
        error
            .to_string()
            .contains("more than the rate budget's maximum"),
        "{error}"
    );
    assert!(script.sent().is_empty());
    vehicle
        .batch::<(Odometer, Location)>()
        .send()
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_for_its_budget_or_says_when_to_come_back() {
    let script = Script::default();
    let vehicle = vehicle_of(builder().budget(per_vehicle(2, 60)), &script);
    for _ in 0..2 {
        let answered = vehicle
            .batch::<(Odometer, Location)>()
            .send()
            .await
            .unwrap();
        assert_eq!(answered.attempts, 1);
    }
    assert_eq!(script.waits(), [seconds(120)], "two units, one per minute");
    // At the deadline itself there is no time left to send.
    for deadline in [30, 120] {
        let request = vehicle
            .batch::<(Odometer, Location)>()
            .deadline(seconds(deadline));
        let error = request.send().await.unwrap_err();
        assert_eq!((error.kind(), error.charged()), (ErrorKind::Budget, 0));
        assert!(error.is_retryable() && error.retry_at().is_some());
        assert_eq!(script.sent().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_budgets_refusal_of_a_follow_up_leaves_the_good_items() {
    let script = Script::of([Step::Items(vec![("/fuel", 502, "{}", NO_RESPONSE)])]);
    let vehicle = vehicle_of(builder().budget(per_vehicle(2, 3600)), &script);
    let answered = vehicle.batch::<(Odometer, Fuel)>().send().await.unwrap();
    assert!(answered.data.0.is_ok() && answered.data.1.is_err());
    assert!(matches!(
        answered.stop_reason,
        Some(StopReason::Budget(BudgetDenied::RetryAt(_)))
    ));
    assert!(answered.retry_at.is_some());
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_never_left_is_given_back_and_what_left_is_not() {
    // Three retries would cost six units, but only two are available.
    let script = Script::of([Step::Refuse, Step::Refuse]);
    let vehicle = vehicle_of(builder().budget(per_vehicle(2, 3600)), &script);
    let answered = vehicle.batch::<(Odometer, Fuel)>().send().await.unwrap();
    assert_eq!((answered.attempts, answered.charged), (3, 2));
    let script = Script::of([Step::Lose]);
    let vehicle = vehicle_of(builder().budget(per_vehicle(2, 3600)), &script);
    let error = vehicle
        .batch::<(Odometer, Fuel)>()
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.charged(), 2, "the budget denied the retry");
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_parked_vehicle_is_waited_for_by_everyone_and_the_others_are_not() {
    let script = Script::of([Step::Items(vec![(
        "/fuel",
        429,
        r#"{"retry-after": 100}"#,
        VEHICLE_LIMIT,
    )])]);
    let first = vehicle_of(builder(), &script);
    let again = first.clone();
    let other = first.client.vehicle(VehicleId::new("vehicle-2").unwrap());
    let answered = first
        .batch::<(Fuel,)>()
        .retry(RetryPolicy::none())
        .send()
        .await
        .unwrap();
    assert!(answered.data.0.is_err());
    other.batch::<(Fuel,)>().send().await.unwrap();
    again.batch::<(Fuel,)>().send().await.unwrap();
    let waits = script.waits();
    assert_eq!(waits[0], seconds(0), "another vehicle does not wait");
    assert!(
        waits[1] >= seconds(100) && waits[1] < seconds(101),
        "{waits:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_used_up_month_parks_the_vehicle() {
    let billing = api(
        "BILLING",
        Some("VEHICLE_REQUEST_LIMIT"),
        Some("CONTACT_SUPPORT"),
    );
    let script = Script::of([Step::Answer(430, Vec::new(), billing)]);
    let vehicle = vehicle_of(builder(), &script);
    let error = vehicle.batch::<(Odometer,)>().send().await.unwrap_err();
    assert_eq!(error.status(), Some(430));
    let error = vehicle
        .batch::<(Odometer,)>()
        .deadline(seconds(60))
        .send()
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.charged()), (ErrorKind::Budget, 0));
    assert_eq!(script.sent().len(), 1, "nothing more is sent this month");
}

/// A budget that records its calls.
#[derive(Debug, Default)]
struct Noting(std::sync::Mutex<Vec<String>>);

impl RateBudget for Noting {
    fn acquire<'a>(
        &'a self,
        request: BudgetRequest<'a>,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
        Box::pin(async move {
            let urgent = match request.priority {
                Priority::Interactive => "!",
                _ => "",
            };
            let asked = format!("{} of {}{urgent}", request.cost, request.keys.len());
            self.0.lock().unwrap().push(asked);
            Ok(Grant::new(0))
        })
    }
    fn observe<'a>(&'a self, key: &'a BudgetKey, seen: ServerLimit) -> BudgetFuture<'a, ()> {
        Box::pin(async move {
            let key = match key {
                BudgetKey::Vehicle(_) => "vehicle",
                _ => "application",
            };
            self.0.lock().unwrap().push(format!("{key} {seen:?}"));
        })
    }
}

/// A budget that always says that the moment has come, and counts how often it is asked.
#[derive(Debug, Default)]
struct Fickle(std::sync::atomic::AtomicU32);

impl RateBudget for Fickle {
    fn acquire<'a>(
        &'a self,
        _: BudgetRequest<'a>,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let denied = BudgetDenied::RetryAt(jiff::Timestamp::now());
        Box::pin(std::future::ready(Err(denied)))
    }
    fn observe<'a>(&'a self, _: &'a BudgetKey, _: ServerLimit) -> BudgetFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_changes_its_mind_is_asked_less_and_less_often() {
    let budget = Arc::new(Fickle::default());
    let vehicle = vehicle_of(builder().budget(Arc::clone(&budget)), &Script::default());
    let request = vehicle.batch::<(Odometer,)>().deadline(seconds(10));
    let error = request.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Budget);
    // After 10, 20, 40, … 640 ms, then every second.
    let asked = budget.0.load(std::sync::atomic::Ordering::Relaxed);
    assert!((14..=18).contains(&asked), "{asked}");
}

#[tokio::test(start_paused = true)]
async fn a_budget_knows_for_which_calls_a_person_waits() {
    let budget = Arc::new(Noting::default());
    let vehicle = vehicle_of(builder().budget(Arc::clone(&budget)), &Script::default());
    let both = vehicle.batch::<(Odometer, Fuel)>();
    both.clone().send().await.unwrap();
    both.interactive().send().await.unwrap();
    let loader = vehicle.loader().interactive();
    loader.get::<Odometer>().await.unwrap();
    let fleet = vehicle.client.fleet::<(Odometer,)>().interactive();
    let ids = futures_util::stream::iter([vehicle.id().clone()]);
    let outcomes: Vec<_> = futures_util::StreamExt::collect(fleet.run(ids)).await;
    assert_eq!(outcomes.len(), 1);
    let asked = ["2 of 2", "2 of 2!", "1 of 2!", "1 of 2!"];
    assert_eq!(*budget.0.lock().unwrap(), asked);
}

#[tokio::test(start_paused = true)]
async fn a_budget_of_ones_own_is_asked_for_each_attempt_and_told_of_waits() {
    let limit = api("RATE_LIMIT", Some("SMARTCAR_API"), Some("RETRY_LATER"));
    let script = Script::of([
        Step::Answer(429, vec![("retry-after", "2".to_owned())], limit),
        Step::Items(vec![(
            "/fuel",
            429,
            r#"{"Retry-After": "3"}"#,
            VEHICLE_LIMIT,
        )]),
    ]);
    let budget = Arc::new(Noting::default());
    let vehicle = vehicle_of(builder().budget(Arc::clone(&budget)), &script);
    vehicle.batch::<(Odometer, Fuel)>().send().await.unwrap();
    assert_eq!(
        *budget.0.lock().unwrap(),
        [
            "2 of 2",
            "application RetryAfter(2s)",
            "2 of 2",
            "vehicle RetryAfter(3s)",
            "1 of 2"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_bad_hour_does_not_become_a_storm_and_the_quota_comes_back() {
    let broken = Step::Answer(500, Vec::new(), String::new());
    let script = Script::of(vec![broken; 4_000]);
    // No waits, so that only the quota limits the retries.
    let policy = RetryPolicy::standard().backoff(Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let vehicle = vehicle_of(builder().retry(policy), &script);
    let calls = 1_000;
    for _ in 0..calls {
        vehicle.batch::<(Odometer,)>().send().await.unwrap_err();
    }
    let burst = (RETRY_QUOTA / RETRY_COST_TRANSIENT) as usize;
    assert_eq!(script.sent().len(), calls + burst);

    // Time refills it: one retry per fourteen refills.
    tokio::time::advance(RETRY_REFILL * RETRY_COST_TRANSIENT * 3).await;
    let before = script.sent().len();
    for _ in 0..10 {
        vehicle.batch::<(Odometer,)>().send().await.unwrap_err();
    }
    assert_eq!(script.sent().len() - before, 10 + 3);

    // Successes refill it too.
    let script_of_good = Script::default();
    let good = vehicle_of(builder(), &script_of_good);
    good.batch::<(Odometer,)>().send().await.unwrap();
    let left = vehicle.client.shared.quota.available();
    assert!(left < RETRY_COST_TRANSIENT, "{left}");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_tasks_get_exactly_what_the_budget_holds() {
    for seed in 0..20_u64 {
        let script = Script::default();
        let burst = 50 + u32::try_from(seed).unwrap() * 7;
        let vehicle = vehicle_of(builder().budget(per_vehicle(burst, 86_400)), &script);
        let tasks: Vec<_> = (0..1_000_u64)
            .map(|task| {
                let vehicle = vehicle.clone();
                // A schedule of its own for each seed, within the window.
                let wait = Duration::from_millis((task * 7919 + seed * 104_729) % 1_000);
                tokio::spawn(async move {
                    tokio::time::sleep(wait).await;
                    vehicle
                        .batch::<(Odometer,)>()
                        .deadline(seconds(5))
                        .send()
                        .await
                        .is_ok()
                })
            })
            .collect();
        let mut admitted = 0;
        for task in tasks {
            admitted += u32::from(task.await.unwrap());
        }
        assert_eq!(admitted, burst, "seed {seed}");
        assert_eq!(script.units(), burst as usize);
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_a_call_anywhere_leaves_client_and_accounts_whole() {
    for at in (0..40_000).step_by(487) {
        let slow = |then| Step::After(seconds(5), Box::new(then));
        let script = Script::of([
            slow(Step::Items(vec![("/fuel", 502, "{}", NO_RESPONSE)])),
            slow(Step::Items(vec![(
                "/fuel",
                429,
                r#"{"retry-after": 9}"#,
                VEHICLE_LIMIT,
            )])),
            slow(Step::Items(Vec::new())),
        ]);
        let budget = Arc::new(Noting::default());
        let vehicle = vehicle_of(
            builder().retry(exact()).budget(Arc::clone(&budget)),
            &script,
        );
        let limit = Duration::from_millis(at);
        let _ = tokio::time::timeout(limit, vehicle.batch::<(Odometer, Fuel)>().send()).await;
        let granted: usize = budget
            .0
            .lock()
            .unwrap()
            .iter()
            .filter_map(|line| line.strip_suffix(" of 2")?.parse::<usize>().ok())
            .sum();
        assert_eq!(granted, script.units(), "dropped after {limit:?}");
        // Whatever is left of the script, the next call succeeds.
        let answered = vehicle.batch::<(Odometer,)>().send().await.unwrap();
        assert!(answered.all_ok());
    }
}
