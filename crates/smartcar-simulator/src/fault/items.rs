//! What faults do to the items of a batch.
//!
//! Invariant: whatever happens to its items, the batch itself stays 200.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::active::Strike;
use super::effect::Effect;
use super::target::Scene;
use super::value::Fault;
use crate::answer::Answer;
use crate::batch;
use crate::item;
use crate::random;

/// Changes the items of a batch.
pub(super) fn strike(answer: &mut Answer, strike: &Strike, scene: &Scene<'_>) {
    let mut body = tree(&answer.body);
    if let Some(items) = body.get_mut("responses").and_then(Value::as_array_mut) {
        change(items, strike, scene);
    }
    answer.body = body.to_string();
}

fn change(items: &mut Vec<Value>, strike: &Strike, scene: &Scene<'_>) {
    let fault = &strike.fault;
    if let Some(path) = &fault.item {
        let is_meant = |item: &Value| item.get("path").is_some_and(|it| it == path);
        change_each(items, fault.effect.as_ref(), is_meant, |item| {
            change_one(item, path, fault, scene);
        });
        return;
    }
    let mut one_more = match &fault.effect {
        Some(Effect::Unasked(path)) => {
            let answer = (scene.unasked)(path);
            let answer = answer.unwrap_or_else(|| Answer::new(StatusCode::OK, &json!({})));
            tree(&item::item(path, &answer))
        }
        Some(Effect::Extra(item)) => item.clone(),
        effect => {
            reorder(items, strike);
            match effect {
                Some(Effect::WithoutItemHeaders(_)) => strip(items, true),
                Some(Effect::WithoutErrorHeaders(_)) => strip(items, false),
                _ => {}
            }
            for item in items.iter_mut() {
                set_headers(item, fault);
            }
            return;
        }
    };
    set_headers(&mut one_more, fault);
    items.push(one_more);
}

fn change_one(item: &mut Value, path: &str, fault: &Fault, scene: &Scene<'_>) {
    match &fault.effect {
        Some(Effect::Error(name)) => {
            if let Some(error) = scene.error(name) {
                *item = tree(&item::item(path, &batch::with_content_type(error)));
            }
        }
        Some(Effect::Body(body)) => {
            item["code"] = json!(200);
            item["body"] = body.clone();
        }
        Some(Effect::Replaced(json)) => *item = json.clone(),
        _ => {}
    }
    set_headers(item, fault);
}

/// Adds the fault's headers to an item, in their own spelling only.
fn set_headers(item: &mut Value, fault: &Fault) {
    let members = item.as_object_mut();
    let Some(members) = members.filter(|_| !fault.item_headers.is_empty()) else {
        return;
    };
    let headers = members.entry("headers").or_insert(Value::Null);
    if !headers.is_object() {
        *headers = Value::Object(Map::new());
    }
    for (name, value) in &fault.item_headers {
        if let Some(headers) = headers.as_object_mut() {
            headers.retain(|other, _| !other.eq_ignore_ascii_case(name));
            headers.insert(name.clone(), value.clone());
        }
    }
}

/// Takes away the headers of items.
fn strip(items: &mut [Value], good_too: bool) {
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        if good_too || item.get("code").is_none_or(|code| code != 200) {
            item.remove("headers");
        }
    }
}

/// What the server wrote itself, to be changed.
pub(super) fn tree(text: &str) -> Value {
    serde_json::from_str(text).expect("the server writes json")
}

/// Takes away the meant entries, or changes each of them, and doubles the first.
pub(super) fn change_each(
    list: &mut Vec<Value>,
    effect: Option<&Effect>,
    is_meant: impl Fn(&Value) -> bool,
    change: impl FnMut(&mut Value),
) {
    if matches!(effect, Some(Effect::Missing(_))) {
        list.retain(|one| !is_meant(one));
        return;
    }
    let meant = list.iter_mut().filter(|one| is_meant(one));
    meant.for_each(change);
    if matches!(effect, Some(Effect::Duplicated(_))) {
        let first = list.iter().find(|one| is_meant(one)).cloned();
        list.extend(first);
    }
}

/// Another order of the entries.
pub(super) fn reorder(list: &mut [Value], strike: &Strike) {
    match strike.fault.effect {
        Some(Effect::Reordered(_)) => list.reverse(),
        Some(Effect::Shuffled(seed)) => {
            random::shuffle(list, random::number(seed, strike.count));
        }
        _ => {}
    }
}
