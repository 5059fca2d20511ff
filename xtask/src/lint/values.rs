//! Checks the type of each value: a simple type, a named enum or object, or a list of them.
//!
//! Invariant: no inline schema that would need a named Rust type.

use std::collections::BTreeMap;

use super::ground::{Lint, did_you_mean, step};
use super::signals;
use crate::api::variants;
use crate::finding::Rule;
use crate::source::Node;

const TYPES: [&str; 6] = ["object", "array", "string", "number", "integer", "boolean"];

/// Checks that an inline schema is not an object or an enum.
pub(super) fn inline(lint: &mut Lint<'_>, pointer: &str, name: &str, node: &Node) {
    if node.get("$ref").is_some() {
        return;
    }
    if node.get("enum").is_some() {
        lint.at_key(Rule::InlineEnum, pointer)
            .says(format!("`{name}` lists its values inline"))
            .help(
                "move it to `components/schemas` and refer to it; its name becomes the Rust enum's",
            );
    }
    if node.get("properties").is_some() {
        lint.at_key(Rule::InlineObject, pointer)
            .says(format!("`{name}` is an inline object"))
            .help(
                "move it to `components/schemas` and refer to it; its name becomes the Rust type's",
            );
    }
}

/// Checks the type and its format, and rejects composition keywords.
pub(super) fn kind(lint: &mut Lint<'_>, pointer: &str, name: &str, node: &Node) {
    for (key, composed) in node.entries() {
        if key.text == "anyOf" && signals::only(lint, composed) {
            continue;
        }
        if ["allOf", "oneOf", "anyOf", "not", "discriminator"].contains(&key.text.as_str()) {
            lint.at_key(Rule::Unsupported, &step(pointer, &key.text))
                .says(format!("`{}` is not supported", key.text))
                .help("the path decides the type of a body: list the members, and put irregular forms in `x-smartcar-irregular`");
        }
    }
    let Some(kind) = node.text("type") else {
        return;
    };
    if !TYPES.contains(&kind) {
        let help = did_you_mean(
            kind,
            TYPES.into_iter(),
            "write object, array, string, number, integer or boolean; null is `nullable: true`",
        );
        let message = format!("`{kind}` is not a type of OpenAPI 3.0");
        lint.at(Rule::Unsupported, &step(pointer, "type"))
            .says(message)
            .help(help);
    }
    let (wanted, why) = match kind {
        "number" => (
            "double",
            "a float is only accurate to about a metre for coordinates",
        ),
        "integer" => ("int64", "it is large enough for all counts"),
        _ => return,
    };
    let found = node.text("format");
    if found == Some(wanted) {
        return;
    }
    let help = format!("write `format: {wanted}`: {why}");
    if let Some(found) = found {
        let message = format!("`{name}` is {kind} `{found}`, not `{wanted}`");
        lint.at(Rule::NumberFormat, &step(pointer, "format"))
            .says(message)
            .help(help);
    } else {
        let message = format!("`{name}` is {kind} without a format");
        lint.missing(Rule::NumberFormat, pointer, "format")
            .says(message)
            .help(help);
    }
}

/// Checks an enum: all values are strings, described, and have unique Rust names.
pub(super) fn enumeration(lint: &mut Lint<'_>, pointer: &str, name: &str, node: &Node) {
    if node.text("type") != Some("string") {
        lint.missing(Rule::Unsupported, pointer, "type")
            .says(format!("`{name}` is an enum but not of type string"))
            .help("write `type: string`, or describe the values in words");
        return;
    }
    let list = step(pointer, "enum");
    if lint.is_faulty(&list) {
        return;
    }
    let mut values: Vec<(usize, &str)> = Vec::new();
    for (index, value) in node.list("enum").iter().enumerate() {
        if let Some(text) = value.as_str() {
            values.push((index, text));
        } else if !(node.is_true("nullable") && value.to_value().is_null()) {
            lint.at(Rule::Unsupported, &format!("{list}/{index}"))
                .says("the value is not a string")
                .help("put it in quotes; null is only allowed if the enum is `nullable: true`");
        }
    }
    if values.is_empty() {
        let message = format!("the enum `{name}` has no values");
        lint.at(Rule::Shape, &list)
            .says(message)
            .help("list the known values, or remove `enum`");
        return;
    }
    let texts = node.get("x-enum-descriptions");
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for ((index, value), variant) in values.iter().zip(variants(values.iter().map(|(_, v)| *v))) {
        let at = format!("{list}/{index}");
        let message = format!("the value `{value}` has no unique Rust name");
        let help = "remove it; unlisted values are kept unchanged";
        if let Some(first) = taken.get(&variant) {
            lint.clash(Rule::NameCollision, &at, first)
                .says(message)
                .help(help);
        } else if syn::parse_str::<syn::Ident>(&variant).is_err() || variant == "Unrecognized" {
            lint.at(Rule::NameCollision, &at).says(message).help(help);
        }
        taken.insert(variant, at.clone());
        let described = texts
            .and_then(|texts| texts.text(value))
            .is_some_and(|text| !text.trim().is_empty());
        if !described && !lint.is_spoilt(&step(pointer, "x-enum-descriptions")) {
            lint.at(Rule::Documentation, &at)
                .says(format!("the value `{value}` of `{name}` is not described"))
                .help("add a description to `x-enum-descriptions`; it becomes the docs of the variant");
        }
    }
    for (key, _) in texts.map_or(&[][..], Node::entries) {
        if !values.iter().any(|(_, value)| *value == key.text) {
            lint.at_key(
                Rule::UnknownMember,
                &step(&step(pointer, "x-enum-descriptions"), &key.text),
            )
            .says(format!("`{}` is not a value of `{name}`", key.text))
            .help("remove it, or add the value to `enum`");
        }
    }
}
