//! What the faults that strike do to an answer.
//!
//! Invariant: without a strike an answer passes through unchanged; with any it
//! is still a reply that can be sent.

mod signals;

use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use super::active::{Shape, Strike};
use super::effect::{Change, Effect};
use super::{Fault, check, random};
use crate::answer::{self, Answer, Asked};
use crate::batch;
use crate::catalogue::Catalogue;
use crate::reply::{Extent, Reply};
use crate::spec::Spec;
use crate::tokens::Grant;
use crate::units::UnitSystem;
use crate::world::View;

/// How long the answer is held back.
pub(crate) fn delay(strikes: &[Strike]) -> Option<Duration> {
    strikes.iter().find_map(|strike| match strike.fault.effect {
        Effect::Latency(duration) => Some(duration),
        _ => None,
    })
}

/// The reply that an answer becomes.
pub(crate) fn apply<'v>(
    (spec, catalogue): (&'static Spec, &Catalogue),
    look: &dyn Fn() -> Option<View<'v>>,
    (strikes, shape): (&[Strike], Shape),
    mut answer: Answer,
    request_id: &str,
) -> Reply {
    let struck = Struck {
        spec,
        catalogue,
        look,
        request_id,
    };
    for strike in strikes {
        match shape {
            Shape::Batch => struck.batch(&mut answer, strike),
            Shape::Alone => struck.alone(&mut answer, &strike.fault),
            Shape::Signals | Shape::Signal => struck.signals(&mut answer, strike),
            Shape::Refused => {}
        }
    }
    let mut reply = Reply::new(answer, request_id);
    for strike in strikes {
        struck.whole(&mut reply, &strike.fault);
    }
    // After all new answers, for a fault beside one may change its headers.
    for strike in strikes {
        change_head(&mut reply, &strike.fault);
    }
    reply
}

/// What the changes need to know.
struct Struck<'s, 'v> {
    spec: &'static Spec,
    /// That of the version that was asked.
    catalogue: &'s Catalogue,
    /// The vehicle that was asked, if the batch ran.
    look: &'s dyn Fn() -> Option<View<'v>>,
    request_id: &'s str,
}

impl Struck<'_, '_> {
    fn whole(&self, reply: &mut Reply, fault: &Fault) {
        match &fault.effect {
            Effect::Foreign { html } => {
                reply.headers = HeaderMap::new();
                reply.body = String::new();
                if *html {
                    let value = HeaderValue::from_static("text/html");
                    reply.headers.insert(CONTENT_TYPE, value);
                    reply.body = page(check::status(fault.status.unwrap_or_default()));
                }
            }
            Effect::Error(name) => {
                let (kind, code) = (&name.kind, name.code.as_deref());
                if let Some(answer) = self.catalogue.named(kind, code, self.request_id) {
                    *reply = Reply::new(answer, self.request_id);
                }
            }
            Effect::RawBody(text) => reply.body.clone_from(text),
            Effect::Reset => reply.extent = Extent::Nothing,
            Effect::Truncated(length) => reply.extent = Extent::Until(*length),
            _ => {}
        }
    }

    /// An endpoint that was asked alone.
    fn alone(&self, answer: &mut Answer, fault: &Fault) {
        if let Effect::Item { change, .. } = &fault.effect {
            match change {
                Change::Error(name) => {
                    let (kind, code) = (&name.kind, name.code.as_deref());
                    if let Some(error) = self.spec.catalogue.named(kind, code, self.request_id) {
                        *answer = error;
                    }
                }
                Change::Body(body) => {
                    answer.status = StatusCode::OK;
                    answer.body = body.to_string();
                }
                Change::Nothing | Change::Json(_) | Change::Missing | Change::Twice => {}
            }
        }
        for (name, value) in &fault.item_headers {
            let value = value.as_str().map_or(value.to_string(), str::to_owned);
            // What can stand in an item cannot always stand in a head.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value.try_into())
                && !check::is_framing(&name)
            {
                answer.headers.push((name, value));
            }
        }
    }

    fn batch(&self, answer: &mut Answer, strike: &Strike) {
        let mut body = tree(&answer.body);
        if let Some(items) = body.get_mut("responses").and_then(Value::as_array_mut) {
            self.items(items, strike);
        }
        answer.body = body.to_string();
    }

    /// The items of a batch.
    fn items(&self, items: &mut Vec<Value>, strike: &Strike) {
        let fault = &strike.fault;
        match &fault.effect {
            Effect::Item { path, change } => self.item(items, path, change, fault),
            Effect::Unasked(path) => {
                let mut item = tree(&batch::item(path, self.unasked(path)));
                set_headers(&mut item, fault);
                items.push(item);
            }
            Effect::Extra(item) => {
                let mut item = item.clone();
                set_headers(&mut item, fault);
                items.push(item);
            }
            effect => {
                reorder(items, strike);
                if let Effect::Bare { good_too } = effect {
                    strip(items, *good_too);
                }
                for item in items {
                    set_headers(item, fault);
                }
            }
        }
    }

    /// All items of one path.
    fn item(&self, items: &mut Vec<Value>, path: &str, change: &Change, fault: &Fault) {
        let is_meant = |item: &Value| item.get("path").is_some_and(|it| it == path);
        change_each(items, change, is_meant, |item| {
            match change {
                Change::Error(name) => {
                    let (kind, code) = (&name.kind, name.code.as_deref());
                    let error = self.spec.catalogue.named(kind, code, self.request_id);
                    if let Some(error) = error {
                        *item = tree(&batch::item(path, batch::with_content_type(error)));
                    }
                }
                Change::Body(body) => {
                    item["code"] = json!(200);
                    item["body"] = body.clone();
                }
                Change::Json(json) => *item = json.clone(),
                Change::Nothing | Change::Missing | Change::Twice => {}
            }
            set_headers(item, fault);
        });
    }

    /// What a path that nobody asked would have answered.
    fn unasked(&self, path: &str) -> Answer {
        let answer = (self.look)().and_then(|view| {
            let asked = Asked {
                view: &view,
                grant: &Grant::Everything,
                units: UnitSystem::Metric,
                query: "",
            };
            let (_, operation) = self.spec.batchable(path)?;
            let told = answer::read(self.spec, operation, asked);
            told.map(Answer::from).ok()
        });
        answer.unwrap_or_else(|| Answer::new(StatusCode::OK, &json!({})))
    }
}

/// What the server wrote itself, to be changed.
fn tree(text: &str) -> Value {
    serde_json::from_str(text).expect("the server writes json")
}

/// Adds the fault's headers to an item, in their own spelling only.
fn set_headers(item: &mut Value, fault: &Fault) {
    let Some(members) = item
        .as_object_mut()
        .filter(|_| !fault.item_headers.is_empty())
    else {
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

/// Takes away the meant items or signals, or changes each of them, and doubles
/// the first.
fn change_each(
    list: &mut Vec<Value>,
    change: &Change,
    is_meant: impl Fn(&Value) -> bool,
    change_one: impl FnMut(&mut Value),
) {
    if *change == Change::Missing {
        list.retain(|one| !is_meant(one));
        return;
    }
    let meant = list.iter_mut().filter(|one| is_meant(one));
    meant.for_each(change_one);
    if *change == Change::Twice {
        let first = list.iter().find(|one| is_meant(one)).cloned();
        list.extend(first);
    }
}

/// Another order of items or signals.
fn reorder(items: &mut [Value], strike: &Strike) {
    match strike.fault.effect {
        Effect::Reversed => items.reverse(),
        Effect::Shuffled { seed } => {
            random::shuffle(items, random::number(seed, strike.count));
        }
        _ => {}
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

/// The status and headers that the fault sets.
fn change_head(reply: &mut Reply, fault: &Fault) {
    if let Some(status) = fault.status {
        reply.status = check::status(status);
    }
    for name in &fault.lost_headers {
        reply.headers.remove(name);
    }
    for (name, value) in &fault.headers {
        let name = HeaderName::try_from(name);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            reply.headers.insert(name, value);
        }
    }
}

/// What proxies send when what is behind them fails.
fn page(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("Error");
    let title = format!("{} {reason}", status.as_u16());
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
         <center><h1>{title}</h1></center>\r\n<hr><center>proxy</center>\r\n</body>\r\n</html>\r\n"
    )
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
