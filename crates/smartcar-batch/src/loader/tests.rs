//! Windows with the in-memory transport and a paused clock.

mod apart;
mod bound;

use std::task::{Context, Poll, Waker};

use tokio::task::JoinSet;
use tokio::time::{Instant, advance};

use super::*;
use crate::call::tests::{NO_PERMISSION, NO_RESPONSE, Script, Step, builder, seconds, vehicle};
use crate::{ErrorKind, Fuel, Location, Odometer, Vin};

const fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn open_windows(vehicle: &Vehicle) -> usize {
    vehicle.client.shared.windows.len()
}

#[tokio::test(start_paused = true)]
async fn a_thousand_tasks_send_as_many_requests_as_windows() {
    let script = Script::default();
    let vehicle = vehicle(&script);
    let mut tasks = JoinSet::new();
    // One task per millisecond: a window of 10 ms takes those of 0 to 9 ms, because
    // the timer of the window is older than that of the task that arrives at its end.
    for task in 0..1000 {
        let vehicle = vehicle.clone();
        tasks.spawn(async move {
            tokio::time::sleep(millis(task)).await;
            let loader = vehicle.loader().window(millis(10));
            match task % 3 {
                0 => loader.get::<Odometer>().await.map(|it| Some(it.distance)),
                1 => loader.get::<Fuel>().await.map(|it| it.range),
                _ => loader.get::<Location>().await.map(|it| Some(it.latitude)),
            }
            .map(|number| (task, number))
        });
    }
    let mut answers = 0;
    while let Some(answer) = tasks.join_next().await {
        let (task, number) = answer.unwrap().unwrap();
        let expected = [1.5, 4.5, 2.5][usize::try_from(task % 3).unwrap()];
        assert_eq!(number, Some(expected));
        answers += 1;
    }
    assert_eq!(answers, 1000);
    // Windows open 10 or 11 ms apart, depending on which task is first in the last
    // one.
    let sent = script.sent();
    assert!((91..=100).contains(&sent.len()), "{}", sent.len());
    assert!(script.waits().iter().all(|wait| *wait >= millis(10)));
    for request in &sent[..sent.len() - 1] {
        assert_eq!(request.paths.len(), 3, "each path once per window");
    }
    assert_eq!(open_windows(&vehicle), 0);
}

#[tokio::test(start_paused = true)]
async fn tasks_at_once_share_one_window_and_each_path_is_asked_once() {
    let script = Script::default();
    let vehicle = vehicle(&script);
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for task in 0..1000 {
        let vehicle = vehicle.clone();
        tasks.spawn(async move {
            if task % 2 == 0 {
                vehicle.loader().get::<Odometer>().await.map(|_| ())
            } else {
                vehicle.loader().get::<Vin>().await.map(|_| ())
            }
        });
    }
    for answer in tasks.join_all().await {
        answer.unwrap();
    }
    assert_eq!(script.asked(), [["/odometer", "/vin"]]);
    assert_eq!(start.elapsed(), LOADER_WINDOW);
}

#[tokio::test(start_paused = true)]
async fn a_full_window_goes_out_at_once_and_the_next_takes_the_rest() {
    let script = Script::default();
    let vehicle = vehicle(&script);
    let start = Instant::now();
    let loader = vehicle.loader().window(seconds(60)).max_endpoints(2);
    let first = async { tokio::join!(loader.get::<Odometer>(), loader.get::<Fuel>()) };
    let (odometer, fuel) = first.await;
    odometer.unwrap();
    fuel.unwrap();
    assert_eq!(start.elapsed(), seconds(0));
    let (again, vin, location) = tokio::join!(
        loader.get::<Odometer>(),
        loader.get::<Vin>(),
        loader.get::<Location>(),
    );
    again.unwrap();
    vin.unwrap();
    location.unwrap();
    assert_eq!(start.elapsed(), seconds(60));
    let asked = script.asked();
    assert_eq!(asked[..2], [["/odometer", "/fuel"], ["/odometer", "/vin"]]);
    assert_eq!(asked[2], ["/location"]);
    // Zero counts as one: nothing is combined.
    vehicle
        .loader()
        .window(seconds(60))
        .max_endpoints(0)
        .get::<Vin>()
        .await
        .unwrap();
    assert_eq!(start.elapsed(), seconds(60));
}

#[tokio::test(start_paused = true)]
async fn a_failed_item_reaches_only_those_who_asked_for_it() {
    let script = Script::of([Step::Items(vec![("/fuel", 403, "{}", NO_PERMISSION)])]);
    let vehicle = vehicle(&script);
    let loader = vehicle.loader();
    let (odometer, one, two) = tokio::join!(
        loader.get::<Odometer>(),
        loader.get::<Fuel>(),
        loader.get::<Fuel>(),
    );
    odometer.unwrap();
    let script = Script::of([Step::Items(vec![("", 403, "{}", NO_PERMISSION)])]);
    let single = crate::call::tests::vehicle(&script).get::<Fuel>().send();
    let single = single.await.unwrap_err();
    for error in [one.unwrap_err(), two.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::RequiredItem);
        assert_eq!(error.to_string(), single.to_string());
        assert_eq!(error.item_path(), Some("/fuel"));
        assert_eq!((error.item(), error.status()), (single.item(), Some(403)));
        assert_eq!((error.attempts(), error.charged()), (1, 1));
        assert_eq!(error.request_id(), Some("request-1"));
        // Nothing about other callers' endpoints.
        assert_eq!(error.results().unwrap().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_repeat_asks_the_failed_item_alone_and_a_wait_is_told_to_its_asker() {
    let limited = r#"{"Retry-After": 1000}"#;
    let limit = crate::call::tests::VEHICLE_LIMIT;
    let script = Script::of([
        Step::Items(vec![("/fuel", 500, "{}", NO_RESPONSE)]),
        Step::Items(vec![("/fuel", 429, limited, limit)]),
    ]);
    let vehicle = vehicle(&script);
    let loader = vehicle.loader();
    let (odometer, fuel) = tokio::join!(loader.get::<Odometer>(), loader.get::<Fuel>());
    odometer.unwrap();
    let error = fuel.unwrap_err();
    assert!(error.is_retryable() && error.retry_at().is_some());
    assert_eq!((error.attempts(), error.charged()), (2, 2));
    assert_eq!(script.asked()[1], ["/fuel"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_batch_reaches_everyone_in_it() {
    let script = Script::of(vec![Step::Refuse; 3]);
    let vehicle = vehicle(&script);
    let loader = vehicle.loader();
    let (odometer, fuel) = tokio::join!(loader.get::<Odometer>(), loader.get::<Fuel>());
    for error in [odometer.unwrap_err(), fuel.unwrap_err()] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 3));
    }
    vehicle.loader().get::<Odometer>().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn other_settings_have_other_windows_and_a_batch_on_its_way_takes_no_more() {
    let script = Script::of([Step::After(seconds(5), Box::new(Step::Items(Vec::new())))]);
    let vehicle = vehicle(&script);
    let first = tokio::spawn({
        let loader = vehicle.loader();
        async move { loader.get::<Odometer>().await }
    });
    tokio::time::sleep(seconds(1)).await;
    vehicle.loader().get::<Odometer>().await.unwrap();
    assert!(!first.is_finished());
    first.await.unwrap().unwrap();
    assert_eq!(script.asked(), [["/odometer"], ["/odometer"]]);

    let metric = vehicle.loader();
    let imperial = vehicle.loader().units(crate::UnitSystem::Imperial);
    let clone = vehicle.clone().loader();
    let (one, two, three) = tokio::join!(
        metric.get::<Odometer>(),
        imperial.get::<Odometer>(),
        clone.get::<Fuel>(),
    );
    one.unwrap();
    two.unwrap();
    three.unwrap();
    let mut asked = script.asked().split_off(2);
    asked.sort();
    assert_eq!(asked, [vec!["/odometer"], vec!["/odometer", "/fuel"]]);
}

/// Three callers wait for one batch that takes two attempts. One of them is dropped
/// at some poll. The others are not affected.
#[tokio::test(start_paused = true)]
async fn a_waiter_dropped_at_any_poll_leaves_the_others() {
    let mut points = 0;
    for leaves_after in 0.. {
        let script = Script::of([
            Step::After(
                millis(20),
                Box::new(Step::Items(vec![("/vin", 500, "{}", NO_RESPONSE)])),
            ),
            Step::After(millis(20), Box::new(Step::Items(Vec::new()))),
        ]);
        let vehicle = vehicle(&script);
        let loader = vehicle.loader();
        let mut leaver = Some(Box::pin(loader.get::<Fuel>()));
        let mut stayers = [Box::pin(loader.get::<Vin>()), Box::pin(loader.get::<Vin>())];
        let mut answers = Vec::new();
        let mut polls = 0;
        let mut context = Context::from_waker(Waker::noop());
        while answers.len() < stayers.len() {
            // The leaver first, so that it drives the batch.
            if polls == leaves_after && leaver.take().is_some() {
                points += 1;
            }
            if let Some(waiter) = &mut leaver
                && waiter.as_mut().poll(&mut context).is_ready()
            {
                leaver = None;
            }
            for stayer in stayers.iter_mut().skip(answers.len()) {
                if let Poll::Ready(answer) = stayer.as_mut().poll(&mut context) {
                    answers.push(answer);
                }
            }
            polls += 1;
            assert!(polls < 10_000, "the others hang");
            // The wakers do nothing, so the clock is advanced by hand.
            advance(millis(5)).await;
        }
        for answer in answers {
            answer.unwrap();
        }
        let asked = script.asked();
        let gone_before_the_end = polls > leaves_after && leaves_after <= 1;
        let first: &[&str] = if gone_before_the_end {
            &["/vin"]
        } else {
            &["/fuel", "/vin"]
        };
        assert_eq!(asked[0], first, "left after {leaves_after}");
        assert_eq!(asked[1], ["/vin"]);
        assert_eq!(asked.len(), 2);
        assert_eq!(open_windows(&vehicle), 0);
        if leaves_after >= polls {
            break;
        }
    }
    assert!(points > 100, "{points} points");
}

#[tokio::test(start_paused = true)]
async fn when_all_leave_nothing_is_left() {
    // In the open window, during the request, and in the wait for a retry.
    for (leave_after, requests) in [(2, 0), (20, 1), (120, 1)] {
        let script = Script::of([Step::After(
            millis(100),
            Box::new(Step::Items(vec![("/fuel", 500, "{}", NO_RESPONSE)])),
        )]);
        let vehicle = vehicle(&script);
        let loader = vehicle.loader();
        let both = async { tokio::join!(loader.get::<Odometer>(), loader.get::<Fuel>()) };
        let left = tokio::time::timeout(millis(leave_after), both).await;
        assert!(left.is_err());
        assert_eq!(open_windows(&vehicle), 0);
        assert_eq!(
            std::sync::Arc::strong_count(&vehicle.client.shared),
            2,
            "no cycle"
        );
        tokio::time::sleep(seconds(100)).await;
        assert_eq!(script.asked().len(), requests);
        vehicle.loader().get::<Vin>().await.unwrap();
        assert_eq!(script.asked().last().unwrap(), &["/vin"]);
    }
}

#[tokio::test(start_paused = true)]
async fn windows_of_many_vehicles_leave_nothing_behind() {
    let script = Script::default();
    let client = crate::call::tests::client_of(builder(), &script);
    let mut tasks = JoinSet::new();
    for number in 0..5000 {
        let vehicle = client.vehicle(crate::VehicleId::new(format!("vehicle-{number}")).unwrap());
        tasks.spawn(async move { vehicle.loader().get::<Odometer>().await.map(|_| ()) });
    }
    for _ in 0..5000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(client.shared.windows.len(), 5000);
    for answer in tasks.join_all().await {
        answer.unwrap();
    }
    assert_eq!(script.sent().len(), 5000);
    assert_eq!(client.shared.windows.len(), 0);
    assert!(format!("{:?}", client.shared.windows).contains("open: 0"));
}

#[test]
fn a_get_can_be_spawned() {
    fn can_be_spawned<T: Send>(_: T) {}
    let vehicle = vehicle_in_runtime();
    can_be_spawned(vehicle.loader().get::<Odometer>());
    can_be_spawned(vehicle.loader());
}

fn vehicle_in_runtime() -> Vehicle {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_time().build().unwrap();
    runtime.block_on(async { vehicle(&Script::default()) })
}
