//! Why no token is issued, in the words of OAuth.
//!
//! Invariant: no answer of a token endpoint may be stored on its way.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::http::header::{ALLOW, CACHE_CONTROL, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use crate::answer::Answer;

/// Why no token is issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial {
    status: StatusCode,
    error: &'static str,
    description: Cow<'static, str>,
}

impl Denial {
    pub(crate) fn new(error: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            description: description.into(),
        }
    }

    pub(crate) fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_request", description)
    }

    pub(crate) fn invalid_grant(description: &'static str) -> Self {
        Self::new("invalid_grant", description)
    }

    pub(crate) fn invalid_client(description: &'static str) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            ..Self::new("invalid_client", description)
        }
    }

    pub(crate) fn method() -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            ..Self::invalid_request("The token endpoint takes POST only.")
        }
    }

    pub(crate) fn into_answer(self) -> Answer {
        let body = json!({"error": self.error, "error_description": self.description});
        let answer = unstored(self.status, &body);
        let (name, value) = match self.status {
            StatusCode::UNAUTHORIZED => (WWW_AUTHENTICATE, "Basic realm=\"oauth\""),
            StatusCode::METHOD_NOT_ALLOWED => (ALLOW, "POST"),
            _ => return answer,
        };
        answer.with_header(name, value)
    }
}

/// An answer that nobody on the way may keep.
pub(crate) fn unstored(status: StatusCode, body: &Value) -> Answer {
    Answer::new(status, body).with_header(CACHE_CONTROL, "no-store")
}
