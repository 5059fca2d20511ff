//! The application's own tokens, for version 3 of the API.
//!
//! Invariant: the secret is written into one request's body, over TLS or to
//! this machine, and no output shows it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use smartcar_client::{ResponseValue, Transport};
use smartcar_model::{ApiError, Error, ErrorKind};
use url::form_urlencoded;

use crate::access_token::AccessToken;
use crate::limits::{TOKEN_BODY_CAP, TOKEN_LENGTH, TOKEN_TIMEOUT};
use crate::observe;
use crate::origin::{Origin, OriginName};
use crate::token_source::{IssuedToken, TokenError, TokenFuture, TokenSource};
use crate::transport::{HttpTransport, Lost, Reply, USER_AGENT, http_client, whole};

/// The secret of an application. Its `Debug` is redacted, and its memory is
/// cleared when it is dropped.
///
/// ```
/// use smartcar_batch::ClientSecret;
///
/// let secret = ClientSecret::new("0f9a7c31-secret")?;
/// assert!(!format!("{secret:?}").contains("0f9a7c31"));
/// # Ok::<(), smartcar_batch::Error>(())
/// ```
#[derive(Clone)]
pub struct ClientSecret(SecretString);

impl ClientSecret {
    /// A secret as the dashboard shows it: visible ASCII characters.
    pub fn new(secret: impl Into<String>) -> Result<Self, Error> {
        let secret = SecretString::from(secret.into());
        check("secret", secret.expose_secret())?;
        Ok(Self(secret))
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret([redacted])")
    }
}

/// The value itself is never shown: the two may have been mixed up.
fn check(what: &str, text: &str) -> Result<(), Error> {
    let fault = if text.is_empty() {
        "is empty".to_owned()
    } else if text.len() > TOKEN_LENGTH {
        format!("is longer than {TOKEN_LENGTH} bytes")
    } else if let Some(at) = text.bytes().position(|byte| !byte.is_ascii_graphic()) {
        format!("has a character at byte {at} that is not visible ASCII")
    } else {
        return Ok(());
    };
    let message = format!("the client {what} {fault}: pass it as the dashboard shows it");
    Err(Error::new(ErrorKind::InvalidRequest, message))
}

/// A [`TokenSource`] that asks for the application's tokens by its client id and
/// secret. They are valid for an hour; a client renews them a minute before
/// they end, once for all its tasks. A token's request may take 30 s.
///
/// It reaches its server as the client that it is given to reaches the API: with
/// the proxy and the roots of [`ClientBuilder::configure_http`], or over its
/// [`ClientBuilder::transport`].
///
/// [`ClientBuilder::configure_http`]: crate::ClientBuilder::configure_http
/// [`ClientBuilder::transport`]: crate::ClientBuilder::transport
///
/// ```no_run
/// use smartcar_batch::{Api, Client, ClientCredentials, ClientSecret};
///
/// # fn example(secret: String) -> Result<(), smartcar_batch::Error> {
/// let credentials = ClientCredentials::new("client_0123", ClientSecret::new(secret)?)?;
/// let client = Client::builder()
///     .api(Api::V3)
///     .token_source(credentials)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ClientCredentials {
    client_id: String,
    secret: ClientSecret,
    origin: Origin,
    /// Whether the origin is to be logged when it is used first.
    origin_from_env: bool,
    http: reqwest::Client,
}

impl ClientCredentials {
    /// The credentials of an application, whose id begins with `client_`.
    ///
    /// Fails where the id is no visible ASCII, or TLS cannot be set up.
    pub fn new(client_id: impl Into<String>, secret: ClientSecret) -> Result<Self, Error> {
        let client_id = client_id.into();
        check("id", &client_id)?;
        let origin = Origin::parse(OriginName::Auth, OriginName::Auth.example(), false)?;
        Ok(Self {
            client_id,
            secret,
            http: http_client(origin.reach(), None)?,
            origin,
            origin_from_env: false,
        })
    }

    /// Scheme, host and port of the server that makes the tokens:
    /// `https://iam.smartcar.com` without it. https, or http to this machine.
    ///
    /// ```
    /// # use smartcar_batch::{ClientCredentials, ClientSecret};
    /// let credentials = ClientCredentials::new("client_0123", ClientSecret::new("secret")?)?;
    /// assert!(credentials.clone().auth_origin("http://127.0.0.1:4010").is_ok());
    /// assert!(credentials.auth_origin("http://auth.example").is_err());
    /// # Ok::<(), smartcar_batch::Error>(())
    /// ```
    pub fn auth_origin(self, origin: &str) -> Result<Self, Error> {
        let origin = Origin::parse(OriginName::Auth, origin, false)?;
        Ok(Self {
            http: http_client(origin.reach(), None)?,
            origin,
            origin_from_env: false,
            ..self
        })
    }

    pub(crate) fn origin_from_env(mut self) -> Self {
        self.origin_from_env = true;
        self
    }

    async fn ask(&self, transport: Option<&dyn Transport>) -> Result<Reply, Error> {
        if self.origin_from_env {
            observe::origin_from_env(&self.origin, "SMARTCAR_AUTH_ORIGIN");
        }
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.secret.0.expose_secret())
            .finish();
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        let request = http::Request::post(format!("{}/oauth2/token", self.origin.text()))
            .header(CONTENT_TYPE, form_type)
            .header(reqwest::header::USER_AGENT, USER_AGENT)
            .body(Bytes::from(form))
            .map_err(|error| lost("the token's request could not be built").with_source(error))?;
        let own = HttpTransport::over(self.http.clone(), TOKEN_BODY_CAP);
        let answer = transport.unwrap_or(&own).send(request);
        let answer = tokio::time::timeout(TOKEN_TIMEOUT, answer).await;
        let answer = answer.map_err(|_| lost("the token's server gave no answer in time"))?;
        let answer = answer
            .map_err(|error| lost("the token's server gave no answer").with_source(error.source))?;
        let answer = ResponseValue::stream(answer.into());
        whole(answer, TOKEN_BODY_CAP)
            .await
            .map_err(Lost::into_error)
    }

    async fn issue(&self, transport: Option<&dyn Transport>) -> Result<IssuedToken, TokenError> {
        let answer = self.ask(transport).await?;
        if answer.status != 200 {
            return Err(Self::refused(&answer).into());
        }
        let members: Option<Map<String, Value>> = serde_json::from_slice(&answer.body).ok();
        let mut members = members.ok_or_else(|| unreadable("no JSON object"))?;
        let Some(Value::String(token)) = members.remove("access_token") else {
            return Err(unreadable("no `access_token`").into());
        };
        let issued = IssuedToken::new(AccessToken::new(token)?);
        Ok(match members.get("expires_in").and_then(seconds) {
            Some(seconds) => issued.with_lifetime(Duration::from_secs(seconds)),
            // The API refuses it when it ends.
            None => issued,
        })
    }

    /// Of the server's words only the registered ones are shown: whatever else
    /// it says may repeat what it was sent.
    fn refused(answer: &Reply) -> Error {
        let text = std::str::from_utf8(&answer.body).ok();
        let api = ApiError::read(answer.status, &answer.headers, text);
        let known = [
            "invalid_request",
            "invalid_client",
            "invalid_grant",
            "unauthorized_client",
            "unsupported_grant_type",
            "invalid_scope",
            "server_error",
            "temporarily_unavailable",
        ];
        let word = known
            .into_iter()
            .find(|word| api.error_type.as_deref() == Some(word));
        let cure = match word {
            Some("invalid_client" | "unauthorized_client") => {
                ": check the client id and the client secret"
            }
            _ => "",
        };
        let word = word.unwrap_or("no known error");
        let message = format!(
            "the token's server answered status {}, {word}{cure}",
            answer.status
        );
        Error::new(ErrorKind::Token, message).with_status(answer.status)
    }
}

/// A number of seconds, also as a text.
fn seconds(value: &Value) -> Option<u64> {
    let text = || value.as_str()?.trim().parse().ok();
    value.as_u64().or_else(text)
}

fn lost(message: &str) -> Error {
    Error::new(ErrorKind::Token, message)
}

fn unreadable(why: &str) -> Error {
    let message = format!("the token's server gave an unreadable answer: {why}");
    Error::new(ErrorKind::Token, message)
}

impl TokenSource for ClientCredentials {
    fn fetch(&self) -> TokenFuture<'_> {
        Box::pin(self.issue(None))
    }

    fn fetch_over<'a>(&'a self, transport: &'a dyn Transport) -> TokenFuture<'a> {
        Box::pin(self.issue(Some(transport)))
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials")
            .field("client_id", &self.client_id)
            .field("secret", &self.secret)
            .field("auth_origin", &self.origin.text())
            .finish_non_exhaustive()
    }
}
