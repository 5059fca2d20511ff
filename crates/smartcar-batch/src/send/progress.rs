//! One call while it runs: what was asked, what came, what is left.
//!
//! Invariant: an index is pending exactly while its outcome is an error that
//! asking again may mend, or while nothing was answered yet.

use std::num::NonZeroU32;

use jiff::Timestamp;
use smartcar_model::decode::Warning;
use smartcar_model::v3::{Gap, Needed, Signals};
use smartcar_model::{Answers, Outcomes};

use super::Subject;
use super::part::{self, Part};
use super::store::Store;
use super::verdict::{Scope, read};
use crate::budget::Observed;
use crate::clock::Clock;
use crate::request::Query;
use crate::transport::HttpAnswer;
use crate::{Answered, Error, ErrorKind, Failure, Plan, Stopped};

pub(super) struct Progress<'a, Q: Query> {
    pub(super) subject: Subject<'a>,
    pub(super) paths: &'a [&'a str],
    pub(super) outcomes: Q::Outcomes,
    /// Indexes still to be asked.
    pub(super) left: Vec<usize>,
    /// The requests that ask them.
    pub(super) parts: Vec<Part<'a>>,
    /// What the first attempt did.
    first: Plan,
    /// What came so far, on version 3.
    pub(super) store: Option<Store>,
    /// Members that a failed signal left empty, each with its path.
    pub(super) gaps: Vec<(String, Gap)>,
    /// How often each index was asked.
    asked: Vec<u32>,
    pub(super) attempts: u32,
    requests: u32,
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
    pub(super) answers: Vec<(HttpAnswer, Shape, Vec<usize>)>,
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

impl<'a, Q: Query> Progress<'a, Q> {
    /// `store` is where version 3 keeps its answers; without it the call is v2.0's.
    pub(super) fn new(
        subject: Subject<'a>,
        paths: &'a [&'a str],
        outcomes: Q::Outcomes,
        store: Option<Store>,
    ) -> Self {
        let mut progress = Self {
            subject,
            paths,
            outcomes,
            left: (0..paths.len()).collect(),
            parts: Vec::new(),
            first: Plan::Nothing,
            store,
            gaps: Vec::new(),
            asked: vec![0; paths.len()],
            attempts: 0,
            requests: 0,
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
        };
        progress.drop_impossible();
        progress.plan();
        progress.first = part::plan(&progress.parts);
        progress
    }

    /// Gives the paths that version 3 has nothing for their outcome.
    fn drop_impossible(&mut self) {
        if self.store.is_none() {
            return;
        }
        let (paths, outcomes) = (self.paths, &mut self.outcomes);
        self.left.retain(|index| {
            let needs_something = !Needed::of([paths[*index]]).is_empty();
            if !needs_something && let Err(error) = Signals::new().answer(paths[*index]) {
                outcomes.fail(*index, error);
            }
            needs_something
        });
        // That is an answer too, and no request could give another.
        self.answered = self.left.is_empty() && !paths.is_empty();
    }

    /// Chooses the requests for what is left.
    pub(super) fn plan(&mut self) {
        let left: Vec<_> = self.current().into_iter().map(|(_, path)| path).collect();
        self.parts = part::parts::<Q>(self.subject, &left, self.store.as_ref());
    }

    /// How the answer is to be read.
    pub(super) fn shape(&self) -> Shape {
        match self.parts.first() {
            Some(Part::Vehicles(_) | Part::AllConnections(..)) => Shape::List,
            Some(Part::Endpoint(..)) => Shape::Endpoint,
            _ => Shape::Batch,
        }
    }

    /// What asking the rest takes from the budgets. Something is always left
    /// while a call asks.
    pub(super) fn cost(&self) -> NonZeroU32 {
        NonZeroU32::new(part::cost(&self.parts)).unwrap_or(NonZeroU32::MIN)
    }

    pub(super) fn pending(&self) -> usize {
        self.left.len()
    }

    /// Counts an attempt for the rest, which is charged until it is known that
    /// nothing was sent. Asking further, for what an answer did not bring along,
    /// belongs to the attempt before.
    pub(super) fn begin(&mut self, further: bool) -> Vec<Part<'a>> {
        if !further {
            self.attempts += 1;
            for index in &self.left {
                self.asked[*index] += 1;
            }
        }
        self.requests += u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        self.charged += self.cost().get();
        self.parts.clone()
    }

    /// Takes a request's charge back: its connection never opened.
    pub(super) fn uncharge(&mut self, cost: u32) {
        let before = self.unsent.map_or(0, NonZeroU32::get);
        self.unsent = NonZeroU32::new(before + cost);
        self.charged -= cost;
    }

    /// Nothing of the attempt was sent.
    pub(super) fn unask(&mut self) {
        for index in &self.left {
            self.asked[*index] = self.asked[*index].saturating_sub(1);
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
        let attempts = self.attempts;
        // Nobody pays for the list, though it counts against the rate.
        let charged = match self.subject {
            Subject::Vehicle(_) => self.charged,
            Subject::Vehicles { .. } | Subject::Connections { .. } => 0,
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
                let kept = keep(&self.answers, self.store.as_ref(), paths);
                return Err(complete(Error::required(failed, kept)));
            }
        };
        Ok(Answered {
            items,
            request_id,
            attempts,
            requests: self.requests,
            plan: self.first,
            charged,
            warnings: self.warnings,
            gaps: self.gaps,
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
fn keep(
    answers: &[(HttpAnswer, Shape, Vec<usize>)],
    store: Option<&Store>,
    paths: &[&str],
) -> Answers {
    let mut kept = Answers::of(paths.iter().copied());
    if let Some(store) = store {
        let asked: Vec<_> = paths.iter().copied().enumerate().collect();
        store.signals().answer_all(&asked, &mut kept);
    }
    for (answer, shape, indexes) in answers {
        let asked: Vec<_> = indexes
            .iter()
            .map(|index| (*index, paths[*index]))
            .collect();
        // Each was read before, or it would not be in the list.
        let _ = read(answer, *shape, &asked, &mut kept);
    }
    kept
}
