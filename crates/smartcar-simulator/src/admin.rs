//! The admin endpoint: a running simulator driven from another process.
//!
//! Invariant: it is outside the API's path space, so that what is asked here is
//! neither recorded nor limited nor struck by a fault; only this machine, and no
//! web page of another one, is let in.

mod answers;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post};

use crate::app::App;
use crate::host;
use answers::Outcome;

/// Whether a path is for the routes; everything else is the API's.
pub(crate) fn is_meant(path: &str) -> bool {
    let rest = path.strip_prefix("/_simulator");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The routes.
pub(crate) fn routes(app: Arc<App>) -> Router {
    Router::new()
        .route("/_simulator", get(answers::index))
        .route("/_simulator/", get(answers::index))
        .route(
            "/_simulator/faults",
            get(answers::faults)
                .post(answers::add_fault)
                .delete(answers::clear_faults),
        )
        .route("/_simulator/faults/{id}", delete(answers::clear_fault))
        .route(
            "/_simulator/requests",
            get(answers::requests).delete(answers::clear_requests),
        )
        .route(
            "/_simulator/clock",
            get(answers::clock).post(answers::set_clock),
        )
        .route("/_simulator/limits", post(answers::set_limits))
        .route("/_simulator/tokens", post(answers::change_tokens))
        .route(
            "/_simulator/authorization_codes",
            post(answers::add_authorization_code),
        )
        .route("/_simulator/{*rest}", any(unknown))
        .method_not_allowed_fallback(other_method)
        .layer(middleware::from_fn(guard))
        .with_state(app)
}

async fn guard(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if !host::is_loopback(&parts) {
        let message = "the host header must name this machine: localhost or a loopback address";
        return Outcome::error(StatusCode::MISDIRECTED_REQUEST, message).into_response();
    }
    if !host::is_from_here(&parts) {
        let message = "a web page of another origin must not drive the simulator: \
             ask from this machine, without the origin header";
        return Outcome::error(StatusCode::FORBIDDEN, message).into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

async fn unknown() -> Outcome {
    let message = "there is no such path; GET /_simulator lists what there is";
    Outcome::error(StatusCode::NOT_FOUND, message)
}

async fn other_method() -> Outcome {
    let message = "the path does not take this method; GET /_simulator lists what there is";
    Outcome::error(StatusCode::METHOD_NOT_ALLOWED, message)
}
