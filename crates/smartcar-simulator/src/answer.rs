//! A response of one endpoint, as a batch item or on the wire, and the connection
//! that it may break.
//!
//! Invariant: without a fault, a response on the wire has a content type, a request
//! id and a JSON body. A response can break its own connection only.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::Frame;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::json;

/// Set on the outer response only; the value in the spec is an example.
pub(crate) static REQUEST_ID: HeaderName = HeaderName::from_static("sc-request-id");

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A body in memory, or a streamed one.
pub(crate) type AnswerBody = Either<Full<Bytes>, UnsyncBoxBody<Bytes, Infallible>>;

/// How much of a response is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    /// The head and this many bytes of the body.
    Until(usize),
    Nothing,
}

/// Status, headers and body, and how much of it is sent.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// JSON text, because only faults parse it again.
    pub(crate) body: Bytes,
    pub(crate) extent: Extent,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, body: &impl Serialize) -> Self {
        Self::written(status, json::written(body))
    }

    /// A response whose body is already JSON text.
    pub(crate) fn written(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
            extent: Extent::Whole,
        }
    }

    /// The same for a good response with this many headers of its own, which has the
    /// content type of the wire.
    pub(crate) fn json(body: impl Into<Bytes>, headers: usize) -> Self {
        let mut answer = Self::written(StatusCode::OK, body);
        answer.headers.reserve(headers + 2);
        answer.headers.insert(CONTENT_TYPE, JSON);
        answer
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// Adds the headers that every response on the wire has.
    pub(crate) fn identified(mut self, request_id: &str) -> Self {
        // The content type comes first.
        if !self.headers.contains_key(CONTENT_TYPE) {
            let mut headers = HeaderMap::with_capacity(self.headers.len() + 2);
            headers.insert(CONTENT_TYPE, JSON);
            headers.extend(self.headers);
            self.headers = headers;
        }
        let request_id = HeaderValue::from_str(request_id);
        self.headers.insert(
            REQUEST_ID.clone(),
            request_id.expect("a request id is visible ascii"),
        );
        self
    }

    /// The status that the client sees; `None` if nothing is sent.
    pub(crate) fn status_sent(&self) -> Option<u16> {
        (self.extent != Extent::Nothing).then_some(self.status.as_u16())
    }

    /// Converts to an HTTP response, and cuts the line if less than all is to be
    /// sent.
    pub(crate) fn into_response(self, line: &Line) -> Response<AnswerBody> {
        let mut headers = self.headers;
        let body = match self.extent {
            Extent::Whole => Either::Left(Full::new(self.body)),
            Extent::Nothing => {
                line.reset();
                Either::Left(Full::default())
            }
            Extent::Until(length) => {
                // Even if the whole body is sent, the client must see it as
                // incomplete.
                let length = length.min(self.body.len());
                let promised = self.body.len().max(length + 1);
                headers.insert(CONTENT_LENGTH, HeaderValue::from(promised));
                let bytes = self.body.slice(..length);
                Either::Right(StreamBody::new(then_cut(bytes, line.clone())).boxed_unsync())
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }
}

/// Sends some bytes, then closes the connection before the body is complete.
fn then_cut(bytes: Bytes, line: Line) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> {
    let bytes = Some(bytes).filter(|bytes| !bytes.is_empty());
    let bytes = stream::iter(bytes.map(|bytes| Ok(Frame::data(bytes))));
    bytes.chain(stream::poll_fn(move |_| {
        // Nothing wakes this stream: the next flush closes the connection.
        line.cut();
        Poll::Pending
    }))
}

// The states of a line. Zero, the default, is a normal connection.
const RESET: u8 = 1;
const CUT: u8 = 2;

/// Lets a response break its connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line(Arc<AtomicU8>);

impl Line {
    /// Stops sending; the client sees a reset.
    pub(crate) fn reset(&self) {
        self.0.store(RESET, Ordering::Relaxed);
    }

    /// Closes the connection after everything written so far is sent.
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

    /// The socket, or an error if it must not be used any more.
    fn usable(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        if self.line.state() == RESET {
            // Without this, closing would look like a normal end.
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

    /// hyper flushes only complete writes.
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
