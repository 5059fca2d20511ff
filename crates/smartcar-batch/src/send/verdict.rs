//! What one attempt's outcome means for the rest of the call.
//!
//! Invariant: classified by the body first (`resolution.type`, then type and
//! code), then by the status; 430 and what the catalogue calls *later* or *no*
//! end the asking.

use std::time::Duration;

use jiff::Timestamp;
use smartcar_model::decode::{self, ItemAnswer, Warning};
use smartcar_model::{ApiError, Outcomes, Retry};

use super::progress::{Progress, Shape};
use crate::budget::Observed;
use crate::clock::Clock;
use crate::request::Query;
use crate::retry::Cause;
use crate::transport::{Attempted, HttpAnswer, TransportError};
use crate::{Error, ErrorKind};

/// What to do after an attempt.
pub(super) enum Verdict {
    /// Every outcome stands.
    Done,
    /// Ask again what is left, after the wait that the server asked for. With
    /// an error where the whole request failed.
    Repeat {
        cause: Cause,
        asked: Option<Duration>,
        error: Option<Error>,
    },
    /// Ask at once for what the answer did not bring along.
    Further,
    /// The token was refused.
    Refused(Error),
    /// Asking again cannot help.
    Final(Error),
}

/// Whose time it was that an attempt had.
#[derive(Debug, Clone, Copy)]
pub(super) enum Timeout {
    /// The call's: with it everything ends.
    Call(Duration),
    /// The attempt's own: the call goes on.
    Attempt(Duration),
}

/// Whose limit an answer speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Vehicle,
    Application,
}

impl<Q: Query> Progress<'_, Q> {
    /// Takes in the outcomes of an attempt's requests. `timeout` is the time
    /// that they had.
    pub(super) fn judge(
        &mut self,
        attempted: Vec<Attempted>,
        timeout: Timeout,
        clock: Clock,
    ) -> Verdict {
        if self.store.is_some() {
            return self.judge_several(attempted, timeout, clock.now());
        }
        // v2.0 asks everything in one.
        let verdict = match attempted.into_iter().next() {
            None => Verdict::Done,
            Some(Err(_)) => Self::late(timeout),
            Some(Ok(Err(error))) => {
                if !error.sent {
                    self.uncharge(self.cost().get());
                    self.unask();
                }
                self.lost(error)
            }
            Some(Ok(Ok(answer))) => self.judge_answer(answer, clock.now()),
        };
        self.plan();
        verdict
    }

    /// A request that was not answered in time.
    pub(super) fn late(timeout: Timeout) -> Verdict {
        let (Timeout::Call(limit) | Timeout::Attempt(limit)) = timeout;
        let message = format!("no whole answer within {} s", limit.as_secs_f64());
        let error = Error::new(ErrorKind::Timeout, message);
        match timeout {
            Timeout::Call(_) => Verdict::Final(error),
            Timeout::Attempt(_) => again(error),
        }
    }

    /// A request that got no whole answer.
    pub(super) fn lost(&mut self, error: TransportError) -> Verdict {
        let (sent, kind) = (error.sent, error.kind);
        let error = error.into_error();
        if kind != ErrorKind::Transport {
            return Verdict::Final(error);
        }
        // What was sent may have been done: once more, no oftener.
        if sent && std::mem::replace(&mut self.lost_before, true) {
            return Verdict::Final(error);
        }
        again(error)
    }

    fn judge_answer(&mut self, answer: HttpAnswer, now: Timestamp) -> Verdict {
        self.request_id.clone_from(&answer.request_id);
        self.answered_at = Some(now);
        let shape = self.shape();
        if answer.status == 401 {
            return Verdict::Refused(whole(&answer));
        }
        if shape != Shape::Endpoint && answer.status != 200 {
            return self.judge_failure(&answer, now);
        }
        let asked = self.current();
        match read(&answer, shape, &asked, &mut self.outcomes) {
            Ok(warnings) => self.warnings.extend(warnings),
            Err(error) => return Verdict::Final(error),
        }
        self.answered = true;
        let indexes = self.left.clone();
        self.answers.push((answer, shape, indexes));
        self.judge_items(now)
    }

    /// An answer that is no batch's.
    pub(super) fn judge_failure(&mut self, answer: &HttpAnswer, now: Timestamp) -> Verdict {
        let error = whole(answer);
        let Some(api) = error.api_error() else {
            return Verdict::Final(error);
        };
        self.see(api, now);
        let asked = api.retry_after.map(|wait| wait.delay_from(now));
        match api.retry() {
            Retry::Auto | Retry::Wait => Verdict::Repeat {
                cause: cause(api),
                asked,
                error: Some(error),
            },
            Retry::Later | Retry::No => Verdict::Final(error),
        }
    }

    /// Keeps what is good, and leaves what asking again may mend.
    fn judge_items(&mut self, now: Timestamp) -> Verdict {
        let mut left = Vec::new();
        let (mut slowest, mut throttled) = (None, false);
        for index in std::mem::take(&mut self.left) {
            let Some(error) = self.outcomes.error(index) else {
                continue;
            };
            if let Some(api) = error.api_error().cloned() {
                self.see(&api, now);
            }
            let Some(error) = self
                .outcomes
                .error(index)
                .filter(|error| error.is_retryable())
            else {
                continue;
            };
            throttled |= error
                .api_error()
                .is_some_and(|api| cause(api) == Cause::Throttled);
            // When several give waits, the follow-up takes the longest.
            slowest = slowest.max(error.retry_after().map(|wait| wait.delay_from(now)));
            left.push(index);
        }
        self.left = left;
        if self.left.is_empty() {
            return Verdict::Done;
        }
        Verdict::Repeat {
            cause: if throttled {
                Cause::Throttled
            } else {
                Cause::Transient
            },
            asked: slowest,
            error: None,
        }
    }

    /// Notes what an error says about a limit, for everyone who shares it.
    pub(super) fn see(&mut self, api: &ApiError, now: Timestamp) {
        let code = api.code.as_deref();
        if api.status == 430 {
            // Only the vehicle's own month: the other limits have no such counter,
            // and a vehicle that is parked by mistake is parked for long.
            if code == Some("VEHICLE_REQUEST_LIMIT") {
                self.note(Scope::Vehicle, Observed::QuotaExhausted);
            }
        } else if api.status == 429
            && let Some(wait) = api.retry_after
        {
            let scope = match code {
                Some("SMARTCAR_API") => Scope::Application,
                _ => Scope::Vehicle,
            };
            self.note(scope, Observed::RetryAfter(wait.delay_from(now)));
        }
    }

    /// The longest of several waits is the one that counts.
    fn note(&mut self, scope: Scope, seen: Observed) {
        if !self.seen.contains(&(scope, seen)) {
            self.seen.push((scope, seen));
        }
    }
}

/// To be asked again after a fault on the way.
fn again(error: Error) -> Verdict {
    Verdict::Repeat {
        cause: Cause::Transient,
        asked: None,
        error: Some(error),
    }
}

pub(super) fn cause(api: &ApiError) -> Cause {
    if api.status == 429 || api.retry() == Retry::Wait {
        Cause::Throttled
    } else {
        Cause::Transient
    }
}

/// The error of an answer for the request as a whole.
pub(super) fn whole(answer: &HttpAnswer) -> Error {
    if answer.status < 400 {
        // A redirect, or a success that is not a batch's.
        return unreadable(answer, "not the answer to such a request");
    }
    let text = std::str::from_utf8(&answer.body).ok();
    Error::api(ApiError::read(answer.status, &answer.headers, text))
}

/// An answer's body as text.
pub(super) fn text_of(answer: &HttpAnswer) -> Result<&str, Error> {
    std::str::from_utf8(&answer.body).map_err(|_| unreadable(answer, "not UTF-8"))
}

/// Reads an answer into the outcomes of the indexes that were asked.
pub(super) fn read(
    answer: &HttpAnswer,
    shape: Shape,
    asked: &[(usize, &str)],
    outcomes: &mut impl Outcomes,
) -> Result<Vec<Warning>, Error> {
    let text = text_of(answer)?;
    let request_id = answer.request_id.as_deref();
    if shape != Shape::Batch {
        let headers = answer.headers.clone();
        let item = ItemAnswer::of_endpoint(answer.status, headers, text, request_id);
        outcomes.accept(asked[0].0, &item);
        return match outcomes.error(asked[0].0) {
            Some(error) if shape == Shape::List => Err(unreadable(answer, &error.to_string())),
            _ => Ok(Vec::new()),
        };
    }
    decode::batch(text, request_id, asked, outcomes)
        .map_err(|malformed| unreadable(answer, &malformed.to_string()))
}

/// An answer that is none: what it looks like, without its contents.
pub(super) fn unreadable(answer: &HttpAnswer, why: &str) -> Error {
    let HttpAnswer { status, body, .. } = answer;
    let kind = answer.content_type.as_deref().unwrap_or("no content type");
    let length = body.len();
    Error::new(
        ErrorKind::Decode,
        format!("unreadable answer (status {status}, {kind}, {length} bytes): {why}"),
    )
    .with_status(*status)
}
