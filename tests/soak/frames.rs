//! Counts the requests of an HTTP/2 connection by their frames, and the refusals
//! that left.
//!
//! Invariant: it sees every byte that the socket gave, before the library that
//! reads them and after it is gone, and every byte that the socket took.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::answer::Request;
use crate::counts::Counts;

const PREFACE: usize = 24;
const FRAME_HEAD: usize = 9;
const HEADERS: u8 = 1;

const RST_STREAM: u8 = 3;

/// Finds the heads of frames in one direction of a connection.
#[derive(Debug)]
struct Heads {
    /// Bytes to skip before the next frame.
    skip: usize,
    head: Vec<u8>,
}

impl Heads {
    fn after(skip: usize) -> Self {
        Self {
            skip,
            head: Vec::with_capacity(FRAME_HEAD),
        }
    }

    /// Calls `each` with the kind and the stream of every head that ends in `bytes`.
    fn take(&mut self, mut bytes: &[u8], mut each: impl FnMut(u8, u32)) {
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
            each(*kind, u32::from_be_bytes(stream) & 0x7fff_ffff);
            self.head.clear();
        }
    }
}

/// What the frames of a connection say.
#[derive(Debug)]
pub(crate) struct Frames {
    read: Heads,
    written: Heads,
    last_stream: u32,
    /// Requests that were refused, by their streams, until their refusal has left.
    refusals: HashMap<u32, Request>,
    counts: Arc<Counts>,
}

impl Frames {
    pub(crate) fn new(counts: Arc<Counts>) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self {
            read: Heads::after(PREFACE),
            written: Heads::after(0),
            last_stream: 0,
            refusals: HashMap::new(),
            counts,
        }))
    }

    /// Takes what was read.
    pub(crate) fn take_read(&mut self, bytes: &[u8]) {
        self.read.take(bytes, |kind, stream| {
            // Trailers have the number of a request that was counted.
            if kind == HEADERS && stream > self.last_stream {
                self.last_stream = stream;
                self.counts.framed.fetch_add(1, SeqCst);
            }
        });
    }

    fn take_written(&mut self, bytes: &[u8]) {
        self.written.take(bytes, |kind, stream| {
            if kind == RST_STREAM {
                self.refusals.remove(&stream);
            }
        });
    }

    /// Notes that a request is about to be refused.
    pub(crate) fn refuse(&mut self, stream: u32, request: Request) {
        self.refusals.insert(stream, request);
    }
}

impl Drop for Frames {
    /// What was refused and never told is without an answer.
    fn drop(&mut self) {
        for (_, request) in self.refusals.drain() {
            self.counts.refused_in_vain(&request);
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
        frames.take_read(&buffer.filled()[before..]);
        read
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(written)) = written {
            let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
            frames.take_written(&bytes[..written]);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
