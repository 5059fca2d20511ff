//! Each schema: nothing inline, nothing that cannot be typed, units, docs.
//!
//! Invariant: a component has one of four kinds: object, enum, list, or a
//! scalar that only other tools look at.

use std::collections::BTreeMap;

use super::{Lint, step};
use crate::api::{component, pascal};
use crate::emit::enums::variants;
use crate::finding::Rule;
use crate::source::{Key, Node};

/// The vocabulary of `x-smartcar-irregular`.
const FORMS: [&str; 5] = ["text", "number", "invalid", "single", "date"];

/// Units that a fixed or a system's unit may be.
const UNITS: [&str; 19] = [
    "km", "mi", "L", "gal", "kPa", "psi", "km/h", "mph", "degC", "degF", "kWh", "kW", "V", "A",
    "deg", "mm", "fraction", "count", "min",
];

pub(super) fn check(lint: &mut Lint<'_>) {
    let Some(schemas) = lint
        .root()
        .get("components")
        .and_then(|components| components.get("schemas"))
    else {
        return;
    };
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for (key, node) in schemas.entries() {
        let pointer = step("/components/schemas", &key.text);
        name(lint, &pointer, key, &mut names);
        described(lint, &pointer, key, node);
        irregular(lint, &pointer, node);
        unsupported(lint, &pointer, node);
        if node.get("enum").is_some() {
            values(lint, &pointer, key, node);
        }
        if let Some(items) = node.get("items") {
            value(lint, &step(&pointer, "items"), key, items);
        }
        for (name, property) in node.get("properties").map_or(&[][..], Node::entries) {
            let pointer = step(&step(&pointer, "properties"), &name.text);
            described(lint, &pointer, name, property);
            irregular(lint, &pointer, property);
            unit(lint, &pointer, name, property);
            value(lint, &pointer, name, property);
        }
        for required in node.texts("required") {
            if node.get("properties").and_then(|p| p.get(&required)).is_none() {
                lint.at_key(
                    Rule::Shape,
                    &pointer,
                    key,
                    format!("`{required}` is required but not a property"),
                    "describe it under `properties`, or take it from `required`",
                );
            }
        }
    }
}

fn name<'a>(
    lint: &mut Lint<'_>,
    pointer: &str,
    key: &'a Key,
    seen: &mut BTreeMap<String, &'a str>,
) {
    let text = key.text.as_str();
    let pascal = pascal(text) == text && text.chars().all(|c| c.is_ascii_alphanumeric());
    let reserved = ["Reading", "Meta", "ItemError", "ApiError", "Endpoint", "Batch", "DateTime"];
    if !pascal || reserved.contains(&text) || syn::parse_str::<syn::Ident>(text).is_err() {
        lint.at_key(
            Rule::NameCollision,
            pointer,
            key,
            format!("`{text}` cannot name a generated type"),
            "use Pascal case, and no name that `smartcar-model` has by hand",
        );
    }
    if let Some(first) = seen.insert(text.to_lowercase(), text) {
        lint.at_key(
            Rule::NameCollision,
            pointer,
            key,
            format!("`{text}` and `{first}` differ only in case"),
            "rename one of them",
        );
    }
}

fn described(lint: &mut Lint<'_>, pointer: &str, key: &Key, node: &Node) {
    // A reference's siblings are ignored in 3.0: its component has the text.
    if node.get("$ref").is_none()
        && node.text("description").is_none_or(|text| text.trim().is_empty())
    {
        lint.at_key(
            Rule::Documentation,
            pointer,
            key,
            format!("`{}` has no description", key.text),
            "say what it is and when it is absent; it becomes the docs of the type or field",
        );
    }
}

fn irregular(lint: &mut Lint<'_>, pointer: &str, node: &Node) {
    let Some(list) = node.get("x-smartcar-irregular") else {
        return;
    };
    for element in list.elements() {
        let form = element.as_str().unwrap_or_default();
        let known = FORMS.contains(&form)
            || ["wrapped:", "spelling:"]
                .iter()
                .any(|prefix| form.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty()));
        if !known {
            lint.at_node(
                Rule::Irregular,
                &step(pointer, "x-smartcar-irregular"),
                element,
                format!("`{form}` is no irregular form that the reader knows"),
                "use text, number, invalid, single, date, wrapped:<key> or spelling:<name>",
            );
        }
    }
}

fn unit(lint: &mut Lint<'_>, pointer: &str, key: &Key, node: &Node) {
    let Some(unit) = node.get("x-unit") else {
        return;
    };
    let known = |unit: Option<&str>| unit.is_some_and(|unit| UNITS.contains(&unit));
    let good = known(unit.as_str())
        || (known(unit.text("metric")) && known(unit.text("imperial")) && unit.entries().len() == 2);
    if !good || node.text("type") != Some("number") && node.text("type") != Some("integer") {
        lint.at_key(
            Rule::Unit,
            &step(pointer, "x-unit"),
            key,
            format!("the unit of `{}` is not understood", key.text),
            &format!(
                "on a number, write one of {}, or `{{metric: …, imperial: …}}`",
                UNITS.join(", ")
            ),
        );
    }
}

/// A property or a list's element: never an inline object or enum.
fn value(lint: &mut Lint<'_>, pointer: &str, key: &Key, node: &Node) {
    unsupported(lint, pointer, node);
    if node.get("enum").is_some() {
        lint.at_key(
            Rule::InlineEnum,
            pointer,
            key,
            format!("`{}` lists its values inline", key.text),
            "move it to `components/schemas` under a name and refer to it: the name becomes the Rust enum's",
        );
    }
    if node.text("type") == Some("object") && node.get("properties").is_some() {
        lint.at_key(
            Rule::InlineObject,
            pointer,
            key,
            format!("`{}` is an inline object", key.text),
            "move it to `components/schemas` under a name and refer to it: the name becomes the Rust type's",
        );
    }
    let format = node.text("format");
    match node.text("type") {
        Some("number") if format != Some("double") => lint.at_key(
            Rule::NumberFormat,
            pointer,
            key,
            format!("`{}` is a number of format {}", key.text, format.unwrap_or("(none)")),
            "write `format: double`: a float loses up to a metre of a coordinate",
        ),
        Some("integer") if format != Some("int64") => lint.at_key(
            Rule::NumberFormat,
            pointer,
            key,
            format!("`{}` is an integer of format {}", key.text, format.unwrap_or("(none)")),
            "write `format: int64`, which holds whatever the API may count",
        ),
        _ => {}
    }
    if let Some(items) = node.get("items") {
        value(lint, &step(pointer, "items"), key, items);
    }
}

fn unsupported(lint: &mut Lint<'_>, pointer: &str, node: &Node) {
    for (key, _) in node.entries() {
        if ["allOf", "oneOf", "anyOf", "not", "discriminator"].contains(&key.text.as_str()) {
            lint.at_key(
                Rule::Unsupported,
                &step(pointer, &key.text),
                key,
                format!("`{}` is not supported", key.text),
                "a body is typed by its path, never by trial: write the members out, and name irregular forms in x-smartcar-irregular",
            );
        }
    }
    if let Some(kind) = node.text("type")
        && !["object", "array", "string", "number", "integer", "boolean"].contains(&kind)
    {
        lint.at_node(
            Rule::Unsupported,
            &step(pointer, "type"),
            node,
            format!("`{kind}` is no type of OpenAPI 3.0"),
            "use object, array, string, number, integer or boolean; null is `nullable: true`",
        );
    }
}

fn values(lint: &mut Lint<'_>, pointer: &str, key: &Key, node: &Node) {
    if node.text("type") != Some("string") {
        lint.at_key(
            Rule::Unsupported,
            pointer,
            key,
            format!("`{}` is an enum but not of type string", key.text),
            "enums are strings",
        );
        return;
    }
    let values = node.texts("enum");
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for (value, name) in values.iter().zip(variants(values.iter().map(String::as_str))) {
        let taken = names.insert(name.clone(), value);
        if syn::parse_str::<syn::Ident>(&name).is_err() || name == "Unrecognized" || taken.is_some()
        {
            lint.at_key(
                Rule::NameCollision,
                pointer,
                key,
                format!("the value `{value}` of `{}` makes no variant of its own", key.text),
                "two values give the same Rust name, or one gives none: leave the rarer one out, it is kept as unrecognized",
            );
        }
        let described = node
            .get("x-enum-descriptions")
            .and_then(|texts| texts.text(value))
            .is_some_and(|text| !text.trim().is_empty());
        if !described {
            lint.at_key(
                Rule::Documentation,
                &step(pointer, "x-enum-descriptions"),
                key,
                format!("the value `{value}` of `{}` is not described", key.text),
                "add it to `x-enum-descriptions`",
            );
        }
    }
    if component(node).is_none() && values.is_empty() {
        lint.at_key(
            Rule::Shape,
            pointer,
            key,
            format!("`{}` has an empty enum", key.text),
            "list the known values, or remove `enum`",
        );
    }
}
