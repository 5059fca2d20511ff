//! Applies faults to the items of a batch and to the signals of version 3.
//!
//! Invariant: whatever happens to its items, the batch itself stays 200. The counts
//! of a signal list match its signals.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::active::Strike;
use super::effect::Effect;
use super::target::{Scene, signal};
use super::value::Fault;
use crate::answer::Answer;
use crate::catalogue::Catalogue;
use crate::item;
use crate::random;

/// Changes the items of a batch.
pub(super) fn strike_items(answer: &mut Answer, strike: &Strike, scene: &Scene<'_>) {
    let fault = &strike.fault;
    let mut body = tree(&answer.body);
    if let Some(items) = body.get_mut("responses").and_then(Value::as_array_mut) {
        let unasked = |path: &str| {
            let answer = (scene.unasked)(path);
            let answer = answer.unwrap_or_else(|| Answer::new(StatusCode::OK, &json!({})));
            Some(item::item(path, &answer))
        };
        let change_one = |item: &mut Value| change_item(item, fault, scene);
        change(
            items,
            strike,
            ("path", fault.item.as_deref()),
            change_one,
            unasked,
        );
        match (&fault.item, &fault.effect) {
            (Some(_), _) => {}
            (None, Some(Effect::Unasked(_) | Effect::Extra(_))) => {
                set_headers(items.last_mut(), fault);
            }
            (None, effect) => {
                match effect {
                    Some(Effect::WithoutItemHeaders(_)) => strip(items, true),
                    Some(Effect::WithoutErrorHeaders(_)) => strip(items, false),
                    _ => {}
                }
                set_headers(items, fault);
            }
        }
    }
    answer.body = body.to_string().into();
}

/// Changes all signals of a vehicle, or a single one.
pub(super) fn strike_signals(answer: &mut Answer, strike: &Strike, catalogue: &Catalogue) {
    let fault = &strike.fault;
    let mut body = tree(&answer.body);
    let change_one = |it: &mut Value| change_signal(it, fault.effect.as_ref(), catalogue);
    match body.get_mut("data") {
        Some(Value::Array(list)) => {
            let code = fault.item.as_deref().and_then(signal);
            let unasked = |path: &str| signal(path).map(unknown);
            change(list, strike, ("id", code), change_one, unasked);
            let count = json!(list.len());
            body["meta"]["pageSize"] = count.clone();
            body["meta"]["totalCount"] = count;
        }
        Some(one) if fault.item.is_some() => change_one(one),
        _ => {}
    }
    answer.body = body.to_string().into();
}

/// Changes a list, or the entries in which a member matches the fault.
fn change(
    list: &mut Vec<Value>,
    strike: &Strike,
    (member, name): (&str, Option<&str>),
    change_one: impl FnMut(&mut Value),
    unasked: impl Fn(&str) -> Option<Value>,
) {
    let is_meant = |it: &Value| name.is_some() && it.get(member).and_then(Value::as_str) == name;
    match (&strike.fault.item, &strike.fault.effect) {
        (Some(_), Some(Effect::Missing(_))) => list.retain(|one| !is_meant(one)),
        (Some(_), effect) => {
            let meant = list.iter_mut().filter(|one| is_meant(one));
            meant.for_each(change_one);
            if matches!(effect, Some(Effect::Duplicated(_))) {
                let first = list.iter().find(|one| is_meant(one)).cloned();
                list.extend(first);
            }
        }
        (None, Some(Effect::Unasked(path))) => list.extend(unasked(path)),
        (None, Some(Effect::Extra(one))) => list.push(one.clone()),
        (None, Some(Effect::Reordered(_))) => list.reverse(),
        (None, Some(Effect::Shuffled(seed))) => {
            random::shuffle(list, random::number(*seed, strike.count));
        }
        _ => {}
    }
}

fn change_item(item: &mut Value, fault: &Fault, scene: &Scene<'_>) {
    match &fault.effect {
        Some(Effect::Error(name)) => {
            if let (Some(error), Some(path)) = (scene.error(name), &fault.item) {
                *item = item::item(path, &item::with_content_type(error));
            }
        }
        Some(Effect::Body(body)) => {
            item["code"] = json!(200);
            item["body"] = body.clone();
        }
        Some(Effect::Replaced(json)) => *item = json.clone(),
        _ => {}
    }
    set_headers([item], fault);
}

/// Adds the fault's headers to items, in the fault's spelling.
fn set_headers<'i>(items: impl IntoIterator<Item = &'i mut Value>, fault: &Fault) {
    if fault.item_headers.is_empty() {
        return;
    }
    for members in items.into_iter().filter_map(Value::as_object_mut) {
        let headers = members.entry("headers").or_insert(Value::Null);
        if !headers.is_object() {
            *headers = Value::Object(Map::new());
        }
        let Some(headers) = headers.as_object_mut() else {
            continue;
        };
        for (name, value) in &fault.item_headers {
            headers.retain(|other, _| !other.eq_ignore_ascii_case(name));
            headers.insert(name.clone(), value.clone());
        }
    }
}

/// Removes the headers of items.
fn strip(items: &mut [Value], good_too: bool) {
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        if good_too || item.get("code").is_none_or(|code| code != 200) {
            item.remove("headers");
        }
    }
}

fn change_signal(signal: &mut Value, effect: Option<&Effect>, catalogue: &Catalogue) {
    match effect {
        Some(Effect::Error(name)) => {
            let refusal = catalogue.refusal(&name.kind, name.code.as_deref());
            let status = refusal.map(|refusal| catalogue.refused_signal(&refusal));
            let attributes = signal["attributes"].as_object_mut();
            if let (Some(status), Some(attributes)) = (status, attributes) {
                attributes.remove("body");
                attributes.insert("status".to_owned(), status);
            }
        }
        Some(Effect::Body(body)) => {
            signal["attributes"]["status"] = json!({"value": "SUCCESS"});
            signal["attributes"]["body"] = body.clone();
        }
        Some(Effect::Replaced(json)) => *signal = json.clone(),
        _ => {}
    }
}

/// A successful signal of which only the code is known.
fn unknown(code: &str) -> Value {
    let attributes = json!({"code": code, "status": {"value": "SUCCESS"}, "body": {}});
    json!({"id": code, "type": "signal", "attributes": attributes})
}

/// Parses text written by the server, in order to change it.
fn tree(text: &[u8]) -> Value {
    serde_json::from_slice(text).expect("the server writes json")
}
