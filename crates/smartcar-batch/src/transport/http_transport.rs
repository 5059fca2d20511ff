//! The HTTP client as a transport, for middleware to wrap.
//!
//! Invariant: a request is sent once, and no more of a body is kept than the cap.

use std::fmt;

use bytes::Bytes;
use smartcar_client::{Transport, TransportError, TransportFuture};
use smartcar_model::Error;

use super::body::{self, Unfinished};
use super::client::{Configure, http_client};
use crate::limits::BODY_CAP;
use crate::origin::Reach;

/// The HTTP client as a [`Transport`]: what a middleware wraps.
///
/// Clones share connections. It follows no redirect, repeats nothing and unpacks
/// nothing, whatever [`HttpTransport::configured`] sets. A body of more than 8 MiB
/// fails the request.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use smartcar_batch::{
///     AccessToken, Client, HttpTransport, Transport, TransportError, TransportFuture, bytes::Bytes,
///     http,
/// };
///
/// /// Counts the requests that leave the machine.
/// struct Counting {
///     inner: HttpTransport,
///     sent: AtomicU32,
/// }
///
/// impl Transport for Counting {
///     fn send(&self, request: http::Request<Bytes>) -> TransportFuture<'_> {
///         Box::pin(async move {
///             let response = self.inner.send(request).await;
///             if !matches!(&response, Err(TransportError { not_sent: true, .. })) {
///                 self.sent.fetch_add(1, Ordering::Relaxed);
///             }
///             response
///         })
///     }
/// }
///
/// let counting = Arc::new(Counting { inner: HttpTransport::new()?, sent: AtomicU32::new(0) });
/// let client = Client::builder()
///     .access_token(AccessToken::new("from-the-vault")?)
///     .transport(Arc::clone(&counting))
///     .build()?;
/// // … later, for a metric:
/// assert_eq!(counting.sent.load(Ordering::Relaxed), 0);
/// # Ok::<(), smartcar_batch::Error>(())
/// ```
#[derive(Clone)]
pub struct HttpTransport {
    http: reqwest::Client,
    body_cap: usize,
}

impl HttpTransport {
    /// A transport over a new HTTP client, with connections of its own.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) if
    /// TLS cannot be set up.
    pub fn new() -> Result<Self, Error> {
        Self::configured(|http| http)
    }

    /// The same with roots, proxies or pools of your own, as
    /// [`ClientBuilder::configure_http`](crate::ClientBuilder::configure_http) sets
    /// them. Proxies of the environment apply, also to this machine's own servers,
    /// unless you set `no_proxy`.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) if
    /// the HTTP client cannot be set up.
    pub fn configured(
        configure: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder
        + Clone
        + Send
        + Sync
        + 'static,
    ) -> Result<Self, Error> {
        // Its user checks where it sends to.
        let reach = Reach {
            https_only: false,
            loopback: false,
        };
        let http = http_client(reach, Some(&Configure::new(configure)))?;
        Ok(Self::over(http, BODY_CAP))
    }

    pub(crate) fn over(http: reqwest::Client, body_cap: usize) -> Self {
        Self { http, body_cap }
    }

    async fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let request = reqwest::Request::try_from(request).map_err(|error| failed(true, error))?;
        let mut response = self.http.execute(request).await.map_err(|error| {
            let not_sent = error.is_connect() || error.is_builder();
            failed(not_sent, error)
        })?;
        let mut whole = http::Response::new(Bytes::new());
        *whole.status_mut() = response.status();
        whole.headers_mut().clone_from(response.headers());
        let read = body::whole(&mut response, self.body_cap).await;
        *whole.body_mut() = read.map_err(|unfinished| TransportError {
            not_sent: false,
            source: match unfinished {
                Unfinished::TooLarge(error) => error.into(),
                Unfinished::Broken(error) => error.into(),
            },
        })?;
        Ok(whole)
    }
}

/// URLs have ids in them: they are not shown.
fn failed(not_sent: bool, error: reqwest::Error) -> TransportError {
    TransportError {
        not_sent,
        source: error.without_url().into(),
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: http::Request<Bytes>) -> TransportFuture<'_> {
        Box::pin(self.exchange(request))
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("body_cap", &self.body_cap)
            .finish_non_exhaustive()
    }
}
