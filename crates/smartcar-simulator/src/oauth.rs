//! The OAuth token endpoints. One exchanges a code or a refresh token for an access
//! token; the other issues an application's own token.
//!
//! Invariant: issued tokens depend only on the requests and the simulated clock, so
//! every run issues the same ones. A secret never appears in a response or a
//! record.

use std::collections::HashMap;

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::applications::Applications;
use crate::authority::{Denial, Issuer, unstored};
use crate::validate::has_type;

/// The path that issues tokens. The live service serves it on a separate host.
pub(crate) const PATH: &str = "/oauth/token";
/// The path that issues an application's own token for version 3.
pub(crate) const OWN_PATH: &str = "/oauth2/token";

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
/// The parameters that a token endpoint knows. OAuth requires it to ignore all
/// others.
const PARAMETERS: [&str; 5] = [
    "client_id",
    "client_secret",
    "code",
    "grant_type",
    "refresh_token",
];

/// Both of them.
pub(crate) const PATHS: [&str; 2] = [PATH, OWN_PATH];

/// The token endpoint that a URL's path names.
pub(crate) fn path_of(path: &str) -> Option<&'static str> {
    PATHS.into_iter().find(|known| *known == path)
}

/// What a request to a token endpoint asks for.
#[derive(Debug)]
pub(crate) enum Ask {
    /// Exchange of a code.
    Trade {
        application: String,
        code: String,
    },
    Refresh {
        application: String,
        token: String,
    },
    /// The application's own token.
    Own,
}

/// Reads a request to the endpoint at this path. Returns whether the application is
/// authenticated, and what it asks for.
pub(crate) fn understand(
    path: &str,
    applications: &Applications,
    parts: &Parts,
    body: &[u8],
) -> (bool, Result<Ask, Denial>) {
    let application = applications.authenticate(&parts.headers);
    let is_known = application.is_some();
    if parts.method != Method::POST {
        return (is_known && path == PATH, Err(Denial::method()));
    }
    if path == PATH {
        return (is_known, of_owner(application, parts, body));
    }
    let ask = of_application(applications, is_known, parts, body);
    (ask.is_ok(), ask)
}

/// Reads a request made on behalf of a vehicle's owner.
fn of_owner(application: Option<String>, parts: &Parts, body: &[u8]) -> Result<Ask, Denial> {
    let unknown = "The basic authorization header must have a known client id and secret.";
    let application = application.ok_or_else(|| Denial::new("invalid_client", unknown))?;
    if !has_type(&parts.headers, FORM) {
        return Err(Denial::invalid_request(
            "The content type must be application/x-www-form-urlencoded.",
        ));
    }
    let form = read_form(body)?;
    match required(&form, "grant_type")? {
        "authorization_code" => Ok(Ask::Trade {
            application,
            code: required(&form, "code")?.to_owned(),
        }),
        "refresh_token" => Ok(Ask::Refresh {
            application,
            token: required(&form, "refresh_token")?.to_owned(),
        }),
        _ => Err(Denial::new(
            "unsupported_grant_type",
            "The grant_type must be authorization_code or refresh_token.",
        )),
    }
}

/// Reads a request made on the application's own behalf.
fn of_application(
    applications: &Applications,
    is_known: bool,
    parts: &Parts,
    body: &[u8],
) -> Result<Ask, Denial> {
    let form = if has_type(&parts.headers, FORM) {
        read_form(body)?
    } else if has_type(&parts.headers, JSON) {
        read_json(body)?
    } else {
        return Err(Denial::invalid_request(
            "The content type must be application/x-www-form-urlencoded or application/json.",
        ));
    };
    if required(&form, "grant_type")? != "client_credentials" {
        let description = "The grant_type must be client_credentials.";
        return Err(Denial::new("unsupported_grant_type", description));
    }
    let is_known = if parts.headers.contains_key(AUTHORIZATION) {
        is_known
    } else {
        let given = required(&form, "client_id").and_then(|id| {
            let secret = required(&form, "client_secret")?;
            Ok((id, secret))
        });
        let (id, secret) = given.map_err(|_| {
            Denial::invalid_request("The parameters client_id and client_secret are required.")
        })?;
        applications.knows(id, secret)
    };
    let unknown = "The client id or secret is unknown.";
    is_known
        .then_some(Ask::Own)
        .ok_or_else(|| Denial::new("invalid_client", unknown))
}

/// Issues the requested tokens.
pub(crate) fn answer(ask: Result<Ask, Denial>, issuer: &mut Issuer<'_>) -> Answer {
    let issued = ask.and_then(|ask| match ask {
        Ask::Trade { application, code } => issuer.trade(&application, &code),
        Ask::Refresh { application, token } => issuer.refresh(&application, &token),
        Ask::Own => Ok(issuer.own()),
    });
    let issued = match issued {
        Ok(issued) => issued,
        Err(denial) => return denial.into_answer(),
    };
    let mut body = json!({
        "access_token": issued.access,
        "token_type": "Bearer",
        "expires_in": issued.lifetime.as_secs(),
    });
    if let Some(refresh) = issued.refresh {
        body["refresh_token"] = Value::from(refresh);
    }
    unstored(StatusCode::OK, &body)
}

fn required<'f>(form: &'f HashMap<String, String>, name: &str) -> Result<&'f str, Denial> {
    let value = form.get(name).map(String::as_str);
    let value = value.filter(|value| !value.is_empty());
    value.ok_or_else(|| Denial::invalid_request(format!("The parameter {name} is missing.")))
}

fn read_form(body: &[u8]) -> Result<HashMap<String, String>, Denial> {
    let mut form = HashMap::new();
    let pairs = form_urlencoded::parse(body).into_owned();
    for (name, value) in pairs.filter(|(name, _)| PARAMETERS.contains(&name.as_str())) {
        if form.insert(name, value).is_some() {
            return Err(Denial::invalid_request("A parameter is duplicated."));
        }
    }
    Ok(form)
}

fn read_json(body: &[u8]) -> Result<HashMap<String, String>, Denial> {
    let object: Option<HashMap<String, Value>> = serde_json::from_slice(body).ok();
    let object =
        object.ok_or_else(|| Denial::invalid_request("The body must be a JSON object."))?;
    let texts = object.into_iter().filter_map(|(name, value)| match value {
        Value::String(text) => Some((name, text)),
        _ => None,
    });
    Ok(texts.collect())
}

#[cfg(test)]
mod tests;
