//! What a request is on its way through the server.
//!
//! Invariant: each step makes the next value out of the one before; none fills in
//! what another one left open.

use std::borrow::Cow;

use axum::http::request::Parts;
use jiff::Timestamp;

use crate::answer::Answer;
use crate::errors::Refusal;
use crate::fault::target::Shape;
use crate::spec::Spec;
use crate::tokens::Grant;
use crate::world::World;

/// Who has to answer.
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

/// A request that was understood, as far as it could be.
#[derive(Debug)]
pub(crate) struct Understood<T> {
    pub(crate) authorized: bool,
    pub(crate) vehicle: Option<String>,
    /// The URL's own path, below the vehicle.
    pub(crate) path: Option<&'static str>,
    /// The paths of a batch as they were written.
    pub(crate) batch_paths: Vec<Cow<'static, str>>,
    /// What is to be done, or why it is refused.
    pub(crate) task: Result<T, Refusal>,
}

impl<T> Understood<T> {
    /// A request of which nothing but this is known.
    pub(crate) fn new(arrival: &Arrival, task: Result<T, Refusal>) -> Self {
        Self {
            authorized: arrival.authorized,
            vehicle: None,
            path: None,
            batch_paths: Vec::new(),
            task,
        }
    }

    /// The task apart from what else is known.
    pub(crate) fn take(self) -> (Result<T, Refusal>, Understood<()>) {
        let rest = Understood {
            authorized: self.authorized,
            vehicle: self.vehicle,
            path: self.path,
            batch_paths: self.batch_paths,
            task: Ok(()),
        };
        (self.task, rest)
    }

    /// The same with another kind of task.
    pub(crate) fn map<U>(self, into: impl FnOnce(T) -> U) -> Understood<U> {
        let (task, rest) = self.take();
        Understood {
            authorized: rest.authorized,
            vehicle: rest.vehicle,
            path: rest.path,
            batch_paths: rest.batch_paths,
            task: task.map(into),
        }
    }
}

/// What both versions answer from.
#[derive(Clone, Copy)]
pub(crate) struct Source<'r> {
    pub(crate) spec: &'static Spec,
    pub(crate) world: &'r World,
}

/// A request that was answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    pub(crate) shape: Shape,
    /// The paths of the signals that the answer has.
    pub(crate) signals: &'static [String],
}

impl Answered {
    pub(crate) fn new(answer: Answer, shape: Shape) -> Self {
        Self {
            answer,
            shape,
            signals: &[],
        }
    }
}
