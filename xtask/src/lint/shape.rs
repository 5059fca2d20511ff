//! Checks the shape of the document: members are known and have the right type, and
//! references lead to the right kind of component.
//!
//! Invariant: the whole tree is checked, even if parts of it are faulty.

use serde_json::Value;

use super::ground::{Lint, did_you_mean, nearest, step};
use super::members::{Form, Members, members};
use crate::finding::Rule;
use crate::source::{Data, Node};

pub(super) fn check(lint: &mut Lint<'_>) {
    object(lint, "", lint.root(), members("DOCUMENT"));
}

fn form(lint: &mut Lint<'_>, pointer: &str, node: &Node, wanted: &Form) {
    let fits = match (wanted, &node.data) {
        (Form::Any, _)
        | (Form::Text, Data::Scalar(Value::String(_)))
        | (Form::Flag | Form::FlagOrSchema, Data::Scalar(Value::Bool(_)))
        | (Form::Number, Data::Scalar(Value::Number(_))) => true,
        (Form::List(inner), Data::List(elements)) => {
            for (index, element) in elements.iter().enumerate() {
                form(lint, &format!("{pointer}/{index}"), element, inner);
            }
            true
        }
        (Form::Map(inner), Data::Map(entries)) => {
            for (key, node) in entries {
                form(lint, &step(pointer, &key.text), node, inner);
            }
            true
        }
        (Form::Object(name), Data::Map(_)) => {
            object(lint, pointer, node, members(name));
            true
        }
        (Form::Ref(name), Data::Map(_)) => {
            object_or_reference(lint, pointer, node, members(name));
            true
        }
        (Form::FlagOrSchema, Data::Map(_)) => {
            object_or_reference(lint, pointer, node, members("SCHEMA"));
            true
        }
        (Form::Statuses, Data::Map(_)) => {
            statuses(lint, pointer, node);
            true
        }
        _ => false,
    };
    // A syntax error was already reported, and the node was read as null.
    if !fits && !lint.is_faulty(pointer) {
        let wanted = describe(wanted);
        let found = found(node);
        lint.at(Rule::Shape, pointer)
            .says(format!("expected {wanted}, found {found}"))
            .help(format!("write {wanted}"));
    }
}

fn object(lint: &mut Lint<'_>, pointer: &str, node: &Node, members: &Members) {
    if !matches!(node.data, Data::Map(_)) {
        form(lint, pointer, node, &Form::Map(Box::new(Form::Any)));
        return;
    }
    for (key, child) in node.entries() {
        let at = step(pointer, &key.text);
        let known = members.list.iter().find(|(name, _)| *name == key.text);
        if let Some((_, wanted)) = known {
            form(lint, &at, child, wanted);
        } else if key.text == "$ref" {
            lint.at_key(Rule::Unsupported, &at)
                .says(format!("{} cannot be a reference here", members.name))
                .help("write it here instead of a reference");
        } else if !foreign(&key.text) {
            let names = members.list.iter().map(|(name, _)| *name);
            let help = did_you_mean(
                &key.text,
                names,
                "remove it, or look up its name in spec/README.md or OpenAPI 3.0.3",
            );
            lint.at_key(Rule::UnknownMember, &at)
                .says(format!(
                    "`{}` is not a member of {}",
                    key.text, members.name
                ))
                .help(help);
        }
    }
    for name in &members.required {
        if node.get(name).is_none() {
            lint.at(Rule::Shape, pointer)
                .says(format!("{} needs `{name}`", members.name))
                .help(format!("add `{name}:`"));
        }
    }
}

/// Extension keys of other tools are ignored.
fn foreign(key: &str) -> bool {
    key.starts_with("x-")
        && !["x-smartcar", "x-unit", "x-enum"]
            .iter()
            .any(|ours| key.starts_with(ours))
}

fn object_or_reference(lint: &mut Lint<'_>, pointer: &str, node: &Node, members: &Members) {
    let Some(target) = node.get("$ref") else {
        object(lint, pointer, node, members);
        return;
    };
    let at = step(pointer, "$ref");
    for (key, _) in node.entries().iter().filter(|(key, _)| key.text != "$ref") {
        lint.at_key(Rule::RefSibling, &step(pointer, &key.text))
            .says(format!(
                "OpenAPI 3.0 tools ignore `{}` beside `$ref`",
                key.text
            ))
            .help("move it to the referenced component, or create a separate component");
    }
    let Some(reference) = target.as_str() else {
        form(lint, &at, target, &Form::Text);
        return;
    };
    let folder = members.folder;
    let name = reference
        .strip_prefix("#/components/")
        .and_then(|rest| rest.strip_prefix(folder))
        .and_then(|rest| rest.strip_prefix('/'));
    let components = lint.source.at(&format!("/components/{folder}"));
    let known = components.map_or(&[][..], Node::entries).iter();
    let mut known = known.map(|(key, _)| key.text.as_str());
    let Some(name) = name else {
        let message = format!("`{reference}` does not refer to {}", members.name);
        lint.at(Rule::DanglingRef, &at)
            .says(message)
            .help(format!("refer to `#/components/{folder}/<name>`"));
        return;
    };
    if !known.clone().any(|known| known == name) {
        let help = nearest(name, known.by_ref()).map_or_else(
            || format!("use a component in `#/components/{folder}`, or add this one"),
            |name| format!("did you mean `#/components/{folder}/{name}`?"),
        );
        lint.at(Rule::DanglingRef, &at)
            .says(format!("`{reference}` leads nowhere"))
            .help(help);
    } else if crate::api::resolve(lint.root(), node).is_none() {
        lint.at(Rule::DanglingRef, &at)
            .says(format!("`{reference}` leads only to other references"))
            .help("refer to a component that is not itself a reference");
    }
}

fn statuses(lint: &mut Lint<'_>, pointer: &str, node: &Node) {
    for (key, response) in node.entries() {
        if foreign(&key.text) {
            continue;
        }
        let at = step(pointer, &key.text);
        let status = key.text.as_bytes();
        let known = key.text == "default"
            || matches!(status, [b'1'..=b'5', rest @ ..]
                if rest.len() == 2
                    && (rest == b"XX" || rest.iter().all(u8::is_ascii_digit)));
        if !known {
            lint.at_key(Rule::UnknownMember, &at)
                .says(format!("`{}` is not a status", key.text))
                .help("write a status such as `'200'`, a class such as `4XX`, or `default`");
        }
        form(lint, &at, response, &Form::Ref("RESPONSE"));
    }
}

fn describe(form: &Form) -> String {
    match form {
        Form::Any => "anything".to_owned(),
        Form::Text => "text".to_owned(),
        Form::Flag => "`true` or `false`".to_owned(),
        Form::Number => "a number".to_owned(),
        Form::List(_) => "a list".to_owned(),
        Form::Map(_) | Form::Statuses => "a mapping".to_owned(),
        Form::Object(name) | Form::Ref(name) => members(name).name.to_owned(),
        Form::FlagOrSchema => "a schema, `true` or `false`".to_owned(),
    }
}

fn found(node: &Node) -> &'static str {
    match &node.data {
        Data::Map(_) => "a mapping",
        Data::List(_) => "a list",
        Data::Scalar(Value::Null) => "null",
        Data::Scalar(Value::Bool(_)) => "true or false",
        Data::Scalar(Value::Number(_)) => "a number",
        Data::Scalar(_) => "text",
    }
}
