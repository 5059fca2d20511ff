use serde_json::json;
use smartcar_model::UnitSystem;

use super::*;
use crate::template::Template;

fn to_imperial(document: &Value, schema: &Value, body: &Value) -> Value {
    Template::read(document, schema, body, &UnitSystem::Metric).unwrap();
    let template = Template::read(document, schema, body, &UnitSystem::Imperial).unwrap();
    serde_json::from_str(&template.fill(|_| None)).unwrap()
}

fn imperial(unit: &Value, body: &Value) -> Value {
    let schema = json!({"type": "number", "x-unit": unit});
    to_imperial(&json!({}), &schema, body)
}

#[test]
fn each_pair_is_converted_by_its_own_factor() {
    // Values from the definitions of the units, not from the table above.
    for (metric, imperial_unit, from, to) in [
        ("km", "mi", 100.0, 62.14),
        ("km/h", "mph", 160.934_4, 100.0),
        ("L", "gal", 37.854, 10.0),
        ("kPa", "psi", 230.0, 33.36),
        ("degC", "degF", -40.0, -40.0),
        ("degC", "degF", 100.0, 212.0),
    ] {
        let unit = json!({"metric": metric, "imperial": imperial_unit});
        assert_eq!(imperial(&unit, &json!(from)), json!(to), "{metric}");
    }
}

#[test]
fn fixed_units_and_nulls_stay() {
    assert_eq!(imperial(&json!("kWh"), &json!(77.0)), json!(77.0));
    let pair = json!({"metric": "km", "imperial": "mi"});
    assert_eq!(imperial(&pair, &Value::Null), Value::Null);
}

#[test]
fn integers_stay_integers() {
    let schema = json!({"type": "integer", "x-unit": {"metric": "km", "imperial": "mi"}});
    let body = to_imperial(&json!({}), &schema, &json!(100));
    assert_eq!(body, json!(62));
}

#[test]
fn references_lists_and_maps_are_followed() {
    let document = json!({"components": {"schemas": {
        "Tire": {"type": "object", "properties": {
            "pressure": {"type": "number", "x-unit": {"metric": "kPa", "imperial": "psi"}},
            "next": {"$ref": "#/components/schemas/Tire"},
        }},
    }}});
    let schema = json!({"type": "object", "properties": {
        "tires": {"type": "array", "items": {"$ref": "#/components/schemas/Tire"}},
        "byName": {"type": "object",
                   "additionalProperties": {"$ref": "#/components/schemas/Tire"}},
    }});
    let body = json!({
        "tires": [{"pressure": 100.0, "next": {"pressure": 200.0}}],
        "byName": {"spare": {"pressure": 100.0}},
        "unknown": 100.0,
    });
    let body = to_imperial(&document, &schema, &body);
    let expected = json!({
        "tires": [{"pressure": 14.5, "next": {"pressure": 29.01}}],
        "byName": {"spare": {"pressure": 14.5}},
        "unknown": 100.0,
    });
    assert_eq!(body, expected);
}

#[test]
fn an_unknown_pair_is_named() {
    for unit in [
        json!({"metric": "bar", "imperial": "psi"}),
        json!({"metric": "km"}),
    ] {
        let schema = json!({"type": "array", "items": {"properties": {"p": {"x-unit": unit}}}});
        let read = Template::read(&json!({}), &schema, &json!([]), &UnitSystem::Metric);
        let error = read.unwrap_err().to_string();
        assert!(error.contains(&unit.to_string()), "{error}");
    }
}
