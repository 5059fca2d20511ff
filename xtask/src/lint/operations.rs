//! Checks each operation's ID, texts, permission, tag and makes.
//!
//! Invariant: every name that becomes a Rust identifier is a valid one.

use std::collections::BTreeMap;

use super::ground::{Lint, is_lower, nearest, step, texts};
use super::{bodies, parameters, simulated};
use crate::api::{self, RawOperation, VEHICLE_PREFIX};
use crate::finding::Rule;

/// Other methods of the generated client, and the sibling modules of a make's module.
const METHODS: [&str; 7] = [
    "new",
    "new_with_client",
    "api_version",
    "baseurl",
    "client",
    "inner",
    "exec",
];
const MODULES: [&str; 4] = ["endpoints", "enums", "errors", "types"];

pub(super) fn check(lint: &mut Lint<'_>) {
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    let mut shared: BTreeMap<String, String> = BTreeMap::new();
    for op in api::operations(lint.root()) {
        let pointer = step(&step("/paths", op.url), op.method);
        id(lint, &op, &pointer, &mut ids);
        summary(lint, &op, &pointer);
        permission(lint, &op, &pointer);
        tag(lint, &op, &pointer);
        makes(lint, &op, &pointer);
        simulated::operation(lint, &op, &pointer);
        parameters::check(lint, &op, &pointer);
        bodies::check(lint, &op, &pointer, &mut shared);
    }
}

fn id<'a>(
    lint: &mut Lint<'a>,
    op: &RawOperation<'a>,
    pointer: &str,
    seen: &mut BTreeMap<&'a str, String>,
) {
    let at = step(pointer, "operationId");
    let Some(id) = op.node.text("operationId") else {
        lint.missing(Rule::MissingOperationId, pointer, "operationId")
            .says("no operationId")
            .help(
                "add `operationId: <snake_case name>`; the method and the type are named after it",
            );
        return;
    };
    lint.unique(Rule::DuplicateOperationId, seen, id, &at)
        .says(format!("the operationId `{id}` is not unique"))
        .help("give each operation a different ID");
    let words = id.split('_').all(is_lower);
    if !words || METHODS.contains(&id) || syn::parse_str::<syn::Ident>(id).is_err() {
        lint.at(Rule::NameCollision, &at)
            .says(format!("the operationId `{id}` cannot name a Rust method"))
            .help("write lower-case words joined by `_`, not a Rust keyword or another method of the client");
    }
}

fn summary<'a>(lint: &mut Lint<'a>, op: &RawOperation<'a>, pointer: &str) {
    if op
        .node
        .text("summary")
        .is_none_or(|text| text.trim().is_empty())
    {
        lint.missing(Rule::Documentation, pointer, "summary")
            .says("no summary")
            .help("add `summary:` with one line; it is the first line of the docs and the table of endpoints");
    }
}

fn permission<'a>(lint: &mut Lint<'a>, op: &RawOperation<'a>, pointer: &str) {
    const KEY: &str = "x-smartcar-permission";
    let Some(name) = op.node.text(KEY) else {
        lint.missing(Rule::MissingPermission, pointer, KEY)
            .says(format!("no {KEY}"))
            .help(format!(
                "add `{KEY}:` with the permission, or `{KEY}: none` if none is needed"
            ));
        return;
    };
    let known = lint
        .source
        .at("/components/schemas/Permission")
        .map(|node| node.texts("enum"))
        .unwrap_or_default();
    if name != "none" && !known.iter().any(|known| known == name) {
        let help = nearest(name, known.iter().map(String::as_str)).map_or_else(
            || "write a value of `#/components/schemas/Permission`, or add it there".to_owned(),
            |name| format!("did you mean `{name}`? Add new permissions to `#/components/schemas/Permission`"),
        );
        let message = format!("`{name}` is not a known permission");
        lint.at(Rule::UnknownPermission, &step(pointer, KEY))
            .says(message)
            .help(help);
    }
}

fn tag<'a>(lint: &mut Lint<'a>, op: &RawOperation<'a>, pointer: &str) {
    let tags = op.node.texts("tags");
    let [tag] = tags.as_slice() else {
        lint.missing(Rule::Tag, pointer, "tags")
            .says(format!("{} tags", tags.len()))
            .help("give exactly one tag: `vehicle`, or the make in lower case");
        return;
    };
    let at = format!("{pointer}/tags/0");
    let batchable = op.batch_path(lint.root()).is_some();
    let rest = op.url.strip_prefix(VEHICLE_PREFIX).unwrap_or_default();
    if !batchable || tag == "vehicle" {
        return;
    }
    let id = op.node.text("operationId");
    let make = rest.split('/').nth(1).unwrap_or_default();
    if make != tag || id.is_some_and(|id| !id.starts_with(&format!("{tag}_"))) {
        let id = id.unwrap_or("(none)");
        lint.at(Rule::Tag, &at)
            .says(format!("the tag `{tag}` does not fit the path `{rest}` and the operationId `{id}`"))
            .help("an endpoint of a single make has the make as its tag and at the start of its path and operationId");
    }
    if !is_lower(tag)
        || MODULES.contains(&tag.as_str())
        || syn::parse_str::<syn::Ident>(tag).is_err()
    {
        lint.at(Rule::Tag, &at)
            .says(format!("the tag `{tag}` cannot name a Rust module"))
            .help("write the make as one lower-case word");
    }
}

fn makes<'a>(lint: &mut Lint<'a>, op: &RawOperation<'a>, pointer: &str) {
    let shout = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit();
    for (at, make) in texts(pointer, op.node, "x-smartcar-makes") {
        let is_shouted = make.chars().all(|letter| shout(letter) || letter == '_');
        if !is_shouted || !make.starts_with(|first: char| first.is_ascii_uppercase()) {
            lint.at(Rule::Tag, &at)
                .says(format!("`{make}` is not how the API writes a make"))
                .help("write it in upper case with `_` for spaces, such as `LAND_ROVER`");
        }
    }
}
