//! What values look like: which types were seen, never which values; and the
//! YAML that describes them.
//!
//! Invariant: bounded. A shape's size depends on the caps of this module, not
//! on how much was recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::word::Word;
use crate::api::pascal;

/// Deeper levels are not looked at.
const DEPTH: usize = 6;
/// Most members of one object that are told apart.
const MEMBERS: usize = 64;

const DATE_TIME: &str = "date-time";

static IS_DATE_TIME: LazyLock<Option<Validator>> = LazyLock::new(|| {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(&json!({"format": DATE_TIME})).ok()
});

/// The type of a value in words.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.as_f64().is_some_and(|n| n.fract() == 0.0) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => match &*IS_DATE_TIME {
            Some(date_time) if date_time.is_valid(value) => DATE_TIME,
            _ => "string",
        },
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Everything that was seen at one place.
#[derive(Debug, Default)]
pub struct Shape {
    kinds: BTreeSet<&'static str>,
    elements: Option<Box<Shape>>,
    members: BTreeMap<String, Shape>,
    /// Whether an object had a name that may not be shown, or too many names.
    unnamed: bool,
}

impl Shape {
    /// Adds a value.
    pub fn add(&mut self, value: &Value, words: &BTreeSet<String>) {
        self.add_at(value, words, DEPTH);
    }

    fn add_at(&mut self, value: &Value, words: &BTreeSet<String>, depth: usize) {
        self.kinds.insert(kind(value));
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        if let Value::Array(list) = value {
            let elements = self.elements.get_or_insert_default();
            for element in list {
                elements.add_at(element, words, depth);
            }
        }
        for (name, value) in value.as_object().into_iter().flatten() {
            let room = self.members.len() < MEMBERS || self.members.contains_key(name);
            match Word::new(name, words) {
                Word::Shown(name) if room => {
                    let member = self.members.entry(name).or_default();
                    member.add_at(value, words, depth);
                }
                _ => self.unnamed = true,
            }
        }
    }

    /// The types in words.
    pub fn describe(&self) -> String {
        let kinds: Vec<_> = self.kinds.iter().copied().collect();
        kinds.join(", ")
    }

    /// The line of a member of this shape; its components go to `out`, their
    /// names begin with `prefix`.
    pub fn member(&self, name: &str, prefix: &str, out: &mut Vec<Vec<String>>) -> String {
        let mut parts = self.parts(name, prefix, out);
        // A reference's siblings are ignored: its component has the description.
        if !parts.iter().any(|part| part.starts_with("$ref")) {
            parts.push("description: …".to_owned());
        }
        format!("{}: {{{}}}", quoted(name), parts.join(", "))
    }

    fn parts(&self, name: &str, prefix: &str, out: &mut Vec<Vec<String>>) -> Vec<String> {
        let kinds: Vec<_> = self
            .kinds
            .iter()
            .copied()
            .filter(|kind| *kind != "null")
            .collect();
        let mut parts = match kinds.as_slice() {
            ["boolean"] => vec!["type: boolean".to_owned()],
            ["integer"] => vec!["type: integer".to_owned(), "format: int64".to_owned()],
            ["number"] | ["integer", "number"] => {
                vec!["type: number".to_owned(), "format: double".to_owned()]
            }
            [DATE_TIME] => vec!["type: string".to_owned(), "format: date-time".to_owned()],
            [] | ["string"] | [DATE_TIME, "string"] => vec!["type: string".to_owned()],
            ["array"] => {
                let none = Shape::default();
                let elements = self.elements.as_deref().unwrap_or(&none);
                let inner = elements.parts(&format!("{name}_entry"), prefix, out);
                let items = format!("items: {{{}}}", inner.join(", "));
                vec!["type: array".to_owned(), items]
            }
            ["object"] => {
                let component = format!("{prefix}{}", pascal(name));
                self.component(&component, out);
                return vec![format!("$ref: '#/components/schemas/{component}'")];
            }
            // Several types: without one, anything is read.
            _ => return Vec::new(),
        };
        if self.kinds.contains("null") {
            parts.push("nullable: true".to_owned());
        }
        parts
    }

    /// A component of this shape, before those nested in it.
    fn component(&self, name: &str, out: &mut Vec<Vec<String>>) {
        let mut lines = vec![format!("{name}:"), "  type: object".to_owned()];
        if self.kinds.contains("null") {
            lines.push("  nullable: true".to_owned());
        }
        lines.push("  description: …".to_owned());
        if self.unnamed {
            lines.push("  additionalProperties: true  # some names cannot be shown".to_owned());
        }
        if !self.members.is_empty() {
            lines.push("  properties:".to_owned());
        }
        let at = out.len();
        for (member, shape) in &self.members {
            lines.push(format!("    {}", shape.member(member, name, out)));
        }
        out.insert(at, lines);
    }
}

/// A word as YAML: in quotes where YAML 1.1 would read something else.
pub fn quoted(word: &str) -> String {
    let read = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    if read.contains(&word.to_ascii_lowercase().as_str()) {
        return format!("'{word}'");
    }
    word.to_owned()
}
