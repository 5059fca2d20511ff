//! The header that says in which of two units a body is.
//!
//! Invariant: where a number changes with the unit system, its response declares
//! that header.

use std::collections::BTreeSet;

use super::ground::{Lint, step};
use crate::api::{component, json_content, resolve};
use crate::finding::Rule;
use crate::source::Node;

const HEADER: &str = "sc-unit-system";

/// Checks a response to a request about a vehicle.
pub(super) fn check(lint: &mut Lint<'_>, pointer: &str, response: &Node) {
    let headers = response.get("headers");
    if headers.is_some_and(|headers| headers.get(HEADER).is_some()) {
        return;
    }
    let schema = json_content(response).and_then(|content| content.get("schema"));
    let Some(name) = schema.and_then(|schema| changing(lint.root(), schema)) else {
        return;
    };
    let at = if headers.is_some() {
        step(pointer, "headers")
    } else {
        pointer.to_owned()
    };
    // A body that is another endpoint's has the other's members.
    let body = format!("{pointer}/content/application~1json/schema/$ref");
    let is_anothers = lint.findings.iter().any(|finding| finding.pointer == body);
    if !is_anothers && !lint.is_spoilt(&at) {
        lint.at_key(Rule::UnitSystem, &at)
            .says(format!(
                "`{name}` changes with the unit system, and no `{HEADER}` says which it is"
            ))
            .help("add `sc-unit-system: {$ref: '#/components/headers/UnitSystem'}` to the headers");
    }
}

/// The first member at or below a schema that has a unit in either system.
fn changing<'n>(root: &'n Node, schema: &'n Node) -> Option<&'n str> {
    let mut schemas = vec![("the body", schema)];
    let mut seen = BTreeSet::new();
    let mut next = 0;
    while let Some(&(name, node)) = schemas.get(next) {
        next += 1;
        if let Some(target) = component(node) {
            if seen.insert(target) {
                schemas.extend(resolve(root, node).map(|node| (name, node)));
            }
            continue;
        }
        if node
            .get("x-unit")
            .is_some_and(|unit| unit.get("metric").is_some())
        {
            return Some(name);
        }
        let properties = node.get("properties").map_or(&[][..], Node::entries);
        schemas.extend(properties.iter().map(|(key, node)| (&*key.text, node)));
        schemas.extend(node.get("items").map(|items| (name, items)));
    }
    None
}
