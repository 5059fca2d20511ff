//! Both versions report the same values for a vehicle at the same moment, and
//! version 3 returns what its spec says.
//!
//! Invariant: the mapping decides what is compared; the known differences are
//! listed in [`DIFFERENT`].

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use smartcar_model::v3::Signals;
use smartcar_model::{EndpointInfo, ItemError};

use crate::app::App;
use crate::operation::Operation;
use crate::testing::{ANY_VEHICLE, Ask, Reply, app, app_of_one, batchable, document};
use crate::units::UNIT_SYSTEM;
use crate::v3::V3;
use crate::world::vehicle::Powertrain;

const HOUR: Duration = Duration::from_secs(3_600);

/// A list in which each entry maps to its own signal.
const SYSTEMS: &str = "/diagnostics/system_status";

/// Path, member and when they differ: always, for the undeclared vehicle, or in
/// imperial units.
const DIFFERENT: [(&str, &str, When); 3] = [
    // The two capacities have different examples, and version 3 has only one of
    // them.
    ("/battery/capacity", "capacity", When::Nobodys),
    // Version 3 lists every system, the v2.0 example only two.
    (SYSTEMS, "systems", When::Always),
    // Version 3 does not give the unit of a workshop's odometer reading.
    ("/service/history", "odometerDistance", When::Imperial),
];

#[derive(Clone, Copy, PartialEq)]
enum When {
    Always,
    Nobodys,
    Imperial,
}

fn vehicles() -> Vec<(&'static str, App)> {
    let of = |make: &'static str, powertrain| app_of_one(|it| it.make(make).powertrain(powertrain));
    vec![
        ("nobody's", app()),
        ("tesla", of("TESLA", Powertrain::Bev)),
        ("ford", of("FORD", Powertrain::Ice)),
        ("toyota", of("TOYOTA", Powertrain::Hev)),
        ("chevrolet", of("CHEVROLET", Powertrain::Phev)),
        (
            "restricted",
            app_of_one(|it| {
                it.make("VOLKSWAGEN")
                    .permissions(["read_odometer", "read_battery", "read_tires"])
            }),
        ),
    ]
}

async fn get(app: &App, path: &str, units: &str) -> Reply {
    let reply = Ask::v3(path).header(UNIT_SYSTEM, units).send(app).await;
    assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
    reply
}

/// All signals of the vehicle in version 3.
async fn signals(app: &App, units: &str) -> Signals {
    let mut signals = Signals::new();
    let list = get(app, &format!("/vehicles/{ANY_VEHICLE}/signals"), units).await;
    assert_eq!(signals.read(&list.text, None).unwrap(), []);
    let vehicle = get(app, &format!("/vehicles/{ANY_VEHICLE}"), units).await;
    signals.set_vehicle(Ok(&vehicle.text));
    let id = format!("/connections/connection-{ANY_VEHICLE}");
    let connection = get(app, &id, units).await;
    signals.set_connection(Ok(&connection.text));
    signals
}

/// The operations that are not specific to a make.
fn common() -> impl Iterator<Item = (&'static str, &'static Operation)> {
    let makes = [
        "audi",
        "bmw",
        "cadillac",
        "chevrolet",
        "ford",
        "lincoln",
        "mini",
        "nissan",
        "tesla",
    ];
    batchable().filter(move |(path, _)| !makes.iter().any(|make| path[1..].starts_with(make)))
}

/// The members of an object body that the mapping omits.
fn left_out(document: &Value, operation: &Operation) -> Vec<String> {
    let path = &operation.path;
    let schema = &document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
        ["schema"];
    let name = schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
    let mapping = &document["components"]["schemas"][name]["x-smartcar-v3"];
    let members = mapping.as_object().unwrap().iter();
    let none = members.filter(|(_, source)| source.get("none").is_some());
    none.map(|(name, _)| name.clone()).collect()
}

fn drop_members(body: &mut Value, names: &[String]) {
    match body {
        Value::Object(members) => members.retain(|name, _| !names.contains(name)),
        Value::Array(entries) => entries.iter_mut().for_each(|it| drop_members(it, names)),
        _ => {}
    }
}

/// Whether two bodies are equal up to the last decimal of their numbers.
fn agree(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let same = |(name, value)| other.get(name).is_some_and(|it| agree(value, it));
            one.len() == other.len() && one.iter().all(same)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| agree(one, other))
        }
        _ => match (one.as_f64(), other.as_f64()) {
            (Some(one), Some(other)) => (one - other).abs() < 1e-6,
            _ => one == other,
        },
    }
}

/// The body as the model reads and writes it.
fn normal(path: &str, body: &Value) -> Value {
    let raw = serde_json::value::to_raw_value(body).unwrap();
    let normal = EndpointInfo::of(path).unwrap().normalize(&raw).unwrap();
    serde_json::from_str(normal.get()).unwrap()
}

async fn compare(name: &str, app: &App, units: &str, is_nobodys: bool) -> usize {
    let document = document();
    let signals = signals(app, units).await;
    let mut equal = 0;
    for (path, operation) in common() {
        let here = format!("{name} {path} {units} {}", app.clock.now());
        let v2 = Ask::read(path).header(UNIT_SYSTEM, units).send(app).await;
        let v3 = signals.answer(path);
        if v2.status != StatusCode::OK {
            if path == "/" {
                // Version 3 requires no permission for a vehicle's attributes.
                assert!(v2.status == StatusCode::FORBIDDEN && v3.is_ok(), "{here}");
                continue;
            }
            let error = v3.unwrap_err();
            let api = error.api_error();
            let api = api.unwrap_or_else(|| panic!("{here}: {error}"));
            let told = (api.error_type.as_deref(), api.code.as_deref(), api.status);
            let (kind, code, status) = v2.error();
            assert_eq!(told, (Some(kind), code, status), "{here}");
            continue;
        }
        let (answer, member_errors) = signals
            .answer_with_member_errors(path)
            .unwrap_or_else(|error: ItemError| panic!("{here}: {error}"));
        assert_eq!(member_errors.len(), 0, "{here}");
        let answer = answer.read_raw().unwrap();
        for (header, moment) in [
            ("sc-data-age", answer.meta.data_age),
            ("sc-fetched-at", answer.meta.fetched_at),
        ] {
            // Attributes of a resource have no time.
            if let (Some(v2), Some(v3)) = (v2.header(header), moment) {
                assert_eq!(v2.parse().ok(), Some(v3), "{here} {header}");
            }
        }
        let mut names = left_out(&document, operation);
        names.extend(
            DIFFERENT
                .into_iter()
                .filter(|(other, _, when)| {
                    *other == path
                        && match when {
                            When::Always => true,
                            When::Nobodys => is_nobodys,
                            When::Imperial => units == "imperial",
                        }
                })
                .map(|(_, member, _)| member.to_owned()),
        );
        let told: Value = serde_json::from_str(answer.get()).unwrap();
        let (mut v2, mut v3) = (normal(path, &v2.body), normal(path, &told));
        drop_members(&mut v2, &names);
        drop_members(&mut v3, &names);
        assert!(agree(&v2, &v3), "{here}:\n{v2}\n{v3}");
        equal += 1;
    }
    equal
}

#[tokio::test]
async fn both_versions_tell_the_same_at_every_moment() {
    let mut equal = 0;
    for (name, app) in vehicles() {
        for wait in [0, 1, 9, 11, 21, 150] {
            app.clock.advance(wait * HOUR);
            for units in ["metric", "imperial"] {
                equal += compare(name, &app, units, name == "nobody's").await;
            }
        }
    }
    assert!(equal > 500, "{equal} responses are compared");
}

#[tokio::test]
async fn the_systems_of_v2_are_among_those_of_version_3() {
    let app = app();
    let path = SYSTEMS;
    let v2 = Ask::read(path).send(&app).await;
    let signals = signals(&app, "metric").await;
    let v3 = signals.answer(path).unwrap().read_raw().unwrap();
    let v3 = normal(path, &serde_json::from_str(v3.get()).unwrap());
    let v2 = normal(path, &v2.body);
    let systems = v3["systems"].as_array().unwrap();
    for system in v2["systems"].as_array().unwrap() {
        assert!(systems.contains(system), "{system}");
    }
}

/// Rewrites `nullable` in JSON Schema's form.
fn widen(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let nullable = map.remove("nullable") == Some(Value::Bool(true));
            if nullable && let Some(Value::String(kind)) = map.get("type").cloned() {
                map.insert("type".to_owned(), json!([kind, "null"]));
            }
            map.values_mut().for_each(widen);
        }
        Value::Array(list) => list.iter_mut().for_each(widen),
        _ => {}
    }
}

struct Described(Value);

impl Described {
    fn new() -> Self {
        let text = include_str!("../generated/smartcar-v3.json");
        let mut document: Value = serde_json::from_str(text).unwrap();
        widen(&mut document["components"]["schemas"]);
        Self(document)
    }

    fn check(&self, component: &str, body: &Value) {
        let schema = json!({
            "$schema": "http://json-schema.org/draft-04/schema#",
            "components": {"schemas": self.0["components"]["schemas"]},
            "allOf": [{"$ref": format!("#/components/schemas/{component}")}],
        });
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .build(&schema)
            .unwrap();
        let errors: Vec<_> = validator
            .iter_errors(body)
            .map(|it| it.to_string())
            .collect();
        assert!(errors.is_empty(), "{component}: {errors:?}");
    }

    /// The component of each signal, by its code.
    fn component(&self, code: &str) -> &str {
        let schemas = self.0["components"]["schemas"].as_object().unwrap();
        let mut found = schemas
            .iter()
            .filter(|(_, schema)| schema["x-smartcar-signal"] == code);
        found.next().unwrap().0
    }
}

#[tokio::test]
async fn every_answer_fits_the_description() {
    let described = Described::new();
    for (_, app) in vehicles() {
        app.clock.advance(11 * HOUR);
        for units in ["metric", "imperial"] {
            let list = get(&app, &format!("/vehicles/{ANY_VEHICLE}/signals"), units).await;
            described.check("SignalList", &list.body);
            for signal in list.body["data"].as_array().unwrap() {
                let code = signal["id"].as_str().unwrap();
                let path = format!("/vehicles/{ANY_VEHICLE}/signals/{code}");
                let one = get(&app, &path, units).await.body;
                assert_eq!(&one["data"], signal);
                assert_eq!(one["included"], list.body["included"]);
                if let Some(body) = signal["attributes"].get("body") {
                    described.check(described.component(code), body);
                }
            }
        }
        let path = format!("/vehicles/{ANY_VEHICLE}");
        described.check("VehicleAnswer", &get(&app, &path, "metric").await.body);
        described.check(
            "ConnectionList",
            &get(&app, "/connections", "metric").await.body,
        );
    }
    let v3 = V3::embedded().unwrap();
    for (kind, code) in v3.catalogue.names() {
        let refusal = v3.catalogue.refusal(kind, code).unwrap();
        let error = v3.catalogue.answer(refusal.clone(), "id-1");
        described.check("Errors", &serde_json::from_slice(&error.body).unwrap());
        let status = v3.catalogue.refused_signal(&refusal);
        described.check("SignalStatus", &status);
    }
}
