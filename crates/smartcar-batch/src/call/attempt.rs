//! The requests of one attempt, sent.
//!
//! Invariant: each request has an outcome of its own, in order, and none waits
//! longer than the attempt may take.

use futures_util::stream::{self, StreamExt};
use smartcar_client::Error as RequestError;
use smartcar_model::UnitSystem;
use tokio::time::{Instant, timeout_at};

use crate::access_token::AccessToken;
use crate::dialect::Ask;
use crate::limits::REQUESTS_AT_ONCE;
use crate::observe;
use crate::transport::{Http, Lost, Missed, Reply, lost, whole};

/// What the requests of an attempt share.
pub(super) struct Attempt<'a> {
    pub(super) http: &'a Http,
    pub(super) units: Option<&'a UnitSystem>,
    pub(super) token: &'a AccessToken,
    pub(super) number: u32,
    pub(super) until: Instant,
}

impl Attempt<'_> {
    /// Sends every request, some at a time.
    pub(super) async fn send(&self, asks: &[impl Ask]) -> Vec<Result<Reply, Missed>> {
        // A list, since a stream that calls back is not `Send` for every lifetime.
        let exchanges: Vec<_> = asks.iter().map(|ask| self.one(ask)).collect();
        stream::iter(exchanges)
            .buffered(REQUESTS_AT_ONCE)
            .collect()
            .await
    }

    async fn one(&self, ask: &impl Ask) -> Result<Reply, Missed> {
        let route = ask.route();
        let server = self.http.server(route.is_management);
        let span = observe::attempt(server, route, self.number);
        let reply = timeout_at(self.until, self.exchange(ask));
        let reply = observe::within(span.clone(), reply).await;
        let reply = match reply {
            Ok(reply) => reply.map_err(Missed::Lost),
            Err(_) => Err(Missed::Late),
        };
        observe::answered(&span, &reply);
        reply
    }

    async fn exchange(&self, ask: &impl Ask) -> Result<Reply, Lost> {
        let Some(wire) = self.http.wire(self.token, self.units) else {
            return Err(lost(RequestError::InvalidRequest("user agent".to_owned())));
        };
        let response = match ask.send(&wire).await {
            Ok(response) | Err(RequestError::ErrorResponse(response)) => response,
            Err(error) => return Err(lost(error)),
        };
        // A transport has no other way to fail.
        if let Some(failure) = wire.session.take_failure() {
            return Err(failure.into());
        }
        whole(response, self.http.body_cap).await
    }
}
