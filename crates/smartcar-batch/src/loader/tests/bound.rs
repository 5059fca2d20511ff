//! Only so many batches are under way, and a window that waits takes more.

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::open_windows;
use crate::call::tests::{Script, Step, builder, client_of, seconds};
use crate::client::Client;
use crate::{ErrorKind, Fuel, Location, Odometer, VehicleId};

/// A client whose requests take five seconds each.
fn slow(batches: usize, script: &Script) -> Client {
    client_of(builder().loader_batches(batches), script)
}

fn slow_script(requests: usize) -> Script {
    let step = Step::After(seconds(5), Box::new(Step::Items(Vec::new())));
    Script::of(vec![step; requests])
}

fn vehicle(client: &Client, number: usize) -> crate::Vehicle {
    client.vehicle(VehicleId::new(format!("vehicle-{number}")).unwrap())
}

#[tokio::test(start_paused = true)]
async fn at_most_as_many_batches_as_set_are_under_way() {
    for (batches, rounds) in [(0, 12), (1, 12), (4, 3), (64, 1)] {
        let script = slow_script(12);
        let client = slow(batches, &script);
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for number in 0..12 {
            let loader = vehicle(&client, number).loader();
            tasks.spawn(async move { loader.get::<Odometer>().await.map(|_| ()) });
        }
        for answer in tasks.join_all().await {
            answer.unwrap();
        }
        assert_eq!(start.elapsed().as_secs(), rounds * 5, "{batches}");
        assert_eq!(script.sent().len(), 12);
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_that_waits_takes_more_endpoints() {
    let script = slow_script(2);
    let client = slow(1, &script);
    let (first, second) = (vehicle(&client, 1), vehicle(&client, 2));
    let (one, two, three) = tokio::join!(
        async { first.loader().get::<Odometer>().await },
        async {
            tokio::time::sleep(seconds(1)).await;
            second.loader().get::<Odometer>().await
        },
        // Long after the window's time, and before it can be sent.
        async {
            tokio::time::sleep(seconds(4)).await;
            second.loader().get::<Fuel>().await
        },
    );
    one.unwrap();
    two.unwrap();
    three.unwrap();
    assert_eq!(
        script.asked(),
        [vec!["/odometer"], vec!["/odometer", "/fuel"]]
    );
    assert_eq!(open_windows(&first), 0);
}

#[tokio::test(start_paused = true)]
async fn a_wait_counts_towards_the_deadline() {
    let script = slow_script(2);
    let client = slow(1, &script);
    let (first, second) = (vehicle(&client, 1), vehicle(&client, 2));
    let start = Instant::now();
    let (one, late, cut) = tokio::join!(
        async { first.loader().get::<Odometer>().await },
        async {
            tokio::time::sleep(seconds(1)).await;
            let loader = second.loader().deadline(seconds(3));
            let late = loader.get::<Odometer>().await;
            (late, start.elapsed().as_secs())
        },
        async {
            tokio::time::sleep(seconds(1)).await;
            let loader = second.loader().deadline(seconds(7));
            let cut = loader.get::<Location>().await;
            (cut, start.elapsed().as_secs())
        },
    );
    one.unwrap();
    let (late, at) = late;
    let late = late.unwrap_err();
    assert_eq!(
        (late.kind(), late.charged(), at),
        (ErrorKind::Timeout, 0, 4)
    );
    // Four seconds of the seven were over when it was sent, and it takes five.
    let (cut, at) = cut;
    let cut = cut.unwrap_err();
    assert_eq!((cut.kind(), cut.charged(), at), (ErrorKind::Timeout, 1, 8));
    assert_eq!(script.asked(), [["/odometer"], ["/location"]]);
    assert_eq!(client.shared.windows.slots.available_permits(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_while_waiting_leaves_no_slot_taken() {
    let script = slow_script(1);
    let client = slow(1, &script);
    let (first, second) = (vehicle(&client, 1), vehicle(&client, 2));
    let waits = async {
        tokio::time::sleep(seconds(1)).await;
        let loader = second.loader();
        let left = tokio::time::timeout(seconds(2), loader.get::<Odometer>()).await;
        left.unwrap_err();
    };
    let (one, ()) = tokio::join!(async { first.loader().get::<Odometer>().await }, waits);
    one.unwrap();
    assert_eq!(script.sent().len(), 1);
    assert_eq!(client.shared.windows.slots.available_permits(), 1);
    assert_eq!(open_windows(&first), 0);
    second.loader().get::<Odometer>().await.unwrap();
}
