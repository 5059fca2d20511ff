//! The bodies of each operation: at most one request body, exactly one success body
//! of its own with an example, and one error body.
//!
//! Invariant: everything that progenitor asserts about bodies is checked here.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::{Lint, step};
use super::unit_system;
use crate::api::{RawOperation, VEHICLE_PREFIX, component, json_content, pascal};
use crate::finding::{Finding, Rule};
use crate::source::Node;

const JSON: &str = "/content/application~1json";

pub(super) fn check<'a>(
    lint: &mut Lint<'a>,
    op: &RawOperation<'a>,
    pointer: &str,
    shared: &mut BTreeMap<String, String>,
) {
    if !op.elsewhere() {
        request(lint, op, pointer);
    }
    responses(lint, op, pointer);
    let status = success_status(op);
    let at = lint.follow(&format!("{pointer}/responses/{status}"));
    let Some(success) = lint.source.at(&at) else {
        return;
    };
    let content_at = format!("{at}{JSON}");
    if let Some(content) = lint.source.at(&content_at) {
        body(lint, op, pointer, (&content_at, content), shared);
    }
    if op.method == "get" && op.url.starts_with(VEHICLE_PREFIX) {
        unit_system::check(lint, &at, success);
    }
    if op.batch_path(lint.root()).is_some() {
        for (key, header) in success.members("headers") {
            let header_at = step(&step(&at, "headers"), &key.text);
            if header.get("$ref").is_none() && !lint.is_faulty(&header_at) {
                lint.at_key(Rule::InlineHeader, &header_at)
                    .says(format!("the header `{}` is declared inline", key.text))
                    .help("move it to `components/headers` and refer to it, because all endpoints share their headers");
            }
        }
    }
}

/// The status of the success body. A GET answers 200; what changes something may be accepted.
fn success_status<'a>(op: &RawOperation<'a>) -> &'a str {
    let responses = op.node.get("responses").map_or(&[][..], Node::entries);
    let mut statuses = responses.iter().map(|(status, _)| status.text.as_str());
    let accepted = statuses.find(|status| *status == "202" && op.method != "get");
    accepted.unwrap_or("200")
}

/// Whether an operation answers without a body.
fn has_no_content(op: &RawOperation<'_>) -> bool {
    let none = op.node.get("responses").and_then(|it| it.get("204"));
    op.method == "delete" && none.is_some_and(|none| none.get("content").is_none())
}

fn request<'a>(lint: &mut Lint<'a>, op: &RawOperation<'a>, pointer: &str) {
    let at = step(pointer, "requestBody");
    let Some(body) = op.node.get("requestBody") else {
        return;
    };
    let named = json_content(body)
        .and_then(|content| content.get("schema"))
        .and_then(component);
    let only = body
        .get("content")
        .map_or(0, |content| content.entries().len())
        == 1;
    if (named.is_none() || !only) && !lint.is_spoilt(&at) {
        lint.at(Rule::Unsupported, &at)
            .says("the request body is not a single JSON component")
            .help("write `content: {application/json: {schema: {$ref: …}}}` here, without other media types");
    }
}

fn responses<'a>(lint: &mut Lint<'a>, op: &RawOperation<'a>, pointer: &str) {
    let at = step(pointer, "responses");
    let Some(responses) = op.node.get("responses") else {
        return;
    };
    let (mut success, mut failure) = (BTreeSet::new(), BTreeSet::new());
    let mut at_200 = false;
    let mut spoilt = lint.is_faulty(&at);
    for (status, _) in responses.entries() {
        let response = lint.follow(&step(&at, &status.text));
        spoilt |= lint.is_spoilt(&step(&at, &status.text));
        let content = format!("{response}{JSON}");
        spoilt |= lint.is_spoilt(&content);
        let schema = lint
            .source
            .at(&content)
            .and_then(|content| content.get("schema"));
        let name = schema.map(|schema| {
            component(schema).unwrap_or_else(|| format!("an inline body under {}", status.text))
        });
        if status.text.starts_with('2') {
            at_200 |= status.text == success_status(op) && name.is_some();
            success.extend(name);
        } else {
            failure.extend(name);
        }
    }
    if spoilt {
        return;
    }
    let ok = "declare the operation's component under `200`, and no other success body";
    let error = "declare `#/components/responses/Error` under `default` and wherever else it is needed, and no other error body";
    for (rule, kind, names, help) in [
        (Rule::SuccessBody, "success", success, ok),
        (Rule::ErrorBody, "error", failure, error),
    ] {
        let message = match names.len() {
            0 if kind == "success" && has_no_content(op) => continue,
            0 => format!("no {kind} body"),
            1 if kind == "error" || at_200 => continue,
            1 => format!("the {kind} body is not under `200`"),
            count => {
                let names = Vec::from_iter(names).join(" and ");
                format!("{count} {kind} bodies: {names}")
            }
        };
        lint.at(rule, &at).says(message).help(help);
    }
}

fn body<'a>(
    lint: &mut Lint<'a>,
    op: &RawOperation<'a>,
    op_pointer: &str,
    (at, content): (&str, &Node),
    shared: &mut BTreeMap<String, String>,
) {
    let batchable = op.batch_path(lint.root()).is_some();
    if content.get("example").is_none() {
        lint.missing(Rule::MissingExample, at, "example")
            .says("no example")
            .help("add `example:` beside `schema:`; the simulator returns it and the docs show it");
    }
    let Some(schema) = content.get("schema") else {
        return;
    };
    let schema_at = step(at, "schema");
    let Some(name) = component(schema) else {
        if schema.get("$ref").is_none() && !lint.is_faulty(&schema_at) {
            lint.at(Rule::BodyName, &schema_at)
                .says("the body is an inline schema")
                .help("move the schema to `components/schemas` and refer to it, because each endpoint needs a named type");
        }
        return;
    };
    let reference = step(&schema_at, "$ref");
    if !batchable || lint.is_faulty(&reference) {
        return;
    }
    let id = op.node.text("operationId").unwrap_or_default();
    if let Some(first) = shared.get(&name) {
        lint.clash(Rule::SharedBody, &reference, first)
            .says(format!("`{name}` is already the body of another endpoint"))
            .help("give each endpoint its own component, even with the same members, because the type identifies the endpoint");
        return;
    }
    shared.insert(name.clone(), reference.clone());
    let taken = step(op_pointer, "operationId");
    let taken =
        |finding: &Finding| finding.rule == Rule::DuplicateOperationId && finding.pointer == taken;
    if !id.is_empty() && name != pascal(id) && !lint.findings.iter().any(taken) {
        lint.at(Rule::BodyName, &reference)
            .says(format!("the body of `{id}` is named `{name}`"))
            .help(format!(
                "name it `{}`, the operationId in Pascal case",
                pascal(id)
            ));
    }
}
