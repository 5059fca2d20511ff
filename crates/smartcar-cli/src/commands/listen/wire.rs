//! The head of a request as it came over the wire.
//!
//! Invariant: only the head is kept, and only until the request is answered.
//!
//! The HTTP library drops a length beside `Transfer-Encoding`. Such a request is
//! refused here, because a proxy in front may have read another body.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest head that is looked at.
const LONGEST: usize = 64 * 1024;

/// The head of the current request.
#[derive(Debug, Clone, Default)]
pub(super) struct Head(Arc<Mutex<Vec<u8>>>);

impl Head {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, bytes: &[u8]) {
        let mut head = self.lock();
        if end(&head).is_none() && head.len() < LONGEST {
            head.extend_from_slice(bytes);
        }
    }

    /// Forgets the head, once the request is answered.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// Whether it says the body's length in two ways.
    pub(super) fn is_unclear(&self) -> bool {
        let head = self.lock();
        let head = &head[..end(&head).unwrap_or(head.len())];
        let has = |wanted: &str| {
            head.split(|byte| *byte == b'\n').skip(1).any(|line| {
                let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
                name.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes())
            })
        };
        has("content-length") && has("transfer-encoding")
    }
}

/// Where a head ends.
fn end(head: &[u8]) -> Option<usize> {
    let windows = head.windows(4);
    let mut ends = windows.enumerate();
    ends.find_map(|(at, window)| (window == b"\r\n\r\n").then_some(at + 4))
}

/// A connection that keeps the head of each request.
pub(super) struct Watched<S> {
    pub(super) stream: S,
    pub(super) head: Head,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if matches!(polled, Poll::Ready(Ok(()))) {
            self.head.add(&buffer.filled()[before..]);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
