//! One call while it runs: what was asked, what came, what is left.
//!
//! Invariant: an index is pending exactly while its outcome is an error that
//! asking again may mend, or while nothing was answered yet.

use std::num::NonZeroU32;

use jiff::Timestamp;
use smartcar_model::decode::Warning;
use smartcar_model::{Answers, EndpointInfo, Outcomes};

use super::verdict::{Scope, read};
use crate::budget::Observed;
use crate::clock::Clock;
use crate::request::Query;
use crate::transport::{Ask, HttpAnswer};
use crate::{Answered, Error, ErrorKind, Failure, Stopped};

pub(super) struct Progress<'a, Q: Query> {
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

/// The paths of one attempt.
pub(super) enum Attempt<'a> {
    Batch(Vec<&'a str>),
    Endpoint(&'a str),
}

impl Attempt<'_> {
    pub(super) fn get(&self) -> Ask<'_> {
        match self {
            Self::Batch(paths) => Ask::Batch(paths),
            Self::Endpoint(path) => Ask::Endpoint(path),
        }
    }
}

impl<'a, Q: Query> Progress<'a, Q> {
    pub(super) fn new(paths: &'a [&'a str], outcomes: Q::Outcomes) -> Self {
        Self {
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

    /// Whether a GET of its own is sent. An endpoint that the description does
    /// not know has no request of its own: it is a batch of one.
    pub(super) fn is_alone(&self) -> bool {
        Q::SINGLE && EndpointInfo::of(self.paths[0]).is_some()
    }

    /// What asking the rest costs: a request each. Something is always left
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
        if self.is_alone() {
            return Attempt::Endpoint(self.paths[0]);
        }
        Attempt::Batch(self.left.iter().map(|index| self.paths[*index]).collect())
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
        let alone = self.is_alone();
        let (attempts, charged) = (self.attempts, self.charged);
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
                let kept = keep(&self.answers, paths, alone);
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
fn keep(answers: &[(HttpAnswer, Vec<usize>)], paths: &[&str], alone: bool) -> Answers {
    let mut kept = Answers::of(paths.iter().copied());
    for (answer, indexes) in answers {
        let asked: Vec<_> = indexes
            .iter()
            .map(|index| (*index, paths[*index]))
            .collect();
        // Each was read before, or it would not be in the list.
        let _ = read(answer, alone, &asked, &mut kept);
    }
    kept
}
