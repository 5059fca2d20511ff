//! The newest signals of a vehicle.

use std::time::Duration;

use proptest::prelude::*;
use smartcar_webhook::jiff::Timestamp;
use smartcar_webhook::signal::odometer::TraveledDistance;
use smartcar_webhook::signal::traction_battery::StateOfCharge;
use smartcar_webhook::{
    Attributes, ItemError, Latest, LatestMap, NotAvailableReason, NotTaken, State,
};

use crate::support::{state, with_signals};

const START: i64 = 1_773_480_000;

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(START + second).unwrap()
}

/// A delivery of the odometer.
fn delivery(value: i64, second: i64, sequence: i64) -> State {
    let time = (START + second) * 1000;
    one(
        &format!(
            r#"{{"code":"odometer-traveleddistance","body":{{"value":{value},"unit":"km"}},"meta":{{"oemUpdatedAt":{time},"retrievedAt":{time}}}}}"#
        ),
        second,
        sequence,
    )
}

fn one(signals: &str, second: i64, sequence: i64) -> State {
    let body = with_signals(&format!("[{signals}]"))
        .replacen(r#""sequence":41"#, &format!(r#""sequence":{sequence}"#), 1)
        .replacen("1773480430120", &((START + second) * 1000).to_string(), 1);
    state(&body)
}

fn failed(second: i64, sequence: i64) -> State {
    one(
        r#"{"code":"odometer-traveleddistance","status":{"value":"ERROR","error":{"type":"VEHICLE_STATE","code":"ASLEEP"}},"meta":{}}"#,
        second,
        sequence,
    )
}

fn of(states: &[&State]) -> Latest {
    let mut latest = Latest::new();
    for state in states {
        latest.take(state).unwrap();
    }
    latest
}

fn value(latest: &Latest) -> Result<f64, ItemError> {
    let (odometer,) = latest.batch::<(TraveledDistance,)>().unwrap().data;
    odometer.map(|odometer| odometer.value.unwrap())
}

fn each_order<'a>(states: &[&'a State]) -> Vec<Vec<&'a State>> {
    if states.is_empty() {
        return vec![Vec::new()];
    }
    let mut orders = Vec::new();
    for at in 0..states.len() {
        let mut rest = states.to_vec();
        let first = rest.remove(at);
        for mut order in each_order(&rest) {
            order.insert(0, first);
            orders.push(order);
        }
    }
    orders
}

#[test]
fn the_newest_wins_in_every_order() {
    let (old, new) = (delivery(1, 10, 5), delivery(2, 20, 4));
    let (tied, later) = (delivery(3, 20, 6), delivery(4, 15, 9));
    for order in each_order(&[&old, &new, &tied, &later, &old]) {
        let latest = of(&order);
        assert_eq!(value(&latest).unwrap().to_string(), "3");
        assert_eq!(latest, of(&[&old, &new, &tied, &later]));
    }
}

#[test]
fn a_failure_counts_until_a_newer_delivery_has_a_value() {
    let (good, bad, again) = (delivery(1, 10, 1), failed(20, 2), delivery(1, 10, 3));
    for order in each_order(&[&good, &bad]) {
        let latest = of(&order);
        assert_eq!(value(&latest).unwrap_err().status(), Some(409));
        let view = latest.view().last_known(true);
        let (odometer,) = view.batch::<(TraveledDistance,)>().unwrap().data;
        let odometer = odometer.unwrap();
        assert!(odometer.meta.last_known);
        assert_eq!(odometer.value, Some(1.0));
        assert_eq!(odometer.meta.data_age, Some(moment(10)));
    }
    // The value is said again later, with its old time, in a delivery with a newer one.
    let charge = format!(
        r#",{{"code":"tractionbattery-stateofcharge","body":{{"value":71}},"meta":{{"oemUpdatedAt":{}}}}}"#,
        (START + 30) * 1000
    );
    let list = again.list().trim_matches(['[', ']']).to_owned();
    let again = one(&format!("{list}{charge}"), 30, 3);
    for order in each_order(&[&good, &bad, &again, &bad]) {
        assert_eq!(value(&of(&order)).unwrap().to_string(), "1");
    }
}

#[test]
fn a_value_that_is_too_old_is_an_error() {
    let latest = of(&[&delivery(1, 0, 1)]);
    let read = |seconds, now| {
        let view = latest
            .view()
            .max_age(Duration::from_secs(seconds), moment(now));
        let (odometer, _) = view
            .batch::<(TraveledDistance, StateOfCharge)>()
            .unwrap()
            .data;
        odometer.map(|odometer| odometer.value.unwrap())
    };
    assert_eq!(read(60, 60).unwrap().to_string(), "1");
    let ItemError::NotAvailable(error) = read(60, 61).unwrap_err() else {
        panic!("not missing");
    };
    assert_eq!(error.reason, NotAvailableReason::TooOld);
    assert_eq!(read(u64::MAX, 61).unwrap().to_string(), "1");
    let (_, charge) = latest
        .batch::<(TraveledDistance, StateOfCharge)>()
        .unwrap()
        .data;
    let ItemError::NotAvailable(error) = charge.unwrap_err() else {
        panic!("not missing");
    };
    assert_eq!(error.reason, NotAvailableReason::NotDelivered);
}

#[test]
fn without_the_vehicle_s_time_the_fetch_decides_and_without_both_there_is_no_age() {
    let fetched = one(
        &format!(
            r#"{{"code":"odometer-traveleddistance","body":{{"value":1}},"meta":{{"oemUpdatedAt":0,"fetchedAt":{}}}}}"#,
            START * 1000
        ),
        0,
        1,
    );
    let timeless = one(
        r#"{"code":"odometer-traveleddistance","body":{"value":1}}"#,
        0,
        1,
    );
    let read = |state: &State, now| {
        let latest = of(&[state]);
        let view = latest.view().max_age(Duration::from_secs(60), moment(now));
        view.batch::<(TraveledDistance,)>().unwrap().data.0.is_ok()
    };
    assert!(read(&fetched, 60) && !read(&fetched, 61));
    assert!(!read(&timeless, 0));
    assert!(value(&of(&[&timeless])).is_ok());
}

#[test]
fn a_clock_that_is_ahead_does_not_freeze_a_signal() {
    let ahead = (START + 1_000_000) * 1000;
    let fetched = (START + 10) * 1000;
    for meta in [
        format!(r#"{{"oemUpdatedAt":{ahead},"retrievedAt":{fetched}}}"#),
        // Without a fetch, the delivery's time limits it.
        format!(r#"{{"oemUpdatedAt":{ahead}}}"#),
    ] {
        let wrong =
            format!(r#"{{"code":"odometer-traveleddistance","body":{{"value":1}},"meta":{meta}}}"#);
        let wrong = one(&wrong, 10, 1);
        for order in each_order(&[&wrong, &delivery(2, 20, 2)]) {
            assert_eq!(value(&of(&order)).unwrap().to_string(), "2", "{meta}");
        }
        for order in each_order(&[&wrong, &failed(20, 2)]) {
            assert_eq!(
                value(&of(&order)).unwrap_err().status(),
                Some(409),
                "{meta}"
            );
        }
        let latest = of(&[&wrong]);
        let read = |now| {
            let view = latest.view().max_age(Duration::from_secs(60), moment(now));
            view.batch::<(TraveledDistance,)>().unwrap().data.0.is_ok()
        };
        assert!(read(70) && !read(71), "{meta}");
    }
}

#[test]
fn a_last_known_value_has_an_age_too() {
    let latest = of(&[&delivery(1, 0, 1), &failed(50, 2)]);
    let read = |now| {
        let view = latest.view().last_known(true);
        let view = view.max_age(Duration::from_secs(60), moment(now));
        view.batch::<(TraveledDistance,)>().unwrap().data.0
    };
    assert!(read(60).unwrap().meta.last_known);
    assert_eq!(read(61).unwrap_err().status(), Some(409));
}

#[test]
fn tests_and_other_vehicles_are_refused() {
    let test = with_signals("[]").replacen(r#""mode":"LIVE""#, r#""mode":"TEST""#, 1);
    let test = state(&test);
    assert_eq!(Latest::new().take(&test), Err(NotTaken::Test));
    assert!(Latest::new().accept_test(true).take(&test).is_ok());
    let other = state(&with_signals("[]").replacen(r#""id":"v1""#, r#""id":"v2""#, 1));
    let nobody = state(&with_signals("[]").replacen(r#""id":"v1","#, "", 1));
    let mut latest = of(&[&delivery(1, 0, 1)]);
    assert_eq!(latest.take(&other), Err(NotTaken::OtherVehicle));
    assert_eq!(latest.take(&nobody), Err(NotTaken::NoVehicle));
    let mut map = LatestMap::new(8);
    assert_eq!(map.take(&test).err(), Some(NotTaken::Test));
    assert!(map.is_empty());
}

#[test]
fn a_duplicate_changes_nothing() {
    let state = delivery(1, 0, 1);
    let mut latest = Latest::new();
    assert_eq!(latest.take(&state), Ok(true));
    assert_eq!(latest.take(&state), Ok(false));
}

#[test]
fn store_reads_are_taken_too() {
    let store = format!(
        r#"{{"data":[{{"id":"odometer-traveleddistance","type":"signal","attributes":{{"code":"odometer-traveleddistance","status":{{"value":"SUCCESS"}},"body":{{"value":2,"unit":"km"}}}},"meta":{{"oemUpdatedAt":{}}}}}]}}"#,
        (START + 20) * 1000
    );
    for newer_first in [true, false] {
        let mut latest = Latest::new();
        if newer_first {
            assert_eq!(latest.take_store(&store), Ok(true));
        }
        latest.take(&delivery(1, 10, 1)).unwrap();
        if !newer_first {
            latest.take_store(&store).unwrap();
        }
        assert_eq!(value(&latest).unwrap().to_string(), "2");
        assert_eq!(latest.take_store(&store), Ok(false));
        let results = latest.view().results().data;
        let mut copy = Latest::new();
        copy.take(&delivery(1, 10, 1)).unwrap();
        assert!(copy.take_results(&results));
        assert_eq!(value(&copy).unwrap().to_string(), "2");
    }
    assert!(Latest::new().take_store("7").is_err());
}

#[test]
fn it_is_stored_and_restored() {
    let latest = of(&[&delivery(1, 0, 1), &failed(50, 2)]);
    let text = serde_json::to_string(&latest).unwrap();
    let mut restored: Latest = serde_json::from_str(&text).unwrap();
    assert_eq!(restored, latest);
    restored.take(&delivery(1, 60, 3)).unwrap();
    assert_eq!(value(&restored).unwrap().to_string(), "1");
    let (attributes,) = restored.batch::<(Attributes,)>().unwrap().data;
    assert_eq!(attributes.unwrap().model, "EV6");
    assert!(!format!("{latest:?}").contains('7'));
}

#[test]
fn a_map_forgets_the_vehicle_that_was_quiet_the_longest() {
    let of =
        |vehicle: &str| state(&with_signals("[]").replacen("\"v1\"", &format!("\"{vehicle}\""), 1));
    let mut map = LatestMap::new(2);
    for vehicle in ["v1", "v2", "v1", "v3"] {
        assert_eq!(map.take(&of(vehicle)).unwrap().vehicle(), Some(vehicle));
    }
    let vehicles: Vec<_> = map.iter().map(|(vehicle, _)| vehicle).collect();
    assert_eq!((vehicles, map.len()), (vec!["v1", "v3"], 2));
    assert!(map.get("v2").is_none() && map.get_mut("v3").is_some());
    let text = serde_json::to_string(&map).unwrap();
    let mut map: LatestMap = serde_json::from_str(&text).unwrap();
    map.take(&of("v4")).unwrap();
    assert!(map.get("v1").is_none() && map.get("v3").is_some());
}

fn any_delivery() -> impl Strategy<Value = (bool, i64, i64, i64)> {
    (any::<bool>(), 0_i64..4, 0_i64..6, 0_i64..6)
}

proptest! {
    #[test]
    fn order_and_duplicates_change_nothing(
        deliveries in prop::collection::vec(any_delivery(), 1..8),
        shuffle in any::<prop::sample::Index>(),
        seed in any::<u64>(),
    ) {
        let states: Vec<_> = deliveries
            .iter()
            .map(|(bad, value, second, sequence)| {
                if *bad { failed(*second, *sequence) } else { delivery(*value, *second, *sequence) }
            })
            .collect();
        let first = of(&states.iter().collect::<Vec<_>>());
        let mut other: Vec<_> = states.iter().collect();
        other.push(&states[shuffle.index(states.len())]);
        fastrand::Rng::with_seed(seed).shuffle(&mut other);
        prop_assert_eq!(first, of(&other));
    }
}
