//! The JSON Schema of each Rust type against its component in the spec: a
//! generator that is stable but wrong shows here.
//!
//! Both sides are reduced to the same few facts. Where the Rust type is meant
//! to differ, a deviation says so with its reason; a deviation that no longer
//! occurs fails, and so does a difference that none explains.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value};
use smartcar_batch::model::{json_schemas, v3};
use xtask::plan::{SPEC, SPEC_V3};
use xtask::source::Source;

/// What is compared of a schema; a reference stays the name of its target.
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

/// A difference that is wanted.
struct Deviation {
    name: &'static str,
    reason: &'static str,
    /// Makes the spec's facts as the Rust type has them; whether it changed any.
    apply: fn(&mut Facts) -> bool,
}

const DEVIATIONS: [Deviation; 4] = [
    Deviation {
        name: "open enums",
        reason: "a value that is not listed is kept, so the set is no limit",
        apply: |facts| !std::mem::take(&mut facts.values).is_empty(),
    },
    Deviation {
        name: "ranges",
        reason: "a value out of the documented range is the API's to explain, not a reason to lose the item",
        apply: |facts| every(facts, &mut |facts| std::mem::take(&mut facts.range)),
    },
    Deviation {
        name: "null for an absent member",
        reason: "a member that may be missing is an Option, which reads null too",
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
        reason: "a member that is always there but may be null is read as null where it is missing",
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

/// Applies to a schema, its members and its items.
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

/// The facts of a component, as OpenAPI 3.0 writes them. Whether a reference is
/// nullable is its target's to say.
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

/// The facts of a Rust type, as schemars writes them (JSON Schema 2020-12).
fn of_rust(schema: &Value) -> Facts {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        if name == "DateTime" {
            // A hand-written type over text.
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
    // The 50 endpoints' bodies and what they are made of.
    let compared = compare(
        SPEC,
        json_schemas()
            .into_iter()
            .map(|(name, schema)| (name, schema.to_value())),
        &mut used,
    );
    assert!(compared > 90, "only {compared} types");
    // The 96 signals' bodies and what they are made of.
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

/// How many types are as their components; which deviations that took.
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
        // A component that may be null is an `Option` where it is used.
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
        // The group's module and the name are the code's letters.
        let letters = info.type_name.to_lowercase().replace(['_', ':'], "");
        assert_eq!(letters, format!("v3signal{}", signal.code.replace('-', "")));
        let raw = serde_json::value::to_raw_value(&signal.example).unwrap();
        let again: Value = serde_json::from_str(info.normalize(&raw).unwrap().get()).unwrap();
        let expected = without_nulls(&signal.example);
        assert_eq!(without_nulls(&again), expected, "{name}");
    }
}

/// A member that may be missing is left out where it was null.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), without_nulls(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().map(without_nulls).collect(),
        // 1 and 1.0 are the same number.
        Value::Number(number) => number.as_f64().into(),
        other => other.clone(),
    }
}
