//! What a request is on its way through the server.
//!
//! Invariant: each step makes the next value out of the one before; none fills in
//! what another one left open.

use http::request::Parts;
use jiff::Timestamp;

use crate::answer::Answer;
use crate::fault::target::Shape;
use crate::spec::Spec;
use crate::tokens::Grant;
use crate::world::World;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// The token endpoint of this path.
    Token(&'static str),
    V2,
    V3,
}

/// A request that was classified.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) parts: Parts,
    pub(crate) request_id: String,
    pub(crate) now: Timestamp,
    pub(crate) service: Service,
    /// Whether it was not meant for this machine, so that nobody serves it.
    pub(crate) is_foreign: bool,
    /// What its token may read.
    pub(crate) grant: Option<Grant>,
    /// Whether its token is one of the version, or its secret the application's.
    pub(crate) authorized: bool,
}

/// What was understood of a request, whether it is answered or refused.
#[derive(Debug)]
pub(crate) struct Understood {
    pub(crate) authorized: bool,
    pub(crate) vehicle: Option<String>,
    /// The URL's own path, below the vehicle.
    pub(crate) path: Option<&'static str>,
    pub(crate) batch_paths: Vec<String>,
}

impl Understood {
    /// A request of which nothing but this is known.
    pub(crate) fn nothing(arrival: &Arrival) -> Self {
        Self {
            authorized: arrival.authorized,
            vehicle: None,
            path: None,
            batch_paths: Vec::new(),
        }
    }
}

/// What both versions answer from.
#[derive(Clone, Copy)]
pub(crate) struct Source<'r> {
    pub(crate) spec: &'static Spec,
    pub(crate) world: &'r World,
}
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) answer: Answer,
    pub(crate) shape: Shape,
    /// The paths of the signals that the answer has.
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
