//! Checks each operation's parameters: path parameters are declared, all are simple
//! values, and a batchable operation needs only its vehicle.
//!
//! Invariant: everything that progenitor expects of parameters is checked here.

use super::ground::{Lint, step};
use crate::api::{RawOperation, component};
use crate::finding::Rule;
use crate::source::Node;

pub(super) fn check<'a>(lint: &mut Lint<'a>, op: &RawOperation<'a>, pointer: &str) {
    let item = step("/paths", op.url);
    let mut declared: Vec<(String, &Node)> = Vec::new();
    for (above, node) in [(&*item, op.item), (pointer, op.node)] {
        let list = node.list("parameters");
        for index in 0..list.len() {
            let at = lint.follow(&format!("{above}/parameters/{index}"));
            match lint.source.at(&at) {
                // A dangling reference is already reported.
                Some(node) if node.get("$ref").is_none() => declared.push((at, node)),
                _ => {}
            }
        }
    }
    in_path(lint, op, pointer, &declared);
    for (index, (at, parameter)) in declared.iter().enumerate() {
        simple(lint, at, parameter);
        let squeezed = squeeze(parameter);
        if declared[..index]
            .iter()
            .any(|(_, other)| squeeze(other) == squeezed)
        {
            let name = parameter.text("name").unwrap_or("(no name)");
            lint.at(Rule::NameCollision, pointer)
                .says(format!("two parameters have the Rust name of `{name}`"))
                .help(
                    "declare it once, and use parameter names that differ in more than case and location",
                );
        }
    }
    if op.batch_path(lint.root()).is_some() {
        batchable(lint, op, pointer, &declared);
    }
}

/// A name without the parts that its Rust spelling changes.
fn squeeze(parameter: &Node) -> String {
    let name = parameter.text("name").unwrap_or_default();
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase()
}

fn in_path<'a>(
    lint: &mut Lint<'a>,
    op: &RawOperation<'a>,
    pointer: &str,
    declared: &[(String, &Node)],
) {
    // The parameter may be in a list that could not be read.
    let spoilt = lint.is_spoilt(&step(pointer, "parameters"))
        || lint.is_spoilt(&step(&step("/paths", op.url), "parameters"))
        || declared.iter().any(|(at, _)| lint.is_spoilt(at));
    for name in op
        .url
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
    {
        let found = declared.iter().any(|(_, p)| {
            p.text("name") == Some(name) && p.text("in") == Some("path") && p.is_true("required")
        });
        if !found && !spoilt {
            let help = if name == "id" {
                "add `- $ref: '#/components/parameters/VehicleId'` to its parameters"
            } else {
                "declare it with `in: path` and `required: true`"
            };
            lint.at(Rule::PathParameter, pointer)
                .says(format!(
                    "the path parameter `{{{name}}}` is not declared as required"
                ))
                .help(help);
        }
    }
    for (at, parameter) in declared {
        let name = parameter.text("name").unwrap_or("(no name)");
        if parameter.text("in") == Some("path") && !op.url.contains(&format!("{{{name}}}")) {
            // A component is only wrong where it is used.
            let at = if at.starts_with("/components/") {
                pointer
            } else {
                at
            };
            lint.at(Rule::PathParameter, at)
                .says(format!(
                    "the path parameter `{name}` is not in `{}`",
                    op.url
                ))
                .help("remove it, or add it to the path");
        }
    }
}

fn simple(lint: &mut Lint<'_>, at: &str, parameter: &Node) {
    let name = parameter.text("name").unwrap_or("(no name)");
    let place = parameter.text("in");
    let known = ["path", "query", "header"];
    if place.is_some_and(|place| !known.contains(&place)) {
        lint.at(Rule::Unsupported, &step(at, "in"))
            .says(format!("`{name}` is not a path, query or header parameter"))
            .help("write `in: path`, `in: query` or `in: header`");
    }
    if parameter.text("name").is_some()
        && !name.starts_with(|letter: char| letter.is_ascii_alphabetic())
    {
        lint.at(Rule::NameCollision, &step(at, "name"))
            .says(format!("`{name}` cannot be the name of a Rust argument"))
            .help("start the name with a letter");
    }
    let Some(schema) = parameter.get("schema") else {
        lint.missing(Rule::MissingType, at, "schema")
            .says(format!("the parameter `{name}` has no schema"))
            .help("add `schema: {type: string}`, or another simple type or enum");
        return;
    };
    let schema_at = step(at, "schema");
    if let Some(name) = component(schema) {
        let target = format!("/components/schemas/{name}");
        let is_enum = lint
            .source
            .at(&target)
            .is_some_and(|node| node.text("type") == Some("string") && node.get("enum").is_some());
        if !is_enum && !lint.is_spoilt(&schema_at) && !lint.is_spoilt(&target) {
            lint.at(Rule::Unsupported, &schema_at)
                .says(format!(
                    "`{name}` is not an enum, so a parameter cannot refer to it"
                ))
                .help("refer to an enum, or write a simple type here");
        }
    } else if !matches!(
        schema.text("type"),
        Some("string" | "integer" | "number" | "boolean")
    ) && !lint.is_spoilt(&schema_at)
    {
        lint.at(Rule::Unsupported, &schema_at)
            .says(format!("the parameter `{name}` is not a simple value"))
            .help("write `type:` string, integer, number or boolean, or refer to an enum");
    }
}

/// The generated table of requests passes only the vehicle and the unit system.
fn batchable<'a>(
    lint: &mut Lint<'a>,
    op: &RawOperation<'a>,
    pointer: &str,
    declared: &[(String, &Node)],
) {
    let help =
        "mark the operation with `x-smartcar-batchable: false`, because a batch cannot pass it";
    if op.node.get("requestBody").is_some() {
        let at = step(pointer, "requestBody");
        lint.at(Rule::Unsupported, &at)
            .says("a batchable operation must not have a request body")
            .help(help);
    }
    for (at, parameter) in declared {
        let name = parameter.text("name").unwrap_or("(no name)");
        let schema = parameter.get("schema");
        let fits = match parameter.text("in") {
            Some("path") => {
                name == "id" && schema.is_none_or(|schema| schema.text("type") == Some("string"))
            }
            Some("header") => {
                name == "sc-unit-system"
                    && !parameter.is_true("required")
                    && schema.is_none_or(|s| component(s).as_deref() == Some("UnitSystem"))
            }
            _ => true,
        };
        if !fits && !lint.is_spoilt(at) {
            let at = if at.starts_with("/components/") {
                pointer
            } else {
                at
            };
            lint.at(Rule::Unsupported, at)
                .says(format!("a batch cannot pass the parameter `{name}`"))
                .help("use the components `VehicleId` and `UnitSystem`, or mark the operation with `x-smartcar-batchable: false`");
        }
    }
}
