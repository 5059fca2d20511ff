//! What carries a request to the server in place of the HTTP client.
//!
//! Invariant: a transport sends once. It neither repeats nor interprets.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The future of a [`Transport`].
pub type TransportFuture<'a> = BoxFuture<'a, Result<http::Response<Bytes>, TransportError>>;

/// Carries requests to the server: for middleware, and for tests without a
/// socket.
///
/// A transport sends each request once and waits for the whole response,
/// whatever its status. It does not follow redirects and does not retry: the
/// caller decides that, and counts what was sent.
///
/// **It must bear cancelling.** Deadlines are the caller's: when one passes, the
/// future is dropped wherever it is, and the request counts as sent. The limit on
/// the size of a body is the caller's too. It applies to the response that the
/// transport returns, so a transport that reads from a network should bound what
/// it keeps in memory.
///
/// The request carries the access token, in a header marked sensitive: do not log
/// headers.
///
/// An `Arc` of a transport is a transport, so that a value and a shared value are
/// passed the same way.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use bytes::Bytes;
/// use smartcar_client::{Transport, TransportFuture};
///
/// /// Counts the requests that another transport sends.
/// struct Counting<T> {
///     inner: T,
///     sent: AtomicU32,
/// }
///
/// impl<T: Transport> Transport for Counting<T> {
///     fn send(&self, request: http::Request<Bytes>) -> TransportFuture<'_> {
///         self.sent.fetch_add(1, Ordering::Relaxed);
///         self.inner.send(request)
///     }
/// }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends one request and waits for the whole response.
    ///
    /// Fails only if there is no response: one with an error status is `Ok`.
    fn send(&self, request: http::Request<Bytes>) -> TransportFuture<'_>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: http::Request<Bytes>) -> TransportFuture<'_> {
        (**self).send(request)
    }
}

/// Why no response came.
///
/// Both members are the whole contract, so it is built by its members.
#[derive(Debug)]
pub struct TransportError {
    /// Whether it is certain that no byte of the request left the machine. Such a
    /// request is not charged, and can be repeated safely.
    pub not_sent: bool,
    /// What went wrong. Its text must not show a token or a body.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.not_sent {
            "no connection could be opened"
        } else {
            "the connection closed before the answer"
        })
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}
