//! What carries a request to the server in place of the HTTP client.
//!
//! Invariant: a transport sends once. It neither repeats nor interprets.

use std::fmt;
use std::pin::Pin;

use bytes::Bytes;

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Carries requests to the server: for middleware, and for tests without a
/// socket.
///
/// A call may be dropped at any point. Unless it failed and said otherwise, its
/// request counts as sent and is charged. Deadlines and the limit on the size of a
/// body are the caller's.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request and waits for the whole response.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;
}

/// Why no response came.
#[derive(Debug)]
pub struct TransportError {
    /// Whether it is certain that no byte of the request left the machine. Such a
    /// request is not charged.
    pub not_sent: bool,
    /// What went wrong.
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
