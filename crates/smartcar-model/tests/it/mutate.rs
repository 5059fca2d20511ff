//! Mutates responses at random: members and elements are duplicated, removed,
//! renamed, moved, wrapped, or replaced by values that readers often fail on.
//!
//! Invariant: the result is JSON text, and the same seed gives the same text.

use fastrand::Rng;
use serde_json::value::RawValue;

/// JSON that can hold duplicate members, and any text as a value.
#[derive(Debug, Clone)]
pub(crate) enum Json {
    Object(Vec<(String, Json)>),
    List(Vec<Json>),
    Other(String),
}

/// Values that replace others.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "7",
    "-0.0",
    "1.0",
    "1e2",
    "1e400",
    "204",
    "500",
    "12.5",
    "37829.123456789012",
    "123456789012345678901234567890",
    "9007199254740993",
    "\"12.5\"",
    "\" 7 \"",
    "\"\"",
    "\"\\ud800\"",
    "\"\\u00e9\"",
    "\"<invalid>\"",
    "\"km\"",
    "\"mi\"",
    "\"percent\"",
    "\"SUCCESS\"",
    "\"success\"",
    "\"ERROR\"",
    "\"UNKNOWN\"",
    "\"UNAVAILABLE\"",
    "\"Metric\"",
    "\"2026-03-14T09:12:31.000Z\"",
    "\"1773479551\"",
    "1773479551000",
    "[]",
    "{}",
    "[[]]",
    "{\"value\": null}",
    "{\"value\": 1e400}",
    "{\"\\udc00\": 1}",
    "{\"type\": \"PERMISSION\", \"code\": null}",
    "{\"value\": \"ERROR\", \"error\": {\"type\": \"UPSTREAM\"}}",
];

/// Names that replace the names of members.
const NAMES: &[&str] = &[
    "\"\\ud800\"",
    "\"x\"",
    "\"value\"",
    "\"values\"",
    "\"unit\"",
    "\"status\"",
    "\"error\"",
    "\"body\"",
    "\"code\"",
    "\"id\"",
    "\"path\"",
    "\"headers\"",
    "\"attributes\"",
    "\"meta\"",
    "\"data\"",
    "\"signals\"",
    "\"responses\"",
    "\"doors\"",
    "\"isOpen\"",
    "\"row\"",
    "\"distance\"",
    "\"type\"",
    "\"systemID\"",
    "\"chargingLocations\"",
    "\"userText\"",
    "\"cost\"",
    "\"oemUpdatedAt\"",
    "\"errors\"",
];

/// A response that is mutated many times.
pub(crate) fn answer(text: &str) -> Json {
    parsed(serde_json::from_str(text).unwrap())
}

/// A response with a few mutations.
pub(crate) fn mutated(answer: &Json, random: &mut Rng) -> String {
    let mut json = answer.clone();
    for _ in 0..=random.usize(..3) {
        let donor = copied(&json, random);
        let mut at = random.usize(..count(&json));
        change(&mut json, &mut at, &donor, random);
    }
    let mut text = String::new();
    write(&json, &mut text);
    text
}

fn parsed(raw: &RawValue) -> Json {
    let text = raw.get();
    if text.starts_with('[') {
        let list: Vec<&RawValue> = serde_json::from_str(text).unwrap();
        return Json::List(list.into_iter().map(parsed).collect());
    }
    if !text.starts_with('{') {
        return Json::Other(text.to_owned());
    }
    let super::plain::Pairs(pairs) = serde_json::from_str(text).unwrap();
    let pairs = pairs.into_iter();
    Json::Object(
        pairs
            .map(|(name, raw)| (name.get().to_owned(), parsed(raw)))
            .collect(),
    )
}

fn write(json: &Json, text: &mut String) {
    match json {
        Json::Other(other) => text.push_str(other),
        Json::List(list) => {
            text.push('[');
            for (index, inner) in list.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write(inner, text);
            }
            text.push(']');
        }
        Json::Object(members) => {
            text.push('{');
            for (index, (name, inner)) in members.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                text.push_str(name);
                text.push(':');
                write(inner, text);
            }
            text.push('}');
        }
    }
}

fn count(json: &Json) -> usize {
    1 + match json {
        Json::Other(_) => 0,
        Json::List(list) => list.iter().map(count).sum(),
        Json::Object(members) => members.iter().map(|(_, inner)| count(inner)).sum(),
    }
}

/// A part of the response itself, or one of the fixed values.
fn copied(json: &Json, random: &mut Rng) -> Json {
    if random.usize(..2) == 0 {
        return Json::Other((VALUES[random.usize(..VALUES.len())]).to_owned());
    }
    let mut found = json;
    loop {
        let inner: Vec<&Json> = match found {
            Json::Other(_) => break,
            Json::List(list) => list.iter().collect(),
            Json::Object(members) => members.iter().map(|(_, inner)| inner).collect(),
        };
        if inner.is_empty() || random.usize(..4) == 0 {
            break;
        }
        found = inner[random.usize(..inner.len())];
    }
    found.clone()
}

/// Mutates the node that is `at` steps away.
fn change(json: &mut Json, at: &mut usize, donor: &Json, random: &mut Rng) -> bool {
    if *at == 0 {
        alter(json, donor.clone(), random);
        return true;
    }
    *at -= 1;
    match json {
        Json::Other(_) => false,
        Json::List(list) => list
            .iter_mut()
            .any(|inner| change(inner, at, donor, random)),
        Json::Object(members) => {
            let mut inner = members.iter_mut();
            inner.any(|(_, inner)| change(inner, at, donor, random))
        }
    }
}

fn alter(json: &mut Json, donor: Json, random: &mut Rng) {
    let name = (NAMES[random.usize(..NAMES.len())]).to_owned();
    match (json, random.usize(..8)) {
        (Json::Object(members), kind @ 0..=5) if !members.is_empty() => {
            let (index, other) = (random.usize(..members.len()), random.usize(..members.len()));
            match kind {
                0 => members.insert(other, members[index].clone()),
                1 => members.insert(other, (members[index].0.clone(), donor)),
                2 => drop(members.remove(index)),
                3 => members[index].0 = name,
                4 => members.swap(index, other),
                _ => members.insert(other, (name, donor)),
            }
        }
        (Json::List(list), kind @ 0..=5) if !list.is_empty() => {
            let (index, other) = (random.usize(..list.len()), random.usize(..list.len()));
            match kind {
                0 => list.insert(other, list[index].clone()),
                1 => list.insert(other, donor),
                2 => drop(list.remove(index)),
                3 => list.swap(index, other),
                _ => list[index] = donor,
            }
        }
        (json, 6) => *json = Json::Object(vec![(name, json.clone())]),
        (json, 7) => *json = Json::List(vec![json.clone()]),
        (json, _) => *json = donor,
    }
}
