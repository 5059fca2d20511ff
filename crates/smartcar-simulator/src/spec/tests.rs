use serde_json::{Value, json};

use super::*;
use crate::testing::document;

fn fault(document: &Value) -> String {
    Spec::read(&document.to_string()).unwrap_err().to_string()
}

#[test]
fn the_batchable_operations_are_the_models_endpoints() {
    let spec = Spec::embedded().unwrap();
    let ours: BTreeSet<(&str, Option<&str>)> = spec
        .operations
        .all
        .iter()
        .filter(|operation| operation.batchable)
        .map(|it| {
            (
                it.vehicle_path.as_deref().unwrap(),
                it.offer.permission.as_deref(),
            )
        })
        .collect();
    let theirs = smartcar_model::ENDPOINTS
        .iter()
        .map(|info| (info.path, info.permission))
        .collect();
    assert_eq!(ours, theirs);
}

#[test]
fn a_new_path_needs_the_description_only() {
    let mut document = document();
    let mut operation = document["paths"]["/vehicles/{id}/odometer"].clone();
    operation["get"]["operationId"] = json!("trunk");
    document["paths"]["/vehicles/{id}/trunk"] = operation;
    let spec = Spec::read(&document.to_string()).unwrap();
    assert_eq!(spec.operations.batchable("/trunk").unwrap().1.id, "trunk");
}

#[test]
fn what_cannot_be_batched_is_known_all_the_same() {
    let mut document = document();
    let odometer = &mut document["paths"]["/vehicles/{id}/odometer"]["get"];
    odometer["x-smartcar-batchable"] = json!(false);
    let vin = &mut document["paths"]["/vehicles/{id}/vin"]["get"];
    let required = json!({"name": "day", "in": "query", "required": true,
                          "schema": {"type": "string"}});
    vin["parameters"].as_array_mut().unwrap().push(required);
    let spec = Spec::read(&document.to_string()).unwrap();
    for path in ["/odometer", "/vin", "/batch"] {
        assert!(spec.operations.batchable(path).is_none(), "{path}");
        assert!(spec.operations.knows(path), "{path}");
    }
    assert!(!spec.operations.knows("/vehicles"));
}

#[test]
fn an_unknown_unit_stops_the_start_and_is_named() {
    let mut document = document();
    let distance = &mut document["components"]["schemas"]["Odometer"]["properties"]["distance"];
    distance["x-unit"] = json!({"metric": "km", "imperial": "furlong"});
    assert_eq!(
        fault(&document),
        "get /vehicles/{id}/odometer: the units \
         {\"imperial\":\"furlong\",\"metric\":\"km\"} have no known conversion"
    );
}

#[test]
fn a_missing_example_stops_the_start() {
    let mut document = document();
    let content = &mut document["paths"]["/vehicles/{id}/vin"]["get"]["responses"]["200"]["content"]
        ["application/json"];
    let example = content.as_object_mut().unwrap().remove("example").unwrap();
    assert_eq!(
        fault(&document),
        "get /vehicles/{id}/vin: the example is missing"
    );

    // The other form of an example is accepted.
    let content = &mut document["paths"]["/vehicles/{id}/vin"]["get"]["responses"]["200"]["content"]
        ["application/json"];
    content["examples"] = json!({"one": {"value": example}});
    let spec = Spec::read(&document.to_string()).unwrap();
    let (_, vin) = spec.operations.batchable("/vin").unwrap();
    let body = vin.bodies.of(&UnitSystem::Metric).fill(|_| None);
    assert_eq!(body, example.to_string());
}

#[test]
fn a_reference_to_nothing_or_to_itself_is_named() {
    let mut document = document();
    document["components"]["schemas"]["Vin"] = json!({"$ref": "#/components/schemas/Vin"});
    assert!(fault(&document).ends_with("leads back to itself"));
    document["components"]["schemas"]["Vin"] = json!({"$ref": "#/components/schemas/Gone"});
    assert!(fault(&document).ends_with("nothing at `#/components/schemas/Gone`"));
}

#[test]
fn a_state_that_no_vehicle_has_stops_the_start_and_is_named() {
    let mut document = document();
    let schemas = &mut document["components"]["schemas"];
    schemas["Odometer"]["properties"]["distance"]["x-smartcar-state"] = json!("odometer.miles");
    assert_eq!(
        fault(&document),
        "get /vehicles/{id}/odometer: the simulated vehicles do not have the state `odometer.miles`"
    );
    let schemas = &mut document["components"]["schemas"];
    schemas["Odometer"]["properties"]["distance"]["x-smartcar-state"] = json!("vehicle.vin");
    assert_eq!(
        fault(&document),
        "get /vehicles/{id}/odometer: the state `vehicle.vin` is of the type `string` \
         and cannot feed `number`"
    );
}

#[test]
fn what_a_header_or_an_item_shows_is_checked_too() {
    let mut document = document();
    document["components"]["headers"]["DataAge"]["schema"]["x-smartcar-state"] = json!("age");
    assert!(fault(&document).ends_with("do not have the state `age`"));
    let mut document = self::document();
    document["components"]["schemas"]["Permission"]["x-smartcar-state"] = json!("names");
    assert!(fault(&document).ends_with("do not have the state `names`"));
}

#[test]
fn an_unknown_powertrain_stops_the_start_and_is_named() {
    let mut document = document();
    let operation = &mut document["paths"]["/vehicles/{id}/fuel"]["get"];
    operation["x-smartcar-powertrains"] = json!(["ICE", "STEAM"]);
    assert_eq!(
        fault(&document),
        "get /vehicles/{id}/fuel: the powertrain `STEAM` is not simulated"
    );
}

#[test]
fn what_an_operation_needs_must_be_known() {
    let mut document = document();
    let set = |document: &mut Value, state: &str, code: &str| {
        let operation = &mut document["paths"]["/vehicles/{id}/fuel"]["get"];
        operation["x-smartcar-needs"] =
            json!({"state": state, "type": "VEHICLE_STATE", "code": code});
    };
    for (state, code, expected) in [
        ("engine.runs", "ASLEEP", "not have the state `engine.runs`"),
        (
            "fuel.fraction",
            "ASLEEP",
            "type `number` and cannot feed `boolean`",
        ),
        (
            "lock.is_locked",
            "OPEN",
            "no error VEHICLE_STATE with code OPEN",
        ),
    ] {
        set(&mut document, state, code);
        let fault = fault(&document);
        assert!(fault.ends_with(expected), "{fault}");
    }
    set(&mut document, "lock.is_locked", "DOOR_OPEN");
    assert!(Spec::read(&document.to_string()).is_ok());
}

#[test]
fn the_make_of_a_path_is_told_by_its_tag_where_no_list_says_it() {
    let mut document = document();
    let operation = &mut document["paths"]["/vehicles/{id}/tesla/alerts"]["get"];
    operation
        .as_object_mut()
        .unwrap()
        .remove("x-smartcar-makes");
    let spec = Spec::read(&document.to_string()).unwrap();
    let makes = |path: &str| {
        spec.operations
            .batchable(path)
            .unwrap()
            .1
            .offer
            .makes
            .clone()
    };
    assert_eq!(makes("/tesla/alerts"), Some(vec!["TESLA".to_owned()]));
    assert_eq!(makes("/odometer"), None);
    assert_eq!(
        makes("/diagnostics/dtcs"),
        Some(vec!["CHEVROLET".to_owned(), "GMC".to_owned()])
    );
}

fn id_and_vehicle(path: &str) -> (String, Option<String>) {
    let spec = Spec::embedded().unwrap();
    let route = spec.route(&Method::GET, path).unwrap();
    (route.operation.id.clone(), route.vehicle)
}

#[test]
fn the_vehicle_is_taken_from_the_path() {
    for (path, id, vehicle) in [
        ("/v2.0/vehicles", "list_vehicles", None),
        ("/v2.0/vehicles/", "list_vehicles", None),
        ("/v2.0/vehicles/abc", "attributes", Some("abc")),
        ("/v2.0/vehicles/abc/", "attributes", Some("abc")),
        ("/v2.0/vehicles/a%20b%2F/", "attributes", Some("a b/")),
        ("/v2.0/vehicles/100%/vin", "vin", Some("100%")),
        ("/v2.0/vehicles/%ff/vin", "vin", Some("%ff")),
        (
            "/v2.0/vehicles/x/tires/pressure",
            "tire_pressure",
            Some("x"),
        ),
    ] {
        let expected = (id.to_owned(), vehicle.map(str::to_owned));
        assert_eq!(id_and_vehicle(path), expected, "{path}");
    }
}

#[test]
fn a_literal_wins_over_a_variable() {
    let mut text: Value =
        serde_json::from_str(include_str!("../generated/smartcar-v2.json")).unwrap();
    let list = text["paths"]["/vehicles"].clone();
    text["paths"]["/vehicles/summary"] = list;
    let spec = Spec::read(&text.to_string()).unwrap();
    let found = spec.route(&Method::GET, "/v2.0/vehicles/summary").unwrap();
    assert_eq!(found.operation.id, "list_vehicles");
    assert_eq!(found.vehicle, None);
}
