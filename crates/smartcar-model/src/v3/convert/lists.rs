//! The lists in signals: under which name, and what of them a body has a place
//! for.
//!
//! Invariant: an element that was sent is read, is nothing but nulls, or is told.

use serde_json::Value;

use super::value;
use super::why::Why;
use crate::v3::mapping::{Member, Pick, Source};

/// Why an element is told.
pub(super) const NO_PLACE: &str = "an element without a place on v2.0, ask for the signal itself";

/// The list of a signal, and the other name under which it is sent.
const SPELLINGS: [(&str, &str); 2] = [("closure-doors", "doors"), ("closure-windows", "windows")];

/// Members beside a value that do not mean that it was sent under another name.
const COMPANIONS: [&str; 7] = [
    "unit",
    "type",
    "row",
    "column",
    "isLocked",
    "description",
    "additionalValues",
];

/// A list, and where it is.
pub(super) struct List<'v> {
    pub(super) elements: &'v [Value],
    pub(super) at: String,
}

/// The list at a pointer into a body. `at` is where the body is.
pub(super) fn of<'v>(
    signal: Option<&str>,
    body: &'v Value,
    at: &str,
    pointer: &str,
) -> Result<List<'v>, Why> {
    let said = |body: &'v Value, pointer: &str| body.pointer(pointer).filter(|it| !it.is_null());
    let mut spellings = SPELLINGS.iter();
    let other = spellings.find_map(|(code, name)| (signal == Some(*code)).then_some(*name));
    let other = other.map(|name| format!("/{name}"));
    let other = other.as_deref();
    let found = said(body, pointer);
    let spelled = other.and_then(|other| said(body, other));
    let wrong = |at: String| Why::unreadable(at, "something else where a list belongs");
    let (value, mut at) = match (found, spelled, other) {
        (Some(_), Some(_), Some(other)) => {
            let why = "the list under both of its names";
            return Err(Why::unreadable(format!("{at}{other}"), why));
        }
        (None, Some(value), Some(other)) => (value, format!("{at}{other}")),
        (Some(value), ..) => (value, format!("{at}{pointer}")),
        // A signal without the list that it is made of.
        (None, ..) if pointer == "/values" => {
            return Err(Why::unreadable(format!("{at}{pointer}"), "no list"));
        }
        (None, ..) => return Err(Why::NoValue(format!("{at}{pointer}"))),
    };
    // The list can be in an object, beside the numbers of rows and columns.
    let inner = other.and_then(|other| Some((value.pointer(other)?, other)));
    let value = match inner {
        Some((value, other)) => {
            at.push_str(other);
            value
        }
        None => value,
    };
    match value {
        Value::Array(elements) => Ok(List { elements, at }),
        _ => Err(wrong(at)),
    }
}

/// Whether an element says nothing: null, or nothing but nulls.
pub(super) fn is_nothing(element: &Value) -> bool {
    match element {
        Value::Null => true,
        Value::Object(members) => members.values().all(Value::is_null),
        _ => false,
    }
}

/// Whether the value that an object is there for is absent, and something else
/// is in it that nobody knows.
pub(super) fn is_something_else(object: &Value, pointer: &str) -> bool {
    if !["/value", "/status", "/isOpen"].contains(&pointer) || object.pointer(pointer).is_some() {
        return false;
    }
    let members = object.as_object().into_iter().flatten();
    let mut others =
        members.filter(|(name, value)| !value.is_null() && !COMPANIONS.contains(&name.as_str()));
    others.next().is_some()
}

/// The picks that take single elements, by row and column, out of one list.
pub(super) struct Places {
    pub(super) picks: Vec<&'static Pick>,
}

impl Places {
    /// The elements that none of the picks takes, unless they say nothing.
    pub(super) fn unplaced(&self, list: &List<'_>) -> Vec<usize> {
        let placed = |pick: &&Pick| {
            let mut elements = list.elements.iter();
            elements.position(|element| value::matches(element, pick.filter))
        };
        let placed: Vec<_> = self.picks.iter().filter_map(placed).collect();
        let elements = list.elements.iter().enumerate();
        elements
            .filter(|(index, element)| !placed.contains(index) && !is_nothing(element))
            .map(|(index, _)| index)
            .collect()
    }
}

/// The lists of a body whose elements have places, each with the pointer to the
/// list that it fills, and how many places that has.
pub(super) fn of_places(members: &'static [Member]) -> Vec<(Places, String, usize)> {
    let mut found: Vec<(Places, String, usize)> = Vec::new();
    for member in members {
        let (picks, at) = match &member.source {
            Source::Entries(entries) => {
                let members = entries.iter().flat_map(|entry| entry.iter());
                let picks = members.filter_map(|member| by_place(&member.source));
                (picks.collect(), format!("/{}", member.name))
            }
            source => (Vec::from_iter(by_place(source)), String::new()),
        };
        let Some(first) = picks.first() else {
            continue;
        };
        let same = |(places, _, _): &&mut (Places, String, usize)| {
            places.picks[0].signal == first.signal && places.picks[0].list == first.list
        };
        let count = picks.len();
        match found.iter_mut().find(same) {
            Some((places, _, known)) => {
                places.picks.extend(picks);
                *known += count;
            }
            None => found.push((Places { picks }, at, count)),
        }
    }
    found
}

fn by_place(source: &'static Source) -> Option<&'static Pick> {
    match source {
        Source::Pick(pick) if pick.filter.iter().any(|(name, _)| *name == "row") => Some(pick),
        _ => None,
    }
}
