//! A second decoder of both versions: slow, simple, and based on
//! `serde_json::Value`.
//!
//! Invariant: it shares no code with the crate's own readers. A marker represents
//! what a `Value` cannot hold.

pub(crate) mod body;
mod made;
pub(crate) mod v2;
pub(crate) mod v3;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// The duplicate members, with all values except the last.
const TWICE: &str = "\0twice";
/// Stands for a value that is unreadable.
const BROKEN: &str = "\0broken";
/// Marks an object that has a member with an unreadable name.
const NAMELESS: &str = "\0nameless";

/// The result of a path.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Good(Reading),
    /// Status, type and code.
    Api(u16, Option<String>, Option<String>),
    Missing,
    /// The signal is there but says that its value is not valid.
    NotValid,
    Malformed,
}

/// The values of a body by JSON pointer, and its metadata.
#[derive(Debug, PartialEq)]
pub(crate) struct Reading {
    pub(crate) leaves: BTreeMap<String, String>,
    pub(crate) data_age: Option<Timestamp>,
    pub(crate) fetched_at: Option<Timestamp>,
    pub(crate) unit_system: Option<String>,
}

/// All values that are not null, with numbers as bits, and the lengths of lists.
pub(crate) fn leaves(value: &Value) -> BTreeMap<String, String> {
    fn collect(value: &Value, at: &str, found: &mut BTreeMap<String, String>) {
        match value {
            Value::Null => {}
            Value::Array(list) => {
                found.insert(format!("{at}/#"), list.len().to_string());
                for (index, inner) in list.iter().enumerate() {
                    collect(inner, &format!("{at}/{index}"), found);
                }
            }
            Value::Object(members) => {
                for (name, inner) in members {
                    collect(inner, &format!("{at}/{name}"), found);
                }
            }
            Value::Number(number) => {
                let bits = number.as_f64().unwrap().to_bits();
                found.insert(at.to_owned(), format!("{bits:x}"));
            }
            other => {
                found.insert(at.to_owned(), other.to_string());
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(value, "", &mut found);
    found
}

/// JSON text as a tree with markers. `None` if it is not JSON.
pub(crate) fn tree(text: &str) -> Option<Value> {
    serde_json::from_str::<&RawValue>(text).ok().map(of_raw)
}

fn of_raw(raw: &RawValue) -> Value {
    let text = raw.get();
    if text.starts_with('[') {
        let list: Vec<&RawValue> = serde_json::from_str(text).unwrap();
        return list.into_iter().map(of_raw).collect();
    }
    if !text.starts_with('{') {
        return serde_json::from_str(text).unwrap_or_else(|_| json!({ BROKEN: true }));
    }
    let Pairs(pairs) = serde_json::from_str(text).unwrap();
    let mut members = Map::new();
    let mut twice = Map::new();
    for (name, raw) in pairs {
        let Ok(name) = serde_json::from_str::<String>(name.get()) else {
            members.insert(NAMELESS.to_owned(), true.into());
            continue;
        };
        if let Some(earlier) = members.insert(name.clone(), of_raw(raw)) {
            let known = twice.entry(name).or_insert(json!([]));
            known.as_array_mut().unwrap().push(earlier);
        }
    }
    if !twice.is_empty() {
        members.insert(TWICE.to_owned(), twice.into());
    }
    members.into()
}

pub(crate) struct Pairs<'a>(pub(crate) Vec<(&'a RawValue, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// An object that is readable and not a marker.
pub(crate) fn object(value: &Value) -> Option<&Map<String, Value>> {
    value.as_object().filter(|_| !is_broken(value))
}

/// Whether a value is unreadable.
pub(crate) fn is_broken(value: &Value) -> bool {
    value.as_object().is_some_and(|it| it.contains_key(BROKEN))
}

pub(crate) fn has_broken_name(members: &Map<String, Value>) -> bool {
    members.contains_key(NAMELESS)
}

pub(crate) fn is_twice(members: &Map<String, Value>, name: &str) -> bool {
    !earlier(members, name).is_empty()
}

/// The values of a duplicate member except its last one.
pub(crate) fn earlier<'v>(members: &'v Map<String, Value>, name: &str) -> &'v [Value] {
    let twice = members.get(TWICE).and_then(|twice| twice.get(name));
    twice.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The values of all members, also those of duplicates.
pub(crate) fn all(members: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let last = members.iter().filter(|(name, _)| *name != TWICE);
    let twice = members.get(TWICE).and_then(Value::as_object);
    let earlier = twice.into_iter().flat_map(Map::values);
    let earlier = earlier.filter_map(Value::as_array).flatten();
    last.map(|(_, value)| value).chain(earlier)
}

/// Whether a `Value` represents all of it, without a marker.
pub(crate) fn is_whole(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.iter().all(is_whole),
        Value::Object(members) => {
            let markers = [TWICE, BROKEN, NAMELESS];
            !markers.iter().any(|marker| members.contains_key(*marker))
                && members.values().all(is_whole)
        }
        _ => true,
    }
}

/// A member, unless it is null or a duplicate.
pub(crate) fn said<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    let value = members.get(name).filter(|value| !value.is_null());
    value.filter(|_| !is_twice(members, name))
}

/// A number, or a text that is a number.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|it: &f64| it.is_finite()),
        _ => None,
    }
}

/// Status, type and code of an error object.
pub(crate) fn api(status: u16, error: Option<&Value>) -> Outcome {
    let Some(mut error) = error.and_then(object) else {
        return Outcome::Api(status, None, None);
    };
    if let Some(Value::Array(list)) = said(error, "errors") {
        match list.iter().find_map(object) {
            Some(first) => error = first,
            None => return Outcome::Api(status, None, None),
        }
    }
    let text = |name: &str| {
        let text = said(error, name)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    Outcome::Api(status, text("type").or_else(|| text("error")), text("code"))
}
