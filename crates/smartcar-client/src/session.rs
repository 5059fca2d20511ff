//! What every request carries, as a hook of the generated methods.
//!
//! Invariant: the token is written only into one header, which is marked sensitive,
//! and never appears in output of this module.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::future::Either;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::header::{AUTHORIZATION, HeaderValue, USER_AGENT};

use crate::authorization::Authorization;
use crate::generated::{Client, v3};
use crate::transport::{Transport, TransportError};
use crate::watched::{Sent, Watched};

/// The access token and user agent of a request, and its transport if that is not the
/// HTTP client.
///
/// ```
/// let session = smartcar_client::Session::new("secret-token", "my-service/1.0").unwrap();
/// assert!(!format!("{session:?}").contains("secret-token"));
/// ```
#[derive(Clone)]
pub struct Session {
    authorization: Authorization,
    user_agent: HeaderValue,
    over: Option<Arc<Over>>,
    sent: Sent,
}

/// A transport, and why it has no response.
struct Over {
    transport: Arc<dyn Transport>,
    failure: Mutex<Option<TransportError>>,
}

impl Over {
    fn failure(&self) -> std::sync::MutexGuard<'_, Option<TransportError>> {
        // Nothing panics while the lock is held.
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// A session with a token. `None` if the token or the user agent is not a valid
    /// header value.
    pub fn new(access_token: &str, user_agent: &str) -> Option<Self> {
        let authorization = Authorization::bearer(access_token)?;
        let user_agent = HeaderValue::from_str(user_agent).ok()?;
        Some(Self::with(authorization, user_agent))
    }

    /// A session with headers that are there already: one authorization serves all
    /// requests with its token.
    pub fn with(authorization: Authorization, user_agent: HeaderValue) -> Self {
        Self {
            authorization,
            user_agent,
            over: None,
            sent: Sent::default(),
        }
    }

    /// Sends the request over a transport instead of the HTTP client.
    #[must_use]
    pub fn over(mut self, transport: Arc<dyn Transport>) -> Self {
        self.over = Some(Arc::new(Over {
            transport,
            failure: Mutex::default(),
        }));
        self
    }

    /// Takes the error of the transport for the last request; `None` if there was a
    /// response. A generated method can only return errors of the HTTP client, so
    /// after a failure of the transport it returns an empty response with status 500,
    /// and this method returns the reason.
    pub fn take_failure(&self) -> Option<TransportError> {
        self.over.as_ref()?.failure().take()
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

    /// Whether the error of the last request is about this request. False if it may be
    /// about its connection only: over HTTP/2 the HTTP client returns a connection's
    /// `GOAWAY` for requests that the server did not process, and also for one that was
    /// being written when it came. Who cannot tell them apart must assume that the
    /// request was processed.
    pub fn was_awaited(&self) -> bool {
        self.sent.was_awaited()
    }

    /// Adds the headers that every request carries.
    fn prepare(&self, request: &mut reqwest::Request) {
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, self.authorization.header());
        headers.insert(USER_AGENT, self.user_agent.clone());
    }

    /// Sends a request over the transport, or over the HTTP client.
    fn execute(
        &self,
        client: &reqwest::Client,
        mut request: reqwest::Request,
    ) -> impl Future<Output = reqwest::Result<reqwest::Response>> + Send {
        self.prepare(&mut request);
        // Not an `async fn`: its future would keep room for the request.
        match &self.over {
            None => {
                Watched::put(&mut request, &self.sent);
                Either::Left(self.sent.follow(client.execute(request)))
            }
            Some(over) => Either::Right(self.transport(over, request)),
        }
    }

    /// Sends a request over the transport.
    fn transport(
        &self,
        over: &Over,
        mut request: reqwest::Request,
    ) -> impl Future<Output = reqwest::Result<reqwest::Response>> + Send {
        let mut bare = http::Request::new(Bytes::new());
        *bare.method_mut() = request.method().clone();
        if let Ok(uri) = request.url().as_str().parse() {
            *bare.uri_mut() = uri;
        }
        *bare.headers_mut() = std::mem::take(request.headers_mut());
        if let Some(body) = request.body().and_then(reqwest::Body::as_bytes) {
            *bare.body_mut() = Bytes::copy_from_slice(body);
        }
        self.sent.set(true);
        let response = over.transport.send(bare);
        async move {
            let response = response.await.unwrap_or_else(|error| {
                self.sent.set(!error.not_sent);
                *over.failure() = Some(error);
                let mut failed = http::Response::new(Bytes::new());
                *failed.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
                failed
            });
            Ok(response.into())
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("authorization", &self.authorization)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

macro_rules! hooks {
    ($($client:ty),+) => {$(
        impl ClientHooks<Session> for $client {
            fn exec(
                &self,
                request: reqwest::Request,
                _: &OperationInfo,
            ) -> impl Future<Output = reqwest::Result<reqwest::Response>> {
                self.inner().execute(self.client(), request)
            }
        }
    )+};
}

hooks!(Client, v3::Client);
