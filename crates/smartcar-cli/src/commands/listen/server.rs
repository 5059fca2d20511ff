//! The HTTP server.
//!
//! Invariant: a request is answered with 200 only after its event was kept, or if it was
//! kept before.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use smartcar_webhook::{Claim, Claims, Delivery, LARGEST_BODY, Receiver, Refused};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::line;
use super::sink::Sink;
use super::wire::{Head, Watched};
use super::words::Words;
use crate::record::Recorder;

/// How long a request may take to arrive. The vendor gives up after 15 s.
const SLOWEST: Duration = Duration::from_secs(30);
/// How long to wait after an accept error.
const BREATH: Duration = Duration::from_millis(100);

type Answer = Response<Full<Bytes>>;

/// What requests are answered from.
pub(super) struct Server {
    pub(super) receiver: Receiver,
    pub(super) paths: Vec<String>,
    pub(super) claims: Claims,
    /// Records every event that is written.
    pub(super) recorder: Option<Recorder>,
    pub(super) sink: Arc<Sink>,
    pub(super) words: Arc<Words>,
}

impl Server {
    /// Accepts connections until the stop signal, and ends with the last request.
    pub(super) async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        mut stop: watch::Receiver<bool>,
    ) {
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(self.clone().connection(stream, &graceful));
                    }
                    // Usually too many open files; some connections will end.
                    Err(_) => tokio::time::sleep(BREATH).await,
                },
                Some(_) = connections.join_next() => {}
                () = told(&mut stop) => break,
            }
        }
        drop(listener);
        graceful.shutdown().await;
    }

    fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        graceful: &GracefulShutdown,
    ) -> impl Future<Output = ()> + Send + 'static {
        let head = Head::default();
        let watched = Watched {
            stream,
            head: head.clone(),
        };
        let service = service_fn(move |request| {
            let (server, head) = (Arc::clone(&self), head.clone());
            async move { Ok::<_, Infallible>(server.answer(request, &head).await) }
        });
        let mut builder = http1::Builder::new();
        // A second request could begin in what was read with the first, unseen.
        builder.keep_alive(false);
        builder.timer(TokioTimer::new());
        builder.header_read_timeout(SLOWEST);
        let served = builder.serve_connection(TokioIo::new(watched), service);
        let served = graceful.watch(served);
        async move {
            // The other side sees any error of its connection.
            let _ = served.await;
        }
    }

    async fn answer(&self, request: Request<Incoming>, head: &Head) -> Answer {
        let (parts, body) = request.into_parts();
        if parts.uri.path() == "/healthz" && matches!(parts.method, Method::GET | Method::HEAD) {
            return json(StatusCode::OK, "{}".to_owned());
        }
        if parts.method != Method::POST {
            let mut answer = refusal(StatusCode::METHOD_NOT_ALLOWED, "the method is not POST");
            let post = HeaderValue::from_static("POST");
            answer.headers_mut().insert(ALLOW, post);
            return answer;
        }
        if head.is_unclear() {
            return self.refuse_quietly(StatusCode::BAD_REQUEST, "the body's length is not clear");
        }
        if is_encoded(&parts.headers) {
            return self.refuse(&Refused::Encoded);
        }
        let largest = u64::try_from(LARGEST_BODY).unwrap_or(u64::MAX);
        if body.size_hint().lower() > largest {
            return self.refuse(&Refused::TooLarge);
        }
        let collected = Limited::new(body, LARGEST_BODY).collect();
        let body = match tokio::time::timeout(SLOWEST, collected).await {
            Ok(Ok(collected)) => collected.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                return self.refuse(&Refused::TooLarge);
            }
            Ok(Err(_)) => {
                return self.refuse_quietly(StatusCode::BAD_REQUEST, "the body breaks off");
            }
            Err(_) => {
                return self.refuse_quietly(StatusCode::REQUEST_TIMEOUT, "the body is too slow");
            }
        };
        let signatures = parts.headers.get_all("sc-signature");
        match self.receiver.receive(signatures, &body) {
            Ok(Delivery::Verify(answer)) => json(StatusCode::OK, answer.body().to_owned()),
            Ok(delivery) => self.take(&delivery, &body).await,
            Err(refused) => self.refuse(&refused),
        }
    }

    /// Writes an event, unless it was written before.
    async fn take(&self, delivery: &Delivery, body: &[u8]) -> Answer {
        let Some((kept, id)) = line::of(delivery, &self.paths) else {
            return taken();
        };
        let claimed = match self.claims.claim(id) {
            Claim::New(claimed) => claimed,
            Claim::Taken => {
                self.words.repeated();
                return taken();
            }
            Claim::Busy => {
                let why = "another request with this event is being answered";
                return refusal(StatusCode::SERVICE_UNAVAILABLE, why);
            }
        };
        if let Some(recorder) = &self.recorder {
            recorder.delivery(body);
        }
        if self.sink.keep(kept, claimed).await {
            taken()
        } else {
            refusal(
                StatusCode::SERVICE_UNAVAILABLE,
                "the event could not be kept",
            )
        }
    }

    fn refuse(&self, refused: &Refused) -> Answer {
        self.words.refused(refused);
        let status = StatusCode::from_u16(refused.status());
        let status = status.unwrap_or(StatusCode::BAD_REQUEST);
        refusal(status, &refused.to_string())
    }

    fn refuse_quietly(&self, status: StatusCode, why: &str) -> Answer {
        self.words.refused_quietly();
        refusal(status, why)
    }
}

/// Waits for the stop signal.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

fn is_encoded(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    encodings.any(|value| {
        !value
            .as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"identity")
    })
}

/// The answer to an event that is kept.
fn taken() -> Answer {
    json(StatusCode::OK, "{}".to_owned())
}

fn refusal(status: StatusCode, why: &str) -> Answer {
    json(status, serde_json::json!({ "error": why }).to_string())
}

fn json(status: StatusCode, text: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    *answer.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(CONTENT_TYPE, json);
    answer
}
