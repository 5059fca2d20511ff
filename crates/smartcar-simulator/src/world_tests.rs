use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::vehicle::Powertrain;
use super::*;
use crate::app::App;
use crate::testing::{ANY_VEHICLE, Ask, app, app_of, batch_of, batchable, items};
use crate::tokens::Tokens;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

fn app_seeded(seed: u64, vehicles: impl IntoIterator<Item = SimulatedVehicle>) -> App {
    let plan = Plan {
        seed,
        vehicles: vehicles.into_iter().collect(),
        only_known: false,
    };
    app_of(Tokens::default(), &plan)
}

/// An app whose only vehicle has the id that the tests ask for.
fn app_of_one(vehicle: impl FnOnce(SimulatedVehicle) -> SimulatedVehicle) -> App {
    app_seeded(1, [vehicle(SimulatedVehicle::new(ANY_VEHICLE))])
}

async fn body(app: &App, path: &str) -> Value {
    let reply = Ask::read(path).send(app).await;
    assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
    reply.body
}

/// The text of a batch of all endpoints.
async fn all(app: &App) -> String {
    let ask = batch_of(batchable().map(|(path, _)| path));
    ask.send(app).await.text
}

/// Goes on by whole minutes until the body of a path is as wanted.
async fn advance_until(app: &App, path: &str, is_wanted: impl Fn(&Value) -> bool) {
    for _ in 0..7 * 24 * 60 {
        if is_wanted(&Ask::read(path).send(app).await.body) {
            return;
        }
        app.clock.advance(MINUTE);
    }
    panic!("{path} was not as wanted within a week");
}

/// The texts of a list that an operation of the description has.
fn texts(operation: &Value, key: &str) -> Option<Vec<String>> {
    let list = operation.get(key)?.as_array()?;
    let text = |text: &Value| text.as_str().unwrap().to_owned();
    Some(list.iter().map(text).collect())
}

#[tokio::test]
async fn an_endpoint_that_a_vehicle_lacks_answers_compatibility() {
    let paths = &Spec::embedded().unwrap().document["paths"];
    let described = |path: &str| {
        let below = if path == "/" { "" } else { path };
        &paths[format!("/vehicles/{{id}}{below}")]["get"]
    };
    let makes: BTreeSet<String> = batchable()
        .filter_map(|(path, _)| texts(described(path), "x-smartcar-makes"))
        .flatten()
        .chain(["KIA".to_owned()])
        .collect();
    assert!(makes.len() > 20, "{makes:?}");
    let (mut answered, mut other_make, mut other_powertrain) = (0, 0, 0);
    for make in &makes {
        for (powertrain, name) in [
            (Powertrain::Bev, "BEV"),
            (Powertrain::Phev, "PHEV"),
            (Powertrain::Hev, "HEV"),
            (Powertrain::Ice, "ICE"),
        ] {
            let app = app_of_one(|it| it.make(make.as_str()).powertrain(powertrain));
            let batch = batch_of(batchable().map(|(path, _)| path)).send(&app).await;
            for item in items(&batch) {
                let path = item["path"].as_str().unwrap();
                let has = |key: &str, one: &str| {
                    let list = texts(described(path), key);
                    list.is_none_or(|list| list.iter().any(|it| it == one))
                };
                let expected = if !has("x-smartcar-makes", make) {
                    other_make += 1;
                    json!(["COMPATIBILITY", "SMARTCAR_NOT_CAPABLE", 501])
                } else if !has("x-smartcar-powertrains", name) {
                    other_powertrain += 1;
                    json!(["COMPATIBILITY", "VEHICLE_NOT_CAPABLE", 501])
                } else {
                    answered += 1;
                    json!([null, null, 200])
                };
                let body = &item["body"];
                let mut found = json!([body["type"], body["code"], item["code"]]);
                if found[2] == 409 || expected[2] == 200 && found[2] == 200 {
                    // What state it needs is tested apart; a body has members of these names.
                    found = json!([null, null, 200]);
                }
                assert_eq!(found, expected, "{make} {name} {path}");
            }
        }
    }
    assert!(answered > 500 && other_make > 1_000 && other_powertrain > 100);
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
    // What was asked before means nothing.
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

/// `UPDATE_GOLDENS=1 cargo test -p smartcar-simulator` writes it anew.
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
        #[expect(clippy::disallowed_methods, reason = "a golden is in git")]
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
        let now = super::view::written(app.clock.now());
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
    let vehicles = ["TESLA", "AUDI", "CADILLAC", "FORD", "BMW"].map(Some);
    for make in vehicles.into_iter().chain([None]) {
        let vehicle = make.map(|make| SimulatedVehicle::new(ANY_VEHICLE).make(make));
        let app = app_seeded(3, vehicle);
        for _ in 0..30 {
            app.clock.advance(97 * MINUTE);
            for (path, operation) in batchable() {
                let reply = Ask::read(path).send(&app).await;
                if reply.status != StatusCode::OK {
                    continue;
                }
                let body = serde_json::from_str(&reply.text).unwrap();
                let info = smartcar_model::EndpointInfo::of(path).unwrap();
                let normal = info.normalise(body);
                assert!(normal.is_ok(), "{path}: {:?}", normal.err());
                let members = |body: &Value| {
                    let members = body.as_object().map(serde_json::Map::keys);
                    members.into_iter().flatten().cloned().collect::<Vec<_>>()
                };
                assert_eq!(members(&reply.body), members(&operation.example), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn an_owner_can_grant_less_than_the_token_has() {
    let app = app_of_one(|it| it.permissions(["read_odometer", "read_vin"]));
    app.tokens().add(
        "driver".to_owned(),
        ["read_odometer", "read_fuel"].map(str::to_owned).into(),
    );
    let permissions = body(&app, "/permissions").await;
    assert_eq!(
        permissions["permissions"],
        json!(["read_odometer", "read_vin"])
    );
    let driver = |path| Ask::read(path).header("host", "localhost").token("driver");
    let reply = driver("/permissions").send_bare(&app).await;
    assert_eq!(reply.body["permissions"], json!(["read_odometer"]));
    assert_eq!(reply.body["paging"]["count"], 1);
    for (path, status) in [("/odometer", 200), ("/vin", 403), ("/fuel", 403)] {
        let reply = driver(path).send_bare(&app).await;
        assert_eq!(reply.status.as_u16(), status, "{path}");
    }
    let reply = Ask::read("/location").send(&app).await;
    assert_eq!(reply.error(), ("PERMISSION", None, 403));
    assert!(
        reply
            .text
            .contains("owner has not granted the permission read_location")
    );
    let batch = batch_of(["/vin", "/location"]).send(&app).await;
    let codes: Vec<&Value> = items(&batch).iter().map(|item| &item["code"]).collect();
    assert_eq!(codes, [200, 403]);
}

#[tokio::test]
async fn the_list_names_the_declared_vehicles_and_others_can_be_refused() {
    let vehicle = |id: &str| {
        SimulatedVehicle::new(id)
            .make("TESLA")
            .vin("5YJ3E1EA7KF000001")
    };
    let plan = Plan {
        vehicles: vec![vehicle("car-2"), vehicle("car-1")],
        only_known: true,
        ..Plan::default()
    };
    let app = app_of(Tokens::default(), &plan);
    let list = Ask::get("/vehicles").send(&app).await.body;
    assert_eq!(list["vehicles"], json!(["car-2", "car-1"]));
    assert_eq!(list["paging"]["count"], 2);
    let attributes = Ask::get("/vehicles/car-1").send(&app).await.body;
    assert_eq!(attributes["id"], "car-1");
    assert_eq!(attributes["make"], "TESLA");
    let vin = Ask::get("/vehicles/car-1/vin").send(&app).await.body;
    assert_eq!(vin["vin"], "5YJ3E1EA7KF000001");
    for ask in [Ask::read("/vin"), batch_of(["/vin"])] {
        assert_eq!(ask.send(&app).await.error(), ("PERMISSION", None, 403));
    }
    let shown = format!("{plan:?}");
    assert!(shown.contains("car-1") && !shown.contains("5YJ3E1EA7KF000001"));
}

#[tokio::test]
async fn without_a_declared_vehicle_the_listed_ones_are_known() {
    let plan = Plan {
        only_known: true,
        ..Plan::default()
    };
    let app = app_of(Tokens::default(), &plan);
    let list = Ask::get("/vehicles").send(&app).await.body;
    for id in list["vehicles"].as_array().unwrap() {
        let path = format!("/vehicles/{}", id.as_str().unwrap());
        assert_eq!(Ask::get(&path).send(&app).await.status, StatusCode::OK);
    }
}

#[test]
fn a_vehicle_declared_twice_stops_the_start() {
    let plan = Plan {
        vehicles: vec![
            SimulatedVehicle::new("car-1"),
            SimulatedVehicle::new("car-1"),
        ],
        ..Plan::default()
    };
    let spec = Spec::embedded().unwrap();
    let error = World::new(spec, Timestamp::UNIX_EPOCH, &plan).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains("`car-1` is declared twice"));
}

#[test]
fn a_vehicle_is_read_by_the_names_of_its_methods() {
    let read = |value: Value| serde_json::from_value::<SimulatedVehicle>(value);
    let vehicle = json!({"id": "car-1", "make": "TESLA", "powertrain": "BEV",
        "battery_capacity_kwh": 77.0, "permissions": ["read_vin"], "latitude": 1.0});
    let vehicle = read(vehicle).unwrap();
    let expected = SimulatedVehicle::new("car-1")
        .make("TESLA")
        .powertrain(Powertrain::Bev)
        .battery_capacity_kwh(77.0)
        .permissions(["read_vin"]);
    let expected = SimulatedVehicle {
        latitude: Some(1.0),
        ..expected
    };
    assert_eq!(vehicle, expected);
    assert!(read(json!({"id": "car-1", "colour": "red"})).is_err());
    assert!(read(json!({"make": "TESLA"})).is_err());
}
