//! The head of a request as it came over the wire.
//!
//! Invariant: only the head is kept. A head that was not seen whole is unclear.
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

/// The head of a connection's only request.
#[derive(Debug, Clone, Default)]
pub(super) struct Head(Arc<Mutex<Bytes>>);

#[derive(Debug, Default)]
struct Bytes {
    head: Vec<u8>,
    is_whole: bool,
}

impl Head {
    fn lock(&self) -> MutexGuard<'_, Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, bytes: &[u8]) {
        let mut known = self.lock();
        for byte in bytes {
            if known.is_whole || known.head.len() == LONGEST {
                return;
            }
            // The HTTP library skips empty lines before a request.
            if known.head.is_empty() && b"\r\n".contains(byte) {
                continue;
            }
            known.head.push(*byte);
            known.is_whole = known.head.ends_with(b"\n\r\n") || known.head.ends_with(b"\n\n");
        }
    }

    /// Whether it says the body's length in two ways, or was not seen whole.
    pub(super) fn is_unclear(&self) -> bool {
        let known = self.lock();
        let has = |wanted: &str| {
            known.head.split(|byte| *byte == b'\n').skip(1).any(|line| {
                let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
                name.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes())
            })
        };
        !known.is_whole || has("content-length") && has("transfer-encoding")
    }
}

/// A connection that keeps the head of its request.
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
