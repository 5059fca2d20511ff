//! The OAuth token endpoints: a code or a refresh token for an access token, and
//! an application's own token.
//!
//! Invariant: what is issued follows from the requests and the simulated clock
//! alone, so every run issues the same texts.

pub(crate) mod authority;
pub(crate) mod client;

use std::collections::HashMap;
use std::fmt;
use std::io;

use axum::http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::routing::unescape;
use crate::tokens::Tokens;
use authority::{Authority, Issued};

/// Where tokens are issued. The live service has it on a host of its own.
pub(crate) const PATH: &str = "/oauth/token";

/// The path of the token endpoint that a URL names.
pub(crate) fn path_of(path: &str) -> Option<&'static str> {
    [PATH, client::PATH]
        .into_iter()
        .find(|known| *known == path)
}

/// The client id of the application that every simulator knows.
///
/// ```
/// assert_eq!(smartcar_simulator::DEFAULT_CLIENT_ID, "simulator-client");
/// ```
pub const DEFAULT_CLIENT_ID: &str = "simulator-client";

/// The client secret that belongs to [`DEFAULT_CLIENT_ID`]; no secret at all.
///
/// ```
/// assert_eq!(smartcar_simulator::DEFAULT_CLIENT_SECRET, "simulator-secret");
/// ```
pub const DEFAULT_CLIENT_SECRET: &str = "simulator-secret";

/// Client ids with their secrets.
#[derive(Clone)]
pub(crate) struct Applications(HashMap<String, String>);

impl Default for Applications {
    fn default() -> Self {
        let default = (DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET);
        Self(HashMap::from([(
            default.0.to_owned(),
            default.1.to_owned(),
        )]))
    }
}

impl fmt::Debug for Applications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} applications", self.0.len())
    }
}

impl Applications {
    /// Adds an application; the same id again replaces its secret.
    pub(crate) fn add(&mut self, id: String, secret: String) {
        self.0.insert(id, secret);
    }

    pub(crate) fn check(&self) -> io::Result<()> {
        let can_be_sent = |(id, secret): (&String, &String)| {
            let is_text = |text: &str| !text.is_empty() && !text.contains(char::is_control);
            is_text(id) && is_text(secret) && !id.contains(':')
        };
        if self.0.iter().all(can_be_sent) {
            return Ok(());
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "an application needs a client id without a colon, and a client secret",
        ))
    }

    fn knows(&self, id: &str, secret: &str) -> bool {
        self.0.get(id).is_some_and(|known| known == secret)
    }

    /// The application that the request's Basic header proves to be.
    pub(crate) fn authenticate(&self, headers: &HeaderMap) -> Option<String> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return None;
        };
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        // OAuth wants both percent-encoded within the header; not every client does.
        let decoded = (unescape(id), unescape(secret));
        if self.knows(id, secret) {
            Some(id.to_owned())
        } else {
            self.knows(&decoded.0, &decoded.1).then_some(decoded.0)
        }
    }
}

/// Why no token is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Denial {
    pub(crate) status: StatusCode,
    pub(crate) error: &'static str,
    pub(crate) description: &'static str,
}

impl Denial {
    fn new(error: &'static str, description: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            description,
        }
    }

    fn invalid_request(description: &'static str) -> Self {
        Self::new("invalid_request", description)
    }

    pub(crate) fn invalid_grant(description: &'static str) -> Self {
        Self::new("invalid_grant", description)
    }

    fn into_answer(self) -> Answer {
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

/// Answers a request to [`PATH`] from an application that proved to be itself, or did not.
pub(crate) fn answer(
    authority: &mut Authority,
    tokens: &mut Tokens,
    (parts, body): (&Parts, &[u8]),
    application: Option<&str>,
    now: Timestamp,
) -> Answer {
    match issue(authority, tokens, (parts, body), application, now) {
        Ok(issued) => {
            let body = json!({
                "access_token": issued.access,
                "token_type": "Bearer",
                "expires_in": authority::ACCESS_LIFETIME.as_secs(),
                "refresh_token": issued.refresh,
            });
            unstored(StatusCode::OK, &body)
        }
        Err(denial) => denial.into_answer(),
    }
}

/// An answer that nobody on the way may keep.
fn unstored(status: StatusCode, body: &Value) -> Answer {
    Answer::new(status, body).with_header(CACHE_CONTROL, "no-store")
}

fn issue(
    authority: &mut Authority,
    tokens: &mut Tokens,
    (parts, body): (&Parts, &[u8]),
    application: Option<&str>,
    now: Timestamp,
) -> Result<Issued, Denial> {
    if parts.method != Method::POST {
        let mut denial = Denial::invalid_request("The token endpoint takes POST only.");
        denial.status = StatusCode::METHOD_NOT_ALLOWED;
        return Err(denial);
    }
    let Some(application) = application else {
        let description = "The basic authorization header must have a known client id and secret.";
        let mut denial = Denial::new("invalid_client", description);
        denial.status = StatusCode::UNAUTHORIZED;
        return Err(denial);
    };
    if !has_type(&parts.headers, "application/x-www-form-urlencoded") {
        let description = "The content type must be application/x-www-form-urlencoded.";
        return Err(Denial::invalid_request(description));
    }
    let form = read_form(body)?;
    let required = |name: &str, missing: &'static str| {
        let value = form.get(name).map(String::as_str);
        value
            .filter(|value| !value.is_empty())
            .ok_or(Denial::invalid_request(missing))
    };
    match required("grant_type", "The parameter grant_type is missing.")? {
        "authorization_code" => {
            let code = required("code", "The parameter code is missing.")?;
            authority.trade_code(tokens, application, code, now)
        }
        "refresh_token" => {
            let token = required("refresh_token", "The parameter refresh_token is missing.")?;
            authority.refresh(tokens, application, token, now)
        }
        _ => Err(Denial::new(
            "unsupported_grant_type",
            "The grant_type must be authorization_code or refresh_token.",
        )),
    }
}

/// A parameter such as the charset may follow.
fn has_type(headers: &HeaderMap, wanted: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next());
    media_type.is_some_and(|it| it.trim().eq_ignore_ascii_case(wanted))
}

/// The parameters that a token endpoint knows. OAuth has it ignore any other.
const PARAMETERS: [&str; 5] = [
    "client_id",
    "client_secret",
    "code",
    "grant_type",
    "refresh_token",
];

fn read_form(body: &[u8]) -> Result<HashMap<String, String>, Denial> {
    let mut form = HashMap::new();
    let pairs = form_urlencoded::parse(body).into_owned();
    for (name, value) in pairs.filter(|(name, _)| PARAMETERS.contains(&name.as_str())) {
        if form.insert(name, value).is_some() {
            return Err(Denial::invalid_request("A parameter is given twice."));
        }
    }
    Ok(form)
}

#[cfg(test)]
#[path = "oauth_tests.rs"]
mod tests;
