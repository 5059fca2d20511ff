//! Lists in signals: their names, and which of their elements a body has a place
//! for.
//!
//! Invariant: every element that was received is read, consists only of nulls, or
//! is reported.

use super::value::{self, Spot};
use super::why::Why;
use crate::tree::Tree;
use crate::v3::mapping::{Member, Pick, Source};

/// Why an element is reported.
pub(super) const NO_PLACE: &str = "this element has no place in v2.0; request the signal itself";

/// The list of a signal, and its alternative name.
const SPELLINGS: [(&str, &str); 2] = [("closure-doors", "doors"), ("closure-windows", "windows")];

/// Members that do not indicate that the value was sent under another name.
const COMPANIONS: [&str; 7] = [
    "unit",
    "type",
    "row",
    "column",
    "isLocked",
    "description",
    "additionalValues",
];

/// A list and its location.
pub(super) struct List<'r, 's> {
    pub(super) elements: &'r [Tree<'s>],
    pub(super) at: String,
}

/// The list at a JSON pointer into a body. `at` is the location of the body.
pub(super) fn of<'r, 's>(
    signal: Option<&str>,
    body: &'r Tree<'s>,
    at: Spot<'_>,
    pointer: &str,
) -> Result<List<'r, 's>, Why> {
    let said = |body: &'r Tree<'s>, pointer: &str| body.at(pointer).filter(|it| !it.is_null());
    let mut spellings = SPELLINGS.iter();
    let other = spellings.find_map(|(code, name)| (signal == Some(*code)).then_some(*name));
    let other = other.map(|name| format!("/{name}"));
    let other = other.as_deref();
    let found = said(body, pointer);
    let spelled = other.and_then(|other| said(body, other));
    let wrong = |at: String| Why::unreadable(at, "expected a list");
    let (value, mut at) = match (found, spelled, other) {
        (Some(_), Some(_), Some(other)) => {
            let why = "the list occurs under both of its names";
            return Err(Why::unreadable(format!("{at}{other}"), why));
        }
        (None, Some(value), Some(other)) => (value, format!("{at}{other}")),
        (Some(value), ..) => (value, format!("{at}{pointer}")),
        // The signal does not have the list that it should consist of.
        (None, ..) if pointer == "/values" => {
            return Err(Why::unreadable(
                format!("{at}{pointer}"),
                "the list is missing",
            ));
        }
        (None, ..) => return Err(Why::NoValue(format!("{at}{pointer}"))),
    };
    // The list can be nested in an object, next to the numbers of rows and
    // columns.
    let inner = other.and_then(|other| Some((value.at(other)?, other)));
    let value = match inner {
        Some((value, other)) => {
            at.push_str(other);
            value
        }
        None => value,
    };
    match value {
        Tree::List(elements) => Ok(List { elements, at }),
        _ => Err(wrong(at)),
    }
}

/// Whether an element has no data: it is null, or all of its members are.
pub(super) fn is_nothing(element: &Tree<'_>) -> bool {
    match element {
        Tree::Null => true,
        Tree::Object(members) => members.values().all(Tree::is_null),
        _ => false,
    }
}

/// Whether an object lacks the value that it exists for but has unknown members.
pub(super) fn is_something_else(object: &Tree<'_>, pointer: &str) -> bool {
    let Tree::Object(members) = object else {
        return false;
    };
    if !["/value", "/status", "/isOpen"].contains(&pointer) || object.at(pointer).is_some() {
        return false;
    }
    let mut members = members.iter();
    members.any(|(name, value)| !value.is_null() && !COMPANIONS.contains(&name.as_ref()))
}

/// The picks that take single elements of one list by row and column.
pub(super) struct Places {
    pub(super) picks: Vec<&'static Pick>,
}

impl Places {
    /// The elements that no pick takes, except those without data.
    pub(super) fn unplaced(&self, list: &List<'_, '_>) -> Vec<usize> {
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

/// The lists of a body whose elements have fixed places. Each comes with the JSON
/// pointer of the list that it fills and the number of places.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v3::mapping::{Constant, Form, Need};

    const fn picked(list: &'static str, filter: &'static [(&'static str, Constant)]) -> Member {
        Member {
            name: "member",
            need: Need::Optional,
            source: Source::Pick(Pick {
                signal: Some("wheel-tires"),
                powertrain: &[],
                list: Some(list),
                filter,
                at: "/value",
                form: Form::Plain,
            }),
        }
    }

    #[test]
    fn only_what_is_picked_by_its_row_has_a_place() {
        static MEMBERS: [Member; 4] = [
            picked("/values", &[("row", Constant::Whole(0))]),
            picked("/others", &[("type", Constant::Text("ESTIMATED"))]),
            picked(
                "/values",
                &[("column", Constant::Whole(1)), ("row", Constant::Whole(1))],
            ),
            picked("/others", &[]),
        ];
        let places = of_places(&MEMBERS);
        let [(places, at, count)] = places.as_slice() else {
            panic!("{} lists", places.len());
        };
        assert_eq!((places.picks.len(), at.as_str(), *count), (2, "", 2));
        assert!(places.picks.iter().all(|pick| pick.list == Some("/values")));
    }
}
