//! Counts the requests of an HTTP/2 connection by their frames.
//!
//! Invariant: it sees every byte that the socket gave, before the library that
//! reads them and after it is gone.

use std::io;
use std::pin::Pin;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::counts::Counts;

const PREFACE: usize = 24;
const FRAME_HEAD: usize = 9;
const HEADERS: u8 = 1;

/// Where in the stream of frames a connection is.
#[derive(Debug)]
pub(crate) struct Frames {
    /// Bytes to skip before the next frame.
    skip: usize,
    head: Vec<u8>,
    last_stream: u32,
    counts: Arc<Counts>,
}

impl Frames {
    pub(crate) fn new(counts: Arc<Counts>) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self {
            skip: PREFACE,
            head: Vec::with_capacity(FRAME_HEAD),
            last_stream: 0,
            counts,
        }))
    }

    /// Takes what was read.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.skip > 0 {
                let skipped = self.skip.min(bytes.len());
                bytes = &bytes[skipped..];
                self.skip -= skipped;
                continue;
            }
            let taken = (FRAME_HEAD - self.head.len()).min(bytes.len());
            self.head.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            let [a, b, c, kind, _, stream @ ..] = self.head.as_slice() else {
                return;
            };
            let Ok(stream) = <[u8; 4]>::try_from(stream) else {
                return;
            };
            self.skip = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            let stream = u32::from_be_bytes(stream) & 0x7fff_ffff;
            // Trailers have the number of a request that was counted.
            if *kind == HEADERS && stream > self.last_stream {
                self.last_stream = stream;
                self.counts.framed.fetch_add(1, SeqCst);
            }
            self.head.clear();
        }
    }
}

/// A socket whose frames are counted.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) stream: TcpStream,
    pub(crate) frames: Arc<Mutex<Frames>>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        frames.take(&buffer.filled()[before..]);
        read
    }
}

impl AsyncWrite for Counted {
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
