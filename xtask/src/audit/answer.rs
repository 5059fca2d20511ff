//! The kinds of recordings: batches of v2.0, signals, resources and deliveries of version 3, errors
//! of both, and the output of `smartcar batch --json` and `smartcar fleet`.
//!
//! Invariant: only letter case and layout are normalised; values that a schema
//! describes stay as recorded.

use serde_json::{Map, Value};

/// A recorded response without its envelope.
#[derive(Debug)]
pub struct Answer {
    /// Its schema: a version and a component.
    pub schema: &'static str,
    /// The API's own headers, without those of the HTTP server.
    pub headers: Value,
    /// The body.
    pub body: Value,
}

/// Recognises a response.
pub fn read(mut value: Value) -> Option<Answer> {
    let parts = ["status", "statusCode", "headers", "body"].map(|part| value.get(part));
    let known = parts.iter().flatten().count();
    // An error object also has a `statusCode`, but none of the other parts.
    let (mut status, mut headers) = (None, Value::Null);
    if known >= 2 && value.get("responses").is_none() {
        status = parts[0].or(parts[1]).and_then(self::status);
        headers = value["headers"].take();
        value = value["body"].take();
        // Some recorders store the body as a string.
        if let Some(Ok(body)) = value.as_str().map(serde_json::from_str) {
            value = body;
        }
    }
    let schema = schema(&value, status)?;
    for list in ["responses", "items"] {
        let list = value.get_mut(list).and_then(Value::as_array_mut);
        list.into_iter().flatten().for_each(even);
    }
    headers = lower(headers);
    if let Some(map) = headers.as_object_mut() {
        let ours = ["sc-", "smartcar-", "retry-after"];
        let is_ours = |name: &str| ours.iter().any(|start| name.starts_with(start));
        map.retain(|name, _| is_ours(name) || name.contains("ratelimit"));
    }
    Some(Answer {
        schema,
        headers,
        body: value,
    })
}

/// The schema of a body.
fn schema(body: &Value, status: Option<u16>) -> Option<&'static str> {
    let has = |name: &str| body.get(name).is_some();
    let data = &body["data"];
    let kind = data.get(0).unwrap_or(data)["type"].as_str();
    Some(match (kind.unwrap_or_default(), data) {
        _ if has("responses") => "v2/BatchResponse",
        _ if has("eventType") => "wh/WebhookEvent",
        _ if has("vehicles") && has("paging") => "v2/ListVehicles",
        _ if has("vehicle") && (has("items") || has("error")) => "v2/Printed",
        _ if has("errors") => "v3/Errors",
        ("webhook", Value::Array(_)) => "v3/WebhookList",
        ("webhook", _) => "v3/WebhookAnswer",
        ("subscription", Value::Array(_)) => "v3/SubscriptionList",
        ("subscription", _) => "v3/SubscriptionAnswer",
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

/// An HTTP status, as a number or a string.
pub fn status(value: &Value) -> Option<u16> {
    let text = value.to_string();
    let status = text.trim_matches('"').trim().parse().ok();
    status.filter(|status| (100..600).contains(status))
}

/// Removes the query from an item's path and writes its headers in lower case.
fn even(item: &mut Value) {
    if let Some(Value::String(path)) = item.get_mut("path") {
        path.truncate(path.find('?').unwrap_or(path.len()));
    }
    if let Some(headers) = item.get_mut("headers") {
        *headers = lower(headers.take());
    }
}

fn lower(headers: Value) -> Value {
    let Value::Object(headers) = headers else {
        return headers;
    };
    let lower = headers.into_iter().map(|(name, value)| {
        let name = name.to_ascii_lowercase();
        // HTTP headers are text, so a number may be recorded as a string.
        let number = value.as_str().and_then(|text| text.parse::<u64>().ok());
        let number = number.filter(|_| name == "retry-after").map(Value::from);
        (name, number.unwrap_or(value))
    });
    lower.collect::<Map<_, _>>().into()
}
