//! Each example fits its schema.
//!
//! Invariant: judged by a JSON Schema validator, not by our own types.

use serde_json::{Value, json};

use super::{Lint, step};
use crate::api::json_content;
use crate::finding::Rule;
use crate::source::Node;

pub(super) fn check(lint: &mut Lint<'_>) {
    let root = lint.root();
    let mut components = root
        .get("components")
        .map(Node::to_value)
        .unwrap_or_default();
    widen(&mut components);
    let mut places = Vec::new();
    for op in crate::api::operations(root) {
        let pointer = step(&step("/paths", op.url), op.method);
        if let Some(content) = op.node.get("requestBody").and_then(json_content) {
            places.push((format!("{pointer}/requestBody/content/application~1json"), content));
        }
        if let Some(content) = op.success(root).and_then(json_content) {
            places.push((format!("{pointer}/responses/200/content/application~1json"), content));
        }
    }
    for (pointer, content) in places {
        if let (Some(schema), Some(example)) = (content.get("schema"), content.get("example")) {
            validate(lint, &components, &format!("{pointer}/example"), schema, example);
        }
    }
}

fn validate(lint: &mut Lint<'_>, components: &Value, pointer: &str, schema: &Node, example: &Node) {
    let mut schema = schema.to_value();
    widen(&mut schema);
    let document = json!({
        "$schema": "http://json-schema.org/draft-04/schema#",
        "components": components,
        "allOf": [schema],
    });
    let validator = match jsonschema::validator_for(&document) {
        Ok(validator) => validator,
        Err(error) => {
            let message = format!("the schema of this example cannot be used: {error}");
            let help = "compare it with the JSON Schema subset of OpenAPI 3.0.3";
            lint.at_node(Rule::Shape, pointer, example, message, help);
            return;
        }
    };
    for error in validator.iter_errors(&example.to_value()) {
        let inner = error.instance_path().to_string();
        let pointer = format!("{pointer}{inner}");
        let node = lint.source.at(&pointer).unwrap_or(example);
        lint.at_node(
            Rule::ExampleMismatch,
            &pointer,
            node,
            format!("the example does not fit its schema: {error}"),
            "mend the example, or the schema if the API does answer this",
        );
    }
}

/// `nullable` is OpenAPI's own: spell it as JSON Schema does.
pub(crate) fn widen(value: &mut Value) {
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
