//! Checks `x-smartcar-v3`: the mapping from version 3 to each body of v2.0.
//!
//! Invariant: a mapping without findings refers only to what the other file has, and
//! every member of every body has a source or a reason for having none.

mod place;

use super::ground::{Fault, Lint, did_you_mean, step, texts};
use super::signals;
use crate::api::{self, component, json_content};
use crate::finding::Rule;
use crate::source::{Data, Node, Source};
use place::Places;

const KEY: &str = "x-smartcar-v3";

/// The keys of a source. The first eight are the kinds of source.
const KEYS: [&str; 18] = [
    "signal",
    "vehicle",
    "connection",
    "constant",
    "none",
    "first",
    "members",
    "entries",
    "at",
    "list",
    "where",
    "each",
    "scale",
    "values",
    "form",
    "plausible",
    "powertrain",
    "certainty",
];
const KINDS: usize = 8;
const POWERTRAINS: &str = "/components/schemas/PowertrainType";

pub(super) fn check(lint: &mut Lint<'_>, other: &Source) {
    let places = Places::new(other);
    if places.is_empty() {
        return;
    }
    let root = lint.root();
    let bodies: Vec<String> = api::operations(root)
        .filter(|op| op.batch_path(root).is_some())
        .filter_map(|op| component(json_content(op.success(root)?)?.get("schema")?))
        .collect();
    let mut checker = Checker { lint, places };
    for (key, node) in checker.lint.schemas() {
        let pointer = step("/components/schemas", &key.text);
        match (bodies.contains(&key.text), node.get(KEY)) {
            (true, None) => checker
                .lint
                .missing(Rule::Unmapped, &pointer, KEY)
                .says(format!("`{}` has no mapping to version 3", key.text))
                .help(format!(
                    "add `{KEY}:` with a source for each member, or `{{none: <reason>}}`"
                )),
            (false, Some(_)) => checker
                .lint
                .at_key(Rule::Mapping, &step(&pointer, KEY))
                .says(format!("`{}` is not the body of an endpoint", key.text))
                .help("move it to the mapping of the body that contains this component"),
            (true, Some(mapping)) => checker.body(&step(&pointer, KEY), mapping, node),
            (false, None) => {}
        }
    }
}

struct Checker<'l, 'a, 'o> {
    lint: &'l mut Lint<'a>,
    places: Places<'o>,
}

impl<'a> Checker<'_, 'a, '_> {
    fn body(&mut self, at: &str, mapping: &'a Node, body: &'a Node) {
        if mapping.get("none").is_some() && mapping.entries().len() == 1 {
            self.text(at, mapping, "none");
        } else if body.text("type") == Some("array") {
            self.source(at, mapping, body, None);
            self.row(at, mapping);
        } else {
            self.members(at, mapping, body, None);
            for (key, source) in mapping.entries() {
                self.row(&step(at, &key.text), source);
            }
        }
    }

    /// Checks the keys that only the source of a whole member has.
    fn row(&mut self, at: &str, source: &Node) {
        let marks = source.list("certainty");
        if source.get("none").is_none() && marks.is_empty() {
            self.wrong(at)
                .says("the source has no `certainty`")
                .help("add `certainty: [D, I]`, the marks of spec/README.md");
        }
        for (index, mark) in marks.iter().enumerate() {
            if !mark.as_str().is_some_and(signals::is_mark) {
                self.wrong(&format!("{at}/certainty/{index}"))
                    .says("this is not a mark of certainty")
                    .help("write D, S, L, I or '?', as spec/README.md explains");
            }
        }
    }

    /// Checks the members of an object against those of its component.
    fn members(&mut self, at: &str, mapping: &'a Node, target: &'a Node, element: Option<&str>) {
        let properties = target.members("properties");
        for (key, source) in mapping.entries() {
            let at = step(at, &key.text);
            let Some((_, property)) = properties.iter().find(|(name, _)| name.text == key.text)
            else {
                let names = properties.iter().map(|(name, _)| name.text.as_str());
                let help = did_you_mean(&key.text, names, "name a property of the component");
                let message = format!("`{}` is not a member of this body", key.text);
                self.wrong_key(Rule::Mapping, &at).says(message).help(help);
                continue;
            };
            self.source(&at, source, property, element);
        }
        for (name, _) in properties {
            if mapping.get(&name.text).is_none() {
                self.wrong_key(Rule::Unmapped, at)
                    .says(format!("`{}` has no source on version 3", name.text))
                    .help(format!(
                        "add `{}:` with its source, or `{{none: <reason>}}`",
                        name.text
                    ));
            }
        }
    }

    /// Checks one source. Within a list element, pointers are relative to the element.
    fn source(&mut self, at: &str, node: &'a Node, target: &'a Node, element: Option<&str>) {
        if !matches!(node.data, Data::Map(_)) {
            self.wrong(at)
                .says("a source must be a mapping")
                .help("write `{signal: <code>}`, or `{none: <reason>}`");
            return;
        }
        for (key, _) in node.entries() {
            if !KEYS.contains(&key.text.as_str()) && key.text != "note" {
                let help = did_you_mean(
                    &key.text,
                    KEYS.into_iter(),
                    format!("the keys of a source are {} and note", KEYS.join(", ")),
                );
                let message = format!("`{}` is not a key of a source", key.text);
                self.wrong_key(Rule::Mapping, &step(at, &key.text))
                    .says(message)
                    .help(help);
            }
        }
        let kinds = KEYS[..KINDS].iter().filter(|key| node.get(key).is_some());
        let kinds = kinds.count();
        if kinds > 1 || kinds == 0 && element.is_none() {
            self.wrong(at)
                .says(format!("the source has {kinds} kinds"))
                .help(format!("write exactly one of {}", KEYS[..KINDS].join(", ")));
            return;
        }
        if node.get("none").is_some() {
            self.text(at, node, "none");
        } else if let Some(list) = node.get("first") {
            for (index, source) in list.elements().iter().enumerate() {
                self.source(&format!("{at}/first/{index}"), source, target, element);
            }
        } else if let Some(members) = node.get("members") {
            let target = self.target(target);
            self.members(&step(at, "members"), members, target, element);
        } else if let Some(entries) = node.get("entries") {
            let target = self.target(target);
            for (index, entry) in entries.elements().iter().enumerate() {
                self.members(&format!("{at}/entries/{index}"), entry, target, element);
            }
        } else if node.get("constant").is_none() {
            self.pick(at, node, target, element);
        }
    }

    fn pick(&mut self, at: &str, node: &'a Node, target: &'a Node, element: Option<&str>) {
        let resource = ["vehicle", "connection"]
            .into_iter()
            .find(|key| node.get(key).is_some());
        let (start, place) = if let Some(key) = resource {
            let name = if key == "vehicle" {
                "Vehicle"
            } else {
                "Connection"
            };
            (format!("/components/schemas/{name}"), key)
        } else if let Some(code) = node.text("signal") {
            let Some(start) = self.places.signal(code) else {
                let help = did_you_mean(
                    code,
                    self.places.codes(),
                    "use an `x-smartcar-signal` of the spec of version 3",
                );
                self.wrong(&step(at, "signal"))
                    .says(format!("`{code}` is not a signal"))
                    .help(help);
                return;
            };
            (start, "at")
        } else {
            (element.unwrap_or_default().to_owned(), "at")
        };
        let mut from = start;
        if let Some(list) = node.text("list") {
            let Some(element) = self.places.element(&from, list) else {
                self.wrong(&step(at, "list"))
                    .says(format!("the signal's body has no list at `{list}`"))
                    .help("write the pointer to a list in the signal's body");
                return;
            };
            from = element;
        }
        for (key, _) in node.members("where") {
            if self.places.at(&from, &format!("/{}", key.text)).is_none() {
                let message = format!("the list's elements have no `{}`", key.text);
                self.wrong_key(Rule::Mapping, &step(&step(at, "where"), &key.text))
                    .says(message)
                    .help("name a member of the list's elements");
            }
        }
        if let Some(each) = node.get("each") {
            let target = self.target(target);
            self.members(&step(at, "each"), each, target, Some(&from));
            return;
        }
        let pointer = node.text(place).unwrap_or("/value");
        if self.places.at(&from, pointer).is_none() {
            let there = if node.get(place).is_some() {
                step(at, place)
            } else {
                at.to_owned()
            };
            self.wrong(&there)
                .says(format!("the pointer `{pointer}` leads nowhere"))
                .help("write the pointer to a member of the response");
        }
        self.written(at, node);
    }

    /// Checks the keys that convert the value.
    fn written(&mut self, at: &str, node: &Node) {
        let number = |node: &Node| node.to_value().is_number();
        let range = |node: &Node| node.elements().len() == 2 && node.elements().iter().all(number);
        let words = |node: &Node| {
            let entries = node.entries();
            !entries.is_empty() && entries.iter().all(|(_, value)| value.as_str().is_some())
        };
        for (key, fits, help) in [
            (
                "scale",
                node.get("scale").is_none_or(number),
                "write a number, such as 0.01",
            ),
            (
                "plausible",
                node.get("plausible").is_none_or(range),
                "write the smallest and the largest value in the metric unit",
            ),
            (
                "values",
                node.get("values").is_none_or(words),
                "write one string per value, such as `{'true': OPEN}`",
            ),
            (
                "form",
                node.text("form").is_none_or(|form| form == "minutes"),
                "write `minutes`, or remove the key",
            ),
        ] {
            if !fits {
                self.wrong(&step(at, key))
                    .says(format!("this is not a valid `{key}`"))
                    .help(help);
            }
        }
        let known = self.places.texts(POWERTRAINS);
        for (at, name) in texts(at, node, "powertrain") {
            if !known.iter().any(|known| known == name) {
                self.wrong(&at)
                    .says(format!("`{name}` is not a powertrain"))
                    .help("write a value of the component `PowertrainType`");
            }
        }
    }

    /// The component that a property, or the elements of a list, refer to.
    fn target(&self, node: &'a Node) -> &'a Node {
        let inner = node.get("items").unwrap_or(node);
        let name = component(inner).map(|name| step("/components/schemas", &name));
        name.and_then(|at| self.lint.source.at(&at))
            .unwrap_or(inner)
    }

    fn text(&mut self, at: &str, node: &Node, key: &str) {
        if node.text(key).is_none_or(|text| text.trim().is_empty()) {
            self.wrong(&step(at, key))
                .says("the reason is empty")
                .help("explain in words why version 3 does not have it");
        }
    }

    fn wrong_key(&mut self, rule: Rule, at: &str) -> Fault<'_, 'a> {
        self.lint.at_key(rule, at)
    }

    fn wrong(&mut self, at: &str) -> Fault<'_, 'a> {
        self.lint.at(Rule::Mapping, at)
    }
}
