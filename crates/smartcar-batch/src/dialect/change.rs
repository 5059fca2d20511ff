//! Changes of v3: a vehicle is subscribed to a webhook, or unsubscribed.
//!
//! Invariant: sending a change again does no harm. What is there or gone already is a
//! success, and the result says so.

use bytes::Bytes;
use smallvec::smallvec;
use smartcar_model::{Plan, Response, VehicleId, v3};

use super::{Dialect, Fault, Few, Route, Sent};
use crate::transport::{Reply, Role, Wire};

/// The call for one change.
pub(crate) struct Change<'a> {
    ask: Ask<'a>,
    done: Option<Changed>,
}

/// What a change did.
#[derive(Debug)]
pub(crate) struct Changed {
    /// Whether it was not so before.
    pub(crate) is_new: bool,
    /// The subscription's ID, if the response has it.
    pub(crate) id: Option<String>,
}

/// One request.
#[derive(Clone)]
pub(crate) enum Ask<'a> {
    /// Creates a subscription with this body.
    Subscribe(Bytes),
    /// Deletes the subscription with this ID.
    Unsubscribe(&'a str),
}

impl<'a> Change<'a> {
    pub(crate) fn new(ask: Ask<'a>) -> Self {
        Self { ask, done: None }
    }
}

impl Ask<'_> {
    /// What a reply means; `None` for a failure.
    fn changed(&self, reply: &Reply) -> Option<Changed> {
        let nothing_to_do = match self {
            Self::Subscribe(_) => 409,
            Self::Unsubscribe(_) => 404,
        };
        if !reply.is_success() && reply.status != nothing_to_do {
            return None;
        }
        let created = reply.is_success().then(|| reply.text().ok()).flatten();
        let created = created.and_then(|text| v3::subscription(text).ok());
        Some(Changed {
            is_new: reply.is_success(),
            id: created.and_then(|it| it.id),
        })
    }
}

impl super::Ask for Ask<'_> {
    fn cost(&self) -> u32 {
        1
    }

    fn route(&self) -> Route<'_> {
        let route = match self {
            Self::Subscribe(_) => Route::new("POST", "/v3/subscriptions"),
            Self::Unsubscribe(_) => Route::new("DELETE", "/v3/subscriptions/{subscription_id}"),
        };
        route.at(Role::Webhooks)
    }

    async fn send(&self, wire: &Wire<'_>) -> Sent {
        match self {
            Self::Subscribe(body) => wire.v3().create_subscription(body.clone()).await,
            Self::Unsubscribe(id) => wire.v3().delete_subscription(id).await,
        }
    }
}

impl<'a> Dialect for Change<'a> {
    type Ask = Ask<'a>;
    type Results = Changed;

    fn vehicle(&self) -> Option<&VehicleId> {
        None
    }

    fn left(&self) -> usize {
        usize::from(self.done.is_none())
    }

    fn open(&mut self) -> Few<Ask<'a>> {
        smallvec![self.ask.clone()]
    }

    fn plan(_: &[Ask<'a>]) -> Plan {
        Plan::Resources
    }

    fn take(&mut self, replies: Few<(Ask<'a>, Box<Reply>)>, _: bool) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (ask, reply) in replies {
            match ask.changed(&reply) {
                Some(changed) => self.done = Some(changed),
                None => faults.push(Fault::Whole(reply.error())),
            }
        }
        faults
    }

    fn finish(&mut self, told: &mut Response<()>) -> Option<Changed> {
        // It counts against the rate limit and is not known to be charged.
        told.charged = 0;
        self.done.take()
    }
}
