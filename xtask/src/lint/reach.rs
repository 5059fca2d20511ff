//! Checks the components that become Rust types: those that bodies and parameters
//! reach.
//!
//! Invariant: each of them is an object with properties, a list or an enum, has
//! types everywhere, and does not contain itself.

use std::collections::BTreeSet;

use super::ground::{Lint, is_below, step};
use crate::api::{self, component, json_content};
use crate::finding::Rule;
use crate::source::Node;

pub(super) fn check(lint: &mut Lint<'_>) {
    let root = lint.root();
    let mut waiting: Vec<String> = Vec::new();
    for op in api::operations(root) {
        let schema = |node: Option<&Node>| {
            node.and_then(json_content)
                .and_then(|content| content.get("schema"))
                .and_then(component)
        };
        if op.method == "get" {
            let body = schema(op.success(root));
            if let Some(name) = &body {
                body_kind(lint, name);
            }
            waiting.extend(body);
        }
        if !op.elsewhere() {
            waiting.extend(schema(op.node.get("requestBody")));
        }
        let parameters = op.parameters(root);
        waiting.extend(parameters.filter_map(|p| component(p.get("schema")?)));
    }
    let signals = lint.schemas().iter();
    let signals = signals.filter(|(_, node)| node.get("x-smartcar-signal").is_some());
    waiting.extend(signals.map(|(key, _)| key.text.clone()));
    let mut reached = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let pointer = step("/components/schemas", &name);
        if let Some(node) = lint.source.at(&pointer)
            && reached.insert(name.clone())
        {
            typed(lint, &pointer, &name, node);
            for (_, inner) in inner(&pointer, node) {
                waiting.extend(deep_component(inner));
            }
        }
    }
    cycles(lint);
}

/// An endpoint's body implements a trait, which an enum cannot.
fn body_kind(lint: &mut Lint<'_>, name: &str) {
    let pointer = step("/components/schemas", name);
    if let Some(node) = lint.source.at(&pointer)
        && node.get("enum").is_some()
    {
        lint.at(Rule::MissingType, &pointer)
            .says(format!("the enum `{name}` cannot be a body"))
            .help("put it into an object, as the API does");
    }
}

fn typed(lint: &mut Lint<'_>, pointer: &str, name: &str, node: &Node) {
    if lint.is_faulty(pointer) {
        return;
    }
    match node.text("type") {
        Some("object")
            if node
                .get("properties")
                .is_none_or(|p| p.entries().is_empty()) =>
        {
            lint.missing(Rule::MissingType, pointer, "properties")
                .says(format!("the object `{name}` has no properties"))
                .help("describe its members under `properties`; the object becomes a Rust struct");
        }
        Some("string") if node.get("enum").is_some() => {}
        Some("object") => {}
        Some("array") => elements(lint, pointer, name, node),
        Some(kind) => {
            if !lint.is_faulty(&step(pointer, "type")) {
                lint.at(Rule::MissingType, pointer)
                    .says(format!("the component `{name}` is a plain {kind}"))
                    .help("write the type where it is used, because only objects, lists and enums get a Rust type");
            }
            return;
        }
        None => {
            untyped(lint, pointer, name, node);
            return;
        }
    }
    for (at, inner) in inner(pointer, node) {
        let name = at.rsplit('/').next().unwrap_or_default();
        let name = if name == "items" { "items" } else { name };
        // The code decides which signal a body is.
        let by_code = inner.get("anyOf").is_some();
        if inner.get("$ref").is_none() && inner.get("type").is_none() && !by_code {
            untyped(lint, &at, name, inner);
        }
    }
}

fn untyped(lint: &mut Lint<'_>, pointer: &str, name: &str, node: &Node) {
    let explained = lint
        .findings
        .iter()
        .any(|finding| finding.rule.spoils() && is_below(&finding.pointer, pointer));
    if explained {
        return;
    }
    let message = if node.get("$ref").is_some() {
        format!("the component `{name}` is only a reference")
    } else {
        format!("`{name}` has no type")
    };
    lint.missing(Rule::MissingType, pointer, "type")
        .says(message)
        .help("add `type:` or refer to a component that has one; the Rust type depends on it");
}

/// A list body becomes a vector of components or of strings.
fn elements(lint: &mut Lint<'_>, pointer: &str, name: &str, node: &Node) {
    let at = step(pointer, "items");
    let Some(items) = node.get("items") else {
        return;
    };
    let text = items.text("type") == Some("string") && items.get("format").is_none();
    if !text && component(items).is_none() && !lint.is_spoilt(&at) {
        lint.at_key(Rule::Unsupported, &at)
            .says(format!(
                "the elements of the list `{name}` are neither components nor strings"
            ))
            .help("refer to a component under `items`, or put the list into an object");
    }
}

/// The direct subschemas: properties and the elements of lists.
fn inner<'n>(pointer: &str, node: &'n Node) -> Vec<(String, &'n Node)> {
    let mut found = Vec::new();
    let properties = step(pointer, "properties");
    for (key, property) in node.members("properties") {
        found.push((step(&properties, &key.text), property));
    }
    if let Some(items) = node.get("items") {
        found.push((step(pointer, "items"), items));
    }
    let mut at = 0;
    while let Some((pointer, node)) = found.get(at).cloned() {
        // The elements of a list of lists.
        if at >= usize::from(node.get("items").is_none())
            && let Some(items) = node.get("items")
        {
            found.push((step(&pointer, "items"), items));
        }
        at += 1;
    }
    found
}

fn deep_component(node: &Node) -> Option<String> {
    component(node).or_else(|| deep_component(node.get("items")?))
}

fn cycles(lint: &mut Lint<'_>) {
    let mut told: BTreeSet<String> = BTreeSet::new();
    for (key, _) in lint.schemas() {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![key.text.clone()];
        while let Some(name) = waiting.pop() {
            let pointer = step("/components/schemas", &name);
            if let Some(node) = lint.source.at(&pointer) {
                let named = inner(&pointer, node);
                let named = named.iter().filter_map(|(_, node)| component(node));
                waiting.extend(named.filter(|name| seen.insert(name.clone())));
            }
        }
        if seen.contains(&key.text) && told.is_disjoint(&seen) {
            told.insert(key.text.clone());
            lint.at(Rule::Unsupported, &step("/components/schemas", &key.text))
                .says(format!("`{}` contains itself", key.text))
                .help("remove the cycle, because bodies of unlimited depth are not supported");
        }
    }
}
