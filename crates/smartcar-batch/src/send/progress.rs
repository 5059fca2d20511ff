//! One call while it runs: what was asked, what came, what is left.
//!
//! Invariant: an index is pending exactly while its outcome is an error that
//! asking again may mend, or while nothing was answered yet.

use std::num::NonZeroU32;

use jiff::Timestamp;
use smartcar_model::decode::Warning;
use smartcar_model::{Answers, EndpointInfo, Outcomes};

use super::Subject;
use super::verdict::{Scope, read};
use crate::budget::Observed;
use crate::clock::Clock;
use crate::request::Query;
use crate::transport::{Ask, HttpAnswer};
use crate::{Answered, Error, ErrorKind, Failure, Stopped, VehicleId};

pub(super) struct Progress<'a, Q: Query> {
    pub(super) subject: Subject<'a>,
    paths: &'a [&'a str],
    pub(super) outcomes: Q::Outcomes,
    /// Indexes still to be asked.
    pub(super) left: Vec<usize>,
    /// How often each index was asked.
    asked: Vec<u32>,
    pub(super) attempts: u32,
    pub(super) charged: u32,
    /// Whether one attempt was answered: from then on the call is `Ok`.
    pub(super) answered: bool,
    pub(super) refreshed: bool,
    /// Whether a request that was lost on the way was repeated: once a call.
    pub(super) lost_before: bool,
    pub(super) warnings: Vec<Warning>,
    pub(super) request_id: Option<String>,
    pub(super) answered_at: Option<Timestamp>,
    /// Each answer with the indexes it was asked for, for an error that must
    /// not lose the good ones.
    pub(super) answers: Vec<(HttpAnswer, Vec<usize>)>,
    /// What the budgets are to be told.
    pub(super) seen: Vec<(Scope, Observed)>,
    /// What the budgets get back: no byte of it left the machine.
    pub(super) unsent: Option<NonZeroU32>,
}

/// What an answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An item a path.
    Batch,
    /// One endpoint's body, or its error.
    Endpoint,
    /// A page of vehicles. Anything else fails the call as a whole.
    List,
}

/// What one attempt asks.
pub(super) enum Attempt<'a> {
    Batch(&'a VehicleId, Vec<&'a str>),
    Endpoint(&'a VehicleId, &'a str),
    Vehicles(u32),
}

impl Attempt<'_> {
    pub(super) fn get(&self) -> Ask<'_> {
        match self {
            Self::Batch(vehicle, paths) => Ask::Batch(vehicle, paths),
            Self::Endpoint(vehicle, path) => Ask::Endpoint(vehicle, path),
            Self::Vehicles(offset) => Ask::Vehicles(*offset),
        }
    }
}

impl<'a, Q: Query> Progress<'a, Q> {
    pub(super) fn new(subject: Subject<'a>, paths: &'a [&'a str], outcomes: Q::Outcomes) -> Self {
        Self {
            subject,
            paths,
            outcomes,
            left: (0..paths.len()).collect(),
            asked: vec![0; paths.len()],
            attempts: 0,
            charged: 0,
            answered: false,
            refreshed: false,
            lost_before: false,
            warnings: Vec::new(),
            request_id: None,
            answered_at: None,
            answers: Vec::new(),
            seen: Vec::new(),
            unsent: None,
        }
    }

    /// How the answer is to be read.
    pub(super) fn shape(&self) -> Shape {
        match self.subject {
            Subject::Vehicles { .. } => Shape::List,
            // An endpoint that the description does not know has no request of
            // its own: it is a batch of one.
            Subject::Vehicle(_) if Q::SINGLE && EndpointInfo::of(self.paths[0]).is_some() => {
                Shape::Endpoint
            }
            Subject::Vehicle(_) => Shape::Batch,
        }
    }

    /// What asking the rest takes from the budgets: a request each. Something is always left
    /// while a call asks.
    pub(super) fn cost(&self) -> NonZeroU32 {
        let left = u32::try_from(self.left.len()).unwrap_or(u32::MAX);
        NonZeroU32::new(left).unwrap_or(NonZeroU32::MIN)
    }

    pub(super) fn pending(&self) -> usize {
        self.left.len()
    }

    /// Counts an attempt for the rest, which is charged until it is known that
    /// nothing was sent.
    pub(super) fn begin(&mut self) -> Attempt<'a> {
        self.attempts += 1;
        self.charged += self.cost().get();
        for index in &self.left {
            self.asked[*index] += 1;
        }
        match self.subject {
            Subject::Vehicles { offset } => Attempt::Vehicles(offset),
            Subject::Vehicle(vehicle) if self.shape() == Shape::Endpoint => {
                Attempt::Endpoint(vehicle, self.paths[0])
            }
            Subject::Vehicle(vehicle) => {
                let paths = self.left.iter().map(|index| self.paths[*index]);
                Attempt::Batch(vehicle, paths.collect())
            }
        }
    }

    /// Takes the attempt's charge back: the connection never opened.
    pub(super) fn uncharge(&mut self) {
        self.unsent = Some(self.cost());
        self.charged -= self.cost().get();
        for index in &self.left {
            self.asked[*index] -= 1;
        }
    }

    /// The indexes and paths of the current attempt.
    pub(super) fn current(&self) -> Vec<(usize, &'a str)> {
        let pair = |index: &usize| (*index, self.paths[*index]);
        self.left.iter().map(pair).collect()
    }

    /// What the caller gets.
    pub(super) fn finish(
        self,
        stopped: Option<Stopped>,
        retry_at: Option<Timestamp>,
        clock: Clock,
    ) -> Result<Answered<Q::Items>, Error> {
        let shape = self.shape();
        let attempts = self.attempts;
        // Nobody pays for the list, though it counts against the rate.
        let charged = if shape == Shape::List {
            0
        } else {
            self.charged
        };
        let request_id = self.request_id;
        let answered_at = self.answered_at.unwrap_or_else(|| clock.now());
        let complete = |error: Error| {
            error
                .with_request_id(request_id.as_deref())
                .with_price(attempts, charged)
                .with_retry_at(retry_at)
                .answered_at(answered_at)
        };
        if !self.answered {
            let error = match stopped {
                Some(Stopped::Failed(error)) => error,
                Some(stopped) => Error::new(ErrorKind::Budget, stopped.to_string()),
                // Nothing was asked, which `batch_paths` and tuples rule out.
                None => Error::new(ErrorKind::InvalidRequest, "nothing was asked"),
            };
            return Err(complete(error));
        }
        let paths = self.paths;
        let failures = paths.iter().zip(&self.asked).enumerate();
        let failures = failures
            .filter_map(|(index, (path, asked))| {
                Some(Failure {
                    path: (*path).to_owned(),
                    error: self.outcomes.error(index)?.clone(),
                    asked: *asked,
                })
            })
            .collect();
        let items = match Q::items(self.outcomes) {
            Ok(items) => items,
            Err(failed) => {
                let kept = keep(&self.answers, paths, shape);
                return Err(complete(Error::required(failed, kept)));
            }
        };
        Ok(Answered {
            items,
            request_id,
            attempts,
            charged,
            warnings: self.warnings,
            stopped,
            retry_at,
            failures,
            asked: paths
                .iter()
                .map(|path| (*path).to_owned())
                .zip(self.asked)
                .collect(),
        })
    }
}

/// Every answer as it came.
fn keep(answers: &[(HttpAnswer, Vec<usize>)], paths: &[&str], shape: Shape) -> Answers {
    let mut kept = Answers::of(paths.iter().copied());
    for (answer, indexes) in answers {
        let asked: Vec<_> = indexes
            .iter()
            .map(|index| (*index, paths[*index]))
            .collect();
        // Each was read before, or it would not be in the list.
        let _ = read(answer, shape, &asked, &mut kept);
    }
    kept
}
