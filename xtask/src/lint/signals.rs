//! The signals of version 3: `x-smartcar-signal` and what belongs to it.
//!
//! Invariant: a code names one component, after itself, and a body that can be
//! any signal's lists all of them.

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
            .says(format!("the signal `{code}` has another component"))
            .help("keep one component a code");
        named(lint, &pointer, &key.text, node);
        grouped(lint, &pointer, node, code);
        for (member, help) in [
            ("title", "add `title:` with its name for people"),
            ("example", "add `example:` with a body: the docs show it"),
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

/// The component is the group and the words of the name: its type is public in
/// the group's module, under the name alone.
fn named(lint: &mut Lint<'_>, pointer: &str, component: &str, node: &Node) {
    let code = node.text(KEY).unwrap_or_default();
    let at = step(pointer, KEY);
    let words: Vec<_> = code.split('-').collect();
    if words.len() < 2 || !words.iter().copied().all(is_lower) {
        lint.at(Rule::Signal, &at)
            .says(format!("`{code}` is no code of a signal"))
            .help("write the group and the name in lower case with a `-` between them");
        return;
    }
    let name = words[1..].concat();
    if let Some(written) = node.text(NAME)
        && written.to_lowercase() != name
    {
        lint.at(Rule::Signal, &step(pointer, NAME))
            .says(format!("the name `{written}` is not that of `{code}`"))
            .help("the code ends with its name in lower case");
    }
    // A group that is missing or does not fit is reported for that.
    let title = node.text(GROUP).filter(|it| it.to_lowercase() == words[0]);
    let Some(title) = title.map(group) else {
        return;
    };
    let own = component.strip_prefix(&title).unwrap_or_default();
    let usable = |name: &str| syn::parse_str::<syn::Ident>(name).is_ok();
    let fits = own.to_lowercase() == name && own.starts_with(char::is_uppercase);
    if !fits || !usable(own) || !usable(&snake(&title)) {
        lint.at(Rule::Signal, &at)
            .says(format!("the signal `{code}` is named `{component}`"))
            .help(format!(
                "name the component `{title}` and the words of the signal's name, as \
                 `OdometerTraveledDistance` is `odometer-traveleddistance`"
            ));
    } else if lint.schemas().iter().any(|(key, _)| key.text == own) {
        lint.at_key(Rule::Signal, &step("/components/schemas", own))
            .says(format!("`{own}` is also the signal `{code}` in its group"))
            .help("give the component another name");
    }
}

fn grouped(lint: &mut Lint<'_>, pointer: &str, node: &Node, code: &str) {
    let prefix = code.split('-').next().unwrap_or_default();
    match node.text(GROUP) {
        None => lint
            .missing(Rule::Signal, pointer, GROUP)
            .says(format!("the signal `{code}` has no {GROUP}"))
            .help("add it: the group as the API writes it, such as `TractionBattery`"),
        Some(group) if group.to_lowercase() != prefix => lint
            .at(Rule::Signal, &step(pointer, GROUP))
            .says(format!("the group `{group}` is not that of `{code}`"))
            .help("the code begins with its group in lower case"),
        Some(_) => {}
    }
    let at = step(pointer, "x-smartcar-certainty");
    if let Some(mark) = node.text("x-smartcar-certainty")
        && !MARKS.contains(&mark)
    {
        lint.at(Rule::Signal, &at)
            .says(format!("`{mark}` is no mark of certainty"))
            .help("write D, S, L, I or '?', as spec/README.md explains");
    }
}

/// Where a body can be any signal's, no signal is forgotten.
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
                            "`{}` is not listed where signals have bodies",
                            signal.text
                        ))
                        .help(format!("add a reference to it to `anyOf` of `{at}`"));
                }
            }
        }
    }
}

/// Whether a composition is of signals alone: which of them a body is, its code
/// tells.
pub(super) fn only(lint: &Lint<'_>, composed: &Node) -> bool {
    // A reference that leads nowhere is reported for that.
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
