//! `smartcar-model/MIGRATION.md`: the changes from v2.0 to version 3, for readers.
//!
//! Invariant: it has every row of the mapping, with its certainty.

use serde_json::Value;

use super::markdown::{cell, codes, head, row};
use crate::api::Api;
use crate::source::{Key, Node};

const CHANGES: &str = "\
On v2.0 a batch reads the vehicle. Version 3 reads a store that webhooks fill. \
The same types can be read from it:

- **Percentages**: 0 to 100 in signals, 0 to 1 in the bodies of v2.0. They are converted.
- **Freshness**: a reading is as old as the data in the store. `Meta::data_age` is the oldest `oemUpdatedAt` of the signals \
used for a body, and `Meta::fetched_at` the oldest `retrievedAt`. Reading the store does not wake the vehicle.
- **Empty store**: no signals are returned, and each item is `ItemError::NotAvailable`. The store of a vehicle that no \
webhook is subscribed to was seen to stay empty, with status 200, and to fill within two days once one was. The documentation \
says that Smartcar updates such a store about once a day. `smartcar doctor` says which it is, `smartcar subscribe WEBHOOK --missing` \
subscribes the vehicles, and the guide has a chapter about it.
- **Tokens**: one token for the application instead of one per owner. Requests also need the ID of the vehicle's user.
- **Permissions** are granted as before. It is not documented which permission a signal needs; presumably the one of the \
v2.0 endpoint that it replaces. If it is missing, only that item fails.
- **Errors**: a signal with the status `ERROR` is the API error of its item, with the HTTP status that the catalogue has \
for its type. Its last known value is used only if it is requested (`last_known`), and such a reading is marked with \
`Meta::last_known`.
- **Limits**: it is not documented whether a request for all signals counts as one request or as one per signal.
- **Units**: each signal names its own, and `Meta::unit_system` follows from it. A body whose signals mix both systems is \
malformed.
- **Not on version 3**: `ItemError::Unsupported`. An optional member is left out instead. If a signal for such a member \
failed, `Response::member_errors` lists it.
";

/// The text of the file.
pub fn emit(v2: &Api, v3: &Api) -> String {
    let specs = format!("{} and {}", v2.file, v3.file);
    let title = format!("From v{} to v{}", v2.version, v3.version);
    let mut text = head(&specs, &title) + CHANGES;
    text.push_str(
        "\n# Endpoints\n\n\
         Certainty: D documented, S seen in an official SDK or its tests, L looks live, I inferred, ? unknown. There is no \
         official table of this kind. Sources joined by `else` are tried in order.\n\n\
         | Path | Type | Member | On version 3 | Certainty | Note |\n|---|---|---|---|---|---|\n",
    );
    for endpoint in &v2.endpoints {
        let Some(mapping) = v2.mapping(endpoint) else {
            continue;
        };
        let path = format!("`{}`", endpoint.path);
        let kind = format!("`{}`", v2.type_path(&endpoint.type_name));
        let mut line = |member: &str, source: &Node, missing: &str| {
            let marks = source.texts("certainty").join(", ");
            let reason = source.text("none");
            let shown = reason.map_or_else(|| show(source), |_| missing.to_owned());
            let note = reason.or(source.text("note")).unwrap_or_default();
            text += &row(&[&path, &kind, member, &shown, &marks, &cell(note.trim())]);
        };
        if mapping.get("none").is_some() {
            line("all", mapping, "not on version 3");
        } else if matches!(v2.schema(&endpoint.type_name), Some(body) if body.properties().is_empty())
        {
            line("the list", mapping, "");
        }
        for (place, source) in v2.places(mapping, &endpoint.type_name) {
            let missing = if place.is_optional() {
                "left out"
            } else {
                "not on version 3, so the whole body is not either"
            };
            line(&format!("`{}`", place.name), source, missing);
        }
    }
    text.push_str(
        "\n# Signals\n\nThe types are in `smartcar_model::v3::signal`. Each signal can be read by itself, even if no \
         endpoint of v2.0 uses it.\n\n\
         | Signal | Type | What | Certainty | Used by |\n|---|---|---|---|---|\n",
    );
    for (_, signal) in v3.signals() {
        text += &row(&[
            &format!("`{}`", signal.code),
            &format!("`{}::{}`", signal.module, signal.name),
            &cell(&signal.title),
            &signal.certainty,
            &codes(
                v2.made_of(&signal.code)
                    .map(|endpoint| endpoint.path.as_str()),
                " ",
            ),
        ]);
    }
    text
}

/// Describes a source in words.
fn show(source: &Node) -> String {
    let elements = |key| source.get(key).map(Node::elements);
    if let Some(at) = source.text("vehicle") {
        format!("the vehicle's `{at}`")
    } else if let Some(at) = source.text("connection") {
        format!("the connection's `{at}`")
    } else if let Some(value) = source.get("constant") {
        let always = if value.as_str().is_some() {
            ""
        } else {
            "always "
        };
        format!("{always}{}", constant(value))
    } else if source.get("none").is_some() {
        "nothing".to_owned()
    } else if let Some(sources) = elements("first") {
        joined(sources, show, "<br>else ")
    } else if let Some(found) = source.get("members") {
        members(found)
    } else if let Some(entries) = elements("entries") {
        joined(entries, members, "<br>")
    } else if let Some(each) = source.get("each") {
        let places = [source.text("signal"), source.text("list")];
        let from = codes(places.into_iter().flatten(), " ");
        format!("each of {from}: {}", members(each))
    } else {
        pick(source)
    }
}

fn members(sources: &Node) -> String {
    let sourced = |(_, source): &&(Key, Node)| source.get("none").is_none();
    let sources: Vec<_> = sources.entries().iter().filter(sourced).collect();
    joined(
        &sources,
        |(name, source)| format!("{} = {}", name.text, show(source)),
        ", ",
    )
}

fn pick(source: &Node) -> String {
    let entries = |key| source.get(key).map_or(&[][..], Node::entries);
    let code = |text: &str| format!("`{text}`");
    let signal = source.text("signal");
    let mut parts: Vec<_> = signal.map(code).into_iter().collect();
    if let Some(list) = source.text("list") {
        let filter = |(key, value): &(Key, Node)| format!("{} {}", key.text, constant(value));
        parts.push(format!(
            "`{list}` ({})",
            joined(entries("where"), filter, ", ")
        ));
    }
    let at = source.text("at").unwrap_or("/value");
    if signal.is_none() || at != "/value" {
        parts.push(code(at));
    }
    if let Some(scale) = source.number("scale") {
        parts.push(format!("× {scale}"));
    }
    if source.get("values").is_some() {
        let value = |(from, to): &(Key, Node)| format!("`{}` → {}", from.text, constant(to));
        parts.push(format!("({})", joined(entries("values"), value, ", ")));
    }
    if source.text("form") == Some("minutes") {
        parts.push("minutes after `retrievedAt`".to_owned());
    }
    let powertrain = source.texts("powertrain");
    if !powertrain.is_empty() {
        parts.push(format!("({} only)", powertrain.join(", ")));
    }
    parts.join(" ")
}

fn constant(node: &Node) -> String {
    match node.to_value() {
        Value::String(text) => format!("`{text}`"),
        other => other.to_string(),
    }
}

fn joined<T>(all: &[T], show: impl Fn(&T) -> String, between: &str) -> String {
    all.iter().map(show).collect::<Vec<_>>().join(between)
}
