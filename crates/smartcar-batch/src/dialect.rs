//! The interface between the call loop and the API versions: which requests to send
//! for the open items, and what their replies mean.
//!
//! Invariant: only a dialect knows its API version. The loop knows tokens, budgets
//! and waits; a dialect knows none of them.

pub(crate) mod change;
pub(crate) mod items;
pub(crate) mod list;
pub(crate) mod v2;
pub(crate) mod v3;

use smallvec::SmallVec;
use smartcar_client::{ByteStream, Error as RequestError};
use smartcar_model::{ApiError, Error, Plan, Response, VehicleId};

use crate::transport::{Reply, Role, Wire};

/// What is mostly one, and then needs no memory of its own.
pub(crate) type Few<T> = SmallVec<[T; 1]>;

/// One kind of call, on one API version.
pub(crate) trait Dialect {
    /// An HTTP request of this dialect.
    type Ask: Ask;
    /// The results of the call.
    type Results;

    /// The vehicle that the call is about, if any.
    fn vehicle(&self) -> Option<&VehicleId>;

    /// The number of open items.
    fn left(&self) -> usize;

    /// The requests for all open items.
    fn open(&mut self) -> Few<Self::Ask>;

    /// How the call was split into these requests.
    fn plan(asks: &[Self::Ask]) -> Plan;

    /// Reads the replies of an attempt and returns what failed. `counts` is false if
    /// this is the second part of an attempt, or if nothing was sent.
    fn take(&mut self, replies: Few<(Self::Ask, Box<Reply>)>, counts: bool) -> Vec<Fault>;

    /// Takes the results, if at least one attempt got a response; else `None`.
    fn finish(&mut self, told: &mut Response<()>) -> Option<Self::Results>;
}

/// One HTTP request of a dialect.
pub(crate) trait Ask: Send + Sync {
    /// Its price, in requests as the API counts them.
    fn cost(&self) -> u32;

    /// Its method and URL template.
    fn route(&self) -> Route<'_>;

    /// Sends it.
    fn send(&self, wire: &Wire<'_>) -> impl Future<Output = Sent> + Send;
}

/// The result type of the generated requests.
pub(crate) type Sent = Result<reqwest::Response, RequestError<ByteStream>>;

/// The method and the URL template, without the vehicle.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(feature = "tracing"),
    allow(dead_code, reason = "only spans show it")
)]
pub(crate) struct Route<'a> {
    pub(crate) method: &'static str,
    pub(crate) template: &'static str,
    /// The rest of the template: the path of an endpoint, or empty.
    pub(crate) path: &'a str,
    /// The server that it is sent to.
    pub(crate) role: Role,
}

impl Route<'static> {
    pub(crate) const fn get(template: &'static str) -> Self {
        Self::new("GET", template)
    }

    pub(crate) const fn new(method: &'static str, template: &'static str) -> Self {
        Self {
            method,
            template,
            path: "",
            role: Role::Api,
        }
    }

    pub(crate) const fn at(self, role: Role) -> Self {
        Self { role, ..self }
    }
}

/// A failure in an attempt.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The access token was rejected.
    Refused(Error),
    /// No complete reply arrived in time. `ends`: whether the call ends.
    Late { ends: bool, error: Error },
    /// No complete reply arrived. `sent`: whether the request may have been sent.
    Lost { sent: bool, error: Error },
    /// The request failed as a whole.
    Whole(Error),
    /// The API returned an error for an item.
    Item(Box<ApiError>),
    /// Something that the replies did not include needs another request.
    Further,
}
