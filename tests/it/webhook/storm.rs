//! A storm of deliveries to a receiver made of the library.
//!
//! `SMARTCAR_DELIVERIES` sets the number of attempts; the default is 2,000.

use std::collections::BTreeSet;

use smartcar_tests::storm::{Receives, Storm, signals};
use smartcar_webhook::LatestMap;

use super::receiver::{Running, Taken};

impl Receives for Running {
    fn url(&self) -> String {
        self.url.clone()
    }

    async fn kill(&mut self) {
        self.kill().await;
    }

    async fn restart(&mut self) {
        self.restart().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_values_end_as_the_vehicles_have_them() {
    let mut receiver = Running::start().await;
    let wanted = Storm::deliveries(2_000);
    let storm = Storm::over(wanted, &mut receiver).await.unwrap();
    let taken = std::mem::take(&mut *receiver.taken.lock().unwrap());
    println!(
        "{}, {} repeated, {} refused",
        storm.check(&kept(&taken)),
        taken.repeated,
        taken.refused
    );
    let map = newest(&taken);
    let truth = storm.truth(&receiver).await.unwrap();
    assert_eq!(truth.len(), (wanted / 50).max(20));
    for (vehicle, truth) in &truth {
        let latest = map.get(vehicle).unwrap();
        assert_eq!(signals(latest), *truth, "{vehicle}");
    }
}

/// The IDs of all events that were kept, each once.
fn kept(taken: &Taken) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    let ids = taken.states.iter().map(|it| it.event_id());
    for id in ids.chain(taken.errors.iter().map(|it| it.event_id())) {
        assert!(kept.insert(id.unwrap().to_owned()), "kept twice");
    }
    kept
}

/// Each vehicle's newest signals, from the events in another order and with duplicates.
fn newest(taken: &Taken) -> LatestMap {
    let largest = taken.states.len();
    let mut map = LatestMap::new(largest);
    let again = &taken.states[..largest / 4];
    let mut order: Vec<_> = taken.states.iter().chain(again).collect();
    fastrand::Rng::with_seed(5).shuffle(&mut order);
    let mut tests = 0;
    for state in order {
        tests += usize::from(map.take(state).is_err());
    }
    assert!(tests > 0);
    let mut straight = LatestMap::new(largest);
    for state in &taken.states {
        let _ = straight.take(state);
    }
    assert!(map.iter().eq(straight.iter()));
    map
}
