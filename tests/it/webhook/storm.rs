//! Deliveries with every fault, to a receiver that is killed twice.
//!
//! `SMARTCAR_DELIVERIES` sets the number of attempts; the default is 2,000.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use smartcar_simulator::{
    RecordedDelivery, Scenario, SimulatedVehicle, Simulator, WebhookFault, WebhookForm,
};
use smartcar_webhook::{Latest, LatestMap};

use super::receiver::{KEY, Running, Taken};

const VEHICLES: usize = 200;
/// After this many rounds without faults, all repeats are over.
const LAST_ROUNDS: u32 = 6;

/// A selection, as an application has it.
const SIGNALS: [&str; 8] = [
    "odometer-traveleddistance",
    "tractionbattery-stateofcharge",
    "tractionbattery-range",
    "location-preciselocation",
    "charge-ischarging",
    "closure-doors",
    "closure-windows",
    "internalcombustionengine-fuellevel",
];

fn faults() -> Vec<WebhookFault> {
    let mut faults = vec![
        WebhookFault::duplicate(),
        WebhookFault::disorder(),
        WebhookFault::wrong_signature(),
        WebhookFault::other_key(),
        WebhookFault::test_mode(),
        WebhookFault::dropped(),
        WebhookFault::vehicle_error(),
    ];
    // These two say less than was true, so the newest values would differ.
    let loses = [WebhookForm::UnknownStatus, WebhookForm::NoPowertrain];
    let forms = WebhookForm::ALL
        .into_iter()
        .filter(|form| !loses.contains(form));
    faults.extend(forms.map(WebhookFault::form));
    faults.into_iter().map(|fault| fault.chance(0.02)).collect()
}

fn wanted() -> usize {
    let set = std::env::var("SMARTCAR_DELIVERIES").ok();
    set.map_or(2_000, |set| set.parse().expect("a number of deliveries"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_values_end_as_the_vehicles_have_them() {
    let mut builder = Simulator::builder().seed(3);
    for number in 0..VEHICLES {
        builder = builder.vehicle(SimulatedVehicle::new(format!("car-{number}")).make("KIA"));
    }
    for fault in faults() {
        builder = builder.webhook_fault(fault);
    }
    let mut receiver = Running::start().await;
    let scenario = format!(
        "[[webhooks]]\nurl = \"{}\"\ntoken = \"{KEY}\"\nsignals = {SIGNALS:?}\n",
        receiver.url
    );
    let scenario = Scenario::parse(&scenario).unwrap();
    let simulator = builder.scenario(scenario).start().await.unwrap();
    simulator.deliver().await;
    let mut kills = 0;
    let mut rounds = 0;
    let wanted = wanted();
    let mut sent = 0;
    while sent < wanted {
        // It is away for one round, and the vendor's repeats reach into the next.
        let is_away = kills < 2 && sent > (kills + 1) * wanted / 4;
        if is_away {
            receiver.kill().await;
            kills += 1;
        }
        simulator.advance(Duration::from_secs(60));
        simulator.deliver().await;
        if is_away {
            receiver.restart().await;
        }
        sent = simulator.deliveries().len();
        rounds += 1;
        assert!(rounds < 2_000, "the vehicles do not change");
    }
    assert_eq!(kills, 2);
    // The last word of each vehicle is sent without faults, and all repeats pass.
    simulator.clear_webhook_faults();
    for _ in 0..LAST_ROUNDS {
        simulator.advance(Duration::from_secs(60));
        simulator.deliver().await;
    }
    let deliveries = simulator.deliveries();
    let map = newest(&deliveries, &receiver.taken.lock().unwrap());

    let truth = truth(&simulator).await;
    assert_eq!(truth.len(), VEHICLES);
    for (vehicle, truth) in &truth {
        let latest = map.get(vehicle).unwrap();
        let plain = |latest: &Latest| -> Vec<String> {
            let paths = SIGNALS.map(|code| format!("/signals/{code}"));
            let results = latest.view().batch_paths(paths).unwrap().data;
            let each = results.iter().map(|(path, outcome)| match outcome {
                Ok(reading) => format!("{path} {}", reading.body),
                Err(error) => format!("{path} {error}"),
            });
            each.collect()
        };
        assert_eq!(plain(latest), plain(truth), "{vehicle}");
    }
}

/// Checks what was kept, and returns each vehicle's newest signals.
fn newest(deliveries: &[RecordedDelivery], taken: &Taken) -> LatestMap {
    // Every event that any attempt brought was kept, and each once.
    let mut events: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for delivery in deliveries.iter().filter(|it| it.event_type != "VERIFY") {
        let event = events.entry(&delivery.event_id).or_default();
        event.0 |= delivery.is_taken();
        event.1 |= delivery.attempt == 4;
    }
    let mut kept = BTreeSet::new();
    let ids = taken.states.iter().map(|it| it.event_id());
    for id in ids.chain(taken.errors.iter().map(|it| it.event_id())) {
        assert!(kept.insert(id.unwrap().to_owned()), "kept twice");
    }
    for (id, (is_taken, _)) in &events {
        assert_eq!(kept.contains(*id), *is_taken, "{id}");
    }
    let lost: Vec<_> = events.values().filter(|(is_taken, _)| !is_taken).collect();
    assert!(
        lost.iter().all(|(_, is_over)| *is_over),
        "an event was lost before its repeats were over"
    );

    // Once more in another order, with duplicates.
    let mut map = LatestMap::new(VEHICLES);
    let mut order: Vec<_> = taken.states.iter().chain(&taken.states[..500]).collect();
    fastrand::Rng::with_seed(5).shuffle(&mut order);
    let mut tests = 0;
    for state in order {
        tests += usize::from(map.take(state).is_err());
    }
    let mut straight = LatestMap::new(VEHICLES);
    for state in &taken.states {
        let _ = straight.take(state);
    }
    assert!(map.iter().eq(straight.iter()));
    println!(
        "{} attempts of {} events: {} kept, {} repeated, {} refused, {} lost, {tests} tests",
        deliveries.len(),
        events.len(),
        kept.len(),
        taken.repeated,
        taken.refused,
        lost.len(),
    );
    map
}

/// What a fresh delivery of each vehicle says.
async fn truth(simulator: &Simulator) -> BTreeMap<String, Latest> {
    let fresh = Running::start().await;
    simulator.webhook(&fresh.url, KEY).unwrap();
    simulator.deliver().await;
    let states = std::mem::take(&mut fresh.taken.lock().unwrap().states);
    let each = states.iter().map(|state| {
        let mut latest = Latest::new();
        latest.take(state).unwrap();
        (state.vehicle().unwrap().as_str().to_owned(), latest)
    });
    each.collect()
}
