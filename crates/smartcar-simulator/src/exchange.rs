//! The stages of a request on its way through the server.
//!
//! Invariant: each step creates the next value from the previous one; no step fills
//! in fields that another one left empty.

use std::borrow::Cow;
use std::sync::Arc;

use http::request::Parts;
use jiff::Timestamp;

use crate::answer::Answer;
use crate::fault::target::Shape;
use crate::spec::Spec;
use crate::tokens::Grant;
use crate::webhook::hooks::Hooks;
use crate::world::World;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// The token endpoint at this path.
    Token(&'static str),
    V2,
    V3,
}

/// A classified request.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) parts: Parts,
    pub(crate) request_id: String,
    pub(crate) now: Timestamp,
    pub(crate) service: Service,
    /// Whether it was meant for another machine, and so must not be served.
    pub(crate) is_foreign: bool,
    /// The permissions of its token.
    pub(crate) grant: Option<Grant>,
    /// Whether its token is valid for the version, or its client secret is correct.
    pub(crate) authorized: bool,
}

/// What is known about a request, whether it is answered or rejected.
#[derive(Debug)]
pub(crate) struct Understood {
    pub(crate) authorized: bool,
    pub(crate) vehicle: Option<String>,
    /// The URL's own path, below the vehicle.
    pub(crate) path: Option<&'static str>,
    pub(crate) batch_paths: Arc<[Cow<'static, str>]>,
}

impl Understood {
    /// A request about which nothing else is known.
    pub(crate) fn nothing(arrival: &Arrival) -> Self {
        Self {
            authorized: arrival.authorized,
            vehicle: None,
            path: None,
            batch_paths: Arc::default(),
        }
    }
}

/// The data that both versions are served from.
#[derive(Clone, Copy)]
pub(crate) struct Source<'r> {
    pub(crate) spec: &'static Spec,
    pub(crate) world: &'r World,
    pub(crate) webhooks: &'r Hooks,
}
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) answer: Answer,
    pub(crate) shape: Shape,
    /// The paths of the signals in the response.
    pub(crate) signals: &'static [String],
}

impl Response {
    pub(crate) fn new(answer: Answer, shape: Shape) -> Self {
        Self {
            answer,
            shape,
            signals: &[],
        }
    }
}
