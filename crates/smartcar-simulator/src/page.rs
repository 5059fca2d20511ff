//! The page that shows the simulation, and its stream of events.
//!
//! Invariant: the page loads nothing from elsewhere, and acts only through the admin
//! routes. The stream ends with the simulator.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt, Either, StreamBody};
use hyper::body::Frame;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::answer::{Answer, AnswerBody};
use crate::app::App;
use crate::dashboard;
use crate::json;
use crate::log::LoggedRequest;

/// The page's files: path below the root, content type, text.
const FILES: [(&str, &str, &str); 3] = [
    (
        "/",
        "text/html; charset=utf-8",
        include_str!("page/index.html"),
    ),
    (
        "/page.css",
        "text/css; charset=utf-8",
        include_str!("page/page.css"),
    ),
    (
        "/page.js",
        "text/javascript; charset=utf-8",
        include_str!("page/page.js"),
    ),
];
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";
/// The shortest time between two events, and the longest while the clock runs and while
/// it does not.
const SHORTEST: Duration = Duration::from_millis(200);
const RUNNING: Duration = Duration::from_millis(500);
const IDLE: Duration = Duration::from_secs(15);
/// The most requests of one event.
const MOST: usize = 100;

/// A file of the page, by its path below the root.
pub(crate) fn file(below: &str) -> Option<Answer> {
    let (_, kind, text) = FILES.iter().find(|(path, ..)| *path == below)?;
    let answer = Answer::written(StatusCode::OK, *text);
    let answer = answer.with_header(CONTENT_TYPE, kind);
    Some(secured(answer, POLICY))
}

/// Adds the headers of every page.
pub(crate) fn secured(answer: Answer, policy: &str) -> Answer {
    let mut answer = answer
        .with_header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .with_header(REFERRER_POLICY, "same-origin")
        .with_header(CACHE_CONTROL, "no-store");
    if let Ok(policy) = HeaderValue::from_str(policy) {
        answer.headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

/// The stream of events.
pub(crate) fn events(app: Arc<App>) -> Response<AnswerBody> {
    let stream = StreamBody::new(told(app));
    let mut response = Response::new(Either::Right(stream.boxed_unsync()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What the page is told: the state, and the new requests without their bodies.
#[derive(Serialize)]
struct Event {
    #[serde(flatten)]
    state: Value,
    log: Vec<LoggedRequest>,
}

struct Watcher {
    app: Arc<App>,
    pulse: watch::Receiver<u64>,
    /// The newest request that was told; `None` at the start.
    told: Option<u64>,
}

fn told(app: Arc<App>) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> {
    let pulse = app.pulse.subscribe();
    let watcher = Watcher {
        app,
        pulse,
        told: None,
    };
    stream::unfold(watcher, async |mut watcher| {
        if watcher.told.is_some() {
            sleep(SHORTEST).await;
            let is_running = watcher.app.clock.speed() > 0.0;
            let most = if is_running { RUNNING } else { IDLE };
            // After this time there is an event all the same.
            let _ = timeout(most, watcher.pulse.changed()).await;
        }
        if watcher.app.is_closed() {
            return None;
        }
        let event = watcher.event();
        Some((Ok(Frame::data(Bytes::from(event))), watcher))
    })
}

impl Watcher {
    fn event(&mut self) -> Vec<u8> {
        let state = dashboard::state(&self.app);
        let (log, newest) = {
            let log = self.app.log();
            (log.heads_after(self.told.unwrap_or(0), MOST), log.newest())
        };
        self.told = Some(newest);
        let mut event = b"data: ".to_vec();
        json::append(&mut event, &Event { state, log });
        event.extend_from_slice(b"\n\n");
        event
    }
}
