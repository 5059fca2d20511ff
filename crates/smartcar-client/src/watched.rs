//! A request body that records when a connection takes it.
//!
//! Invariant: hyper asks a body whether it has ended, or for its first frame, once an
//! open connection has taken the request and before the head is written, over both
//! HTTP/1 and HTTP/2. Until then no byte of the request has left. A question for its
//! length does not count, because the redirect layer asks for it first. hyper drops a
//! body that it has read to its end before it waits for the response.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http_body::{Body, Frame, SizeHint};
use tokio::task::unconstrained;

/// Whether a byte of a request may have left the machine. Who asks settles it: a
/// request that waits then is withdrawn, since the connection is another task and
/// could take it just after the answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// Waiting, sent or withdrawn.
    step: AtomicU8,
    /// Whether hyper has dropped the body.
    dropped: AtomicBool,
    /// Who was woken since the caller was last polled: see [`Sent::follow`].
    woken: AtomicU8,
    /// Whether the response, or the error in its place, was sent to the caller after
    /// the body was dropped.
    awaited: AtomicBool,
    caller: AtomicWaker,
}

const WAITING: u8 = 0;
const SENT: u8 = 1;
const WITHDRAWN: u8 = 2;

const WITH_BODY: u8 = 1;
const WITHOUT_BODY: u8 = 2;

impl Wake for State {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let by = if self.dropped.load(Ordering::Acquire) {
            WITHOUT_BODY
        } else {
            WITH_BODY
        };
        self.woken.fetch_or(by, Ordering::AcqRel);
        self.caller.wake();
    }
}

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
        self.0.step.load(Ordering::Acquire) == WITHDRAWN
    }

    /// Waits for the response to the watched request.
    ///
    /// hyper passes a connection's `GOAWAY` on in two cases: the server did not process
    /// this request, or the `GOAWAY` came while hyper queued it, which says nothing about
    /// it. The two errors are equal, but in the second case hyper sends the error, and so
    /// wakes the caller, before it drops the body.
    pub(crate) async fn follow<F: Future>(&self, response: F) -> F::Output {
        // Otherwise tokio lets a response wait that is there.
        let mut response = pin!(unconstrained(response));
        let waker = Waker::from(Arc::clone(&self.0));
        poll_fn(|context| {
            let state = &self.0;
            state.caller.register(context.waker());
            let woken = state.woken.swap(0, Ordering::AcqRel);
            let dropped = state.dropped.load(Ordering::Acquire);
            let polled = response.as_mut().poll(&mut Context::from_waker(&waker));
            let is_certain = match polled {
                // What comes now was sent after the body was dropped.
                Poll::Pending => dropped,
                Poll::Ready(_) => woken == WITHOUT_BODY,
            };
            if is_certain {
                state.awaited.store(true, Ordering::Release);
            }
            polled
        })
        .await
    }

    /// Whether what [`Sent::follow`] returned was sent to it while hyper waited for the
    /// response. False if it is uncertain.
    pub(crate) fn was_awaited(&self) -> bool {
        self.0.awaited.load(Ordering::Acquire)
    }

    /// Where it is, after it has left the state of waiting.
    fn leave_waiting(&self, next: u8) -> u8 {
        let (done, seen) = (Ordering::AcqRel, Ordering::Acquire);
        match self.0.step.compare_exchange(WAITING, next, done, seen) {
            Ok(_) => next,
            Err(state) => state,
        }
    }

    pub(crate) fn set(&self, sent: bool) {
        let state = if sent { SENT } else { WAITING };
        self.0.step.store(state, Ordering::Release);
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

impl Drop for Watched {
    fn drop(&mut self) {
        self.sent.0.dropped.store(true, Ordering::Release);
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
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;
    use tokio::sync::oneshot;

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

    /// What hyper does with a request: it takes it, and then sends an error and drops
    /// the body, in this order or the other.
    fn hyper(watched: Watched, awaits: bool, error: oneshot::Sender<()>) {
        assert!(watched.is_end_stream());
        if awaits {
            drop(watched);
            error.send(()).unwrap();
        } else {
            error.send(()).unwrap();
            drop(watched);
        }
    }

    /// The error of a connection that said goodbye while hyper queued the request.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_error_that_comes_before_the_body_is_dropped_was_not_awaited() {
        for awaits in [false, true] {
            let mut certain = 0;
            for turn in 0..2_000 {
                let (sent, (error, received)) = (Sent::default(), oneshot::channel());
                let watched = Watched {
                    body: reqwest::Body::default(),
                    sent: sent.clone(),
                };
                let connection = async move {
                    // Before, while and after the caller begins to wait.
                    for _ in 0..turn % 4 {
                        tokio::task::yield_now().await;
                    }
                    hyper(watched, awaits, error);
                };
                let connection = tokio::spawn(connection);
                sent.follow(received).await.unwrap();
                certain += u32::from(sent.was_awaited());
                connection.await.unwrap();
            }
            if awaits {
                assert!(certain > 0, "the caller waited and could be certain");
            } else {
                assert_eq!(certain, 0);
            }
        }
    }

    #[tokio::test]
    async fn who_waits_is_certain_and_who_comes_later_is_not() {
        for (first_waits, is_certain) in [(true, true), (false, false)] {
            let (sent, (error, received)) = (Sent::default(), oneshot::channel());
            let watched = Watched {
                body: reqwest::Body::default(),
                sent: sent.clone(),
            };
            let mut following = pin!(sent.follow(received));
            if first_waits {
                let mut context = Context::from_waker(Waker::noop());
                assert!(following.as_mut().poll(&mut context).is_pending());
            }
            hyper(watched, true, error);
            following.await.unwrap();
            assert_eq!(sent.was_awaited(), is_certain);
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
