//! The requests of one attempt, sent.
//!
//! Invariant: each request has an outcome of its own, in the order of the
//! parts, and none waits longer than the attempt may take.

use futures_util::future::join_all;
use smartcar_model::UnitSystem;
use tokio::time::{Instant, timeout_at};

use super::part::Part;
use crate::client::Inner;
use crate::limits::REQUESTS_AT_ONCE;
use crate::transport::{Ask, Attempted, Call};
use crate::{AccessToken, observe};

/// What the requests of an attempt share.
pub(super) struct Exchange<'a> {
    pub(super) client: &'a Inner,
    pub(super) units: Option<&'a UnitSystem>,
    pub(super) token: &'a AccessToken,
    pub(super) attempt: u32,
    pub(super) until: Instant,
}

impl Exchange<'_> {
    /// Sends every request, some at a time.
    pub(super) async fn all(&self, parts: &[Part<'_>]) -> Vec<Attempted> {
        let mut answers = Vec::new();
        for some in parts.chunks(REQUESTS_AT_ONCE) {
            answers.extend(join_all(some.iter().map(|part| self.one(part))).await);
        }
        answers
    }

    async fn one(&self, part: &Part<'_>) -> Attempted {
        let call = Call {
            ask: part.get(),
            units: self.units,
            token: self.token,
        };
        let server = match call.ask {
            Ask::Connections(..) | Ask::AllConnections(..) => &self.client.management,
            _ => &self.client.server,
        };
        let attempt = observe::attempt(server, &call, self.attempt);
        let answer = timeout_at(self.until, self.client.transport.send(call));
        let answer = observe::within(attempt.clone(), answer).await;
        observe::answered(&attempt, &answer);
        answer
    }
}
