//! The shape of observed values (their types, never the values), and the YAML that
//! describes it.
//!
//! Invariant: the size of a shape is bounded by the limits of this module, however
//! much was recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::word::Word;
use crate::api::pascal;

/// Deeper levels are ignored.
const DEPTH: usize = 6;
/// Maximum number of distinct members per object.
const MEMBERS: usize = 64;
/// A string that is a date and time.
pub const DATE_TIME: &str = "date-time";
/// The member name that stores the elements of a list.
const ELEMENTS: &str = "[]";

static IS_DATE_TIME: LazyLock<Option<Validator>> = LazyLock::new(|| {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(&json!({"format": DATE_TIME})).ok()
});

/// The name of a value's type.
pub fn kind(value: &Value) -> &'static str {
    let is_time = |value| IS_DATE_TIME.as_ref().is_some_and(|it| it.is_valid(value));
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.as_f64().is_some_and(|n| n.fract() == 0.0) => "integer",
        Value::Number(_) => "number",
        Value::String(_) if is_time(value) => DATE_TIME,
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Everything observed at one position.
#[derive(Debug, Default)]
pub struct Shape {
    kinds: BTreeSet<&'static str>,
    /// Members that may be shown, and [`ELEMENTS`].
    inner: BTreeMap<String, Shape>,
    /// Whether members were left out, because they may not be shown or are too many.
    unnamed: bool,
}

impl Shape {
    /// Adds a value.
    pub fn add(&mut self, value: &Value, words: &BTreeSet<String>) {
        self.add_at(value, words, DEPTH);
    }

    fn add_at(&mut self, value: &Value, words: &BTreeSet<String>, depth: usize) {
        self.kinds.insert(kind(value));
        let members = value.as_object().into_iter().flatten();
        let members = members.map(|(name, value)| (Word::new(name, words), value));
        let elements = value.as_array().into_iter().flatten();
        let elements = elements.map(|value| (Word::Shown(ELEMENTS.to_owned()), value));
        for (name, value) in members.chain(elements) {
            let room = |name: &String| self.inner.len() < MEMBERS || self.inner.contains_key(name);
            match name {
                Word::Shown(name) if depth > 0 && room(&name) => {
                    let inner = self.inner.entry(name).or_default();
                    inner.add_at(value, words, depth - 1);
                }
                _ => self.unnamed = true,
            }
        }
    }

    /// The names of the types.
    pub fn describe(&self) -> String {
        let kinds: Vec<_> = self.kinds.iter().copied().collect();
        kinds.join(", ")
    }

    /// The YAML line of a member with this shape. Its components are added to `out`,
    /// with names that start with `prefix`.
    pub fn member(&self, name: &str, prefix: &str, out: &mut Vec<Vec<String>>) -> String {
        let schema = self.schema(name, prefix, out);
        // Siblings of a reference are ignored; its component has the description.
        let is_reference = schema.starts_with("$ref");
        let schema = joined(&schema, "description: …", !is_reference);
        format!("{}: {{{schema}}}", quoted(name))
    }

    fn schema(&self, name: &str, prefix: &str, out: &mut Vec<Vec<String>>) -> String {
        let kinds = self.kinds.iter().copied().filter(|kind| *kind != "null");
        let kinds: Vec<_> = kinds.collect();
        let schema = match kinds.as_slice() {
            ["boolean"] => "type: boolean",
            ["integer"] => "type: integer, format: int64",
            ["number"] | ["integer", "number"] => "type: number, format: double",
            [DATE_TIME] => "type: string, format: date-time",
            [] | ["string"] | [DATE_TIME, "string"] => "type: string",
            ["array"] => {
                let name = format!("{name}_entry");
                let elements = self.inner.get(ELEMENTS);
                let elements = elements.map(|it| it.schema(&name, prefix, out));
                let elements = elements.unwrap_or_else(|| "type: string".to_owned());
                &format!("type: array, items: {{{elements}}}")
            }
            ["object"] => {
                let component = format!("{prefix}{}", pascal(name));
                self.component(&component, out);
                return format!("$ref: '#/components/schemas/{component}'");
            }
            // With several types, the type is omitted to allow any.
            _ => return String::new(),
        };
        joined(schema, "nullable: true", self.kinds.contains("null"))
    }

    /// A component with this shape, followed by its nested components.
    fn component(&self, name: &str, out: &mut Vec<Vec<String>>) {
        let at = out.len();
        let members = self.inner.iter();
        let members = members.map(|(member, shape)| shape.member(member, name, out));
        let members: Vec<_> = members.map(|member| format!("    {member}")).collect();
        let mut lines = vec![format!("{name}:"), "  type: object".to_owned()];
        for (line, holds) in [
            ("nullable: true", self.kinds.contains("null")),
            ("description: …", true),
            (
                "additionalProperties: true  # some names cannot be shown",
                self.unnamed,
            ),
            ("properties:", !members.is_empty()),
        ] {
            lines.extend(holds.then(|| format!("  {line}")));
        }
        lines.extend(members);
        out.insert(at, lines);
    }
}

fn joined(schema: &str, more: &str, holds: bool) -> String {
    let parts = [(schema, !schema.is_empty()), (more, holds)].into_iter();
    let parts = parts.filter_map(|(part, holds)| holds.then_some(part));
    parts.collect::<Vec<_>>().join(", ")
}

/// A word as YAML, quoted if YAML 1.1 would parse it as something else.
pub fn quoted(word: &str) -> String {
    let read = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    if read.contains(&word.to_ascii_lowercase().as_str()) {
        return format!("'{word}'");
    }
    word.to_owned()
}
