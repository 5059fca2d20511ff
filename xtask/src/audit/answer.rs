//! What can be recorded: v2.0's batches, v3's signals and resources, errors of
//! both, and what `smartcar batch --json` and `smartcar fleet` print.
//!
//! Invariant: only letter case and layout are evened out; a value that a schema
//! speaks of stays as it was recorded.

use serde_json::{Map, Value};

/// A recorded answer without its envelope.
#[derive(Debug)]
pub struct Answer {
    /// The schema that describes it: a version and a component.
    pub schema: &'static str,
    /// The headers of the envelope that are the API's, not any HTTP server's.
    pub headers: Value,
    /// The body.
    pub body: Value,
}

/// Recognises an answer.
pub fn read(mut value: Value) -> Option<Answer> {
    let parts = ["status", "statusCode", "headers", "body"];
    let known = parts
        .iter()
        .filter(|part| value.get(part).is_some())
        .count();
    // An error object has a `statusCode` too, but none of the others.
    let (mut status, mut headers) = (None, Value::Null);
    if known >= 2 && value.get("responses").is_none() {
        status = value
            .get("status")
            .or_else(|| value.get("statusCode"))
            .and_then(self::status);
        headers = value["headers"].take();
        value = value["body"].take();
        // Some recorders keep the body as the text that came.
        if let Some(Ok(body)) = value.as_str().map(serde_json::from_str) {
            value = body;
        }
    }
    let schema = schema(&value, status)?;
    for list in ["responses", "items", "data"] {
        match value.get_mut(list) {
            Some(Value::Array(list)) => list.iter_mut().for_each(even),
            Some(element) => even(element),
            None => {}
        }
    }
    Some(Answer {
        schema,
        headers: own(headers),
        body: value,
    })
}

/// What describes a body. A delivery of a webhook, once its spec is there, is
/// one more case.
fn schema(body: &Value, status: Option<u16>) -> Option<&'static str> {
    let has = |name: &str| body.get(name).is_some();
    let data = &body["data"];
    let kind = |data: &Value| data["type"].as_str().map(str::to_owned).unwrap_or_default();
    Some(match (kind(data.get(0).unwrap_or(data)).as_str(), data) {
        _ if has("responses") => "v2/BatchResponse",
        _ if has("vehicle") && (has("items") || has("error")) => "v2/Printed",
        _ if has("errors") => "v3/Errors",
        ("connection", Value::Array(_)) => "v3/ConnectionList",
        ("connection", _) => "v3/ConnectionAnswer",
        ("vehicle", Value::Object(_)) => "v3/VehicleAnswer",
        (_, Value::Array(_)) => "v3/SignalList",
        _ if has("data") => "v3/SignalAnswer",
        _ if matches!(status, Some(503 | 504)) && body.is_null() => "v2/Anything",
        _ if has("type") && (has("code") || has("statusCode")) => "v2/Error",
        _ if status.is_some_and(|status| status >= 400) || body["error"].is_string() => "v2/Error",
        _ if status.is_some() => "v2/BatchResponse",
        _ => return None,
    })
}

/// A status of HTTP, also one that is written as text.
pub fn status(value: &Value) -> Option<u16> {
    let text = value.as_str().map(str::to_owned);
    let status = text
        .unwrap_or_else(|| value.to_string())
        .trim()
        .parse()
        .ok();
    status.filter(|status| (100..600).contains(status))
}

/// An element of a list: its path has no query, its headers are in lower case,
/// a signal has its code in its place, and no body stands for a body of null.
fn even(element: &mut Value) {
    let Value::Object(element) = element else {
        return;
    };
    if let Some(Value::String(path)) = element.get_mut("path") {
        path.truncate(path.find('?').unwrap_or(path.len()));
    }
    if let Some(headers) = element.get_mut("headers") {
        *headers = lower(headers.take());
    }
    let is_signal = element.get("type").is_some_and(|kind| kind == "signal");
    let id = element.get("id").filter(|_| is_signal).cloned();
    let holder = match element.get_mut("attributes") {
        Some(Value::Object(signal)) => {
            signal.extend(
                id.filter(|_| !signal.contains_key("code"))
                    .map(|id| ("code".to_owned(), id)),
            );
            signal
        }
        _ => element,
    };
    if holder.get("body").is_some_and(Value::is_null) {
        holder.remove("body");
    }
}

fn lower(headers: Value) -> Value {
    let Value::Object(headers) = headers else {
        return headers;
    };
    let lower = headers.into_iter().map(|(name, value)| {
        let name = name.to_ascii_lowercase();
        // On the wire every header is text, so a number may come as one.
        let read = value
            .as_str()
            .filter(|_| name == "retry-after")
            .map(str::parse::<u64>);
        let value = read.and_then(Result::ok).map_or(value.clone(), Value::from);
        (name, value)
    });
    lower.collect::<Map<_, _>>().into()
}

fn own(headers: Value) -> Value {
    let mut headers = lower(headers);
    if let Some(map) = headers.as_object_mut() {
        let starts = ["sc-", "smartcar-", "retry-after"];
        map.retain(|name, _| {
            starts.iter().any(|start| name.starts_with(start)) || name.contains("ratelimit")
        });
    }
    headers
}
