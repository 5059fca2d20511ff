//! HTTP answers of the router.
//!
//! Invariant: a refusal says why in its body, without any of the request.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::receiver::{Answer, LARGEST_BODY};
use crate::refused::Refused;

/// The body of a request, or what to answer if it is too large or breaks off.
pub(super) async fn body(body: Body) -> Result<Bytes, Response> {
    match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(refusal(&Refused::TooLarge)),
        Err(_) => Err(empty(StatusCode::BAD_REQUEST)),
    }
}

pub(super) fn empty(status: StatusCode) -> Response {
    answer(status, Body::empty())
}

pub(super) fn verified(verified: &Answer) -> Response {
    json(StatusCode::OK, verified.body().to_owned())
}

pub(super) fn refusal(refused: &Refused) -> Response {
    let status = StatusCode::from_u16(refused.status());
    let status = status.unwrap_or(StatusCode::BAD_REQUEST);
    let body = serde_json::json!({ "error": refused.to_string() });
    json(status, body.to_string())
}

fn json(status: StatusCode, text: String) -> Response {
    let mut response = answer(status, text.into());
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn answer(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
