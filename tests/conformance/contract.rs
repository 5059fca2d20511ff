//! The API contract, read only from `spec/`.
//!
//! Invariant: it depends neither on the client's types nor on the simulator's code;
//! a JSON Schema validator checks the bodies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};
use xtask::plan::SPEC;
use xtask::source::Source;

/// The maximum error of a converted number: half of the second decimal, plus noise.
const ROUNDING: f64 = 0.0051;

/// An error by type and code.
pub(crate) type ErrorName = (String, Option<String>);

/// The spec, as far as responses can be checked against it.
#[derive(Debug)]
pub(crate) struct Contract {
    document: Value,
    pub(crate) endpoints: BTreeMap<String, Endpoint>,
    pub(crate) batch: Validator,
    pub(crate) error: Validator,
    /// Status and resolution of each documented error.
    pub(crate) errors: BTreeMap<ErrorName, (u64, Option<String>)>,
}

/// One path of a batch.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) permission: Option<String>,
    /// Empty if every make supports it.
    pub(crate) makes: Vec<String>,
    /// Empty if every powertrain supports it.
    pub(crate) powertrains: Vec<String>,
    /// The error if the vehicle is not in the required state.
    pub(crate) needs: Option<ErrorName>,
    /// Without the request id, which belongs to the outer response.
    pub(crate) headers: BTreeSet<String>,
    pub(crate) body: Validator,
    schema: Value,
}

impl Contract {
    /// Reads the spec of this workspace.
    pub(crate) fn read() -> Self {
        let document = document(SPEC);
        let schemas = schemas(&document);
        let validator = |schema: &Value| validator(&schemas, schema);
        let mut endpoints = BTreeMap::new();
        for (url, item) in document["paths"].as_object().unwrap() {
            let Some(path) = url.strip_prefix("/vehicles/{id}") else {
                continue;
            };
            let get = &item["get"];
            if !get.is_object() || get["x-smartcar-batchable"] == false {
                continue;
            }
            let path = if path.is_empty() { "/" } else { path };
            let answer = &get["responses"]["200"];
            let schema = answer["content"]["application/json"]["schema"].clone();
            let names = answer["headers"].as_object().into_iter().flatten();
            let names = names.map(|(name, _)| name.to_lowercase());
            let permission = get["x-smartcar-permission"].as_str().unwrap();
            let needs = &get["x-smartcar-needs"];
            let endpoint = Endpoint {
                permission: (permission != "none").then(|| permission.to_owned()),
                makes: texts(&get["x-smartcar-makes"]),
                powertrains: texts(&get["x-smartcar-powertrains"]),
                needs: needs.is_object().then(|| name_of(needs)),
                headers: names.filter(|name| name != "sc-request-id").collect(),
                body: validator(&schema),
                schema,
            };
            endpoints.insert(path.to_owned(), endpoint);
        }
        let catalogue = document["components"]["schemas"]["Error"]["x-smartcar-errors"]
            .as_array()
            .unwrap();
        let errors = catalogue.iter().map(|entry| {
            let resolution = entry["resolution"].as_str().map(str::to_owned);
            (
                name_of(entry),
                (entry["status"].as_u64().unwrap(), resolution),
            )
        });
        Self {
            errors: errors.collect(),
            batch: validator(&component("BatchResponse")),
            error: validator(&component("Error")),
            endpoints,
            document,
        }
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.endpoints.keys().cloned().collect()
    }

    /// The places where an imperial body is not the converted metric body.
    pub(crate) fn misconverted(
        &self,
        path: &str,
        metric: &Value,
        imperial: &Value,
    ) -> Option<String> {
        self.differ(&self.endpoints[path].schema, metric, imperial, "")
    }

    fn differ(&self, schema: &Value, metric: &Value, imperial: &Value, at: &str) -> Option<String> {
        let schema = self.resolved(schema);
        let off = || Some(if at.is_empty() { "/" } else { at }.to_owned());
        match (metric, imperial) {
            (Value::Object(one), Value::Object(other)) => {
                if !one.keys().eq(other.keys()) {
                    return off();
                }
                one.iter().find_map(|(name, value)| {
                    let below = &schema["properties"][name];
                    self.differ(below, value, &other[name], &format!("{at}/{name}"))
                })
            }
            (Value::Array(one), Value::Array(other)) => {
                if one.len() != other.len() {
                    return off();
                }
                let mut pairs = one.iter().zip(other).enumerate();
                pairs.find_map(|(index, (value, other))| {
                    self.differ(&schema["items"], value, other, &format!("{at}/{index}"))
                })
            }
            (Value::Number(one), Value::Number(other)) => {
                let expected = convert(&schema["x-unit"], one.as_f64()?);
                let is_near = (other.as_f64()? - expected).abs() <= ROUNDING;
                if is_near { None } else { off() }
            }
            (one, other) => {
                if one == other {
                    None
                } else {
                    off()
                }
            }
        }
    }

    fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let mut schema = schema;
        while let Some(reference) = schema["$ref"].as_str() {
            schema = self
                .document
                .pointer(reference.trim_start_matches('#'))
                .unwrap();
        }
        schema
    }
}

/// Uses the definitions of the units; a number with a fixed unit or none stays as
/// it is.
fn convert(unit: &Value, metric: f64) -> f64 {
    match (unit["metric"].as_str(), unit["imperial"].as_str()) {
        (Some("km"), Some("mi")) | (Some("km/h"), Some("mph")) => metric / 1.609_344,
        (Some("L"), Some("gal")) => metric / 3.785_411_784,
        (Some("kPa"), Some("psi")) => metric / 6.894_757_293,
        (Some("degC"), Some("degF")) => metric * 9.0 / 5.0 + 32.0,
        (None, None) => metric,
        pair => panic!("the unit pair {pair:?} has no definition here"),
    }
}

fn name_of(entry: &Value) -> ErrorName {
    let code = entry["code"].as_str().map(str::to_owned);
    (entry["type"].as_str().unwrap().to_owned(), code)
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Reads a spec of this workspace.
pub(crate) fn document(spec: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(spec);
    let text = std::fs::read_to_string(file).unwrap();
    Source::parse(spec, &text).unwrap().root.to_value()
}

/// A reference to a component, as a schema.
pub(crate) fn component(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The components of a spec, in the form that a validator needs.
pub(crate) fn schemas(document: &Value) -> Value {
    widened(&document["components"]["schemas"])
}

/// A validator for a schema that refers to these components.
pub(crate) fn validator(schemas: &Value, schema: &Value) -> Validator {
    let whole = json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "components": {"schemas": schemas},
        "allOf": [widened(schema)],
    });
    let options = jsonschema::options()
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true);
    options.build(&whole).unwrap()
}

/// Rewrites OpenAPI's `nullable` in JSON Schema's form.
fn widened(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let mut map: serde_json::Map<String, Value> = map
                .iter()
                .map(|(name, value)| (name.clone(), widened(value)))
                .collect();
            if map.remove("nullable") == Some(json!(true))
                && let Some(Value::String(kind)) = map.get("type").cloned()
            {
                map.insert("type".to_owned(), json!([kind, "null"]));
            }
            Value::Object(map)
        }
        Value::Array(list) => list.iter().map(widened).collect(),
        other => other.clone(),
    }
}
