//! What faults of items do to the signals of version 3.
//!
//! Invariant: a list's counts are those of the signals that it has.

use serde_json::{Value, json};

use super::active::Strike;
use super::effect::Effect;
use super::items::{change_each, reorder, tree};
use super::reach::signal;
use crate::answer::Answer;
use crate::catalogue::Catalogue;

/// Changes all signals of a vehicle, or one of them.
pub(super) fn strike(answer: &mut Answer, strike: &Strike, catalogue: &Catalogue) {
    let mut body = tree(&answer.body);
    match body.get_mut("data") {
        Some(Value::Array(list)) => {
            change(list, strike, catalogue);
            let count = json!(list.len());
            body["meta"]["pageSize"] = count.clone();
            body["meta"]["totalCount"] = count;
        }
        Some(one) if strike.fault.item.is_some() => {
            change_one(one, strike.fault.effect.as_ref(), catalogue);
        }
        _ => {}
    }
    answer.body = body.to_string();
}

fn change(list: &mut Vec<Value>, strike: &Strike, catalogue: &Catalogue) {
    let effect = strike.fault.effect.as_ref();
    match (&strike.fault.item, effect) {
        (Some(path), _) => {
            let code = signal(path);
            let is_meant =
                |it: &Value| code.is_some() && it.get("id").and_then(Value::as_str) == code;
            change_each(list, effect, is_meant, |one| {
                change_one(one, effect, catalogue);
            });
        }
        (None, Some(Effect::Unasked(path))) => list.extend(signal(path).map(unknown)),
        (None, Some(Effect::Extra(signal))) => list.push(signal.clone()),
        _ => reorder(list, strike),
    }
}

fn change_one(signal: &mut Value, effect: Option<&Effect>, catalogue: &Catalogue) {
    match effect {
        Some(Effect::Error(name)) => {
            let status = catalogue.in_signal(&name.kind, name.code.as_deref());
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

/// A good signal of which nothing is known but the code.
fn unknown(code: &str) -> Value {
    let attributes = json!({"code": code, "status": {"value": "SUCCESS"}, "body": {}});
    json!({"id": code, "type": "signal", "attributes": attributes})
}
