//! The responses of a canned transport.
//!
//! Invariant: an answer is a plain value and can be used any number of times.

use std::time::Duration;

use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use smartcar_client::TransportError;

/// A response of a [`CannedTransport`](super::CannedTransport): a body, an API error,
/// or a connection failure.
#[derive(Debug, Clone)]
pub struct Answer {
    pub(super) outcome: Outcome,
    pub(super) headers: Vec<(String, String)>,
    pub(super) delay: Duration,
}

#[derive(Debug, Clone)]
pub(super) enum Outcome {
    Body(u16, String),
    /// An API error: status, type and code.
    Error(u16, String, Option<String>),
    NotSent,
    Lost,
}

impl Answer {
    /// Status 200 with a JSON body: that of the endpoint, or that of the signal (such
    /// as `{"value": 80, "unit": "km/h"}`).
    pub fn ok(body: impl Into<String>) -> Self {
        Self::of(Outcome::Body(200, body.into()))
    }

    /// A status with any body.
    pub fn status(status: u16, body: impl Into<String>) -> Self {
        Self::of(Outcome::Body(status, body.into()))
    }

    /// An API error, such as `(409, "VEHICLE_STATE", Some("ASLEEP"))`, in the format
    /// of the API version of the request.
    pub fn error(status: u16, error_type: &str, code: Option<&str>) -> Self {
        let (error_type, code) = (error_type.to_owned(), code.map(str::to_owned));
        Self::of(Outcome::Error(status, error_type, code))
    }

    /// The connection never opens. Nothing is charged.
    pub fn not_sent() -> Self {
        Self::of(Outcome::NotSent)
    }

    /// The connection closes after the request was sent, before the response. The
    /// request is charged.
    pub fn lost() -> Self {
        Self::of(Outcome::Lost)
    }

    fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            headers: Vec::new(),
            delay: Duration::ZERO,
        }
    }

    /// Adds a header, such as `retry-after` or `sc-data-age`.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Delays the response. In a batch the longest delay applies.
    #[must_use]
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The status; `None` if there is no response.
    pub(super) fn code(&self) -> Option<u16> {
        match &self.outcome {
            Outcome::Body(status, _) | Outcome::Error(status, ..) => Some(*status),
            Outcome::NotSent | Outcome::Lost => None,
        }
    }

    /// The failure, if there is no response.
    pub(super) fn failure(&self) -> Option<TransportError> {
        let not_sent = match self.outcome {
            Outcome::NotSent => true,
            Outcome::Lost => false,
            _ => return None,
        };
        Some(TransportError {
            not_sent,
            source: "a canned failure".into(),
        })
    }

    /// The body only.
    pub(super) fn body(&self, is_v3: bool) -> String {
        match &self.outcome {
            Outcome::Body(_, body) => body.clone(),
            Outcome::Error(status, error_type, code) if is_v3 => {
                let error = v3_error(*status, error_type, code.as_deref());
                json!({ "errors": [error] }).to_string()
            }
            Outcome::Error(_, error_type, code) => v2_error(error_type, code.as_deref()),
            Outcome::NotSent | Outcome::Lost => String::new(),
        }
    }

    /// As the complete response to a request.
    pub(super) fn response(&self, is_v3: bool) -> Result<http::Response<Bytes>, TransportError> {
        if let Some(failure) = self.failure() {
            return Err(failure);
        }
        let body = self.body(is_v3);
        response(self.code().unwrap_or(500), &self.headers, body)
    }

    /// As an item of a batch.
    pub(super) fn item(&self, path: &str) -> String {
        let body = self.body(false);
        // A body that is not JSON becomes a string, like an error page of a proxy.
        let body = RawValue::from_string(body.clone()).map_or_else(
            |_| Value::from(body).to_string(),
            |raw| raw.get().to_owned(),
        );
        let headers: serde_json::Map<String, Value> = self
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        let (path, headers) = (Value::from(path), Value::Object(headers));
        let code = self.code().unwrap_or(500);
        format!(r#"{{"path": {path}, "code": {code}, "headers": {headers}, "body": {body}}}"#)
    }

    /// As a signal in a v3 response.
    pub(super) fn signal(&self, code: &str) -> String {
        let status = match &self.outcome {
            Outcome::Error(status, error_type, word) => {
                let error = v3_error(*status, error_type, word.as_deref());
                json!({"value": "ERROR", "error": error})
            }
            _ => json!({"value": "SUCCESS"}),
        };
        let body = match &self.outcome {
            Outcome::Body(_, body) => body.as_str(),
            _ => "null",
        };
        let meta = |known: &str| {
            let found = |(name, _): &&(String, String)| name.eq_ignore_ascii_case(known);
            self.headers.iter().find(found).map(|(_, value)| value)
        };
        let meta = json!({
            "oemUpdatedAt": meta("sc-data-age"),
            "retrievedAt": meta("sc-fetched-at"),
        });
        let code = Value::from(code);
        format!(
            r#"{{"id": {code}, "type": "signal", "attributes": {{"code": {code}, "status": {status}, "body": {body}}}, "meta": {meta}}}"#
        )
    }
}

fn v2_error(error_type: &str, code: Option<&str>) -> String {
    json!({"type": error_type, "code": code, "description": "a canned error"}).to_string()
}

fn v3_error(status: u16, error_type: &str, code: Option<&str>) -> Value {
    json!({"status": status.to_string(), "type": error_type, "code": code, "title": "a canned error"})
}

/// A JSON response. Fails if a header is invalid.
pub(super) fn response(
    status: u16,
    headers: &[(String, String)],
    body: String,
) -> Result<http::Response<Bytes>, TransportError> {
    let mut response = http::Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("sc-request-id", "canned");
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response
        .body(Bytes::from(body))
        .map_err(|error| TransportError {
            not_sent: true,
            source: error.into(),
        })
}
