//! The document as a whole: version, shape, references.
//!
//! Invariant: `false` means that nothing further can be read from it.

use super::{Lint, step};
use crate::api::resolve;
use crate::finding::Rule;
use crate::source::{Data, Node};

pub(super) fn check(lint: &mut Lint<'_>) -> bool {
    let root = lint.root();
    if !version(lint, root) {
        return false;
    }
    let mut dangling = Vec::new();
    references(root, root, "", &mut dangling);
    for (pointer, node, reference) in dangling {
        lint.at_node(
            Rule::DanglingRef,
            &pointer,
            node,
            format!("`{reference}` leads nowhere"),
            "name a component of this file, `#/components/<kind>/<name>`, or add it",
        );
    }
    if !lint.findings.is_empty() {
        return false;
    }
    shape(lint, root)
}

fn version(lint: &mut Lint<'_>, root: &Node) -> bool {
    let help = "write `openapi: 3.0.3`: progenitor and two of the validators read 3.0.x only, where null is `nullable: true`";
    if let Some(node) = root.get("openapi") {
        let version = node.as_str().unwrap_or("(not text)");
        if version.starts_with("3.0.") {
            return true;
        }
        let message = format!("OpenAPI {version} is not supported");
        lint.at_node(Rule::Version, "/openapi", node, message, help);
    } else {
        let message = "no `openapi` version".to_owned();
        let top = Node {
            span: 0..lint.source.text.find('\n').unwrap_or(0),
            data: Data::Map(Vec::new()),
        };
        lint.at_node(Rule::Version, "", &top, message, help);
    }
    false
}

fn references<'a>(
    root: &'a Node,
    node: &'a Node,
    pointer: &str,
    found: &mut Vec<(String, &'a Node, String)>,
) {
    if let Some(target) = node.get("$ref")
        && let Some(reference) = target.as_str()
        && resolve(root, node).is_none()
    {
        found.push((step(pointer, "$ref"), target, reference.to_owned()));
    }
    for (key, child) in node.entries() {
        // Examples are data: a `$ref` in one refers to nothing.
        if key.text != "example" {
            references(root, child, &step(pointer, &key.text), found);
        }
    }
    for (index, child) in node.elements().iter().enumerate() {
        references(root, child, &format!("{pointer}/{index}"), found);
    }
}

/// What the OpenAPI types themselves refuse.
fn shape(lint: &mut Lint<'_>, root: &Node) -> bool {
    let parsed: Result<openapiv3::OpenAPI, _> =
        serde_path_to_error::deserialize(root.to_value());
    let Err(error) = parsed else { return true };
    let mut pointer = String::new();
    for segment in error.path() {
        let next = match segment {
            serde_path_to_error::Segment::Seq { index } => format!("{pointer}/{index}"),
            serde_path_to_error::Segment::Map { key } => step(&pointer, key),
            _ => break,
        };
        if lint.source.at(&next).is_none() {
            break;
        }
        pointer = next;
    }
    let node = lint.source.at(&pointer).unwrap_or(root);
    lint.at_node(
        Rule::Shape,
        &pointer,
        node,
        format!("not an OpenAPI 3.0 document: {}", error.inner()),
        "compare this member with the OpenAPI 3.0.3 specification",
    );
    false
}
