//! The trait of transports, which send requests in place of the HTTP client.
//!
//! Invariant: a transport sends each request once. It neither retries nor interprets.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

/// A boxed future, as trait objects return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The future of a [`Transport`].
pub type TransportFuture<'a> = BoxFuture<'a, Result<http::Response<Bytes>, TransportError>>;

/// Sends requests to the server: for middleware, and for tests without a socket.
///
/// A transport sends each request once and waits for the whole response, whatever its
/// status. It does not follow redirects and does not retry: the caller decides that,
/// and counts the requests that were sent.
///
/// **It must be cancel-safe.** The caller applies deadlines: when one passes, the
/// future is dropped at any point, and the request counts as sent. The caller also
/// limits the size of a body. The limit applies to the response that the transport
/// returns, so a transport that reads from a network should limit what it keeps in
/// memory.
///
/// The request carries the access token, in a header marked sensitive. Do not log
/// headers.
///
/// An `Arc` of a transport is a transport, so a value and a shared value are passed
/// the same way.
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
    /// Fails only if there is no response. A response with an error status is `Ok`.
    fn send(&self, request: http::Request<Bytes>) -> TransportFuture<'_>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: http::Request<Bytes>) -> TransportFuture<'_> {
        (**self).send(request)
    }
}

/// Why there is no response.
///
/// The two fields are the whole contract, so it is built with a struct literal.
#[derive(Debug)]
pub struct TransportError {
    /// Whether it is certain that no byte of the request left the machine. Such a
    /// request is not charged, and can be retried safely.
    pub not_sent: bool,
    /// The cause. Its text must not contain a token or a body.
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.not_sent {
            "no connection could be opened"
        } else {
            "the connection closed before the response"
        })
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}
