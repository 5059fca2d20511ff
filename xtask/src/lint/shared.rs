//! What two versions share: `x-smartcar-shared` on a component of version 3.
//!
//! Invariant: one Rust type serves both, so that both list the same values.

use super::ground::{Lint, step};
use crate::finding::Rule;
use crate::source::Source;

pub(super) fn check(lint: &mut Lint<'_>, other: &Source) {
    for (key, node) in lint.schemas() {
        if !node.is_true("x-smartcar-shared") {
            continue;
        }
        let pointer = step("/components/schemas", &key.text);
        let values = node.texts("enum");
        let Some(twin) = other.at(&pointer) else {
            lint.at_key(
                Rule::Shared,
                &pointer,
                format!("`{}` is not in {}", key.text, other.name),
                "remove `x-smartcar-shared`, or add the component there",
            );
            continue;
        };
        if values.is_empty() || values != twin.texts("enum") {
            lint.at_key(
                Rule::Shared,
                &pointer,
                format!("`{}` is not as in {}", key.text, other.name),
                "only enums are shared: list the same values in the same order in both files",
            );
        }
    }
}
