//! The application's own access tokens, for v3.
//!
//! Invariant: the secret is written only into the body of a token request, over TLS
//! or to this machine, and never appears in output.

mod refusal;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value};
use smartcar_client::Transport;
use smartcar_model::Error;
use url::form_urlencoded;

use crate::access_token::AccessToken;
use crate::client_secret::{self, ClientSecret};
use crate::limits::{TOKEN_BODY_CAP, TOKEN_TIMEOUT};
use crate::observe;
use crate::origin::{Origin, OriginName};
use crate::token_error::TokenError;
use crate::token_source::{IssuedToken, TokenFuture, TokenSource};
use crate::transport::{HttpTransport, Reply, TooLarge, USER_AGENT, http_client};
use refusal::refusal;

/// A [`TokenSource`] that requests the application's access tokens with its client ID
/// and secret. A token is valid for one hour. A client renews it one minute before it
/// expires, once for all its tasks. A token request may take 30 s.
///
/// It connects like the client that uses it: with the proxy and the root certificates
/// of [`ClientBuilder::configure_http`], or over the [`ClientBuilder::transport`].
///
/// [`ClientBuilder::configure_http`]: crate::ClientBuilder::configure_http
/// [`ClientBuilder::transport`]: crate::ClientBuilder::transport
///
/// If the token server cannot be reached, or responds with 429 or 5xx, the request is
/// retried by the call's policy, after the wait that the server states; see
/// [`TokenError`].
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
    /// Whether to log the origin when it is first used.
    origin_from_env: bool,
    http: reqwest::Client,
}

impl ClientCredentials {
    /// The credentials of an application. Smartcar's client IDs for v3 begin with
    /// `client_`; the simulator takes its own.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) if
    /// the ID is empty or not visible ASCII, or if TLS cannot be set up.
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

    /// Sets the origin (scheme, host and port) of the token server; the default is
    /// `https://iam.smartcar.com`. It must be `https`, or `http` to this machine;
    /// anything else is an [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest).
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
            .map_err(|_| TokenError::new("the token server did not respond in time").retryable())?;
        let answer = answer.map_err(|error| {
            if error.source.is::<TooLarge>() {
                return too_large();
            }
            TokenError::new("the token server did not respond")
                .retryable()
                .with_source(error.source)
        })?;
        let (head, body) = answer.into_parts();
        // A custom transport may have another limit.
        if body.len() > TOKEN_BODY_CAP {
            return Err(too_large());
        }
        Ok(Reply::of(head.status.as_u16(), &head.headers, body))
    }

    async fn issue(&self, transport: Option<&dyn Transport>) -> Result<IssuedToken, TokenError> {
        let answer = self.ask(transport).await?;
        if answer.status != 200 {
            return Err(refusal(&answer, &self.client_id, &self.secret));
        }
        let members: Option<Map<String, Value>> = serde_json::from_slice(&answer.body).ok();
        let mut members = members.ok_or_else(|| unreadable("not a JSON object"))?;
        let Some(Value::String(token)) = members.remove("access_token") else {
            return Err(unreadable("no `access_token`"));
        };
        let token = AccessToken::new(token).map_err(|error| {
            unreadable("`access_token` is not a valid token").with_source(error)
        })?;
        let issued = IssuedToken::new(token);
        Ok(match members.get("expires_in").and_then(seconds) {
            Some(seconds) => issued.with_lifetime(Duration::from_secs(seconds)),
            // The API rejects the token when it has expired.
            None => issued,
        })
    }
}

fn too_large() -> TokenError {
    TokenError::new(format!(
        "the token server's response is larger than {TOKEN_BODY_CAP} bytes"
    ))
}

/// A number of seconds, as a number or a string.
fn seconds(value: &Value) -> Option<u64> {
    let text = || value.as_str()?.trim().parse().ok();
    value.as_u64().or_else(text)
}

fn unreadable(why: &str) -> TokenError {
    TokenError::new(format!(
        "the token server sent an unreadable response: {why}"
    ))
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
