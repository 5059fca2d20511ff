//! Fleets with the in-memory transport and a paused clock.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use futures_util::stream;
use tokio::time::Instant;

use super::*;
use crate::call::tests::{
    NO_RESPONSE, Script, Step, VEHICLE_LIMIT, api, builder, client_of, seconds, tokenless,
};
use crate::{
    AccessToken, ErrorKind, InProcessBudget, IssuedToken, Odometer, Rate, StopReason, TokenFuture,
    TokenSource, Vin,
};

type Both = (Odometer, Vin);

fn id(number: usize) -> VehicleId {
    VehicleId::new(format!("vehicle-{number}")).unwrap()
}

fn ids(count: usize) -> impl Stream<Item = VehicleId> + Unpin + Send {
    stream::iter((0..count).map(id))
}

fn rate(burst: u32, every: Duration) -> Rate {
    Rate::new(burst.try_into().unwrap(), every)
}

/// A response that takes one second.
fn slow() -> Step {
    Step::After(seconds(1), Box::new(Step::Items(Vec::new())))
}

fn limited(wait: &'static str) -> Step {
    Step::Items(vec![("/vin", 429, wait, VEHICLE_LIMIT)])
}

#[tokio::test(start_paused = true)]
async fn each_entry_has_one_outcome_and_a_failure_is_its_own() {
    let script = Script::default();
    script.on("vehicle-3", [Step::Refuse, Step::Refuse, Step::Refuse]);
    script.on(
        "vehicle-4",
        [Step::Items(vec![("/vin", 500, "{}", NO_RESPONSE)])],
    );
    let client = client_of(builder(), &script);
    // The first four are duplicates.
    let source = ids(10).chain(ids(4));
    let outcomes: Vec<_> = client
        .fleet::<Both>()
        .concurrency(4)
        .run(source)
        .collect()
        .await;
    let mut counts = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome.vehicle.to_string()).or_insert(0) += 1;
        assert_eq!(outcome.retry_at(), None);
        match (outcome.vehicle.as_str(), outcome.result) {
            ("vehicle-4", result) => assert_eq!(result.unwrap().attempts, 2),
            (_, Ok(answered)) => assert!(answered.all_ok()),
            (vehicle, Err(error)) => {
                assert_eq!((vehicle, error.kind()), ("vehicle-3", ErrorKind::Transport));
            }
        }
    }
    let expected = (0..10).map(|number| (id(number).to_string(), 1 + u32::from(number < 4)));
    assert_eq!(counts, expected.collect());
}

#[tokio::test(start_paused = true)]
async fn the_source_is_never_read_further_than_the_slots_reach() {
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&taken);
    let source = stream::iter((0..1000).map(move |number| {
        counted.fetch_add(1, SeqCst);
        id(number)
    }));
    let script = Script::of(vec![slow(); 1000]);
    let client = client_of(builder(), &script);
    let mut outcomes = client.fleet::<Both>().concurrency(8).run(source);
    assert_eq!(
        taken.load(SeqCst),
        0,
        "nothing is taken before the first poll"
    );
    for received in 1..=1000 {
        outcomes.next().await.unwrap().result.unwrap();
        assert!(taken.load(SeqCst) <= received + 8);
        // A slow consumer takes nothing from the source.
        let before = taken.load(SeqCst);
        tokio::time::advance(seconds(10)).await;
        assert_eq!(taken.load(SeqCst), before);
    }
    assert!(outcomes.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_dropped_fleet_ends_at_once_and_the_budget_holds_what_was_sent() {
    // Dropped at every stage: during a request, in a back-off, in the queue for the
    // budget.
    for drop_after in [0, 500, 1_000, 1_500, 2_500, 7_000, 31_000] {
        let steps = (0..500).map(|number| match number % 3 {
            0 => Step::Refuse,
            1 => Step::After(seconds(1), Box::new(limited("{}"))),
            _ => slow(),
        });
        let script = Script::of(steps);
        let budget = Arc::new(InProcessBudget::unlimited().per_application(rate(40, seconds(9))));
        let client = client_of(builder().budget(Arc::clone(&budget)), &script);
        let start = Instant::now();
        let run = client.fleet::<Both>().concurrency(16).run(ids(500)).count();
        let limit = Duration::from_millis(drop_after);
        assert!(tokio::time::timeout(limit, run).await.is_err());
        let sent = script.sent().len();
        assert_eq!(
            Arc::strong_count(&client.shared),
            1,
            "nothing is left running"
        );
        // The rate has exactly the units left that were not sent.
        let units = u32::try_from(script.units()).unwrap();
        let filled = u32::try_from(start.elapsed().as_millis() / 9_000).unwrap();
        let left = (40 + filled).checked_sub(units).unwrap();
        let application = [crate::BudgetKey::Application];
        let take = |units: u32| {
            let budget = Arc::clone(&budget);
            let keys = application.clone();
            async move {
                crate::RateBudget::acquire(
                    &*budget,
                    crate::BudgetRequest::new(&keys, units.try_into().unwrap()),
                )
                .await
            }
        };
        assert!(take(left + 1).await.is_err(), "{drop_after}");
        if left > 0 {
            take(left).await.unwrap();
        }
        tokio::time::sleep(seconds(1000)).await;
        assert_eq!(script.sent().len(), sent);
    }
}

#[tokio::test(start_paused = true)]
async fn vehicles_that_must_wait_long_free_their_slots() {
    let script = Script::default();
    for number in 0..64 {
        script.on(id(number).as_str(), [limited(r#"{"Retry-After": 120}"#)]);
    }
    let client = client_of(builder(), &script);
    let start = Instant::now();
    let outcomes = client.fleet::<Both>().concurrency(64).run(ids(10_000));
    let outcomes: Vec<_> = outcomes.collect().await;
    assert_eq!(outcomes.len(), 10_000);
    assert_eq!(start.elapsed(), seconds(0));
    for outcome in outcomes {
        let waits = outcome.retry_at();
        let answered = outcome.result.unwrap();
        let number = outcome.vehicle.as_str().trim_start_matches("vehicle-");
        if number.parse::<usize>().unwrap() < 64 {
            let wait = waits.unwrap().duration_since(client.shared.clock.now());
            assert!((120..=131).contains(&wait.as_secs()), "{wait:?}");
            assert!(matches!(answered.stop_reason, Some(StopReason::MaxWait)));
            assert_eq!(answered.stop_reason.unwrap().name(), "max_wait");
            assert!(answered.data.0.is_ok() && answered.data.1.is_err());
        } else {
            assert!(waits.is_none() && answered.all_ok());
        }
    }
    // Their waits continue: a second round is denied before anything is sent.
    let sent = script.sent().len();
    let again: Vec<_> = client.fleet::<Both>().run(ids(64)).collect().await;
    for outcome in again {
        assert!(outcome.retry_at().is_some());
        assert_eq!(outcome.result.unwrap_err().kind(), ErrorKind::Budget);
    }
    assert_eq!(script.sent().len(), sent);
}

#[tokio::test(start_paused = true)]
async fn a_short_wait_is_waited_for_and_its_limit_can_be_set() {
    let wait = r#"{"Retry-After": 5}"#;
    for (longest, waited) in [(20, true), (14, false)] {
        let script = Script::of([limited(wait)]);
        let client = client_of(builder(), &script);
        let fleet = client.fleet::<Both>().max_wait(seconds(longest));
        let start = Instant::now();
        let outcome = fleet.clone().run(ids(1)).next().await.unwrap();
        assert_eq!(outcome.retry_at().is_none(), waited);
        assert_eq!(outcome.result.unwrap().all_ok(), waited);
        // 5 s stated, plus 10 s of back-off after a rate limit.
        assert_eq!(start.elapsed(), seconds(if waited { 15 } else { 0 }));
        assert!(format!("{fleet:?}").contains("max_wait"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_applications_wait_pauses_all_in_turn() {
    let script = Script::default();
    let application = rate(8, seconds(30));
    let budget = Arc::new(InProcessBudget::unlimited().per_application(application));
    let client = client_of(builder().budget(budget), &script);
    let start = Instant::now();
    // Sixteen slots would wait 16 min in total, longer than any deadline. Each
    // response takes two units, which refill in a minute.
    let fleet = client.fleet::<Both>().concurrency(16);
    let mut outcomes = fleet.deadline(seconds(40)).run(ids(100));
    let mut order = Vec::new();
    while let Some(outcome) = outcomes.next().await {
        assert!(outcome.result.unwrap().all_ok());
        order.push(outcome.vehicle);
    }
    // FIFO, without gaps or bursts.
    assert_eq!(order, (0..100).map(id).collect::<Vec<_>>());
    let moments = script.sent().into_iter().map(|sent| sent.at - start);
    for (position, moment) in moments.enumerate() {
        let due = seconds(60 * u64::try_from(position.saturating_sub(3)).unwrap());
        assert!(
            moment >= due && moment <= due + seconds(1),
            "{position}: {moment:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ended_in_the_line_is_renewed_before_it_is_sent() {
    #[derive(Debug, Default)]
    struct Short(AtomicUsize);
    impl TokenSource for Short {
        fn fetch(&self) -> TokenFuture<'_> {
            self.0.fetch_add(1, SeqCst);
            let token = AccessToken::new("short").map(IssuedToken::new);
            Box::pin(async move { Ok(token?.with_lifetime(seconds(200))) })
        }
    }
    let source = Arc::new(Short::default());
    let script = Script::default();
    let budget = Arc::new(InProcessBudget::unlimited().per_application(rate(1, seconds(300))));
    let builder = tokenless().budget(budget).token_source(Arc::clone(&source));
    let client = client_of(builder, &script);
    let mut outcomes = client.fleet::<(Odometer,)>().concurrency(3).run(ids(3));
    // All three had the first token when they joined the queue.
    for fetched in 1..=3 {
        outcomes.next().await.unwrap().result.unwrap();
        assert_eq!(source.0.load(SeqCst), fetched);
    }
    assert_eq!(script.waits(), [seconds(300); 2]);
}

#[tokio::test(start_paused = true)]
async fn an_application_wide_429_pauses_all_and_costs_nobody_its_outcome() {
    let body = api("RATE_LIMIT", Some("SMARTCAR_API"), Some("RETRY_LATER"));
    let header = vec![("Retry-After", "600".to_owned())];
    let script = Script::default();
    script.on("vehicle-20", [Step::Answer(429, header, body)]);
    let client = client_of(builder(), &script);
    let start = Instant::now();
    let run = client.fleet::<Both>().concurrency(4).run(ids(100));
    let outcomes: Vec<_> = run.collect().await;
    assert_eq!(outcomes.len(), 100);
    for outcome in &outcomes {
        let answered = outcome.result.as_ref().unwrap();
        let attempts = 1 + u32::from(outcome.vehicle == id(20));
        assert_eq!((answered.all_ok(), answered.attempts), (true, attempts));
    }
    let pause = seconds(600);
    assert!(start.elapsed() >= pause && start.elapsed() < pause + seconds(1));
    let early = script
        .sent()
        .iter()
        .filter(|sent| sent.at < start + pause)
        .count();
    assert!(early <= 24, "{early}");
}

#[tokio::test(start_paused = true)]
async fn a_vehicles_own_rate_holds_up_nobody_else() {
    let script = Script::default();
    let budget = Arc::new(InProcessBudget::unlimited().per_vehicle(rate(2, seconds(4))));
    let client = client_of(builder().budget(budget), &script);
    // The first vehicle is retried repeatedly; 8 s is within the longest wait.
    let source = stream::iter([0, 0, 1, 2, 3, 4].map(id));
    let start = Instant::now();
    let mut outcomes = client.fleet::<Both>().concurrency(2).run(source);
    for number in [0, 1, 2, 3, 4] {
        assert_eq!(outcomes.next().await.unwrap().vehicle, id(number));
        assert_eq!(start.elapsed(), seconds(0));
    }
    let last = outcomes.next().await.unwrap();
    assert!(last.vehicle == id(0) && last.result.unwrap().all_ok());
    assert!(start.elapsed() >= seconds(8) && start.elapsed() < seconds(9));
    assert!(outcomes.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_never_fits_is_an_outcome_without_a_retry() {
    let script = Script::default();
    let budget = Arc::new(InProcessBudget::unlimited().per_application(rate(1, seconds(1))));
    let client = client_of(builder().budget(budget), &script);
    let outcome = client.fleet::<Both>().run(ids(1)).next().await.unwrap();
    assert_eq!(outcome.retry_at(), None);
    assert_eq!(outcome.result.unwrap_err().kind(), ErrorKind::Budget);
}

#[tokio::test(start_paused = true)]
async fn paths_at_run_time_ask_the_same_as_the_types() {
    let script = Script::default();
    let client = client_of(builder(), &script);
    let paths = ["/odometer", "/vin"];
    let fleet = client.fleet_paths(paths).unwrap();
    assert_eq!((fleet.cost(), client.fleet::<Both>().cost()), (2, 2));
    let outcomes: Vec<_> = fleet.run(ids(3)).collect().await;
    assert_eq!(outcomes.len(), 3);
    for outcome in outcomes {
        let answered = outcome.result.unwrap();
        assert!(answered.all_ok());
        let answers: Vec<_> = answered.data.iter().map(|(path, _)| path).collect();
        assert_eq!(answers, paths);
        assert!(answered.data.get::<Odometer>().unwrap().is_ok());
    }
    let listed = script.units();
    let _: Vec<_> = client.fleet::<Both>().run(ids(3)).collect().await;
    assert_eq!(script.units(), 2 * listed);

    for refused in [&["/odometer", "/odometer"][..], &["odometer"], &[]] {
        let error = client.fleet_paths(refused).unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
    }
    assert_eq!(script.sent().len(), 6);
}

#[tokio::test]
async fn a_fleet_can_be_spawned() {
    fn can_be_spawned<T: Send + Unpin + 'static>(_: T) {}
    let client = client_of(builder(), &Script::default());
    can_be_spawned(client.fleet::<Both>().run(ids(1)));
    can_be_spawned(client.fleet::<Both>());
    can_be_spawned(client.fleet_paths(["/vin"]).unwrap().run(ids(1)));
}

#[tokio::test(start_paused = true)]
async fn each_vehicle_can_be_asked_its_own_paths() {
    let script = Script::default();
    let client = client_of(builder(), &script);
    let fleet = client.fleet_paths(["/odometer", "/vin"]).unwrap();
    let source = stream::iter([
        (id(0), vec!["/odometer", "/vin"]),
        (id(1), vec!["/vin"]),
        (id(2), vec![]),
        (id(3), vec!["/vin", "/vin"]),
    ]);
    let outcomes: Vec<_> = fleet.concurrency(1).run_paths(source).collect().await;
    let paths: Vec<Vec<_>> = outcomes[..2]
        .iter()
        .map(|outcome| outcome.result.as_ref().unwrap().data.iter())
        .map(|items| items.map(|(path, _)| path).collect())
        .collect();
    assert_eq!(paths, [vec!["/odometer", "/vin"], vec!["/vin"]]);
    let charged: Vec<_> = outcomes[..2]
        .iter()
        .map(|outcome| outcome.result.as_ref().unwrap().charged)
        .collect();
    assert_eq!(charged, [2, 1]);
    for refused in &outcomes[2..] {
        let error = refused.result.as_ref().unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
    }
    assert_eq!(script.asked().len(), 2);
}

/// A ticket that notes when it is dropped.
#[derive(Debug)]
struct Ticket {
    number: usize,
    dropped: Arc<std::sync::Mutex<Vec<usize>>>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.dropped.lock().unwrap().push(self.number);
    }
}

fn ticketed(
    count: usize,
    dropped: &Arc<std::sync::Mutex<Vec<usize>>>,
) -> impl Stream<Item = (FleetVehicle, Ticket)> + Unpin + Send + use<> {
    let dropped = Arc::clone(dropped);
    stream::iter((0..count).map(move |number| {
        let dropped = Arc::clone(&dropped);
        // The same vehicle three times, each with its own ticket.
        (id(number / 3).into(), Ticket { number, dropped })
    }))
}

#[tokio::test(start_paused = true)]
async fn every_ticket_comes_back_with_the_outcome_of_its_vehicle() {
    let script = Script::default();
    script.on("vehicle-3", [Step::Refuse, Step::Refuse, Step::Refuse]);
    script.on("vehicle-5", [limited(r#"{"Retry-After": 120}"#)]);
    script.on("vehicle-7", [slow(), slow()]);
    let client = client_of(builder(), &script);
    let dropped = Arc::default();
    let mut outcomes = client.fleet::<Both>().run(ticketed(60, &dropped));
    let mut numbers = Vec::new();
    while let Some(outcome) = outcomes.next().await {
        assert_eq!(outcome.vehicle, id(outcome.ticket.number / 3));
        assert!(!dropped.lock().unwrap().contains(&outcome.ticket.number));
        numbers.push(outcome.ticket.number);
    }
    assert_ne!(numbers, (0..60).collect::<Vec<_>>(), "some were slower");
    numbers.sort_unstable();
    assert_eq!(numbers, (0..60).collect::<Vec<_>>());

    let dropped = Arc::default();
    let paths = ticketed(2, &dropped).zip(stream::iter([vec!["/vin"], vec![]]));
    let fleet = client.fleet_paths(["/odometer"]).unwrap().concurrency(1);
    let outcomes: Vec<_> = fleet.run_paths(paths).collect().await;
    assert!(outcomes[0].result.is_ok() && outcomes[1].result.is_err());
    let numbers: Vec<_> = outcomes.iter().map(|one| one.ticket.number).collect();
    assert_eq!(numbers, [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_fleet_drops_the_tickets_under_way() {
    let script = Script::of(vec![slow(); 100]);
    let client = client_of(builder(), &script);
    let dropped = Arc::default();
    let mut outcomes = client
        .fleet::<Both>()
        .concurrency(8)
        .run(ticketed(100, &dropped));
    let first = outcomes.next().await.unwrap();
    // Seven others are under way; the freed slot is filled at the next poll.
    assert!(dropped.lock().unwrap().is_empty());
    drop(outcomes);
    let mut numbers = dropped.lock().unwrap().clone();
    numbers.push(first.ticket.number);
    numbers.sort_unstable();
    assert_eq!(numbers, (0..8).collect::<Vec<_>>());
}

/// A budget whose store is away until a moment. It counts how often it is asked.
#[derive(Debug)]
struct Away(Instant, AtomicUsize);

impl crate::RateBudget for Away {
    fn acquire<'a>(
        &'a self,
        _: crate::BudgetRequest<'a>,
    ) -> crate::BudgetFuture<'a, Result<crate::Grant, crate::BudgetDenied>> {
        let is_back = Instant::now() >= self.0;
        self.1.fetch_add(1, SeqCst);
        let answer = is_back.then(|| crate::Grant::new(0));
        Box::pin(async move {
            tokio::time::sleep(seconds(3)).await;
            answer.ok_or(crate::BudgetDenied::Unavailable)
        })
    }

    fn observe<'a>(
        &'a self,
        _: &'a crate::BudgetKey,
        _: crate::ServerLimit,
    ) -> crate::BudgetFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_is_away_is_waited_out_if_so_asked() {
    for waits in [false, true] {
        let script = Script::of(vec![slow(); 40]);
        let back = Instant::now() + seconds(3 * 3600);
        let budget = Arc::new(Away(back, 0.into()));
        let client = client_of(builder().budget(Arc::clone(&budget)), &script);
        let fleet = client.fleet::<Both>().wait_for_budget(waits);
        // Shorter than one answer of the budget: only time in which it is there counts.
        let outcomes: Vec<_> = fleet.deadline(seconds(20)).run(ids(20)).collect().await;
        for outcome in &outcomes {
            let denied = outcome.result.as_ref().err();
            let denied = denied.and_then(|error| error.budget_denied());
            let expected = (!waits).then_some(&crate::BudgetDenied::Unavailable);
            assert_eq!(denied, expected);
        }
        assert_eq!(outcomes.len(), 20);
        assert_eq!(script.sent().len(), if waits { 20 } else { 0 });
        assert_eq!(Instant::now() >= back, waits);
        // Each answer takes 3 s, and is followed by a wait of up to 1 s.
        let asked = budget.1.load(SeqCst);
        assert!(asked <= 2_800, "{asked}");
    }
}
