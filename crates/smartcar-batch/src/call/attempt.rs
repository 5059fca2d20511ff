//! The requests of one attempt, sent.
//!
//! Invariant: each request has an outcome of its own, in order; none waits longer
//! than the attempt may take, and none is begun after that.

use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use futures_util::stream::{self, StreamExt};
use smallvec::smallvec;
use smartcar_model::UnitSystem;
use tokio::time::{Instant, timeout_at};

use crate::access_token::AccessToken;
use crate::dialect::{Ask, Few};
use crate::in_place::pinned;
use crate::limits::REQUESTS_AT_ONCE;
use crate::observe;
use crate::transport::{Http, Lost, Missed, Reply, Wire, lost, whole};

/// What the requests of an attempt share.
pub(super) struct Attempt<'a> {
    pub(super) http: &'a Http,
    pub(super) units: Option<&'a UnitSystem>,
    pub(super) token: &'a AccessToken,
    pub(super) number: u32,
    /// When it begins.
    pub(super) now: Instant,
    pub(super) until: Instant,
    /// The price of the requests that have not left the machine.
    pub(super) unsent: &'a AtomicU32,
}

/// What came of one request.
pub(super) struct Exchange {
    pub(super) reply: Result<Box<Reply>, Missed>,
    /// Whether a byte of it may have left the machine.
    pub(super) was_sent: bool,
}

/// A request on its way. When it ends or is dropped, its price is no longer
/// unsent, if it was sent.
struct Outgoing<'a> {
    wire: Wire<'a>,
    cost: u32,
    /// Whether the server said that it did not process the request.
    was_refused: bool,
    unsent: &'a AtomicU32,
}

impl Drop for Outgoing<'_> {
    fn drop(&mut self) {
        if self.wire.session.has_sent() && !self.was_refused {
            self.unsent.fetch_sub(self.cost, Relaxed);
        }
    }
}

impl Attempt<'_> {
    /// Sends every request, some at a time.
    pub(super) async fn send(&self, asks: &[impl Ask]) -> Few<Exchange> {
        if let [ask] = asks {
            return smallvec![pinned(|| self.one(ask, Some(self.now))).await];
        }
        // A list, since a stream that calls back is not `Send` for every lifetime.
        let exchanges: Vec<_> = asks.iter().map(|ask| self.one(ask, None)).collect();
        stream::iter(exchanges)
            .buffered(REQUESTS_AT_ONCE)
            .collect()
            .await
    }

    /// Sends one request. `now`: the time, if the request begins with the attempt.
    async fn one(&self, ask: &impl Ask, now: Option<Instant>) -> Exchange {
        if now.unwrap_or_else(Instant::now) >= self.until {
            return Exchange {
                reply: Err(Missed::Late),
                was_sent: false,
            };
        }
        let route = ask.route();
        let mut outgoing = Outgoing {
            wire: self.http.wire(self.token, self.units, route.role),
            cost: ask.cost(),
            was_refused: false,
            unsent: self.unsent,
        };
        let server = self.http.server(route.role);
        let span = observe::attempt(server, route, self.number);
        let reply = {
            // Pinned in place, because a move copies the whole future; dropped before
            // its session is asked.
            let exchange = pin!(self.exchange(ask, &outgoing.wire));
            let reply = timeout_at(self.until, exchange);
            observe::within(span.clone(), reply).await
        };
        let reply = if let Ok(reply) = reply {
            reply.map_err(Missed::Lost)
        } else {
            outgoing.wire.timed_out();
            Err(Missed::Late)
        };
        outgoing.was_refused = matches!(&reply, Err(Missed::Lost(lost)) if !lost.sent);
        observe::answered(&span, &reply);
        Exchange {
            reply,
            was_sent: outgoing.wire.session.has_sent(),
        }
    }

    async fn exchange(&self, ask: &impl Ask, wire: &Wire<'_>) -> Result<Box<Reply>, Box<Lost>> {
        let sent = ask.send(wire).await;
        let mut response =
            sent.map_err(|error| Box::new(lost(error, wire.session.was_awaited())))?;
        wire.responded(&response);
        // A transport has no other way to fail.
        if let Some(failure) = wire.session.take_failure() {
            return Err(Box::new(failure.into()));
        }
        whole(&mut response, self.http.body_cap).await
    }
}
