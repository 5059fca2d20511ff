//! What every request carries, as hooks around the generated methods.
//!
//! Invariant: the token is written only into one header, which is marked sensitive,
//! and never appears in output of this module.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::header::{AUTHORIZATION, HeaderValue, USER_AGENT};
use secrecy::{ExposeSecret, SecretString};

use crate::generated::{Client, v3};
use crate::transport::{Transport, TransportError};
use crate::watched::{Sent, Watched};

/// The access token and user agent of a request, and its transport if that is not the
/// HTTP client.
///
/// ```
/// let session = smartcar_client::Session::new("secret-token".into(), "my-service/1.0").unwrap();
/// assert!(!format!("{session:?}").contains("secret-token"));
/// ```
#[derive(Clone)]
pub struct Session {
    access_token: SecretString,
    user_agent: HeaderValue,
    transport: Option<Arc<dyn Transport>>,
    failure: Arc<Mutex<Option<TransportError>>>,
    sent: Sent,
    version: Arc<OnceLock<http::Version>>,
}

impl Session {
    /// A session with a token. `None` if the user agent is not a valid header value.
    pub fn new(access_token: SecretString, user_agent: &str) -> Option<Self> {
        Some(Self {
            access_token,
            user_agent: HeaderValue::from_str(user_agent).ok()?,
            transport: None,
            failure: Arc::default(),
            sent: Sent::default(),
            version: Arc::default(),
        })
    }

    /// Sends the request over a transport instead of the HTTP client.
    #[must_use]
    pub fn over(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Takes the error of the transport for the last request; `None` if there was a
    /// response. A generated method can only return errors of the HTTP client, so
    /// after a failure of the transport it returns an empty response with status 500,
    /// and this method returns the reason.
    pub fn take_failure(&self) -> Option<TransportError> {
        self.slot().take()
    }

    /// Whether a byte of the request may have left the machine: false until its
    /// connection is open. Use one session per request, and call this when the
    /// request has ended or was dropped: a request that still waits for a connection
    /// is withdrawn by the call, so that the result stays true.
    ///
    /// A transport reports this only when it fails. Until it completes, its request
    /// counts as sent.
    pub fn has_sent(&self) -> bool {
        self.sent.settle()
    }

    /// Whether the response came over HTTP/2. `None` before a response, and over a
    /// transport.
    pub fn was_http_2(&self) -> Option<bool> {
        self.version
            .get()
            .map(|version| *version == http::Version::HTTP_2)
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<TransportError>> {
        // Nothing panics while the lock is held.
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value `Bearer …`, marked sensitive so that HTTP libraries do not print or
    /// compress it. `None` if the token is not a valid header value.
    fn authorization(&self) -> Option<HeaderValue> {
        let text = format!("Bearer {}", self.access_token.expose_secret());
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Adds the headers that every request carries. Fails if the token is not a valid
    /// header value.
    #[allow(clippy::result_large_err, reason = "the type is progenitor's")]
    fn prepare<E>(&self, request: &mut reqwest::Request) -> Result<(), Error<E>> {
        let Some(authorization) = self.authorization() else {
            let why = "the access token is not a valid header value";
            return Err(Error::InvalidRequest(why.to_owned()));
        };
        let headers = request.headers_mut();
        // progenitor adds this header to every request; the API does not know it.
        headers.remove("api-version");
        headers.insert(AUTHORIZATION, authorization);
        headers.insert(USER_AGENT, self.user_agent.clone());
        Ok(())
    }

    /// Sends a request over the transport, or over the HTTP client.
    async fn execute(
        &self,
        client: &reqwest::Client,
        mut request: reqwest::Request,
    ) -> reqwest::Result<reqwest::Response> {
        let Some(transport) = &self.transport else {
            Watched::put(&mut request, &self.sent);
            let response = client.execute(request).await;
            if let Ok(response) = &response {
                let _ = self.version.set(response.version());
            }
            return response;
        };
        let mut bare = http::Request::new(Bytes::new());
        *bare.method_mut() = request.method().clone();
        if let Ok(uri) = request.url().as_str().parse() {
            *bare.uri_mut() = uri;
        }
        bare.headers_mut().clone_from(request.headers());
        if let Some(body) = request.body().and_then(reqwest::Body::as_bytes) {
            *bare.body_mut() = Bytes::copy_from_slice(body);
        }
        self.sent.set(true);
        let response = transport.send(bare).await.unwrap_or_else(|error| {
            self.sent.set(!error.not_sent);
            *self.slot() = Some(error);
            let mut failed = http::Response::new(Bytes::new());
            *failed.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
            failed
        });
        Ok(response.into())
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("access_token", &self.access_token)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

macro_rules! hooks {
    ($($client:ty),+) => {$(
        impl ClientHooks<Session> for $client {
            async fn pre<E>(
                &self,
                request: &mut reqwest::Request,
                _: &OperationInfo,
            ) -> Result<(), Error<E>> {
                self.inner().prepare(request)
            }

            async fn exec(
                &self,
                request: reqwest::Request,
                _: &OperationInfo,
            ) -> reqwest::Result<reqwest::Response> {
                self.inner().execute(self.client(), request).await
            }
        }
    )+};
}

hooks!(Client, v3::Client);
