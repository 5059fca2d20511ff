//! Checks the marks of personal data, `x-smartcar-personal`.
//!
//! Invariant: members with a personal name are marked, so that the generated `Debug`
//! never shows them.

use super::ground::{Lint, step};
use crate::finding::Rule;
use crate::source::Node;

const MARK: &str = "x-smartcar-personal";

/// Names of members that are personal everywhere.
const NAMES: [&str; 8] = [
    "address",
    "email",
    "latitude",
    "licensePlate",
    "longitude",
    "nickname",
    "phone",
    "vin",
];

pub(super) fn check(lint: &mut Lint<'_>) {
    for (key, node) in lint.schemas() {
        let pointer = step("/components/schemas", &key.text);
        if node.get(MARK).is_some() {
            lint.at(Rule::Personal, &step(&pointer, MARK))
                .says(format!(
                    "the component `{}` is marked as personal",
                    key.text
                ))
                .help("mark each of its personal members with `x-smartcar-personal: true`");
        }
        // A signal with a single value has it in the member `value`.
        let signal = node.text("x-smartcar-signal").unwrap_or_default();
        let signal = signal.split_once('-').map_or("", |(_, name)| name);
        let properties = node.get("properties").map_or(&[][..], Node::entries);
        for (name, member) in properties {
            let said = match name.text.as_str() {
                "value" => signal,
                name => name,
            };
            let is_personal = NAMES.iter().any(|known| known.eq_ignore_ascii_case(said));
            if is_personal && member.get("$ref").is_none() && !member.is_true(MARK) {
                let at = step(&step(&pointer, "properties"), &name.text);
                lint.missing(Rule::Personal, &at, MARK)
                    .says(format!("`{}` is not marked as personal", name.text))
                    .help("add `x-smartcar-personal: true`, so that `Debug` does not show it");
            }
        }
    }
}
