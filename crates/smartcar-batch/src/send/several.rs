//! What an attempt of several HTTP requests means: version 3 of the API.
//!
//! Invariant: a request that failed costs only the paths that need it, once
//! anything was answered; a path is left exactly while asking can mend it.

use jiff::Timestamp;
use smartcar_model::{ItemError, Outcomes};

use super::part::Part;
use super::progress::Progress;
use super::verdict::{Timeout, Verdict, cause, whole};
use crate::request::Query;
use crate::retry::Cause;
use crate::transport::{Attempted, HttpAnswer};

impl<Q: Query> Progress<'_, Q> {
    /// Takes in the outcomes of the requests, in the order of the parts.
    pub(super) fn judge_several(
        &mut self,
        attempted: Vec<Attempted>,
        timeout: Timeout,
        now: Timestamp,
    ) -> Verdict {
        let parts = std::mem::take(&mut self.parts);
        let mut worst = None;
        let (mut good, mut unsent) = (false, 0);
        let mut failed = Vec::new();
        for (part, attempted) in parts.iter().zip(attempted) {
            let verdict = match attempted {
                Err(_) => Some(Self::late(timeout)),
                Ok(Err(error)) => {
                    if !error.sent {
                        self.uncharge(part.cost());
                        unsent += 1;
                    }
                    Some(self.lost(error))
                }
                Ok(Ok(answer)) => {
                    self.request_id.clone_from(&answer.request_id);
                    self.answered_at = Some(now);
                    match (answer.status, &mut self.store) {
                        (401, _) => Some(Verdict::Refused(whole(&answer))),
                        (200, Some(store)) => match store.take(part, &answer) {
                            Ok(warnings) => {
                                self.warnings.extend(warnings);
                                good = true;
                                None
                            }
                            Err(error) => Some(Verdict::Final(error)),
                        },
                        _ => {
                            good |= is_absent(part, &answer);
                            failed.push((part, answer));
                            None
                        }
                    }
                }
            };
            worst = graver(worst, verdict);
        }
        if unsent == parts.len() {
            self.unask();
        }
        // Until something was answered, a failure is the whole call's.
        let one_by_one = good || self.answered || Q::SINGLE;
        for (part, answer) in failed {
            let error = whole(&answer);
            let verdict = match (error.api_error(), one_by_one) {
                (Some(api), true) => {
                    self.answered = true;
                    let left: Vec<_> = self.current().iter().map(|(_, path)| *path).collect();
                    if let Some(store) = &mut self.store {
                        store.fail(part, &left, api);
                    }
                    None
                }
                (None, true) => Some(Verdict::Final(error)),
                (_, false) => Some(self.judge_failure(&answer, now)),
            };
            worst = graver(worst, verdict);
        }
        self.answered |= good;
        let verdict = if self.answered {
            self.settle(worst, now)
        } else {
            worst.unwrap_or(Verdict::Done)
        };
        self.plan();
        verdict
    }

    /// Gives each path that is left its outcome, and leaves what asking can mend.
    fn settle(&mut self, worst: Option<Verdict>, now: Timestamp) -> Verdict {
        let Some(store) = self.store.take() else {
            return Verdict::Done;
        };
        let signals = store.signals();
        let (mut slowest, mut throttled, mut failed) = (None, false, false);
        let mut left = Vec::new();
        for index in std::mem::take(&mut self.left) {
            let path = self.paths[index];
            self.gaps.retain(|(of, _)| *of != path);
            let (errors, may_lack) = match signals.answer_with_gaps(path) {
                Ok((answer, gaps)) => {
                    self.outcomes.accept(index, &answer);
                    let errors: Vec<_> = gaps.iter().map(|gap| gap.error.clone()).collect();
                    let gaps = gaps.into_iter().map(|gap| (path.to_owned(), gap));
                    self.gaps.extend(gaps);
                    (errors, true)
                }
                Err(error) => {
                    self.outcomes.fail(index, error.clone());
                    let may_lack = error.is_missing();
                    (vec![error], may_lack)
                }
            };
            let mut is_left = may_lack && store.lacks(&signals, path);
            for api in errors.iter().filter_map(ItemError::api_error) {
                self.see(api, now);
                if api.is_retryable() {
                    (is_left, failed) = (true, true);
                    throttled |= cause(api) == Cause::Throttled;
                    slowest = slowest.max(api.retry_after.map(|wait| wait.delay_from(now)));
                }
            }
            if is_left {
                left.push(index);
            }
        }
        self.left = left;
        self.store = Some(store);
        if self.left.is_empty() {
            return Verdict::Done;
        }
        let items = failed.then_some(Verdict::Repeat {
            cause: if throttled {
                Cause::Throttled
            } else {
                Cause::Transient
            },
            asked: slowest,
            error: None,
        });
        // What is left without a failure was never asked.
        graver(worst, items).unwrap_or(Verdict::Further)
    }
}

/// Whether an answer says that the store does not have the signal.
fn is_absent(part: &Part<'_>, answer: &HttpAnswer) -> bool {
    let error = whole(answer);
    let code = error.api_error().and_then(|api| api.code.as_deref());
    matches!(part, Part::Signal(..))
        && answer.status == 404
        && code.is_some_and(|code| code.eq_ignore_ascii_case("SIGNAL_NOT_FOUND"))
}

/// The graver of two; of two repeats one with the longer wait and any error.
fn graver(first: Option<Verdict>, second: Option<Verdict>) -> Option<Verdict> {
    let gravity = |verdict: &Verdict| match verdict {
        Verdict::Done | Verdict::Further => 0,
        Verdict::Repeat { .. } => 1,
        Verdict::Final(_) => 2,
        Verdict::Refused(_) => 3,
    };
    match (first, second) {
        (None, other) | (other, None) => other,
        (
            Some(Verdict::Repeat {
                cause: one,
                asked: first,
                error: earlier,
            }),
            Some(Verdict::Repeat {
                cause: two,
                asked: second,
                error: later,
            }),
        ) => Some(Verdict::Repeat {
            cause: if one == Cause::Throttled { one } else { two },
            asked: first.max(second),
            error: earlier.or(later),
        }),
        (Some(first), Some(second)) if gravity(&first) >= gravity(&second) => Some(first),
        (_, second) => second,
    }
}
