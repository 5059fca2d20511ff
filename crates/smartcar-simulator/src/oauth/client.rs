//! The token endpoint of version 3: an application's own token.
//!
//! Invariant: a secret is looked at and forgotten; it is in no answer and no
//! record.

use std::collections::HashMap;

use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::authority::{APPLICATION_LIFETIME, Authority};
use super::{Applications, Denial, has_type, read_form, unstored};
use crate::answer::Answer;
use crate::tokens::Tokens;

/// Where an application gets its token for version 3.
pub(crate) const PATH: &str = "/oauth2/token";

/// Answers a request to [`PATH`], and says whether the application proved to be itself.
pub(crate) fn answer(
    applications: &Applications,
    (authority, tokens): (&mut Authority, &mut Tokens),
    (parts, body): (&Parts, &[u8]),
    now: Timestamp,
) -> (Answer, bool) {
    match check(applications, parts, body) {
        Ok(()) => {
            let body = json!({
                "access_token": authority.application_token(tokens, now),
                "token_type": "Bearer",
                "expires_in": APPLICATION_LIFETIME.as_secs(),
            });
            (unstored(StatusCode::OK, &body), true)
        }
        Err(denial) => (denial.into_answer(), false),
    }
}

fn check(applications: &Applications, parts: &Parts, body: &[u8]) -> Result<(), Denial> {
    if parts.method != Method::POST {
        let mut denial = Denial::invalid_request("The token endpoint takes POST only.");
        denial.status = StatusCode::METHOD_NOT_ALLOWED;
        return Err(denial);
    }
    let form = if has_type(&parts.headers, "application/x-www-form-urlencoded") {
        read_form(body)?
    } else if has_type(&parts.headers, "application/json") {
        read_json(body)?
    } else {
        return Err(Denial::invalid_request(
            "The content type must be application/x-www-form-urlencoded or application/json.",
        ));
    };
    let given = |name: &str| form.get(name).filter(|value| !value.is_empty());
    match given("grant_type").map(String::as_str) {
        Some("client_credentials") => {}
        None => {
            let description = "The parameter grant_type is missing.";
            return Err(Denial::invalid_request(description));
        }
        Some(_) => {
            let description = "The grant_type must be client_credentials.";
            return Err(Denial::new("unsupported_grant_type", description));
        }
    }
    let is_known = if parts
        .headers
        .contains_key(axum::http::header::AUTHORIZATION)
    {
        applications.authenticate(&parts.headers).is_some()
    } else {
        let missing = "The parameters client_id and client_secret are required.";
        match (given("client_id"), given("client_secret")) {
            (Some(id), Some(secret)) => applications.knows(id, secret),
            _ => return Err(Denial::invalid_request(missing)),
        }
    };
    if is_known {
        return Ok(());
    }
    let mut denial = Denial::new("invalid_client", "The client id or secret is not known.");
    denial.status = StatusCode::UNAUTHORIZED;
    Err(denial)
}

fn read_json(body: &[u8]) -> Result<HashMap<String, String>, Denial> {
    let object: Option<HashMap<String, Value>> = serde_json::from_slice(body).ok();
    let object = object.ok_or(Denial::invalid_request("The body must be a JSON object."))?;
    let texts = object.into_iter().filter_map(|(name, value)| match value {
        Value::String(text) => Some((name, text)),
        _ => None,
    });
    Ok(texts.collect())
}
