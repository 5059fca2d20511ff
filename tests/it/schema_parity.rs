//! Compares the JSON Schema of each Rust type with its component in the spec, to
//! find a generator that is stable but wrong.
//!
//! Both sides are reduced to the same few facts. If the Rust type differs on
//! purpose, a deviation gives the reason. A deviation that no longer occurs fails,
//! and so does an unexplained difference.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value};
use smartcar_batch::model::{json_schemas, v3};
use xtask::plan::{SPEC, SPEC_V3};
use xtask::source::Source;

/// The compared facts of a schema; a reference is represented by the name of its
/// target.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Facts {
    kind: String,
    format: String,
    items: Option<Box<Facts>>,
    nullable: bool,
    range: bool,
    values: BTreeSet<String>,
    required: BTreeSet<String>,
    members: BTreeMap<String, Facts>,
}

/// An intended difference.
struct Deviation {
    name: &'static str,
    reason: &'static str,
    /// Changes the spec's facts to those of the Rust type. Returns whether anything
    /// changed.
    apply: fn(&mut Facts) -> bool,
}

const DEVIATIONS: [Deviation; 4] = [
    Deviation {
        name: "open enums",
        reason: "an unlisted value is kept, so the set is not a limit",
        apply: |facts| !std::mem::take(&mut facts.values).is_empty(),
    },
    Deviation {
        name: "ranges",
        reason: "a value outside the documented range must not lose the item",
        apply: |facts| every(facts, &mut |facts| std::mem::take(&mut facts.range)),
    },
    Deviation {
        name: "null for an absent member",
        reason: "a member that may be missing is an Option, which also reads null",
        apply: |facts| {
            let required = facts.required.clone();
            let mut changed = false;
            for (name, member) in &mut facts.members {
                if !required.contains(name) && !member.nullable {
                    member.nullable = true;
                    changed = true;
                }
            }
            changed
        },
    },
    Deviation {
        name: "absent for a nullable member",
        reason: "a required member that may be null is read as null if it is missing",
        apply: |facts| {
            let nullable: Vec<_> = facts
                .members
                .iter()
                .filter(|(_, member)| member.nullable)
                .map(|(name, _)| name.clone())
                .collect();
            nullable
                .iter()
                .filter(|name| facts.required.remove(*name))
                .count()
                > 0
        },
    },
];

/// Applies a change to a schema, its members and its items.
fn every(facts: &mut Facts, change: &mut impl FnMut(&mut Facts) -> bool) -> bool {
    let mut changed = change(facts);
    for member in facts.members.values_mut() {
        changed |= every(member, change);
    }
    if let Some(items) = &mut facts.items {
        changed |= every(items, change);
    }
    changed
}

fn texts(value: &Value) -> BTreeSet<String> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The facts of a component in OpenAPI 3.0. Whether a reference is nullable depends
/// on its target.
fn of_spec(schema: &Value, components: &Map<String, Value>) -> Facts {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return Facts {
            kind: name.to_owned(),
            nullable: components[name]["nullable"] == true,
            ..Facts::default()
        };
    }
    let members = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    Facts {
        kind: schema["type"].as_str().unwrap_or("any").to_owned(),
        format: schema["format"].as_str().unwrap_or_default().to_owned(),
        items: schema
            .get("items")
            .map(|items| Box::new(of_spec(items, components))),
        nullable: schema["nullable"] == true,
        range: schema.get("minimum").is_some() || schema.get("maximum").is_some(),
        values: texts(&schema["enum"]),
        required: texts(&schema["required"]),
        members: members
            .iter()
            .map(|(name, member)| (name.clone(), of_spec(member, components)))
            .collect(),
    }
}

/// The facts of a Rust type in schemars' output (JSON Schema 2020-12).
fn of_rust(schema: &Value) -> Facts {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        if name == "DateTime" {
            // A hand-written type that is stored as text.
            return Facts {
                kind: "string".to_owned(),
                format: "date-time".to_owned(),
                ..Facts::default()
            };
        }
        return Facts {
            kind: name.to_owned(),
            ..Facts::default()
        };
    }
    // `Option` of a reference.
    if let Some(choices) = schema["anyOf"].as_array() {
        let null = choices.iter().any(|choice| choice["type"] == "null");
        let choice = choices
            .iter()
            .find(|choice| choice["type"] != "null")
            .unwrap();
        return Facts {
            nullable: null,
            ..of_rust(choice)
        };
    }
    let kinds: Vec<_> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        Value::String(kind) => vec![kind.as_str()],
        _ => vec!["any"],
    };
    let members = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    Facts {
        kind: kinds
            .iter()
            .find(|kind| **kind != "null")
            .unwrap()
            .to_string(),
        format: schema["format"].as_str().unwrap_or_default().to_owned(),
        items: schema.get("items").map(|items| Box::new(of_rust(items))),
        nullable: kinds.contains(&"null"),
        range: schema.get("minimum").is_some() || schema.get("maximum").is_some(),
        values: texts(&schema["enum"]),
        required: texts(&schema["required"]),
        members: members
            .iter()
            .map(|(name, member)| (name.clone(), of_rust(member)))
            .collect(),
    }
}

#[test]
fn each_type_is_its_component_but_for_the_deviations() {
    let mut used = BTreeSet::new();
    // The bodies of the 50 endpoints and their parts.
    let compared = compare(
        SPEC,
        json_schemas()
            .into_iter()
            .map(|(name, schema)| (name, schema.to_value())),
        &mut used,
    );
    assert!(compared > 90, "only {compared} types");
    // The bodies of the 96 signals and their parts.
    let compared = compare(
        SPEC_V3,
        v3::json_schemas()
            .into_iter()
            .map(|(name, schema)| (name, schema.to_value())),
        &mut used,
    );
    assert!(compared > 120, "only {compared} types");
    for Deviation { name, reason, .. } in &DEVIATIONS {
        assert!(
            used.contains(name),
            "`{name}` ({reason}) no longer applies: remove it"
        );
    }
}

fn read(spec: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::fs::read_to_string(root.join(spec)).unwrap()
}

/// Checks the types against their components, and returns how many there are and
/// which deviations were needed.
fn compare(
    spec: &str,
    schemas: impl Iterator<Item = (&'static str, Value)>,
    used: &mut BTreeSet<&'static str>,
) -> usize {
    let document = Source::parse(spec, &read(spec)).unwrap().root.to_value();
    let components = document["components"]["schemas"].as_object().unwrap();
    let mut compared = 0;
    for (name, schema) in schemas {
        let mut expected = of_spec(&components[name], components);
        // A nullable component becomes an `Option` where it is used.
        expected.nullable = false;
        for deviation in &DEVIATIONS {
            if (deviation.apply)(&mut expected) {
                used.insert(deviation.name);
            }
        }
        let actual = of_rust(&schema);
        assert_eq!(actual, expected, "{name} differs from its component");
        compared += 1;
    }
    compared
}

#[test]
fn every_example_is_read_and_written_again_unchanged() {
    let (_, api) = xtask::plan::read(SPEC, &read(SPEC)).unwrap();
    assert_eq!(api.endpoints.len(), smartcar_batch::ENDPOINTS.len());
    for endpoint in &api.endpoints {
        let info = smartcar_batch::EndpointInfo::of(&endpoint.path).unwrap();
        let raw = serde_json::value::to_raw_value(&endpoint.example).unwrap();
        let again: Value = serde_json::from_str(info.normalize(&raw).unwrap().get()).unwrap();
        assert_eq!(
            without_nulls(&again),
            without_nulls(&endpoint.example),
            "{}",
            endpoint.path
        );
    }
    let (_, api) = xtask::plan::read(SPEC_V3, &read(SPEC_V3)).unwrap();
    assert_eq!(api.signals().count(), v3::SIGNALS.len());
    for (name, signal) in api.signals() {
        let info = v3::SignalInfo::of(&signal.code).unwrap();
        // The group's module and the name together spell the code.
        let letters = info.type_name.to_lowercase().replace(['_', ':'], "");
        assert_eq!(letters, format!("v3signal{}", signal.code.replace('-', "")));
        let raw = serde_json::value::to_raw_value(&signal.example).unwrap();
        let again: Value = serde_json::from_str(info.normalize(&raw).unwrap().get()).unwrap();
        let expected = without_nulls(&signal.example);
        assert_eq!(without_nulls(&again), expected, "{name}");
    }
}

/// Removes members that are null.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), without_nulls(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().map(without_nulls).collect(),
        // Treat 1 and 1.0 as the same number.
        Value::Number(number) => number.as_f64().into(),
        other => other.clone(),
    }
}
