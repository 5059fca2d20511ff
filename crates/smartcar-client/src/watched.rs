//! A request body that records when a connection takes it.
//!
//! Invariant: hyper asks a body whether it has ended, or for its first frame, once an
//! open connection has taken the request and before the head is written, over both
//! HTTP/1 and HTTP/2. Until then no byte of the request has left. A question for its
//! length does not count, because the redirect layer asks for it first.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Whether a byte of a request may have left the machine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent(Arc<AtomicBool>);

impl Sent {
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(crate) fn set(&self, sent: bool) {
        self.0.store(sent, Ordering::Release);
    }
}

/// The watched body.
pub(crate) struct Watched {
    bytes: Option<Bytes>,
    sent: Sent,
}

impl Watched {
    /// Replaces the body of a request by a watched body. A streaming body would count
    /// as sent at once; no request has one.
    pub(crate) fn put(request: &mut reqwest::Request, sent: &Sent) {
        let bytes = match request.body().map(reqwest::Body::as_bytes) {
            None => Bytes::new(),
            Some(Some(bytes)) => Bytes::copy_from_slice(bytes),
            Some(None) => return sent.set(true),
        };
        *request.body_mut() = Some(reqwest::Body::wrap(Self {
            bytes: Some(bytes).filter(|bytes| !bytes.is_empty()),
            sent: sent.clone(),
        }));
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.sent.set(true);
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.sent.set(true);
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.bytes.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
    }
}
