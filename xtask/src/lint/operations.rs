//! Each operation: its id, permission, tag, parameters, bodies.
//!
//! Invariant: what progenitor asserts about an operation is checked here.

use std::collections::BTreeMap;

use super::{Lint, step};
use crate::api::{self, RawOperation, VEHICLE_PREFIX, component, json_content, pascal};
use crate::finding::Rule;
use crate::source::Node;

pub(super) fn check(lint: &mut Lint<'_>) {
    let root = lint.root();
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    let mut bodies: BTreeMap<String, String> = BTreeMap::new();
    for op in api::operations(root) {
        let pointer = step(&step("/paths", op.url), op.method);
        id(lint, &op, &pointer, &mut ids);
        documentation(lint, &op, &pointer);
        permission(lint, &op, &pointer);
        tag(lint, &op, &pointer);
        parameters(lint, &op, &pointer);
        request(lint, &op, &pointer);
        responses(lint, &op, &pointer);
        if op.batch_path(root).is_some() {
            body(lint, &op, &pointer, &mut bodies);
        }
    }
}

fn id<'a>(
    lint: &mut Lint<'a>,
    op: &RawOperation<'a>,
    pointer: &str,
    seen: &mut BTreeMap<&'a str, usize>,
) {
    let Some(node) = op.node.get("operationId") else {
        lint.at_key(
            Rule::MissingOperationId,
            pointer,
            op.key,
            "no operationId".to_owned(),
            "add `operationId: <snake_case name>`; the method and the type are named after it",
        );
        return;
    };
    let at = step(pointer, "operationId");
    let id = node.as_str().unwrap_or_default();
    let line = lint.source.line(node.span.start);
    if let Some(first) = seen.insert(id, line) {
        lint.at_node(
            Rule::DuplicateOperationId,
            &at,
            node,
            format!("the operationId `{id}` stands twice, first at line {first}"),
            "give each operation its own id",
        );
    }
    let snake = id.starts_with(|letter: char| letter.is_ascii_lowercase())
        && id
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    if !snake || syn::parse_str::<syn::Ident>(id).is_err() {
        lint.at_node(
            Rule::NameCollision,
            &at,
            node,
            format!("the operationId `{id}` cannot name a Rust method"),
            "use lower-case words joined by `_`, and no Rust keyword",
        );
    }
}

fn documentation<'a>(lint: &mut Lint<'a>, op: &RawOperation<'a>, pointer: &str) {
    if op.node.text("summary").is_none_or(|text| text.trim().is_empty()) {
        lint.at_key(
            Rule::Documentation,
            pointer,
            op.key,
            "no summary".to_owned(),
            "add `summary:` with one line; it heads the docs and the endpoint table",
        );
    }
}

fn permission<'a>(lint: &mut Lint<'a>, op: &RawOperation<'a>, pointer: &str) {
    if op.node.text("x-smartcar-permission").is_none() {
        lint.at_key(
            Rule::MissingPermission,
            pointer,
            op.key,
            "no x-smartcar-permission".to_owned(),
            "add the permission's name, or `x-smartcar-permission: none` where none is needed",
        );
    }
}

fn tag<'a>(lint: &mut Lint<'a>, op: &RawOperation<'a>, pointer: &str) {
    let tags = op.node.texts("tags");
    let [tag] = tags.as_slice() else {
        lint.at_key(
            Rule::Tag,
            pointer,
            op.key,
            format!("{} tags", tags.len()),
            "give exactly one tag: `vehicle`, or the make in lower case",
        );
        return;
    };
    let Some(rest) = op.url.strip_prefix(VEHICLE_PREFIX) else {
        return;
    };
    let id = op.node.text("operationId").unwrap_or_default();
    let make = rest.split('/').nth(1).unwrap_or_default();
    let specific = tag != "vehicle" && op.batch_path(lint.root()).is_some();
    if specific && (make != tag || !id.starts_with(&format!("{tag}_"))) {
        lint.at_key(
            Rule::Tag,
            pointer,
            op.key,
            format!("the tag `{tag}` does not fit the path `{rest}` and the operationId `{id}`"),
            "an endpoint of one make has the make as its tag, in its path and before its operationId",
        );
    }
}

fn parameters<'a>(lint: &mut Lint<'a>, op: &RawOperation<'a>, pointer: &str) {
    let root = lint.root();
    let declared: Vec<&Node> = op.parameters(root).collect();
    for name in op.url.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        let found = declared
            .iter()
            .any(|p| p.text("name") == Some(name) && p.text("in") == Some("path") && p.is_true("required"));
        if !found {
            lint.at_key(
                Rule::PathParameter,
                pointer,
                op.key,
                format!("the path's `{{{name}}}` is not declared as a required path parameter"),
                "add `- $ref: '#/components/parameters/VehicleId'`, or declare it with `in: path` and `required: true`",
            );
        }
    }
    for parameter in declared {
        let name = parameter.text("name").unwrap_or("(no name)");
        let place = parameter.text("in").unwrap_or_default();
        if place == "path" && !op.url.contains(&format!("{{{name}}}")) {
            lint.at_node(
                Rule::PathParameter,
                pointer,
                parameter,
                format!("the path parameter `{name}` does not occur in `{}`", op.url),
                "remove it, or put it into the path",
            );
        }
        let simple = parameter.get("schema").is_some_and(|schema| {
            component(schema).is_some()
                || matches!(schema.text("type"), Some("string" | "integer" | "number" | "boolean"))
        });
        if !simple || !["path", "query", "header"].contains(&place) {
            lint.at_node(
                Rule::Unsupported,
                pointer,
                parameter,
                format!("the parameter `{name}` is not a simple path, query or header value"),
                "give it a `schema` of type string, integer, number or boolean, or of a component",
            );
        }
    }
}

fn request<'a>(lint: &mut Lint<'a>, op: &RawOperation<'a>, pointer: &str) {
    let Some(body) = op.node.get("requestBody") else {
        return;
    };
    let named = json_content(body)
        .and_then(|content| content.get("schema"))
        .and_then(component);
    let only = body.get("content").map_or(0, |content| content.entries().len()) == 1;
    if named.is_none() || !only {
        lint.at_node(
            Rule::Unsupported,
            &step(pointer, "requestBody"),
            body,
            "a request body that is not one JSON component".to_owned(),
            "give `content: {application/json: {schema: {$ref: …}}}` and no other media type",
        );
    }
}

fn responses<'a>(lint: &mut Lint<'a>, op: &RawOperation<'a>, pointer: &str) {
    let root = lint.root();
    let Some(responses) = op.node.get("responses") else {
        return;
    };
    let (mut success, mut failure) = (Vec::new(), Vec::new());
    for (status, response) in responses.entries() {
        let schema = api::resolve(root, response)
            .and_then(json_content)
            .and_then(|content| content.get("schema"));
        let name = schema.map(|schema| {
            component(schema).unwrap_or_else(|| format!("an inline schema under {}", status.text))
        });
        if status.text.starts_with('2') {
            success.extend(name);
        } else {
            failure.extend(name);
        }
    }
    let at = step(pointer, "responses");
    for (rule, what, mut names) in [
        (Rule::SuccessBody, "success", success),
        (Rule::ErrorBody, "error", failure),
    ] {
        names.sort();
        names.dedup();
        if names.len() != 1 {
            let list = if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(" and ")
            };
            lint.at_node(
                rule,
                &at,
                responses,
                format!("{} {what} bodies: {list}", names.len()),
                "declare exactly one: the component of the endpoint under `200`, `#/components/responses/Error` under `default`",
            );
        }
    }
}

fn body<'a>(
    lint: &mut Lint<'a>,
    op: &RawOperation<'a>,
    pointer: &str,
    seen: &mut BTreeMap<String, String>,
) {
    let root = lint.root();
    let at = step(pointer, "responses/200").replace("~1200", "/200");
    let id = op.node.text("operationId").unwrap_or_default();
    let Some(content) = op.success(root).and_then(json_content) else {
        return;
    };
    if content.get("example").is_none() {
        lint.at_node(
            Rule::MissingExample,
            &at,
            content,
            "no example".to_owned(),
            "add `example:` beside `schema:`; the simulator answers it and the docs show it",
        );
    }
    let Some(name) = content.get("schema").and_then(component) else {
        lint.at_node(
            Rule::BodyName,
            &at,
            content,
            "the body is no named component".to_owned(),
            "move the schema to `components/schemas` and refer to it: the response type is the endpoint",
        );
        return;
    };
    if let Some(first) = seen.insert(name.clone(), id.to_owned()) {
        lint.at_node(
            Rule::SharedBody,
            &at,
            content,
            format!("`{id}` and `{first}` share the body `{name}`"),
            "give each endpoint its own component, even if the members are the same: the type tells the endpoint",
        );
    } else if !id.is_empty() && name != pascal(id) {
        lint.at_node(
            Rule::BodyName,
            &at,
            content,
            format!("the body of `{id}` is named `{name}`"),
            &format!("name it `{}`, the operationId in Pascal case", pascal(id)),
        );
    }
}
