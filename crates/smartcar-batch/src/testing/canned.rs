//! A transport that responds from a list.
//!
//! Invariant: it opens no connection, and a request without a canned response fails.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use smartcar_client::{Transport, TransportError, TransportFuture};

use super::answer::{Answer, response};
use super::recorded::RecordedRequest;

/// A [`Transport`] that responds from a list, for tests without a socket. Clones
/// share their answers and their records: keep one, and pass another to
/// [`ClientBuilder::transport`](crate::ClientBuilder::transport).
///
/// - [`CannedTransport::on`] sets the answer for a path, for any number of requests:
///   as an item of a batch on v2.0, as a signal on v3, or as an endpoint by itself.
/// - [`CannedTransport::then`] sets the answer for one whole request. These are used
///   first, in order.
///
/// A path without an answer is missing from the response to a batch and from the v3
/// signals. A request for that path alone gets 404. A token request gets a token.
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

    /// Sets the answer for a path: the part of the URL after `/vehicles/{id}`, such
    /// as `/odometer` or `/signals/odometer-traveleddistance`; `/` for the vehicle itself;
    /// `/vehicles` or `/connections` for the lists.
    ///
    /// On v3, the body of an endpoint is built from signals: give answers for the
    /// signals, not for the endpoint. `model::v3::migration` lists them. To answer
    /// the request for all signals as a whole, use [`CannedTransport::then`].
    #[must_use]
    pub fn on(self, path: impl Into<String>, answer: Answer) -> Self {
        self.state().paths.insert(path.into(), answer);
        self
    }

    /// Sets the answer for the next request that no earlier `then` covers, whatever
    /// its path. A token request counts too: use a fixed access token where that is
    /// not wanted.
    #[must_use]
    pub fn then(self, answer: Answer) -> Self {
        self.state().queue.push_back(answer);
        self
    }

    /// The requests so far, in order.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state().requests.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics in the middle of a change.
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

    /// The answers for several paths in a list. If one of them is a connection
    /// failure, the whole request fails.
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

/// The signal code in a path.
fn code(path: &str) -> Option<&str> {
    path.strip_prefix("/signals/")
}

/// The planned response to a request.
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
