//! Checks of the whole document: its version, and whether the OpenAPI types can read it.
//!
//! Invariant: `types` runs last and reports only what no other rule reported.

use super::ground::{Lint, is_below, step};
use crate::finding::Rule;

pub(super) fn version(lint: &mut Lint<'_>) {
    let help = "write `openapi: 3.0.3`; the generator and two validators support only 3.0, where null is `nullable: true`";
    match lint.root().get("openapi").map(crate::source::Node::as_str) {
        Some(Some(version)) if version.starts_with("3.0.") => {}
        Some(Some(version)) => {
            let message = format!("OpenAPI {version} is not supported");
            lint.at(Rule::Version, "/openapi").says(message).help(help);
        }
        // The wrong shape is already reported.
        Some(None) => {}
        // An empty document is already reported.
        None if lint.is_faulty("") => {}
        None => lint
            .at(Rule::Version, "")
            .says("no `openapi` version")
            .help(help),
    }
}

/// A last check with the OpenAPI types themselves. They report only the first fault,
/// and not always its position.
pub(super) fn types(lint: &mut Lint<'_>) {
    let parsed: Result<openapiv3::OpenAPI, _> =
        serde_path_to_error::deserialize(lint.root().to_value());
    let Err(error) = parsed else { return };
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
    let explained = lint.findings.iter().any(|finding| {
        (finding.rule.spoils() || finding.rule == Rule::Version)
            && (is_below(&finding.pointer, &pointer) || is_below(&pointer, &finding.pointer))
    });
    if !explained {
        let reason: String = error.inner().to_string().chars().take(120).collect();
        lint.at(Rule::Shape, &pointer)
            .says(format!("the OpenAPI types cannot read this: {reason}"))
            .help("compare it with the OpenAPI 3.0.3 specification");
    }
}
