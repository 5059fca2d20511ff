//! The plain decoder for version 3 responses with signals.
//!
//! Invariant: a signal only has a body if its envelope says that it is good.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Outcome, all, api, has_broken_name, is_twice, object, said};

type Members = Map<String, Value>;

/// A signal as described by its envelope.
pub(super) struct Signal {
    /// The body, or the error in its place.
    pub(super) body: Result<Value, Outcome>,
    pub(super) updated: Option<Timestamp>,
    pub(super) retrieved: Option<Timestamp>,
}

/// The signals of a response.
pub(crate) struct Store {
    pub(super) signals: BTreeMap<String, Signal>,
    pub(crate) warnings: usize,
}

/// `None` if it is not a response with signals.
pub(crate) fn store(text: &str) -> Option<Store> {
    let tree = super::tree(text)?;
    let list = match &tree {
        Value::Array(list) => list.clone(),
        other => {
            let outer = object(other)?;
            if is_twice(outer, "data") || is_twice(outer, "signals") {
                return None;
            }
            match (said(outer, "data"), said(outer, "signals")) {
                (Some(_), Some(_)) => return None,
                (Some(Value::Array(list)), None) | (None, Some(Value::Array(list))) => list.clone(),
                (Some(one), None) | (None, Some(one)) => {
                    object(one)?;
                    vec![one.clone()]
                }
                (None, None) => {
                    let bare = outer.contains_key("attributes") || said(outer, "code").is_some();
                    bare.then(|| vec![other.clone()])?
                }
            }
        }
    };
    let mut store = Store {
        signals: BTreeMap::new(),
        warnings: 0,
    };
    for element in &list {
        let signal = object(element).and_then(signal);
        match signal {
            Some((code, signal)) if !store.signals.contains_key(&code) => {
                store.signals.insert(code, signal);
            }
            _ => store.warnings += 1,
        }
    }
    Some(store)
}

fn signal(own: &Members) -> Option<(String, Signal)> {
    let empty = Members::new();
    let ambiguous = is_twice(own, "attributes");
    let inner = own.get("attributes").filter(|_| !ambiguous);
    let inner = inner.and_then(object).unwrap_or(&empty);
    let either = |name: &str| said(inner, name).or_else(|| said(own, name));
    let code = either("code").or_else(|| either("id"))?.as_str()?;
    let code = code.trim().to_ascii_lowercase();
    if code.is_empty() {
        return None;
    }
    let known = ["id", "code", "status", "body", "meta"];
    let broken = ambiguous
        || known
            .iter()
            .any(|name| is_twice(inner, name) || is_twice(own, name));
    let metas = [said(own, "meta"), said(inner, "meta")];
    let (updated, retrieved) = (time(metas, "oemUpdatedAt"), time(metas, "retrievedAt"));
    let status = either("status").map_or(Ok(()), judge);
    let body = inner.get("body").or_else(|| own.get("body"));
    let body = body.filter(|body| object(body).is_some()).cloned();
    let body = match (broken, status) {
        (true, _) => Err(Outcome::Malformed),
        _ if updated.is_err() || retrieved.is_err() => Err(Outcome::Malformed),
        (_, Err(outcome)) => Err(outcome),
        _ => body.ok_or(Outcome::Malformed),
    };
    let signal = Signal {
        body,
        updated: updated.unwrap_or_default(),
        retrieved: retrieved.unwrap_or_default(),
    };
    Some((code, signal))
}

fn time(metas: [Option<&Value>; 2], name: &str) -> Result<Option<Timestamp>, ()> {
    for meta in metas.into_iter().flatten().filter_map(object) {
        if is_twice(meta, name) {
            return Err(());
        }
        let moment = meta.get(name).and_then(|value| match value {
            Value::String(text) => text
                .trim()
                .parse()
                .ok()
                .or_else(|| epoch(text.trim().parse().ok()?)),
            other => epoch(other.as_f64()?),
        });
        if moment.is_some() {
            return Ok(moment);
        }
    }
    Ok(None)
}

fn epoch(number: f64) -> Option<Timestamp> {
    let milliseconds = if number < 1e11 { number * 1e3 } else { number };
    #[allow(clippy::cast_possible_truncation, reason = "in this range it is exact")]
    (1.0..1e15)
        .contains(&milliseconds)
        .then(|| Timestamp::from_millisecond(milliseconds as i64).unwrap())
}

fn judge(status: &Value) -> Result<(), Outcome> {
    let members = match status {
        Value::String(word) => return judge_word(Some(word), None),
        other => object(other).ok_or(Outcome::Malformed)?,
    };
    if is_twice(members, "value") || is_twice(members, "error") {
        return Err(Outcome::Malformed);
    }
    let error = said(members, "error");
    match said(members, "value") {
        Some(Value::String(word)) => judge_word(Some(word), error),
        Some(_) if error.is_none() => Err(Outcome::Malformed),
        None if error.is_none() => {
            if has_broken_name(members) || all(members).any(|value| !value.is_null()) {
                return Err(Outcome::Malformed);
            }
            Ok(())
        }
        _ => judge_word(None, error),
    }
}

fn judge_word(word: Option<&str>, error: Option<&Value>) -> Result<(), Outcome> {
    let is_good = word.is_some_and(|word| word.trim().eq_ignore_ascii_case("SUCCESS"));
    match error {
        _ if is_good => Ok(()),
        None if word.is_some_and(|word| word.trim().eq_ignore_ascii_case("UNAVAILABLE")) => {
            Err(Outcome::Missing)
        }
        None => Err(Outcome::NotValid),
        Some(error) => {
            let Outcome::Api(status, kind, code) = api(500, Some(&without_list(error))) else {
                return Err(Outcome::Malformed);
            };
            let status = match kind.as_deref() {
                Some("PERMISSION") => 403,
                Some("UPSTREAM") => 502,
                Some("COMPATIBILITY") => 501,
                _ => status,
            };
            Err(Outcome::Api(status, kind, code))
        }
    }
}

/// The error of a signal is not in a list of errors.
fn without_list(error: &Value) -> Value {
    let mut error = error.clone();
    if let Some(members) = error.as_object_mut() {
        members.remove("errors");
    }
    error
}
