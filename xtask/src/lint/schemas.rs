//! Checks each schema, wherever it is: named, described, without inline parts.
//!
//! Invariant: every schema is checked, inline ones too, so that nested faults are
//! found.

use std::collections::BTreeMap;

use super::ground::{Lint, is_plain, step, texts};
use super::{simulated, values, vocabulary};
use crate::api::{METHODS, pascal};
use crate::finding::Rule;
use crate::source::Node;

/// Names of hand-written types in `smartcar-model`, and names that generated code uses
/// unqualified.
const RESERVED: &str = "
    PathResults ResponseHeaders ApiError Batch BatchField Box DateTime Endpoint EndpointInfo Err
    ErrorInfo FieldInfo ItemError Malformed Meta Needed None Unsupported NotAvailable Ok Option
    Outcomes Paths Reading RequiredItemError Result Retry RetryAfter SignalInfo Signals Slot Some
    MemberError Mapping String UnitInfo Vec";

pub(super) fn check(lint: &mut Lint<'_>) {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (key, node) in lint.schemas() {
        let pointer = step("/components/schemas", &key.text);
        name(lint, &pointer, &key.text, &mut names);
        described(lint, &pointer, &key.text, node);
        schema(lint, &pointer, &key.text, node);
    }
    for (pointer, name, node) in elsewhere(lint.root()) {
        values::inline(lint, &pointer, &name, node);
        schema(lint, &pointer, &name, node);
    }
}

/// The schemas of parameters, headers and bodies: most are references.
fn elsewhere(root: &Node) -> Places<'_> {
    let mut places = Vec::new();
    for folder in ["parameters", "headers", "responses", "requestBodies"] {
        let components = root
            .get("components")
            .map_or(&[][..], |it| it.members(folder));
        for (key, node) in components {
            let at = step(&step("/components", folder), &key.text);
            find(&mut places, &at, &key.text, node);
        }
    }
    for (url, item) in root.members("paths") {
        find(&mut places, &step("/paths", &url.text), "(no name)", item);
    }
    places
}

type Places<'a> = Vec<(String, String, &'a Node)>;

/// Finds the schemas below a node. `name` is used unless a node has its own name.
fn find<'a>(places: &mut Places<'a>, at: &str, name: &str, node: &'a Node) {
    for (key, child) in node.entries() {
        let at = step(at, &key.text);
        match key.text.as_str() {
            "schema" => places.push((at, name.to_owned(), child)),
            "example" | "examples" => {}
            "headers" => {
                for (key, header) in child.entries() {
                    find(places, &step(&at, &key.text), &key.text, header);
                }
            }
            "parameters" => {
                for (index, parameter) in child.elements().iter().enumerate() {
                    let name = parameter.text("name").unwrap_or("(no name)");
                    find(places, &format!("{at}/{index}"), name, parameter);
                }
            }
            method if METHODS.contains(&method) => {
                let id = child.text("operationId").unwrap_or(method);
                find(places, &at, id, child);
            }
            _ => find(places, &at, name, child),
        }
    }
}

/// Checks a schema, then its subschemas.
fn schema(lint: &mut Lint<'_>, pointer: &str, name: &str, node: &Node) {
    if node.get("$ref").is_some() {
        return;
    }
    values::kind(lint, pointer, name, node);
    vocabulary::irregular(lint, pointer, node);
    simulated::member(lint, pointer, node);
    if node.get("enum").is_some() {
        values::enumeration(lint, pointer, name, node);
    }
    if node.text("type") == Some("array") && node.get("items").is_none() {
        let message = format!("the list `{name}` has no items");
        let help = "add `items:` with a type, such as `items: {type: string}`, or a reference";
        lint.missing(Rule::Shape, pointer, "items")
            .says(message)
            .help(help);
    }
    for inner in ["items", "additionalProperties"] {
        if let Some(node) = node.get(inner) {
            let at = step(pointer, inner);
            values::inline(lint, &at, name, node);
            schema(lint, &at, name, node);
        }
    }
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let properties = node.get("properties");
    for (key, property) in properties.map_or(&[][..], Node::entries) {
        let at = step(&step(pointer, "properties"), &key.text);
        member(lint, &at, &key.text, &mut names);
        described(lint, &at, &key.text, property);
        vocabulary::unit(lint, &at, &key.text, property);
        values::inline(lint, &at, &key.text, property);
        schema(lint, &at, &key.text, property);
    }
    for (at, required) in texts(pointer, node, "required") {
        let known = properties.is_none_or(|properties| properties.get(required).is_some());
        if !known && !lint.is_faulty(&step(pointer, "properties")) {
            lint.at(Rule::Shape, &at)
                .says(format!("`{required}` is required but not a property"))
                .help("describe it under `properties`, or remove it from `required`");
        }
    }
}

fn name(lint: &mut Lint<'_>, pointer: &str, name: &str, seen: &mut BTreeMap<String, String>) {
    // typify changes the spelling of consecutive capitals, and the names differ then.
    let letters: Vec<char> = name.chars().collect();
    let words = letters.iter().enumerate().all(|(at, letter)| {
        letter.is_ascii_alphanumeric()
            && (!letter.is_ascii_uppercase()
                || letters.get(at + 1).is_some_and(char::is_ascii_lowercase))
    });
    if !words || pascal(name) != name || syn::parse_str::<syn::Ident>(name).is_err() {
        lint.at(Rule::NameCollision, pointer)
            .says(format!("`{name}` cannot be the name of a Rust type"))
            .help("write it in Pascal case with one capital per word: `EvCharge`, not `EVCharge`");
    } else if RESERVED.split_whitespace().any(|known| known == name) {
        lint.at(Rule::NameCollision, pointer)
            .says(format!("`{name}` is reserved for hand-written code"))
            .help("give the component another name");
    }
    lint.unique(Rule::NameCollision, seen, name.to_lowercase(), pointer)
        .says(format!(
            "`{name}` differs from another component only in case"
        ))
        .help("rename one of them");
}

/// Checks a property's name as a Rust field.
fn member(lint: &mut Lint<'_>, pointer: &str, name: &str, seen: &mut BTreeMap<String, String>) {
    if !is_plain(name) {
        lint.at_key(Rule::NameCollision, pointer)
            .says(format!("`{name}` cannot be the name of a Rust field"))
            .help("start the name with a letter, and use only letters, digits, `_` and `-`");
    }
    let squeezed: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let squeezed = squeezed.to_lowercase();
    lint.unique(Rule::NameCollision, seen, squeezed, pointer)
        .says(format!(
            "`{name}` has the same Rust field as another property"
        ))
        .help(
            "keep one, and list the other spelling in its `x-smartcar-irregular: ['spelling:…']`",
        );
}

fn described(lint: &mut Lint<'_>, pointer: &str, name: &str, node: &Node) {
    // Siblings of a reference are ignored; its component has the description.
    if node.get("$ref").is_none()
        && !lint.is_faulty(pointer)
        && node
            .text("description")
            .is_none_or(|text| text.trim().is_empty())
    {
        lint.missing(Rule::Documentation, pointer, "description")
            .says(format!("`{name}` has no description"))
            .help("describe what it is and when it is absent; this becomes the docs of the type or field");
    }
}
