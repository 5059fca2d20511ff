//! HTTP answers of the router.
//!
//! Invariant: every answer is JSON. A refusal says why, without any of the request.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::receiver::{Answer, LARGEST_BODY};
use crate::refused::Refused;

/// How long a body may take to arrive. The vendor gives up after 15 s.
const SLOWEST: Duration = Duration::from_secs(30);

/// The body of a request, or what to answer if it is too large, too slow or breaks off.
pub(super) async fn body(body: Body) -> Result<Bytes, Response> {
    let collected = Limited::new(body, LARGEST_BODY).collect();
    match tokio::time::timeout(SLOWEST, collected).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(refused(&Refused::TooLarge)),
        Ok(Err(_)) => Err(refusal(StatusCode::BAD_REQUEST, "the body breaks off")),
        Err(_) => Err(refusal(StatusCode::REQUEST_TIMEOUT, "the body is too slow")),
    }
}

/// The answer to an event that was taken.
pub(super) fn taken() -> Response {
    json(StatusCode::OK, "{}".to_owned())
}

pub(super) fn verified(verified: &Answer) -> Response {
    json(StatusCode::OK, verified.body().to_owned())
}

pub(super) fn not_post() -> Response {
    let mut response = refusal(StatusCode::METHOD_NOT_ALLOWED, "the method is not POST");
    let post = HeaderValue::from_static("POST");
    response.headers_mut().insert(header::ALLOW, post);
    response
}

pub(super) fn refused(refused: &Refused) -> Response {
    let status = StatusCode::from_u16(refused.status());
    let status = status.unwrap_or(StatusCode::BAD_REQUEST);
    refusal(status, &refused.to_string())
}

pub(super) fn refusal(status: StatusCode, why: &str) -> Response {
    json(status, serde_json::json!({ "error": why }).to_string())
}

fn json(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
