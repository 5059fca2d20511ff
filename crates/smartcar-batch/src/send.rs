//! The send policy: what is asked, how often, for how long, and what an answer
//! means. Every call of the façade goes through here.
//!
//! Invariant: each path gets exactly one outcome, and what was charged is what
//! left the machine.

use std::time::Duration;

use bytes::Bytes;
use smartcar_model::decode::{self, ItemAnswer, Warning};
use smartcar_model::{Answers, ApiError, EndpointInfo, Outcomes};
use tokio::time::{Instant, timeout_at};

use crate::request::{Query, Request};
use crate::transport::{Ask, Call, HttpAnswer};
use crate::{Answered, BatchPath, Error, ErrorKind, Failure};

/// Sends a request and reads its answer into the query's outcomes.
pub(crate) async fn send<Q: Query>(request: Request<Q>) -> Result<Answered<Q::Items>, Error> {
    let Request {
        vehicle,
        query,
        options,
    } = request;
    let paths = query.paths();
    check(&paths)?;
    let client = &*vehicle.client.inner;
    let mut outcomes = query.outcomes();

    // One attempt. Repeats, their waits and their budgets belong here.
    let charged = u32::try_from(paths.len()).unwrap_or(u32::MAX);
    let limit = options.deadline.unwrap_or(client.deadline);
    let deadline = deadline(limit);
    let call = Call {
        vehicle: &vehicle.id,
        ask: if is_alone::<Q>(&paths) {
            Ask::Endpoint(paths[0])
        } else {
            Ask::Batch(&paths)
        },
        units: options.units.as_ref(),
        token: &client.token,
    };
    let answer = match timeout_at(deadline, client.transport.send(call)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            let charged = if error.sent { charged } else { 0 };
            return Err(error.into_error().with_price(1, charged));
        }
        Err(_) => {
            let message = format!("no whole answer within {} s", limit.as_secs_f64());
            return Err(Error::new(ErrorKind::Timeout, message).with_price(1, charged));
        }
    };
    let moment = client.clock.moment_of(Instant::now());
    let finish = |error: Error| {
        error
            .with_request_id(answer.request_id.as_deref())
            .with_price(1, charged)
            .answered_at(moment)
    };

    let warnings = read::<Q>(&answer, &paths, &mut outcomes).map_err(finish)?;
    let failures = failures(&paths, &outcomes);
    let items = Q::items(outcomes).map_err(|failed| {
        let kept = keep::<Q>(&answer, &paths);
        finish(Error::required(failed, kept))
    })?;
    Ok(Answered {
        items,
        request_id: answer.request_id,
        attempts: 1,
        charged,
        warnings,
        failures,
    })
}

/// The end of a span from now; a span beyond what the clock can hold ends in a
/// year, which is the same to whoever waits.
fn deadline(limit: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(366 * 24 * 60 * 60);
    let now = Instant::now();
    now + limit.min(YEAR)
}

/// Whether a GET of its own is sent. An endpoint that the description does not
/// know has no request of its own: it is a batch of one.
fn is_alone<Q: Query>(paths: &[&str]) -> bool {
    Q::SINGLE && EndpointInfo::of(paths[0]).is_some()
}

/// A typed batch names its paths in constants that nobody has checked yet.
fn check(paths: &[&str]) -> Result<(), Error> {
    for path in paths {
        BatchPath::new(*path)?;
    }
    Ok(())
}

/// Reads an answer into the outcomes of the paths that were asked. Fails if it
/// is an error, or no answer, for the request as a whole.
fn read<Q: Query>(
    answer: &HttpAnswer,
    paths: &[&str],
    outcomes: &mut impl Outcomes,
) -> Result<Vec<Warning>, Error> {
    let text = std::str::from_utf8(&answer.body);
    if is_alone::<Q>(paths) && answer.status != 401 {
        // All but a refused token is about the endpoint: its item's outcome.
        let text = text.map_err(|_| answer.unreadable("not UTF-8"))?;
        let headers = answer.headers.clone();
        let request_id = answer.request_id.as_deref();
        let item = ItemAnswer::of_endpoint(answer.status, headers, text, request_id);
        outcomes.accept(0, &item);
        return Ok(Vec::new());
    }
    if answer.status != 200 {
        let error = ApiError::read(answer.status, &answer.headers, text.ok());
        if answer.status < 400 {
            // A redirect, or a success that is not a batch's.
            return Err(answer.unreadable("not a batch answer"));
        }
        return Err(Error::api(error));
    }
    let text = text.map_err(|_| answer.unreadable("not UTF-8"))?;
    let asked: Vec<_> = paths.iter().copied().enumerate().collect();
    decode::batch(text, answer.request_id.as_deref(), &asked, outcomes)
        .map_err(|malformed| answer.unreadable(&malformed.to_string()))
}

/// Every answer as it came, for an error that must not lose the good ones.
fn keep<Q: Query>(answer: &HttpAnswer, paths: &[&str]) -> Answers {
    let mut answers = Answers::of(paths.iter().copied());
    // It was read before, or there would be no required item to miss.
    let _ = read::<Q>(answer, paths, &mut answers);
    answers
}

fn failures(paths: &[&str], outcomes: &impl Outcomes) -> Vec<Failure> {
    paths
        .iter()
        .enumerate()
        .filter_map(|(index, path)| {
            let error = outcomes.error(index)?.clone();
            Some(Failure {
                path: (*path).to_owned(),
                error,
            })
        })
        .collect()
}

impl HttpAnswer {
    /// An answer that is none: what it looks like, without its contents.
    fn unreadable(&self, why: &str) -> Error {
        let Self { status, body, .. } = self;
        let kind = self.content_type.as_deref().unwrap_or("no content type");
        let length = Bytes::len(body);
        Error::new(
            ErrorKind::Decode,
            format!("unreadable answer (status {status}, {kind}, {length} bytes): {why}"),
        )
        .with_status(*status)
    }
}
