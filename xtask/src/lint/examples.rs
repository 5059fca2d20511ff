//! Checks that each example matches its schema.
//!
//! Invariant: a JSON Schema validator decides, not our own types, and only if the
//! schema itself is valid.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::ground::{Lint, step};
use crate::finding::{Finding, Rule};
use crate::json_schema::widen;
use crate::source::Node;

/// Maximum message length, because a value can be a whole body.
const LONGEST: usize = 100;

pub(super) fn check(lint: &mut Lint<'_>) {
    let mut places = Vec::new();
    find(lint.root(), "", &mut places);
    for pointer in places {
        let beside = lint.source.at(&step(&pointer, "schema"));
        let schema = if beside.is_some() {
            step(&pointer, "schema")
        } else {
            pointer.clone()
        };
        validate(lint, &schema, &step(&pointer, "example"));
    }
}

/// Finds every object with an `example`: a schema, or an object that has a `schema`.
fn find(node: &Node, pointer: &str, places: &mut Vec<String>) {
    let named = ["/properties", "/schemas", "/headers"]
        .iter()
        .any(|map| pointer.ends_with(map));
    for (key, child) in node.entries() {
        if key.text == "example" && !named {
            let kind = ["schema", "type", "$ref"]
                .iter()
                .any(|key| node.get(key).is_some());
            if kind {
                places.push(pointer.to_owned());
            }
        } else {
            find(child, &step(pointer, &key.text), places);
        }
    }
    for (index, child) in node.elements().iter().enumerate() {
        find(child, &format!("{pointer}/{index}"), places);
    }
}

fn validate(lint: &mut Lint<'_>, schema_at: &str, example_at: &str) {
    let Some(schema) = lint.source.at(schema_at) else {
        return;
    };
    let Some(example) = lint.source.at(example_at) else {
        return;
    };
    let mut components = Map::new();
    // A schema of another endpoint cannot validate this example.
    let reference = step(schema_at, "$ref");
    let borrowed =
        |finding: &Finding| finding.rule == Rule::SharedBody && finding.pointer == reference;
    if lint.findings.iter().any(borrowed)
        || lint.is_spoilt(schema_at)
        || lint.is_spoilt(example_at)
        || !collect(lint, schema, &mut components)
    {
        return;
    }
    let mut schema = schema.to_value();
    widen(&mut schema);
    let document = json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "components": { "schemas": components },
        "allOf": [schema],
    });
    let built = jsonschema::options()
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .build(&document);
    let validator = match built {
        Ok(validator) => validator,
        Err(error) => {
            // Components have the same pointers in this document as in the spec.
            let inner = error.instance_path().to_string();
            let named = inner.starts_with("/components/") && lint.source.at(&inner).is_some();
            let at = if named { inner } else { lint.follow(schema_at) };
            let reason = bounded(&error.masked_with("this").to_string());
            lint.at(Rule::Shape, &at)
                .says(format!("not a valid JSON Schema: {reason}"))
                .help("compare it with the JSON Schema subset of OpenAPI 3.0.3");
            return;
        }
    };
    let mut told = BTreeSet::new();
    for error in validator.iter_errors(&example.to_value()) {
        let at = format!("{example_at}{}", error.instance_path());
        let at = if lint.source.at(&at).is_some() {
            &at
        } else {
            example_at
        };
        // The drawing shows the value, so the message does not repeat it.
        let message = bounded(&error.masked_with("this").to_string());
        if told.insert((at.to_owned(), message.clone())) {
            lint.at(Rule::ExampleMismatch, at)
                .says(message)
                .help("fix the example, or the schema if the API really returns this");
        }
    }
}

/// Collects the components that a schema reaches. False if one of them is faulty: it
/// cannot validate an example.
fn collect(lint: &Lint<'_>, node: &Node, components: &mut Map<String, Value>) -> bool {
    if let Some(name) = crate::api::component(node) {
        if components.contains_key(&name) {
            return true;
        }
        let pointer = step("/components/schemas", &name);
        let Some(target) = lint.source.at(&pointer) else {
            return false;
        };
        let mut value = target.to_value();
        widen(&mut value);
        components.insert(name, value);
        return !lint.is_spoilt(&pointer) && collect(lint, target, components);
    }
    let entries = node.entries().iter();
    entries
        .filter(|(key, _)| key.text != "example" && key.text != "default")
        .all(|(_, child)| collect(lint, child, components))
        && node
            .elements()
            .iter()
            .all(|child| collect(lint, child, components))
}

fn bounded(message: &str) -> String {
    if message.chars().count() <= LONGEST {
        return message.to_owned();
    }
    message.chars().take(LONGEST).chain("…".chars()).collect()
}
