//! What faults of items do to the signals of version 3.
//!
//! Invariant: a list's counts are those of the signals that it has.

use serde_json::{Value, json};

use super::{Struck, change_each, reorder, tree};
use crate::answer::Answer;
use crate::fault::active::Strike;
use crate::fault::effect::{Change, Effect, signal};

impl Struck<'_, '_> {
    /// All signals of a vehicle, or one of them.
    pub(super) fn signals(&self, answer: &mut Answer, strike: &Strike) {
        let mut body = tree(&answer.body);
        match body.get_mut("data") {
            Some(Value::Array(list)) => {
                self.list(list, strike);
                let count = json!(list.len());
                body["meta"]["pageSize"] = count.clone();
                body["meta"]["totalCount"] = count;
            }
            Some(one) => {
                if let Effect::Item { change, .. } = &strike.fault.effect {
                    self.signal(one, change);
                }
            }
            None => {}
        }
        answer.body = body.to_string();
    }

    fn list(&self, list: &mut Vec<Value>, strike: &Strike) {
        match &strike.fault.effect {
            Effect::Item { path, change } => {
                let is_meant = |signal: &Value| is_of(signal, path);
                change_each(list, change, is_meant, |signal| self.signal(signal, change));
            }
            Effect::Unasked(path) => list.extend(signal(path).map(unknown)),
            Effect::Extra(signal) => list.push(signal.clone()),
            _ => reorder(list, strike),
        }
    }

    fn signal(&self, signal: &mut Value, change: &Change) {
        match change {
            Change::Error(name) => {
                let status = self.catalogue.in_signal(&name.kind, name.code.as_deref());
                if let (Some(status), Some(attributes)) =
                    (status, signal["attributes"].as_object_mut())
                {
                    attributes.remove("body");
                    attributes.insert("status".to_owned(), status);
                }
            }
            Change::Body(body) => {
                signal["attributes"]["status"] = json!({"value": "SUCCESS"});
                signal["attributes"]["body"] = body.clone();
            }
            Change::Json(json) => *signal = json.clone(),
            Change::Nothing | Change::Missing | Change::Twice => {}
        }
    }
}

/// Whether a signal is that of a path.
fn is_of(resource: &Value, path: &str) -> bool {
    let code = resource.get("id").and_then(Value::as_str);
    code.is_some() && signal(path) == code
}

/// A good signal of which nothing is known but the code.
fn unknown(code: &str) -> Value {
    let attributes = json!({"code": code, "status": {"value": "SUCCESS"}, "body": {}});
    json!({"id": code, "type": "signal", "attributes": attributes})
}
