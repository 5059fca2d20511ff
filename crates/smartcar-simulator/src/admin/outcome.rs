//! What an admin request leads to, and how its body is read.
//!
//! Invariant: an error says what to fix.

use std::fmt;

use bytes::Bytes;
use http::StatusCode;
use hyper::body::Body;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::nearest::explained;
use crate::request;

/// A status with an error message.
pub(super) type Wrong = (StatusCode, String);
/// A status with a JSON object, or an error.
pub(super) type Outcome = Result<(StatusCode, Value), Wrong>;

pub(super) fn good(body: Value) -> (StatusCode, Value) {
    (StatusCode::OK, body)
}

pub(super) fn created(body: Value) -> (StatusCode, Value) {
    (StatusCode::CREATED, body)
}

pub(super) fn refused(message: impl fmt::Display) -> Wrong {
    (StatusCode::BAD_REQUEST, message.to_string())
}

/// Parses the body; its content type does not matter.
pub(super) async fn read<T: DeserializeOwned>(
    body: impl Body<Data = Bytes> + Unpin,
) -> Result<T, Wrong> {
    let bytes = request::read_body(body).await.map_err(|refusal| {
        let status = refusal.status.unwrap_or(StatusCode::BAD_REQUEST);
        (status, refusal.description)
    })?;
    serde_json::from_slice(&bytes).map_err(|error| refused(explained(&error.to_string())))
}

/// Where all routes are found.
pub(super) const LISTS: &str = "GET /_simulator lists all routes";

/// The error for a known path with another method.
pub(super) fn wrong_method() -> Wrong {
    let message = format!("the path does not support this method; {LISTS}");
    (StatusCode::METHOD_NOT_ALLOWED, message)
}
