//! How the vehicles change over time.
//!
//! Invariant: every test goes through `App::handle`, as a request does.

use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::variable::written;
use super::*;
use crate::app::App;
use crate::testing::{
    ANY_VEHICLE, Ask, app, app_of_one, app_seeded, batch_of, batchable, body, document, example,
    items,
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// The response text of a batch with all endpoints.
async fn all(app: &App) -> String {
    let ask = batch_of(batchable().map(|(path, _)| path));
    ask.send(app).await.text
}

/// Advances minute by minute until the body of a path is as wanted.
async fn advance_until(app: &App, path: &str, is_wanted: impl Fn(&Value) -> bool) {
    for _ in 0..7 * 24 * 60 {
        if is_wanted(&Ask::read(path).send(app).await.body) {
            return;
        }
        app.clock.advance(MINUTE);
    }
    panic!("{path} did not reach the wanted value within a week");
}

#[tokio::test]
async fn a_vehicle_that_nobody_declared_has_every_endpoint_at_any_time() {
    let app = app();
    for _ in 0..50 {
        let batch = batch_of(batchable().map(|(path, _)| path)).send(&app).await;
        for item in items(&batch) {
            let is_needed = item["body"]["type"] == "VEHICLE_STATE" && item["code"] == 409;
            assert!(item["code"] == 200 || is_needed, "{item}");
        }
        app.clock.advance(37 * MINUTE);
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes_and_another_one_does_not() {
    let vehicles = || {
        let car = |id: &str, make: &str| SimulatedVehicle::new(id).make(make);
        [car(ANY_VEHICLE, "TESLA"), car("car-2", "FORD")]
    };
    let moments = [Duration::ZERO, 9 * HOUR, DAY + 3 * HOUR, 400 * DAY];
    let run = async |app: App| {
        let mut texts = Vec::new();
        for moment in moments {
            app.clock.advance(moment);
            texts.push(all(&app).await);
        }
        texts
    };
    for vehicles in [Vec::new(), vehicles().into()] {
        let one = run(app_seeded(1, vehicles.clone())).await;
        assert_eq!(run(app_seeded(1, vehicles.clone())).await, one);
        let other = run(app_seeded(2, vehicles)).await;
        assert!(
            one.iter()
                .zip(&other)
                .skip(1)
                .all(|(one, other)| one != other)
        );
    }
    // Earlier requests do not matter.
    let (busy, quiet) = (app_seeded(1, vehicles()), app_seeded(1, vehicles()));
    for _ in 0..20 {
        all(&busy).await;
        busy.clock.advance(HOUR);
    }
    quiet.clock.advance(20 * HOUR);
    for (path, _) in batchable() {
        let (one, other) = (Ask::read(path), Ask::read(path));
        let (one, other) = (one.send(&busy).await, other.send(&quiet).await);
        if one.status == StatusCode::OK {
            assert_eq!(one.text, other.text, "{path}");
        }
    }
}

/// `UPDATE_GOLDENS=1 cargo test -p smartcar-simulator` rewrites the file.
#[tokio::test]
async fn a_seed_gives_the_bytes_that_it_gave_on_another_day() {
    let mut now = String::new();
    for vehicle in [None, Some(SimulatedVehicle::new(ANY_VEHICLE).make("TESLA"))] {
        let app = app_seeded(42, vehicle);
        for wait in [Duration::ZERO, HOUR, 21 * HOUR, 365 * DAY] {
            app.clock.advance(wait);
            let batch = batch_of(batchable().map(|(path, _)| path)).send(&app).await;
            now.push_str(&format!("# {}\n", app.clock.now()));
            for item in items(&batch) {
                if item["code"] == 200 {
                    let (path, age) = (&item["path"], &item["headers"]["sc-data-age"]);
                    now.push_str(&format!("{path} {age} {}\n", item["body"]));
                } else {
                    let (path, code) = (&item["path"], &item["body"]["code"]);
                    now.push_str(&format!("{path} {} {code}\n", item["code"]));
                }
            }
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/world/golden.txt");
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        #[expect(clippy::disallowed_methods, reason = "golden files are in git")]
        std::fs::write(path, &now).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap();
    for (now, golden) in now.lines().zip(golden.lines()) {
        assert_eq!(now, golden);
    }
    assert_eq!(now.len(), golden.len());
}

#[tokio::test]
async fn ages_never_run_back_and_a_batch_was_fetched_at_once() {
    let app = app_of_one(|it| it.make("TESLA"));
    let mut last = String::new();
    for _ in 0..200 {
        let batch = batch_of(batchable().map(|(path, _)| path)).send(&app).await;
        let now = written(app.clock.now());
        let mut ages = BTreeSet::new();
        for item in items(&batch).iter().filter(|item| item["code"] == 200) {
            let headers = &item["headers"];
            if let Some(fetched) = headers["sc-fetched-at"].as_str() {
                assert_eq!(fetched, now);
                ages.insert(headers["sc-data-age"].as_str().unwrap());
            }
        }
        assert_eq!(ages.len(), 1, "{ages:?}");
        let age = ages.pop_first().unwrap();
        assert!(*last <= *age && *age < *now, "{last} {age} {now}");
        age.clone_into(&mut last);
        app.clock.advance(7 * MINUTE + Duration::from_millis(1_234));
    }
}

#[tokio::test]
async fn a_drive_is_seen_by_every_endpoint_of_it() {
    let app = app_of_one(|it| {
        let it = it.make("TESLA").odometer_km(1_000.0).location(48.0, 11.0);
        it.battery_fraction(0.8).charge_limit(0.85)
    });
    assert_eq!(body(&app, "/odometer").await["distance"], 1_000.0);
    let home = json!({"latitude": 48.0, "longitude": 11.0});
    assert_eq!(body(&app, "/location").await, home);
    assert_eq!(body(&app, "/battery").await["percentRemaining"], 0.8);
    assert_eq!(body(&app, "/charge/limit").await["limit"], 0.85);
    let charge = body(&app, "/charge").await;
    assert_eq!(charge, json!({"isPluggedIn": true, "state": "CHARGING"}));
    assert_eq!(body(&app, "/tesla/charge").await["wattage"], 11.0);
    assert_eq!(body(&app, "/tesla/attributes").await["atHome"], true);

    advance_until(&app, "/charge", |body| body["state"] == "FULLY_CHARGED").await;
    assert_eq!(body(&app, "/battery").await["percentRemaining"], 0.85);
    let reply = Ask::read("/tesla/charge/completion").send(&app).await;
    assert_eq!(reply.error(), ("VEHICLE_STATE", Some("NOT_CHARGING"), 409));
    assert!(body(&app, "/tesla/charge/voltmeter").await["voltage"] == 230.0);
    assert_eq!(
        body(&app, "/tesla/charge").await["completionTime"],
        Value::Null
    );

    advance_until(&app, "/tesla/speedometer", |body| body["speed"] != 0.0).await;
    app.clock.advance(5 * MINUTE);
    assert!(body(&app, "/odometer").await["distance"].as_f64() > Some(1_000.0));
    assert_ne!(body(&app, "/location").await, home);
    assert!(body(&app, "/battery").await["percentRemaining"].as_f64() < Some(0.85));
    let charge = body(&app, "/charge").await;
    assert_eq!(
        charge,
        json!({"isPluggedIn": false, "state": "NOT_CHARGING"})
    );
    assert_eq!(body(&app, "/security").await["isLocked"], false);
    assert_eq!(body(&app, "/tesla/status").await["gear"], "DRIVE");
    assert_eq!(body(&app, "/tesla/attributes").await["atHome"], false);
    let reply = Ask::read("/tesla/charge/voltmeter").send(&app).await;
    let code = Some("CHARGING_PLUG_NOT_CONNECTED");
    assert_eq!(reply.error(), ("VEHICLE_STATE", code, 409));
}

#[tokio::test]
async fn a_moving_vehicle_is_told_in_either_unit_system() {
    let app = app();
    for _ in 0..40 {
        app.clock.advance(53 * MINUTE);
        for (path, member, factor, offset) in [
            ("/odometer", "distance", 1.609_344, 0.0),
            ("/battery", "range", 1.609_344, 0.0),
            ("/fuel", "amountRemaining", 3.785_411_784, 0.0),
            ("/tires/pressure", "backLeft", 6.894_757, 0.0),
            ("/tesla/speedometer", "speed", 1.609_344, 0.0),
            (
                "/tesla/thermometer/exterior",
                "temperature",
                1.0 / 1.8,
                32.0,
            ),
        ] {
            let ask = Ask::read(path).header("sc-unit-system", "imperial");
            let reply = ask.send(&app).await;
            assert_eq!(reply.header("sc-unit-system"), Some("imperial"));
            let imperial = reply.body[member].as_f64().unwrap();
            let metric = body(&app, path).await[member].as_f64().unwrap();
            let converted = (imperial - offset) * factor;
            assert!(
                (converted - metric).abs() < 0.05,
                "{path}: {metric} {imperial}"
            );
        }
    }
}

#[tokio::test]
async fn every_answer_of_a_moving_vehicle_is_one_that_the_model_reads() {
    let document = document();
    let vehicles = ["TESLA", "AUDI", "CADILLAC", "FORD", "BMW"].map(Some);
    for make in vehicles.into_iter().chain([None]) {
        let vehicle = make.map(|make| SimulatedVehicle::new(ANY_VEHICLE).make(make));
        let app = app_seeded(3, vehicle);
        for _ in 0..30 {
            app.clock.advance(97 * MINUTE);
            for (path, _) in batchable() {
                let reply = Ask::read(path).send(&app).await;
                if reply.status != StatusCode::OK {
                    continue;
                }
                let body = serde_json::from_str(&reply.text).unwrap();
                let info = smartcar_model::EndpointInfo::of(path).unwrap();
                let normal = info.normalize(body);
                assert!(normal.is_ok(), "{path}: {:?}", normal.err());
                let members = |body: &Value| {
                    let members = body.as_object().map(serde_json::Map::keys);
                    members.into_iter().flatten().cloned().collect::<Vec<_>>()
                };
                assert_eq!(
                    members(&reply.body),
                    members(example(&document, path).0),
                    "{path}"
                );
            }
        }
    }
}
