//! The catalogue of API errors: `x-smartcar-errors` on the component `Error`.
//!
//! Invariant: each row is complete, and each pair of type and code has only one.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ground::{Lint, did_you_mean, step};
use crate::finding::Rule;
use crate::source::{Data, Node};

const MEMBERS: [&str; 6] = [
    "type",
    "code",
    "status",
    "resolution",
    "retry",
    "description",
];
const RETRIES: [&str; 4] = ["auto", "wait", "later", "no"];

pub(super) fn check(lint: &mut Lint<'_>) {
    for (key, node) in lint.schemas() {
        let Some(rows) = node.get("x-smartcar-errors") else {
            continue;
        };
        let at = format!(
            "{}/x-smartcar-errors",
            step("/components/schemas", &key.text)
        );
        if key.text != "Error" {
            lint.at_key(Rule::ErrorCatalogue, &at)
                .says(format!("the catalogue is on the component `{}`", key.text))
                .help("move it to the component `Error`; it is only read there");
        }
        let mut seen: BTreeMap<(String, Option<String>), String> = BTreeMap::new();
        for (index, row_node) in rows.elements().iter().enumerate() {
            row(lint, &format!("{at}/{index}"), row_node, &mut seen);
        }
    }
}

fn row(
    lint: &mut Lint<'_>,
    at: &str,
    row: &Node,
    seen: &mut BTreeMap<(String, Option<String>), String>,
) {
    // Any other row that is not a mapping is reported by the shape check.
    if !matches!(row.data, Data::Map(_)) {
        return;
    }
    for (key, _) in row.entries() {
        if !MEMBERS.contains(&key.text.as_str()) {
            let help = did_you_mean(
                &key.text,
                MEMBERS.into_iter(),
                format!("a row has {}", MEMBERS.join(", ")),
            );
            let message = format!("`{}` is not a member of an error", key.text);
            lint.at_key(Rule::ErrorCatalogue, &step(at, &key.text))
                .says(message)
                .help(help);
        }
    }
    for member in ["type", "description"] {
        let help = format!("add `{member}:` with text");
        needs(lint, at, row, member, &help, |value| {
            value.as_str().is_some_and(|text| !text.trim().is_empty())
        });
    }
    let status = "write the HTTP status, 100 to 599";
    needs(lint, at, row, "status", status, |value| {
        value
            .as_u64()
            .is_some_and(|status| (100..600).contains(&status))
    });
    // YAML 1.1 parses a bare `no` as false, and some tools still do.
    let retry = "write auto, wait, later or 'no', the last in quotes";
    needs(lint, at, row, "retry", retry, |value| {
        value.as_str().is_some_and(|retry| RETRIES.contains(&retry))
    });
    for member in ["code", "resolution"] {
        let help = "write it in upper case, or `null` where the API has null";
        needs(lint, at, row, member, help, |value| {
            value.is_null() || value.as_str().is_some_and(|text| !text.is_empty())
        });
    }
    let Some(kind) = row.text("type") else { return };
    let code = row.text("code").map(str::to_owned);
    let shown = code.as_deref().unwrap_or("null").to_owned();
    let pair = (kind.to_owned(), code);
    lint.unique(Rule::ErrorCatalogue, seen, pair, at)
        .says(format!(
            "`{kind}` with the code `{shown}` is already listed"
        ))
        .help("keep one row for each pair of type and code");
}

fn needs(
    lint: &mut Lint<'_>,
    at: &str,
    row: &Node,
    member: &str,
    help: &str,
    good: impl Fn(&Value) -> bool,
) {
    match row.get(member) {
        None => {
            let message = format!("the error has no `{member}`");
            lint.at(Rule::ErrorCatalogue, at).says(message).help(help);
        }
        Some(node) if !good(&node.to_value()) => {
            let message = format!("this is not a valid `{member}` of an error");
            lint.at(Rule::ErrorCatalogue, &step(at, member))
                .says(message)
                .help(help);
        }
        Some(_) => {}
    }
}
