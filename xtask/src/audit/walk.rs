//! A value beside the schema that describes it.
//!
//! Invariant: strict. What the decoder forgives is a deviation here, unless
//! `x-smartcar-irregular` names the form.

use serde_json::{Map, Value};

use super::book::Book;
use super::shape::{self, Seen};
use super::tally::{Context, Kind, Tally};
use super::token::Word;
use super::trail::{ELEMENT, Spot, Trail};
use crate::source::{Key, Node};

/// One comparison.
#[derive(Debug)]
pub struct Walk<'w, 's> {
    /// What the spec says.
    pub book: &'w Book<'s>,
    /// Where deviations go.
    pub tally: &'w mut Tally,
    /// What is being compared.
    pub context: Context,
}

impl<'s> Walk<'_, 's> {
    /// Compares a value with a schema or a reference to one.
    pub fn value(&mut self, value: &Value, schema: &'s Node, spot: Spot<'_>) {
        let (name, node) = self.book.follow(schema);
        let forms = self.book.forms(schema);
        let components = Trail::root("components/schemas");
        let component = components.then(name.unwrap_or_default());
        let spot = match name {
            Some(_) => Spot {
                home: &component,
                ..spot
            },
            None => spot,
        };
        // Without a type anything may stand there.
        let Some(kind) = node.text("type") else {
            return;
        };
        if value.is_null() {
            if !node.is_true("nullable") {
                self.record(spot, Kind::Null);
            }
            return;
        }
        if value == "<invalid>" && forms.contains(&"invalid") {
            self.tally.irregular(&self.context, spot, "invalid");
            return;
        }
        match (kind, value) {
            ("boolean", Value::Bool(_)) => {}
            ("number" | "integer", Value::Number(number)) => {
                self.number(number.as_f64().unwrap_or_default(), value, kind, node, spot);
            }
            ("number" | "integer", Value::String(text)) if forms.contains(&"text") => {
                match shape::number(text) {
                    Some(number) if kind == "number" || number.fract() == 0.0 => {
                        self.tally.irregular(&self.context, spot, "text");
                        self.range(number, node, spot);
                    }
                    _ => self.mismatch(kind, value, spot),
                }
            }
            ("string", Value::String(text)) => self.text(text, node, &forms, spot),
            ("string", Value::Number(_)) if forms.contains(&"number") => {
                self.tally.irregular(&self.context, spot, "number");
            }
            ("array", Value::Array(list)) => self.list(list, node, spot),
            ("array", value) => self.no_list(value, node, &forms, spot),
            ("object", Value::Object(map)) => self.members(map, node, spot, ""),
            _ => self.mismatch(kind, value, spot),
        }
    }

    /// Compares an object's members, but for one that is looked at elsewhere.
    pub fn members(
        &mut self,
        map: &Map<String, Value>,
        node: &'s Node,
        spot: Spot<'_>,
        skip: &str,
    ) {
        let properties = node.get("properties").map_or(&[][..], Node::entries);
        let home = spot.home.then("properties");
        let mut spelled: Vec<&str> = Vec::new();
        for (name, value) in map.iter().filter(|(name, _)| *name != skip) {
            let exact = properties.iter().find(|(key, _)| key.text == *name);
            let found = exact
                .map(|(key, schema)| (key, schema, None))
                .or_else(|| self.spelled(name, properties));
            let Some((key, schema, form)) = found else {
                self.unknown(name, value, node, spot);
                continue;
            };
            let place = spot.place.then(&key.text);
            let spot = Spot {
                place: &place,
                home: &home.then(&key.text),
            };
            if let Some(form) = form {
                spelled.push(&key.text);
                self.tally.irregular(&self.context, spot, form);
            }
            self.value(value, schema, spot);
        }
        let required = node.get("required").map_or(&[][..], Node::elements);
        for name in required.iter().filter_map(Node::as_str) {
            if !map.contains_key(name) && !spelled.contains(&name) {
                self.record(spot, Kind::Missing(name.to_owned()));
            }
        }
    }

    /// The member that has this name as another spelling.
    fn spelled(
        &self,
        name: &str,
        properties: &'s [(Key, Node)],
    ) -> Option<(&'s Key, &'s Node, Option<&'s str>)> {
        properties.iter().find_map(|(key, schema)| {
            let forms = self.book.forms(schema);
            let form = forms
                .into_iter()
                .find(|form| form.strip_prefix("spelling:") == Some(name))?;
            Some((key, schema, Some(form)))
        })
    }

    /// Counts a deviation.
    pub fn record(&mut self, spot: Spot<'_>, kind: Kind) {
        self.tally.record(&self.context, spot, kind);
    }

    fn unknown(&mut self, name: &str, value: &Value, node: &'s Node, spot: Spot<'_>) {
        match node.get("additionalProperties") {
            Some(schema) if !schema.entries().is_empty() => {
                let place = spot.place.then("*");
                let home = spot.home.then("additionalProperties");
                self.value(
                    value,
                    schema,
                    Spot {
                        place: &place,
                        home: &home,
                    },
                );
            }
            Some(_) if node.is_true("additionalProperties") => {}
            _ => {
                let words = &self.book.words;
                let kind = Kind::UnknownMember(Word::new(name, words));
                self.tally
                    .record_shape(&self.context, spot, kind, value, words);
            }
        }
    }

    fn number(&mut self, number: f64, value: &Value, kind: &str, node: &Node, spot: Spot<'_>) {
        // `5.0` is an integer: JSON has one type of number, and senders vary.
        if kind == "integer" && number.fract() != 0.0 {
            self.mismatch(kind, value, spot);
        }
        self.range(number, node, spot);
    }

    fn range(&mut self, number: f64, node: &Node, spot: Spot<'_>) {
        if node
            .number("minimum")
            .is_some_and(|minimum| number < minimum)
        {
            self.record(spot, Kind::BelowMinimum);
        }
        if node
            .number("maximum")
            .is_some_and(|maximum| number > maximum)
        {
            self.record(spot, Kind::AboveMaximum);
        }
    }

    fn text(&mut self, text: &str, node: &'s Node, forms: &[&str], spot: Spot<'_>) {
        if let Some(values) = node.get("enum") {
            if !values
                .elements()
                .iter()
                .any(|value| value.as_str() == Some(text))
            {
                let word = Word::new(text, &self.book.words);
                self.record(spot, Kind::EnumValue(word));
            }
        } else if node.text("format") == Some("date-time") && !shape::is_date_time(text) {
            let date = shape::is_date(text);
            if date && forms.contains(&"date") {
                self.tally.irregular(&self.context, spot, "date");
            } else {
                self.record(spot, Kind::NotDateTime { date });
            }
        }
    }

    fn list(&mut self, list: &[Value], node: &'s Node, spot: Spot<'_>) {
        let Some(items) = node.get("items") else {
            return;
        };
        let place = spot.place.then(ELEMENT);
        let home = spot.home.then("items");
        let spot = Spot {
            place: &place,
            home: &home,
        };
        for element in list {
            self.value(element, items, spot);
        }
    }

    /// Something else where a list is declared: wrapped, or a single element.
    fn no_list(&mut self, value: &Value, node: &'s Node, forms: &[&str], spot: Spot<'_>) {
        let wrapped = forms.iter().find_map(|form| {
            let key = form.strip_prefix("wrapped:")?;
            Some((*form, key, value.as_object()?.get(key)?))
        });
        if let (Some((form, key, inner)), Some(map)) = (wrapped, value.as_object()) {
            self.tally.irregular(&self.context, spot, form);
            match inner {
                Value::Array(list) => self.list(list, node, spot),
                inner => self.mismatch("array", inner, spot),
            }
            for (name, value) in map.iter().filter(|(name, _)| *name != key) {
                let words = &self.book.words;
                let kind = Kind::UnknownMember(Word::new(name, words));
                self.tally
                    .record_shape(&self.context, spot, kind, value, words);
            }
        } else if forms.contains(&"single") {
            self.tally.irregular(&self.context, spot, "single");
            self.list(std::slice::from_ref(value), node, spot);
        } else {
            self.mismatch("array", value, spot);
        }
    }

    fn mismatch(&mut self, declared: &str, value: &Value, spot: Spot<'_>) {
        let kind = Kind::WrongType {
            declared: declared.to_owned(),
            seen: Seen::of(value),
        };
        self.record(spot, kind);
    }
}
