//! A transport that answers from a list.
//!
//! Invariant: it opens no connection, and what it was not given an answer for
//! fails.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use smartcar_client::{Transport, TransportError, TransportFuture};

use super::answer::{Answer, response};
use super::recorded::RecordedRequest;

/// A [`Transport`] that answers from a list, for tests without a socket. Clones
/// share their answers and their records: keep one, give another to
/// [`ClientBuilder::transport`](crate::ClientBuilder::transport).
///
/// - [`CannedTransport::on`] answers a path, as often as it is asked: an item of a
///   batch on v2.0, a signal of the store on version 3, an endpoint by itself.
/// - [`CannedTransport::then`] answers one whole request. These come first, in
///   their order.
///
/// A path without an answer is missing from the response of a batch and from the
/// store. Asked by itself it is 404. A token's request is answered with a token.
#[derive(Clone, Default)]
pub struct CannedTransport {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Answer>,
    paths: BTreeMap<String, Answer>,
    requests: Vec<RecordedRequest>,
}

impl CannedTransport {
    /// A transport without answers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers a path: what comes after `/vehicles/{id}` in the URL, such as
    /// `/odometer` or `/signals/fuel-range`, `/` for the vehicle itself, and
    /// `/vehicles` or `/connections` for the lists.
    ///
    /// On version 3 a body of v2.0 is made of signals: can the signals.
    #[must_use]
    pub fn on(self, path: impl Into<String>, answer: Answer) -> Self {
        self.state().paths.insert(path.into(), answer);
        self
    }

    /// Answers the next request that no earlier `then` answers, whatever it asks.
    #[must_use]
    pub fn then(self, answer: Answer) -> Self {
        self.state().queue.push_back(answer);
        self
    }

    /// The requests so far, in their order.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state().requests.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn answer(&mut self, request: &RecordedRequest) -> Planned {
        if let Some(answer) = self.queue.pop_front() {
            return Planned::of(&answer, request.is_v3());
        }
        if request.is_token() {
            let token = r#"{"access_token": "canned", "expires_in": 3600}"#;
            return Planned::of(&Answer::ok(token), false);
        }
        if request.is_batch() {
            return self.several(
                &request.paths,
                |path, answer| answer.item(path),
                "responses",
            );
        }
        let path = request.paths.first().map_or("", String::as_str);
        if request.is_v3() && path == "/signals" {
            let signals: Vec<_> = self.paths.keys().cloned().collect();
            let signals: Vec<_> = signals
                .into_iter()
                .filter(|path| code(path).is_some())
                .collect();
            let signal = |path: &str, answer: &Answer| answer.signal(code(path).unwrap_or(path));
            return self.several(&signals, signal, "data");
        }
        let Some(answer) = self.paths.get(path) else {
            let unknown = Answer::error(404, "RESOURCE_NOT_FOUND", Some("PATH"));
            return Planned::of(&unknown, request.is_v3());
        };
        match code(path) {
            Some(code) if answer.code() == Some(200) => {
                let body = format!(r#"{{"data": {}}}"#, answer.signal(code));
                Planned {
                    delay: answer.delay,
                    response: response(200, &[], body),
                }
            }
            _ => Planned::of(answer, request.is_v3()),
        }
    }

    /// The answers of several paths in a list. A failure of the connection is the
    /// whole request's.
    fn several(
        &self,
        paths: &[String],
        write: impl Fn(&str, &Answer) -> String,
        member: &str,
    ) -> Planned {
        let known = || {
            paths
                .iter()
                .filter_map(|path| Some((path, self.paths.get(path)?)))
        };
        let delay = known().map(|(_, answer)| answer.delay).max();
        let failure = known().find_map(|(_, answer)| answer.failure());
        let items: Vec<_> = known().map(|(path, answer)| write(path, answer)).collect();
        let body = format!(r#"{{"{member}": [{}]}}"#, items.join(", "));
        Planned {
            delay: delay.unwrap_or_default(),
            response: failure.map_or_else(|| response(200, &[], body), Err),
        }
    }
}

/// The code of a signal's path.
fn code(path: &str) -> Option<&str> {
    path.strip_prefix("/signals/")
}

/// What one request meets.
struct Planned {
    delay: Duration,
    response: Result<http::Response<Bytes>, TransportError>,
}

impl Planned {
    fn of(answer: &Answer, is_v3: bool) -> Self {
        Self {
            delay: answer.delay,
            response: answer.response(is_v3),
        }
    }
}

impl Transport for CannedTransport {
    fn send(&self, request: http::Request<Bytes>) -> TransportFuture<'_> {
        Box::pin(async move {
            let Planned { delay, response } = {
                let mut state = self.state();
                let request = RecordedRequest::of(&request);
                let planned = state.answer(&request);
                state.requests.push(request);
                planned
            };
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            response
        })
    }
}

impl fmt::Debug for CannedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("CannedTransport")
            .field("paths", &state.paths.keys())
            .field("queue", &state.queue.len())
            .field("requests", &state.requests.len())
            .finish()
    }
}
