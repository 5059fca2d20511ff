use proptest::prelude::*;

use super::*;

const START: i64 = 1_773_480_413_000;

/// A valid vehicle of each kind.
fn cars() -> impl Strategy<Value = Car> {
    let store = |least: f64, most: f64| {
        (least..most, 0.0..=1.0_f64, 0.3..=1.0_f64).prop_map(move |(capacity, filling, share)| {
            Store {
                capacity,
                filling,
                range_km: capacity * 9.0,
                share,
            }
        })
    };
    let battery = (store(1.0, 1_000.0), 0.5..=1.0_f64).prop_map(|(store, limit)| Battery {
        store,
        limit,
        power_kw: (store.capacity / 8.0).max(11.0),
    });
    (
        any::<u64>(),
        0..86_400_000_i64,
        (-80.0..80.0_f64, -180.0..180.0_f64),
        prop::option::of(battery),
        prop::option::of(store(1.0, 1_000.0)),
    )
        .prop_map(|(seed, begins, home, battery, tank)| Car {
            seed,
            begins: START + begins,
            home,
            odometer_km: 1_000.0,
            battery,
            tank,
            oil: 0.5,
            unplugged: false,
            asleep: None,
            tires: [230.0; 4],
        })
}

/// Two weeks of one vehicle, with a state every `step` milliseconds.
fn fortnight(car: &Car, step: i64) -> impl Iterator<Item = State> {
    let moments = 0..14 * DAY / step;
    moments.map(move |number| car.state(car.begins + number * step))
}

/// Straight-line distance in kilometres, with the built-in functions.
fn distance(one: &State, other: &State) -> f64 {
    let (a, b) = (one.latitude.to_radians(), other.latitude.to_radians());
    let across = (other.longitude - one.longitude).to_radians();
    let half = |angle: f64| (angle / 2.0).sin().powi(2);
    let chord = half(b - a) + a.cos() * b.cos() * half(across);
    2.0 * 6_371.0 * chord.sqrt().asin()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_drive_is_possible(car in cars(), step in 17_i64..3_000) {
        let step = step * SECOND;
        let mut last: Option<State> = None;
        for state in fortnight(&car, step) {
            prop_assert!((0.0..=1.0).contains(&state.charge), "{state:?}");
            prop_assert!((0.0..=1.0).contains(&state.fuel), "{state:?}");
            prop_assert!((0.0..=1.0).contains(&state.oil), "{state:?}");
            prop_assert!((0.0..=90.0).contains(&state.speed), "{state:?}");
            prop_assert!((-180.0..=180.0).contains(&state.longitude));
            prop_assert!(state.tires.iter().all(|tire| (150.0..300.0).contains(tire)));
            prop_assert!((-10.0..=40.0).contains(&state.exterior), "{state:?}");
            prop_assert!(!state.is_charging || state.activity == Activity::AtHome);
            prop_assert!(state.charged_at.is_none_or(|at| at > state.at));
            prop_assert_eq!(state.charged_at.is_some(), state.is_charging);
            if !state.activity.is_driving() {
                prop_assert!(state.speed.abs() < 1e-9);
            }
            if let Some(last) = last {
                let km = state.odometer_km - last.odometer_km;
                let hours = real(step) / real(HOUR);
                prop_assert!(km >= 0.0 && km <= 84.0 * hours, "{km} km in {hours} h");
                prop_assert!(distance(&last, &state) <= km + 0.001, "{last:?} {state:?}");
                let is_within = last.activity == state.activity && step < 5 * HOUR;
                if is_within && !state.activity.is_driving() {
                    prop_assert!(km.abs() < 1e-9 || step > HOUR / 2, "it moved while parked");
                }
                if state.charge > last.charge {
                    prop_assert!(last.is_charging || state.added > 0.0, "{last:?} {state:?}");
                }
                if state.charge < last.charge {
                    prop_assert!(km > 0.0, "{last:?} {state:?}");
                }
                if state.fuel < last.fuel {
                    prop_assert!(km > 0.0, "{last:?} {state:?}");
                }
            }
            last = Some(state);
        }
    }

    #[test]
    fn the_odometer_grows_by_just_what_the_speed_says(car in cars()) {
        let step = 10 * SECOND;
        let mut km = 0.0;
        let mut last = car.state(car.begins);
        for state in fortnight(&car, step).take(3 * 8_640) {
            km += f64::midpoint(last.speed, state.speed) * real(step) / real(HOUR);
            last = state;
        }
        let odometer = last.odometer_km - car.odometer_km;
        // Ten-second steps are too coarse for the ends of trips, of which there are
        // at most twelve.
        prop_assert!((odometer - km).abs() < 1.0, "{odometer} km, but {km} km by the speed");
    }

    #[test]
    fn a_day_in_the_far_future_is_what_its_eve_says(car in cars(), day in 1_i64..3_000_000) {
        let dawn = car.first_dawn() + day * DAY;
        let eve = car.state(dawn - 1);
        let state = car.state(dawn);
        prop_assert_eq!(state.activity, Activity::AtHome);
        prop_assert!((state.odometer_km - eve.odometer_km).abs() < 1e-6);
        prop_assert!((state.charge - eve.charge).abs() < 1e-6);
        prop_assert!((state.exterior - eve.exterior).abs() < 0.01);
    }

    #[test]
    fn a_report_is_never_younger_and_never_runs_back(car in cars(), first in 0..14 * DAY) {
        let mut last = 0;
        for number in 0..400 {
            let by = car.begins + first + number * 1_300;
            let report = car.reported(by);
            prop_assert!(report.at <= by && report.at >= car.begins && report.at >= last);
            prop_assert!(by - report.at < 15 * MINUTE);
            prop_assert_eq!(&report, &car.state(report.at), "values of that moment");
            if report.activity.is_driving() {
                prop_assert!(by - report.at < 5 * SECOND);
            }
            last = report.at;
        }
    }
}

fn car(seed: u64) -> Car {
    Car {
        seed,
        begins: START,
        home: (52.5, 13.4),
        odometer_km: 100.0,
        battery: Some(Battery {
            store: Store {
                capacity: 60.0,
                filling: 0.02,
                range_km: 400.0,
                share: 1.0,
            },
            limit: 0.8,
            power_kw: 11.0,
        }),
        tank: None,
        oil: 1.0,
        unplugged: false,
        asleep: None,
        tires: [230.0; 4],
    }
}

#[test]
fn a_low_battery_is_charged_at_once_and_every_night() {
    let car = car(1);
    let start = car.state(START);
    assert!(start.is_charging && start.charge < 0.03);
    let charged_at = start.charged_at.unwrap();
    let charged = car.state(charged_at);
    assert!((charged.charge - 0.8).abs() < 1e-9 && !charged.is_charging);
    for day in 1..30 {
        let dawn = car.state(car.first_dawn() + day * DAY);
        assert!((dawn.charge - 0.8).abs() < 1e-9, "{dawn:?}");
    }
}

#[test]
fn it_drives_every_day_and_another_seed_drives_otherwise() {
    let odometer = |seed, day| {
        let car = car(seed);
        car.state(car.first_dawn() + day * DAY).odometer_km
    };
    for day in 1..30 {
        assert!(odometer(1, day + 1) > odometer(1, day) + 5.0);
        assert!((odometer(1, day + 1) - odometer(2, day + 1)).abs() > 1e-3);
    }
}
