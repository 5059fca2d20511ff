//! A request body that records when a connection takes it.
//!
//! Invariant: hyper asks a body whether it has ended, or for its first frame, once an
//! open connection has taken the request and before the head is written, over both
//! HTTP/1 and HTTP/2. Until then no byte of the request has left. A question for its
//! length does not count, because the redirect layer asks for it first.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Whether a byte of a request may have left the machine. Who asks settles it: a
/// request that waits then is withdrawn, since the connection is another task and
/// could take it just after the answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent(Arc<AtomicU8>);

const WAITING: u8 = 0;
const SENT: u8 = 1;
const WITHDRAWN: u8 = 2;

impl Sent {
    /// Whether it was sent. If not, it never will be.
    pub(crate) fn settle(&self) -> bool {
        self.leave_waiting(WITHDRAWN) == SENT
    }

    /// Notes that a connection takes it. False if it was withdrawn.
    fn take(&self) -> bool {
        self.leave_waiting(SENT) == SENT
    }

    fn is_withdrawn(&self) -> bool {
        self.0.load(Ordering::Acquire) == WITHDRAWN
    }

    /// Where it is, after it has left the state of waiting.
    fn leave_waiting(&self, next: u8) -> u8 {
        let (done, seen) = (Ordering::AcqRel, Ordering::Acquire);
        match self.0.compare_exchange(WAITING, next, done, seen) {
            Ok(_) => next,
            Err(state) => state,
        }
    }

    pub(crate) fn set(&self, sent: bool) {
        let state = if sent { SENT } else { WAITING };
        self.0.store(state, Ordering::Release);
    }
}

/// The error of a body whose request was given up: nothing of it is written.
#[derive(Debug)]
pub(crate) struct Withdrawn;

impl fmt::Display for Withdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request was withdrawn")
    }
}

impl std::error::Error for Withdrawn {}

/// The watched body.
pub(crate) struct Watched {
    body: reqwest::Body,
    sent: Sent,
}

impl Watched {
    /// Replaces the body of a request by a watched body.
    pub(crate) fn put(request: &mut reqwest::Request, sent: &Sent) {
        let body = request.body_mut().take().unwrap_or_default();
        let sent = sent.clone();
        *request.body_mut() = Some(reqwest::Body::wrap(Self { body, sent }));
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if !self.sent.take() {
            return Poll::Ready(Some(Err(Withdrawn.into())));
        }
        let frame = Pin::new(&mut self.body).poll_frame(context);
        frame.map(|frame| frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        // With an end it would be sent without a look at its first piece.
        self.sent.take() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.sent.is_withdrawn() {
            // Without a length, hyper writes the head of a `GET` and does not poll the
            // body.
            return SizeHint::with_exact(1);
        }
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    use super::*;

    fn polled(body: &mut Watched) -> Option<Result<Bytes, <Watched as Body>::Error>> {
        let mut context = Context::from_waker(Waker::noop());
        match Pin::new(body).poll_frame(&mut context) {
            Poll::Ready(frame) => Some(frame?.map(|frame| frame.into_data().unwrap())),
            Poll::Pending => panic!("a body that is there waits"),
        }
    }

    /// Withdrawn between the connection's last look at its caller and the head.
    #[tokio::test]
    async fn nothing_is_written_of_a_withdrawn_request() {
        for (method, body) in [("GET", ""), ("POST", ""), ("POST", "{}")] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/", listener.local_addr().unwrap());
            let written = tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut bytes = Vec::new();
                stream.read_buf(&mut bytes).await.unwrap();
                bytes
            });
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let request = client.request(method.parse().unwrap(), url).body(body);
            let (mut request, sent) = (request.build().unwrap(), Sent::default());
            Watched::put(&mut request, &sent);
            assert!(!sent.settle());
            assert!(client.execute(request).await.is_err());
            drop(client);
            let written = written.await.unwrap();
            assert_eq!(String::from_utf8_lossy(&written), "", "{method} {body}");
        }
    }

    #[test]
    fn a_request_is_sent_or_withdrawn_and_never_both() {
        for bytes in [None, Some(Bytes::from_static(b"{}"))] {
            let sent = Sent::default();
            let mut body = Watched {
                body: bytes.clone().unwrap_or_default().into(),
                sent: sent.clone(),
            };
            // The caller gives up first: the connection gets an error and no end.
            assert!(!sent.settle());
            assert!(!body.is_end_stream());
            let withdrawn = polled(&mut body).unwrap().unwrap_err();
            assert!(withdrawn.is::<Withdrawn>());
            assert!(!sent.settle());

            // The connection takes it first.
            let sent = Sent::default();
            let mut body = Watched {
                body: bytes.clone().unwrap_or_default().into(),
                sent: sent.clone(),
            };
            assert_eq!(body.is_end_stream(), bytes.is_none());
            assert!(sent.settle());
            assert_eq!(polled(&mut body).map(Result::unwrap), bytes);
        }
    }
}
