//! The connection of a request, for answers that break it.
//!
//! Invariant: whatever state a connection is in, it ends as soon as the server
//! is told to stop at once.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How urgently the server should stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    NotYet,
    /// Requests that are being answered may finish.
    Gently,
    AtOnce,
}

/// Waits for the word to stop at once. A sender that is gone gives it too.
pub(crate) async fn stopped_at_once(mut stop: watch::Receiver<Stop>) {
    let _ = stop.wait_for(|stop| *stop == Stop::AtOnce).await;
}

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

/// The listening socket.
#[derive(Debug)]
pub(crate) struct Lines {
    listener: TcpListener,
    stop: watch::Receiver<Stop>,
}

impl Lines {
    pub(crate) fn new(listener: TcpListener, stop: watch::Receiver<Stop>) -> Self {
        Self { listener, stop }
    }
}

impl Listener for Lines {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // By its trait, for that one handles the errors.
        let (stream, addr) = Listener::accept(&mut self.listener).await;
        let connection = Connection {
            stream,
            line: Line::default(),
            stopped: Some(Box::pin(stopped_at_once(self.stop.clone()))),
        };
        (connection, addr)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// An accepted connection.
pub(crate) struct Connection {
    stream: TcpStream,
    line: Line,
    /// Gone once it has happened.
    stopped: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Connection {
    pub(crate) fn line(&self) -> &Line {
        &self.line
    }

    /// The socket, unless it must not be used any more.
    fn usable(&mut self, cx: &mut Context<'_>) -> io::Result<Pin<&mut TcpStream>> {
        let stopped = self.stopped.as_mut();
        if stopped.is_none_or(|stopped| stopped.as_mut().poll(cx).is_ready()) {
            self.stopped = None;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
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
        self.usable(cx)?.poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.usable(cx)?.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.usable(cx)?.poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes only what it has written whole.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.usable(cx)?.poll_flush(cx);
        if flushed.is_ready() && self.line.state() == CUT {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.usable(cx)?.poll_shutdown(cx)
    }
}
