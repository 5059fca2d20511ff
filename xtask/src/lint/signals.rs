//! Checks the signals of version 3: `x-smartcar-signal` and its companion keys.
//!
//! Invariant: each code has one component, named after it, and a body that can be any
//! signal lists all of them.

use std::collections::BTreeMap;

use super::ground::{Lint, is_lower, step};
use crate::api::{component, group, snake};
use crate::finding::Rule;
use crate::source::Node;

const KEY: &str = "x-smartcar-signal";
const GROUP: &str = "x-smartcar-group";
const NAME: &str = "x-smartcar-name";
const MARKS: [&str; 5] = ["D", "S", "L", "I", "?"];

pub(super) fn check(lint: &mut Lint<'_>) {
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    for (key, node) in lint.schemas() {
        let pointer = step("/components/schemas", &key.text);
        let Some(code) = node.text(KEY) else {
            for companion in [GROUP, NAME, "x-smartcar-certainty"] {
                if node.get(companion).is_some() && node.get(KEY).is_none() {
                    lint.at_key(Rule::Signal, &step(&pointer, companion))
                        .says(format!("`{companion}` without `{KEY}`"))
                        .help(format!("add `{KEY}:` with the code, or remove it"));
                }
            }
            continue;
        };
        let at = step(&pointer, KEY);
        lint.unique(Rule::Signal, &mut seen, code, &at)
            .says(format!("the signal `{code}` already has another component"))
            .help("keep one component per code");
        named(lint, &pointer, &key.text, node);
        grouped(lint, &pointer, node, code);
        for (member, help) in [
            ("title", "add `title:` with its name for people"),
            ("example", "add `example:` with a body; the docs show it"),
        ] {
            if node.get(member).is_none() {
                lint.missing(Rule::Signal, &pointer, member)
                    .says(format!("the signal `{code}` has no {member}"))
                    .help(help);
            }
        }
    }
    listed(lint);
}

/// A component's name is the group and the words of the signal's name. Its Rust type
/// is public in the group's module under the signal's name.
fn named(lint: &mut Lint<'_>, pointer: &str, component: &str, node: &Node) {
    let code = node.text(KEY).unwrap_or_default();
    let at = step(pointer, KEY);
    let words: Vec<_> = code.split('-').collect();
    if words.len() < 2 || !words.iter().copied().all(is_lower) {
        lint.at(Rule::Signal, &at)
            .says(format!("`{code}` is not a valid signal code"))
            .help("write the group and the name in lower case, joined by `-`");
        return;
    }
    let name = words[1..].concat();
    if let Some(written) = node.text(NAME)
        && written.to_lowercase() != name
    {
        lint.at(Rule::Signal, &step(pointer, NAME))
            .says(format!(
                "the name `{written}` does not match the code `{code}`"
            ))
            .help("the code ends with its name in lower case");
    }
    // A missing or mismatched group is already reported.
    let title = node.text(GROUP).filter(|it| it.to_lowercase() == words[0]);
    let Some(title) = title.map(group) else {
        return;
    };
    let own = component.strip_prefix(&title).unwrap_or_default();
    let usable = |name: &str| syn::parse_str::<syn::Ident>(name).is_ok();
    let fits = own.to_lowercase() == name && own.starts_with(char::is_uppercase);
    if !fits || !usable(own) || !usable(&snake(&title)) {
        lint.at(Rule::Signal, &at)
            .says(format!(
                "the component of the signal `{code}` is named `{component}`"
            ))
            .help(format!(
                "name the component after the group and the signal's name: `{title}…`, as in \
                 `OdometerTraveledDistance` for `odometer-traveleddistance`"
            ));
    } else if lint.schemas().iter().any(|(key, _)| key.text == own) {
        lint.at_key(Rule::Signal, &step("/components/schemas", own))
            .says(format!(
                "`{own}` is also the name of the signal `{code}` in its group"
            ))
            .help("give the component another name");
    }
}

fn grouped(lint: &mut Lint<'_>, pointer: &str, node: &Node, code: &str) {
    let prefix = code.split('-').next().unwrap_or_default();
    match node.text(GROUP) {
        None => lint
            .missing(Rule::Signal, pointer, GROUP)
            .says(format!("the signal `{code}` has no {GROUP}"))
            .help("add the group as the API writes it, such as `TractionBattery`"),
        Some(group) if group.to_lowercase() != prefix => lint
            .at(Rule::Signal, &step(pointer, GROUP))
            .says(format!(
                "the group `{group}` does not match the code `{code}`"
            ))
            .help("the code starts with its group in lower case"),
        Some(_) => {}
    }
    let at = step(pointer, "x-smartcar-certainty");
    if let Some(mark) = node.text("x-smartcar-certainty")
        && !MARKS.contains(&mark)
    {
        lint.at(Rule::Signal, &at)
            .says(format!("`{mark}` is not a mark of certainty"))
            .help("write D, S, L, I or '?', as spec/README.md explains");
    }
}

/// A body that can be any signal lists all of them.
fn listed(lint: &mut Lint<'_>) {
    for (key, node) in lint.schemas() {
        let properties = node.members("properties");
        for (name, property) in properties {
            let Some(bodies) = property.get("anyOf").filter(|bodies| only(lint, bodies)) else {
                continue;
            };
            let names: Vec<_> = bodies.elements().iter().filter_map(component).collect();
            let at = step(
                &step(&step("/components/schemas", &key.text), "properties"),
                &name.text,
            );
            for (signal, node) in lint.schemas() {
                if node.get(KEY).is_some() && !names.contains(&signal.text) {
                    lint.at_key(Rule::Signal, &step("/components/schemas", &signal.text))
                        .says(format!(
                            "`{}` is missing from the list of signal bodies",
                            signal.text
                        ))
                        .help(format!("add a reference to it to `anyOf` of `{at}`"));
                }
            }
        }
    }
}

/// Whether a composition has only signals. The code decides which of them a body is.
pub(super) fn only(lint: &Lint<'_>, composed: &Node) -> bool {
    // A dangling reference is already reported.
    let signal = |node: &Node| {
        component(node).is_some_and(|name| {
            let target = lint.source.at(&step("/components/schemas", &name));
            target.is_none_or(|target| target.get(KEY).is_some())
        })
    };
    let elements = composed.elements();
    !elements.is_empty() && elements.iter().all(signal)
}

/// Whether a mark is one of those that spec/README.md explains.
pub(super) fn is_mark(mark: &str) -> bool {
    MARKS.contains(&mark)
}
