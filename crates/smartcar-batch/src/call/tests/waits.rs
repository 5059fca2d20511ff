//! Waits that end, and requests that were never sent.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use smartcar_model::v3::signal::{motion::CurrentSpeed, odometer::TraveledDistance};
use tokio::time::{Instant, timeout};

use super::{NO_RESPONSE, Script, Step, VEHICLE_LIMIT, api, builder, exact, seconds};
use super::{vehicle, vehicle_of};
use crate::clock::machine_sleeps;
use crate::{
    Api, BudgetDenied, BudgetFuture, BudgetKey, BudgetRequest, ErrorKind, Fuel, Grant, Odometer,
    RateBudget, RetryPolicy, ServerLimit, StopReason, UserId, VehicleId,
};

/// The method that a budget never completes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Silent {
    Never,
    Acquire,
    Observe,
    Release,
}

/// A budget that counts, and never completes one method.
#[derive(Debug)]
struct Counting {
    silent: Silent,
    taken: AtomicU32,
    back: AtomicU32,
    seen: Mutex<Vec<ServerLimit>>,
}

impl Counting {
    fn new(silent: Silent) -> Arc<Self> {
        Arc::new(Self {
            silent,
            taken: AtomicU32::new(0),
            back: AtomicU32::new(0),
            seen: Mutex::default(),
        })
    }

    async fn unless(&self, silent: Silent) {
        if self.silent == silent {
            std::future::pending::<()>().await;
        }
        // Not at once, like a remote store.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    /// The units that were taken and released.
    fn units(&self) -> (u32, u32) {
        (self.taken.load(SeqCst), self.back.load(SeqCst))
    }
}

impl RateBudget for Counting {
    fn acquire<'a>(
        &'a self,
        request: BudgetRequest<'a>,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
        Box::pin(async move {
            self.unless(Silent::Acquire).await;
            self.taken.fetch_add(request.cost.get(), SeqCst);
            Ok(Grant::new(7))
        })
    }
    fn observe<'a>(&'a self, _: &'a BudgetKey, seen: ServerLimit) -> BudgetFuture<'a, ()> {
        Box::pin(async move {
            self.unless(Silent::Observe).await;
            self.seen.lock().unwrap().push(seen);
        })
    }
    fn release<'a>(&'a self, request: BudgetRequest<'a>, grant: Grant) -> BudgetFuture<'a, ()> {
        Box::pin(async move {
            self.unless(Silent::Release).await;
            assert_eq!(grant.stamp(), 7);
            self.back.fetch_add(request.cost.get(), SeqCst);
        })
    }
}

fn limited() -> Step {
    let wait = r#"{"retry-after": 3}"#;
    Step::Items(vec![("/fuel", 429, wait, VEHICLE_LIMIT)])
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_does_not_observe_holds_no_answer() {
    for deadline in [Duration::from_millis(300), seconds(310)] {
        let script = Script::of([limited()]);
        let builder = builder()
            .budget(Counting::new(Silent::Observe))
            .retry(RetryPolicy::none());
        let vehicle = vehicle_of(builder, &script);
        let start = Instant::now();
        let request = vehicle.batch::<(Odometer, Fuel)>().deadline(deadline);
        let answered = request.send().await.unwrap();
        assert!(answered.data.0.is_ok());
        assert!(start.elapsed() <= deadline.min(seconds(2)), "{deadline:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_does_not_release_holds_no_call() {
    let script = Script::of(vec![Step::Refuse; 9]);
    let vehicle = vehicle_of(builder().budget(Counting::new(Silent::Release)), &script);
    let start = Instant::now();
    // Three attempts, one second of grace for each, and three of back-off.
    let error = vehicle.batch::<(Odometer,)>().send().await.unwrap_err();
    assert_eq!((error.kind(), error.charged()), (ErrorKind::Transport, 0));
    assert!(start.elapsed() <= seconds(7), "{:?}", start.elapsed());
    let script = Script::of(vec![Step::Refuse; 9]);
    let vehicle = vehicle_of(builder().budget(Counting::new(Silent::Release)), &script);
    let (start, short) = (Instant::now(), Duration::from_millis(300));
    let request = vehicle.batch::<(Odometer,)>().deadline(short);
    assert_eq!(request.send().await.unwrap_err().charged(), 0);
    assert!(start.elapsed() <= short, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_does_not_answer_is_a_budget_that_is_not_there() {
    let script = Script::default();
    let vehicle = vehicle_of(builder().budget(Counting::new(Silent::Acquire)), &script);
    let start = Instant::now();
    let error = vehicle.batch::<(Odometer,)>().send().await.unwrap_err();
    assert_eq!(error.budget_denied(), Some(&BudgetDenied::Unavailable));
    assert_eq!(start.elapsed(), seconds(30));
    for deadline in [1, 30] {
        let request = vehicle.batch::<(Odometer,)>().deadline(seconds(deadline));
        assert_eq!(request.send().await.unwrap_err().kind(), ErrorKind::Timeout);
    }
    assert!(script.sent().is_empty());
    // One after another in the fleet's queue, and not for 310 s each.
    let fleet = vehicle.client.fleet::<(Odometer,)>();
    let ids = (0..3).map(|id| VehicleId::new(format!("vehicle-{id}")).unwrap());
    let start = Instant::now();
    let outcomes: Vec<_> = fleet.run(stream::iter(ids)).collect().await;
    assert_eq!(outcomes.len(), 3);
    assert_eq!(start.elapsed(), seconds(90));
}

#[tokio::test(start_paused = true)]
async fn a_report_goes_on_when_the_call_has_ended() {
    let budget = Counting::new(Silent::Never);
    let script = Script::of([limited()]);
    let builder = builder()
        .budget(Arc::clone(&budget) as Arc<dyn RateBudget>)
        .retry(RetryPolicy::none());
    let vehicle = vehicle_of(builder, &script);
    let call = vehicle.batch::<(Odometer, Fuel)>().send();
    // Dropped while the budget records the response.
    let half = Duration::from_micros(1_500);
    assert!(timeout(half, call).await.is_err());
    assert!(budget.seen.lock().unwrap().is_empty());
    tokio::time::sleep(seconds(1)).await;
    let seen = [ServerLimit::RetryAfter(seconds(3))];
    assert_eq!(*budget.seen.lock().unwrap(), seen);
}

/// A call for thirty signals, requested one by one.
fn many(script: &Script, budget: Arc<Counting>) -> crate::Request<crate::PathList> {
    let singles = NonZeroU32::new(1000).unwrap();
    let builder = builder().api(Api::V3).signals_cost(singles).budget(budget);
    let vehicle = vehicle_of(builder, script).with_user(UserId::new("user-1").unwrap());
    let paths = (0..30).map(|number| format!("/signals/group-signal{number}"));
    vehicle.batch_paths(paths).unwrap()
}

#[tokio::test(start_paused = true)]
async fn nothing_is_begun_or_charged_after_the_deadline() {
    let script = Script::of(vec![Step::Hang; 30]);
    let budget = Counting::new(Silent::Never);
    let request = many(&script, Arc::clone(&budget)).deadline(seconds(1));
    let error = request.send().await.unwrap_err();
    assert_eq!((error.kind(), error.charged()), (ErrorKind::Timeout, 8));
    assert_eq!(script.sent().len(), 8);
    tokio::time::sleep(seconds(1)).await;
    assert_eq!(budget.units(), (30, 22));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_gives_back_what_it_did_not_send() {
    let script = Script::of(vec![Step::Hang; 30]);
    let budget = Counting::new(Silent::Never);
    let request = many(&script, Arc::clone(&budget));
    assert!(timeout(seconds(1), request.send()).await.is_err());
    tokio::time::sleep(seconds(1)).await;
    assert_eq!((script.sent().len(), budget.units()), (8, (30, 22)));
}

#[tokio::test(start_paused = true)]
async fn a_date_to_retry_at_is_by_the_servers_clock() {
    let limit = || api("RATE_LIMIT", Some("SMARTCAR_API"), Some("RETRY_LATER"));
    // The server's clock is decades behind or ahead.
    for (date, later) in [
        (
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:39 GMT",
        ),
        (
            "Wed, 06 Nov 2069 08:49:37 GMT",
            "Wed, 06 Nov 2069 08:49:39 GMT",
        ),
    ] {
        let headers = vec![("Date", date.to_owned()), ("Retry-After", later.to_owned())];
        let script = Script::of([Step::Answer(429, headers, limit())]);
        vehicle(&script)
            .batch::<(Odometer,)>()
            .send()
            .await
            .unwrap();
        assert_eq!(
            script.waits(),
            [seconds(12)],
            "{date}: two, and the back-off"
        );
        // A date in an item's header is relative to the `Date` of the response.
        let item: &'static str = format!(r#"{{"retry-after": "{later}"}}"#).leak();
        let body = format!(
            r#"{{"responses": [{{"path": "/fuel", "code": 429, "headers": {item}, "body": {VEHICLE_LIMIT}}}]}}"#
        );
        let script = Script::of([Step::Answer(200, vec![("Date", date.to_owned())], body)]);
        vehicle(&script).batch::<(Fuel,)>().send().await.unwrap();
        assert_eq!(script.waits(), [seconds(12)], "{date}");
    }
    let far = vec![("Retry-After", "Sat, 01 Jan 10000 00:00:00 GMT".to_owned())];
    let script = Script::of([Step::Answer(429, far, limit())]);
    let error = vehicle(&script).batch::<(Odometer,)>().send().await;
    let error = error.unwrap_err();
    assert_eq!(script.sent().len(), 1, "a call does not wait for a year");
    assert_eq!(error.retry_after(), Some(seconds(366 * 24 * 3600)));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_does_not_stand_still_while_the_machine_sleeps() {
    let failed = Step::Items(vec![("/fuel", 502, "{}", NO_RESPONSE)]);
    let script = Script::of([Step::After(seconds(2), Box::new(failed))]);
    let vehicle = vehicle_of(builder().retry(exact()), &script);
    let call = vehicle.batch::<(Odometer, Fuel)>().deadline(seconds(600));
    let asleep = async {
        tokio::time::sleep(seconds(1)).await;
        machine_sleeps(seconds(3600));
    };
    let (answered, ()) = tokio::join!(call.send(), asleep);
    let answered = answered.unwrap();
    assert!(answered.data.0.is_ok() && answered.data.1.is_err());
    assert!(matches!(answered.stop_reason, Some(StopReason::Failed(error)) if error.is_timeout()));
    assert_eq!(script.sent().len(), 1, "nothing is sent after it");
}

#[tokio::test(start_paused = true)]
async fn what_opens_after_an_attempts_time_is_repeated_free() {
    // A transport reports it with its failure, the HTTP client through its
    // connections.
    let refuse = || Step::After(Duration::from_millis(100), Box::new(Step::Refuse));
    let script = Script::of([refuse(), refuse()]);
    let budget = Counting::new(Silent::Never);
    let vehicle = vehicle_of(
        builder().budget(Arc::clone(&budget) as Arc<dyn RateBudget>),
        &script,
    );
    let answered = vehicle.batch::<(Odometer, Fuel)>().send().await.unwrap();
    assert_eq!(
        (answered.attempts, answered.requests, answered.charged),
        (3, 1, 2)
    );
    assert_eq!(budget.units(), (6, 4));
    type Two = (TraveledDistance, CurrentSpeed);
    let unsent = vehicle.signals::<Two>().send().await.unwrap_err();
    assert_eq!(
        (unsent.is_invalid_request(), budget.units()),
        (true, (6, 4))
    );
}
