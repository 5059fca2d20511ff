//! Checks what both versions share: components with `x-smartcar-shared`, and the error
//! catalogue.
//!
//! Invariant: shared components have one Rust type, so both files list the same
//! values. Errors of both versions are listed only for v2.0.

use super::ground::{Lint, step};
use crate::finding::Rule;
use crate::source::{Key, Node, Source};

const ERRORS: &str = "/components/schemas/Error/x-smartcar-errors";

pub(super) fn check(lint: &mut Lint<'_>, other: &Source) {
    let is_signal = |(_, node): &(Key, Node)| node.get("x-smartcar-signal").is_some();
    if lint.schemas().iter().any(is_signal) {
        errors(lint, other);
    }
    for (key, node) in lint.schemas() {
        if !node.is_true("x-smartcar-shared") {
            continue;
        }
        let pointer = step("/components/schemas", &key.text);
        let values = node.texts("enum");
        let Some(twin) = other.at(&pointer) else {
            lint.at_key(Rule::Shared, &pointer)
                .says(format!("`{}` is not in {}", key.text, other.name))
                .help("remove `x-smartcar-shared`, or add the component there");
            continue;
        };
        if values.is_empty() || values != twin.texts("enum") {
            lint.at_key(Rule::Shared, &pointer)
                .says(format!("`{}` differs from the one in {}", key.text, other.name))
                .help(
                    "only enums can be shared: list the same values in the same order in both files",
                );
        }
    }
}

/// Version 3 also has the errors of v2.0, so it does not list them again.
fn errors(lint: &mut Lint<'_>, v2: &Source) {
    let (known, source) = (pairs(v2), lint.source);
    for (index, pair) in pairs(source).into_iter().enumerate() {
        if let (Some(kind), code) = pair
            && known.contains(&pair)
        {
            let code = code.unwrap_or("null");
            lint.at(Rule::ErrorCatalogue, &format!("{ERRORS}/{index}"))
                .says(format!(
                    "`{kind}` with the code `{code}` is already in {}",
                    v2.name
                ))
                .help("remove the row, because version 3 has the errors of v2.0 too");
        }
    }
}

/// The type and code of each error.
pub(super) fn pairs(source: &Source) -> Vec<(Option<&str>, Option<&str>)> {
    let rows = source.at(ERRORS).map_or(&[][..], Node::elements).iter();
    rows.map(|row| (row.text("type"), row.text("code")))
        .collect()
}
