//! The application's own tokens, for version 3 of the API.
//!
//! Invariant: the secret is written into one request's body, over TLS or to
//! this machine, and no output shows it.

mod refusal;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value};
use smartcar_client::{ResponseValue, Transport};
use smartcar_model::{Error, ErrorKind};
use url::form_urlencoded;

use crate::access_token::AccessToken;
use crate::client_secret::{self, ClientSecret};
use crate::limits::{TOKEN_BODY_CAP, TOKEN_TIMEOUT};
use crate::observe;
use crate::origin::{Origin, OriginName};
use crate::token_error::TokenError;
use crate::token_source::{IssuedToken, TokenFuture, TokenSource};
use crate::transport::{HttpTransport, Reply, USER_AGENT, http_client, whole};
use refusal::refusal;

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
/// A token server that cannot be reached, or that answers 429 or 5xx, is asked
/// again by the call's policy, after the wait that it states; see [`TokenError`].
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
        client_secret::check("id", &client_id)?;
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

    async fn ask(&self, transport: Option<&dyn Transport>) -> Result<Reply, TokenError> {
        if self.origin_from_env {
            observe::origin_from_env(&self.origin, "SMARTCAR_AUTH_ORIGIN");
        }
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.secret.expose())
            .finish();
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        let request = http::Request::post(format!("{}/oauth2/token", self.origin.text()))
            .header(CONTENT_TYPE, form_type)
            .header(reqwest::header::USER_AGENT, USER_AGENT)
            .body(Bytes::from(form))
            .map_err(|error| {
                TokenError::new("the token request could not be built").with_source(error)
            })?;
        let own = HttpTransport::over(self.http.clone(), TOKEN_BODY_CAP);
        let answer = transport.unwrap_or(&own).send(request);
        let answer = tokio::time::timeout(TOKEN_TIMEOUT, answer).await;
        let answer = answer
            .map_err(|_| TokenError::new("the token server gave no answer in time").retryable())?;
        let answer = answer.map_err(|error| {
            TokenError::new("the token server gave no answer")
                .retryable()
                .with_source(error.source)
        })?;
        let answer = ResponseValue::stream(answer.into());
        whole(answer, TOKEN_BODY_CAP).await.map_err(|lost| {
            let error = if lost.kind == ErrorKind::Transport {
                TokenError::new("the token server's answer broke off").retryable()
            } else {
                let why =
                    format!("the token server's answer is larger than {TOKEN_BODY_CAP} bytes");
                TokenError::new(why)
            };
            match lost.source {
                Some(source) => error.with_source(source),
                None => error,
            }
        })
    }

    async fn issue(&self, transport: Option<&dyn Transport>) -> Result<IssuedToken, TokenError> {
        let answer = self.ask(transport).await?;
        if answer.status != 200 {
            return Err(refusal(&answer, &self.secret));
        }
        let members: Option<Map<String, Value>> = serde_json::from_slice(&answer.body).ok();
        let mut members = members.ok_or_else(|| unreadable("no JSON object"))?;
        let Some(Value::String(token)) = members.remove("access_token") else {
            return Err(unreadable("no `access_token`"));
        };
        let token = AccessToken::new(token)
            .map_err(|error| unreadable("no usable token").with_source(error))?;
        let issued = IssuedToken::new(token);
        Ok(match members.get("expires_in").and_then(seconds) {
            Some(seconds) => issued.with_lifetime(Duration::from_secs(seconds)),
            // The API refuses it when it ends.
            None => issued,
        })
    }
}

/// A number of seconds, also as a text.
fn seconds(value: &Value) -> Option<u64> {
    let text = || value.as_str()?.trim().parse().ok();
    value.as_u64().or_else(text)
}

fn unreadable(why: &str) -> TokenError {
    TokenError::new(format!("the token server gave an unreadable answer: {why}"))
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
