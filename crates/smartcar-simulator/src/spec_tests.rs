use serde_json::json;

use super::*;

fn document() -> Value {
    serde_json::from_str(include_str!("generated/smartcar-v2.json")).unwrap()
}

fn fault(document: &Value) -> String {
    Spec::read(&document.to_string()).unwrap_err().to_string()
}

#[test]
fn the_batchable_operations_are_the_models_endpoints() {
    let spec = Spec::embedded().unwrap();
    let ours: BTreeSet<(&str, Option<&str>)> = spec
        .operations
        .iter()
        .filter(|operation| operation.batchable)
        .map(|it| {
            (
                it.vehicle_path.as_deref().unwrap(),
                it.permission.as_deref(),
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
    assert_eq!(spec.batchable("/trunk").unwrap().id, "trunk");
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
        assert!(spec.batchable(path).is_none(), "{path}");
        assert!(spec.knows(path), "{path}");
    }
    assert!(!spec.knows("/vehicles"));
}

#[test]
fn an_unknown_unit_stops_the_start_and_is_named() {
    let mut document = document();
    let distance = &mut document["components"]["schemas"]["Odometer"]["properties"]["distance"];
    distance["x-unit"] = json!({"metric": "km", "imperial": "furlong"});
    assert_eq!(
        fault(&document),
        "get /vehicles/{id}/odometer: no conversion is known for the units \
         {\"imperial\":\"furlong\",\"metric\":\"km\"}"
    );
}

#[test]
fn a_missing_example_stops_the_start() {
    let mut document = document();
    let content = &mut document["paths"]["/vehicles/{id}/vin"]["get"]["responses"]["200"]["content"]
        ["application/json"];
    let example = content.as_object_mut().unwrap().remove("example").unwrap();
    assert_eq!(fault(&document), "get /vehicles/{id}/vin: no example");

    // The other way to write an example is understood.
    let content = &mut document["paths"]["/vehicles/{id}/vin"]["get"]["responses"]["200"]["content"]
        ["application/json"];
    content["examples"] = json!({"one": {"value": example}});
    let spec = Spec::read(&document.to_string()).unwrap();
    assert_eq!(spec.batchable("/vin").unwrap().example, example);
}

#[test]
fn a_reference_to_nothing_or_to_itself_is_named() {
    let mut document = document();
    document["components"]["schemas"]["Vin"] = json!({"$ref": "#/components/schemas/Vin"});
    assert!(fault(&document).ends_with("leads back to itself"));
    document["components"]["schemas"]["Vin"] = json!({"$ref": "#/components/schemas/Gone"});
    assert!(fault(&document).ends_with("nothing at `#/components/schemas/Gone`"));
}
