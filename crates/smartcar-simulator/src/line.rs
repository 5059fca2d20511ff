//! The connection of a request, for answers that break it.
//!
//! Invariant: an answer may break the connection that it goes to, and no other.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

// A line's states; the first one is zero, an orderly connection.
const RESET: u8 = 1;
const CUT: u8 = 2;

/// What an answer may do to the connection that it goes to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line(Arc<AtomicU8>);

impl Line {
    /// Nothing more is sent; the client sees a reset.
    pub(crate) fn reset(&self) {
        self.0.store(RESET, Ordering::Relaxed);
    }

    /// The connection is closed once all that was written so far is sent.
    pub(crate) fn cut(&self) {
        self.0.store(CUT, Ordering::Relaxed);
    }

    fn state(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }
}

/// An accepted connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    line: Line,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, line: Line) -> Self {
        Self { stream, line }
    }

    /// The socket, unless it must not be used any more.
    fn usable(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        if self.line.state() == RESET {
            // Without it, closing would look like an orderly end.
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(Pin::new(&mut self.stream))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.usable()?.poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.usable()?.poll_write(cx, bytes)
    }

    /// hyper flushes only what it has written whole.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.usable()?.poll_flush(cx);
        if flushed.is_ready() && self.line.state() == CUT {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.usable()?.poll_shutdown(cx)
    }
}
