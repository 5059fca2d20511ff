//! One reply, whole, or why there is none.
//!
//! Invariant: nothing is read past the cap, and no error shows a URL, a body or
//! a token.

use std::fmt;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue};
use smartcar_client::{ByteStream, Error as RequestError, TransportError};
use smartcar_model::{ApiError, Error, ErrorKind, ResponseHeaders};

use super::body::{self, Unfinished};
use crate::in_place::boxed;

/// The API's header with the ID of a request.
static REQUEST_ID: HeaderName = HeaderName::from_static("sc-request-id");

/// How much of a header is shown.
const SHOWN: usize = 100;

/// One reply, whole.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: ResponseHeaders,
    pub(crate) request_id: Option<String>,
    pub(crate) content_type: Option<HeaderValue>,
    /// When the server sent it. The headers have it too, if they need it.
    pub(crate) date: Option<HeaderValue>,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn of(status: u16, headers: &HeaderMap, body: Bytes) -> Self {
        let mut reply = Self {
            status,
            headers: ResponseHeaders::default(),
            request_id: None,
            content_type: None,
            date: None,
            body,
        };
        // In one pass: finding a header by its name hashes the name.
        for (name, value) in headers {
            if *name == REQUEST_ID {
                reply.request_id = reply.request_id.or_else(|| graphic(value));
            } else if *name == CONTENT_TYPE {
                reply.content_type.get_or_insert_with(|| value.clone());
            } else if *name == DATE {
                reply.date.get_or_insert_with(|| value.clone());
            } else if let Ok(text) = value.to_str() {
                reply.headers.insert(name.as_str(), text);
            }
        }
        // A good reply needs no date, and to parse it costs as much as all other headers.
        let needs_date = !reply.is_success() || reply.headers.retry_after.is_some();
        let date = reply.date.as_ref().filter(|_| needs_date);
        if let Some(text) = date.and_then(|date| date.to_str().ok()) {
            reply.headers.insert(DATE.as_str(), text);
        }
        reply
    }

    /// Whether the request did not fail: 200, and 207 or any other 2xx too. The
    /// body decides whether it is the answer.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as text.
    pub(crate) fn text(&self) -> Result<&str, Error> {
        std::str::from_utf8(&self.body).map_err(|_| self.unreadable("not UTF-8"))
    }

    /// What it says went wrong with the request as a whole.
    pub(crate) fn error(&self) -> Error {
        if self.status < 400 {
            // A redirect, or no final status.
            return self.unreadable("not the answer to such a request");
        }
        let text = std::str::from_utf8(&self.body).ok();
        Error::api(ApiError::read(self.status, &self.headers, text))
    }

    /// The error of a reply that cannot be read: what it looks like, without its
    /// contents.
    pub(crate) fn unreadable(&self, why: &str) -> Error {
        let Self { status, body, .. } = self;
        let kind = self.content_type.as_ref().and_then(graphic);
        let kind = kind.as_deref().unwrap_or("no content type");
        let length = body.len();
        Error::new(
            ErrorKind::Decode,
            format!("unreadable answer (status {status}, {kind}, {length} bytes): {why}"),
        )
        .with_status(*status)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the body: it holds the vehicle's data.
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why a request has no reply.
#[derive(Debug)]
pub(crate) enum Missed {
    /// The time was up.
    Late,
    /// Something failed on the way.
    Lost(Box<Lost>),
}

/// What failed on the way.
#[derive(Debug)]
pub(crate) struct Lost {
    /// One line, without URL, body or token.
    pub(crate) message: String,
    /// Whether anything left the machine: what was sent is charged.
    pub(crate) sent: bool,
    /// A reply's status, if its head came.
    pub(crate) status: Option<u16>,
    pub(crate) kind: ErrorKind,
    pub(crate) source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Lost {
    pub(crate) fn into_error(self) -> Error {
        let mut error = Error::new(self.kind, self.message);
        if let Some(status) = self.status {
            error = error.with_status(status);
        }
        if let Some(source) = self.source {
            error = error.with_source(source);
        }
        error
    }
}

impl From<TransportError> for Lost {
    fn from(error: TransportError) -> Self {
        Self {
            message: error.to_string(),
            sent: !error.not_sent,
            status: None,
            kind: ErrorKind::Transport,
            source: Some(error.source),
        }
    }
}

/// Reads the body to its end, or to the cap. The reply is boxed, since it is moved often.
pub(crate) async fn whole(
    response: &mut reqwest::Response,
    cap: usize,
) -> Result<Box<Reply>, Box<Lost>> {
    let read = body::whole(response, cap).await;
    // Not before, because the future would have to keep it.
    let status = response.status().as_u16();
    match read {
        Ok(body) => Ok(boxed(|| Reply::of(status, response.headers(), body))),
        Err(unfinished) => {
            let (kind, message, source) = match unfinished {
                Unfinished::TooLarge(_) => {
                    let message = format!("the answer is larger than {cap} bytes");
                    (ErrorKind::Decode, message, None)
                }
                Unfinished::Broken(error) => {
                    let message = "the answer broke off".to_owned();
                    (ErrorKind::Transport, message, Some(error.into()))
                }
            };
            Err(Box::new(Lost {
                message,
                sent: true,
                status: Some(status),
                kind,
                source,
            }))
        }
    }
}

/// A header's value, bounded and of visible characters only: it is shown.
fn graphic(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let kept = if text.len() <= SHOWN && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        text.to_owned()
    } else {
        let visible = text.chars().filter(char::is_ascii_graphic);
        visible.take(SHOWN).collect()
    };
    (!kept.is_empty()).then_some(kept)
}

/// progenitor's errors print bodies and headers: only their kind is taken. The request
/// was awaited if the error is surely about it, and not about its connection.
pub(crate) fn lost(error: RequestError<ByteStream>, was_awaited: bool) -> Lost {
    let (message, sent, kind, source) = match error {
        RequestError::CommunicationError(error) => {
            let error = error.without_url();
            let (message, sent) = if error.is_connect() {
                ("no connection could be opened", false)
            } else if was_not_processed(&error, was_awaited) {
                ("the request was not processed by the server", false)
            } else if error.is_builder() {
                ("the request could not be built", false)
            } else {
                ("the connection closed before the answer", true)
            };
            (message, sent, ErrorKind::Transport, Some(error.into()))
        }
        RequestError::InvalidRequest(_) => (
            "the request could not be built",
            false,
            ErrorKind::InvalidRequest,
            None,
        ),
        _ => (
            "the answer was not understood",
            true,
            ErrorKind::Decode,
            None,
        ),
    };
    Lost {
        message: message.to_owned(),
        sent,
        status: None,
        kind,
        source,
    }
}

/// Whether HTTP/2 says that the server did not process the request (RFC 9113,
/// section 8.7). It was on the wire, but nothing came of it.
fn was_not_processed(error: &reqwest::Error, was_awaited: bool) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            let reason = error.reason();
            return error.is_remote()
                && (error.is_go_away() && reason == Some(h2::Reason::NO_ERROR) && was_awaited
                    || error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM));
        }
        cause = error.source();
    }
    false
}
