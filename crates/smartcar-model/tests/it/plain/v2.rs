//! The plain decoder for v2.0 batch responses.
//!
//! Invariant: every path has a result.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::body::{read, table};
use super::{Outcome, Reading, api, earlier, is_twice, leaves, object};

/// The result of each path, and the number of warnings. `None` if it is not a
/// batch response.
pub(crate) fn batch<'p>(
    text: &str,
    paths: &[&'p str],
) -> Option<(BTreeMap<&'p str, Outcome>, usize)> {
    let tree = super::tree(text)?;
    let outer = object(&tree)?;
    if is_twice(outer, "responses") {
        return None;
    }
    let items = outer.get("responses")?.as_array()?;
    let mut outcomes = BTreeMap::new();
    let mut warnings = 0;
    for item in items {
        let path = object(item).and_then(path_of);
        let asked = path.and_then(|path| paths.iter().copied().find(|it| *it == path));
        match (asked, object(item)) {
            (Some(path), Some(item)) if !outcomes.contains_key(path) => {
                outcomes.insert(path, outcome(path, item));
            }
            _ => warnings += 1,
        }
    }
    for path in paths {
        outcomes.entry(*path).or_insert(Outcome::Missing);
    }
    Some((outcomes, warnings))
}

fn path_of(item: &Map<String, Value>) -> Option<String> {
    if is_twice(item, "path") {
        return None;
    }
    let path = item.get("path")?.as_str().filter(|path| !path.is_empty())?;
    let slash = if path.starts_with('/') { "" } else { "/" };
    Some(format!("{slash}{path}"))
}

fn outcome(path: &str, item: &Map<String, Value>) -> Outcome {
    let once = |name: &str| item.get(name).filter(|_| !is_twice(item, name));
    let code = once("code").and_then(Value::as_u64);
    let Some(code) = code.and_then(|code| u16::try_from(code).ok()) else {
        return Outcome::Malformed;
    };
    if !(100..1000).contains(&code) {
        return Outcome::Malformed;
    }
    if !(200..300).contains(&code) {
        return api(code, once("body"));
    }
    if is_twice(item, "headers") || is_twice(item, "body") {
        return Outcome::Malformed;
    }
    let Some(body) = once("body").and_then(|body| read(body, table(path))) else {
        return Outcome::Malformed;
    };
    let headers = once("headers").and_then(object);
    let header = |name: &str| -> Vec<String> {
        let mut found = Vec::new();
        for (known, last) in headers.into_iter().flatten() {
            if known.eq_ignore_ascii_case(name) {
                let values = headers.map_or(&[][..], |headers| earlier(headers, known));
                found.extend(values.iter().chain([last]).filter_map(|value| match value {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) if number.is_f64() => Some(number.as_f64()?.to_string()),
                    Value::Number(number) => Some(number.to_string()),
                    _ => None,
                }));
            }
        }
        found
    };
    let time = |name: &str| {
        let texts = header(name);
        texts
            .iter()
            .find_map(|text| text.trim().parse::<Timestamp>().ok())
    };
    let unit_system = header("sc-unit-system").into_iter().find_map(|text| {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        let known = ["metric", "imperial"].contains(&lower.as_str());
        (!text.is_empty()).then(|| if known { lower } else { text.to_owned() })
    });
    Outcome::Good(Reading {
        leaves: leaves(&body),
        data_age: time("sc-data-age"),
        fetched_at: time("sc-fetched-at"),
        unit_system,
    })
}
