//! The seam between the loop and the versions of the API: which requests ask what
//! is left, and what their replies mean.
//!
//! Invariant: only a dialect knows which API it speaks. The loop knows tokens,
//! budgets and waits; a dialect knows none of them.

pub(crate) mod items;
pub(crate) mod list;
pub(crate) mod v2;
pub(crate) mod v3;

use smartcar_client::{ByteStream, Error as RequestError, ResponseValue};
use smartcar_model::{ApiError, Error, Plan, Response, VehicleId};

use crate::transport::{Reply, Wire};

/// One way to ask the API.
pub(crate) trait Dialect {
    /// One HTTP request.
    type Ask: Ask;
    /// What it gives in the end.
    type Results;

    /// The vehicle that is asked about, if it is one.
    fn vehicle(&self) -> Option<&VehicleId>;

    /// How much is left to ask.
    fn left(&self) -> usize;

    /// The requests that ask what is left.
    fn open(&mut self) -> Vec<Self::Ask>;

    /// How a call became these requests.
    fn plan(asks: &[Self::Ask]) -> Plan;

    /// Takes the replies of an attempt and says what failed. `counts` is false
    /// where the attempt belongs to the one before, or nothing of it was sent.
    fn take(&mut self, replies: Vec<(Self::Ask, Reply)>, counts: bool) -> Vec<Fault>;

    /// What came, once one attempt was answered; `None` before.
    fn finish(self, told: &mut Response<()>) -> Option<Self::Results>;
}

/// One HTTP request of a dialect.
pub(crate) trait Ask: Send + Sync {
    /// How many requests the API counts for it.
    fn cost(&self) -> u32;

    /// Where it goes.
    fn route(&self) -> Route<'_>;

    /// Sends it.
    fn send(&self, wire: &Wire<'_>) -> impl Future<Output = Sent> + Send;
}

/// What the generated requests return.
pub(crate) type Sent = Result<ResponseValue<ByteStream>, RequestError<ByteStream>>;

/// The method and the URL's template, without anything of the vehicle.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(feature = "tracing"),
    allow(dead_code, reason = "only spans show it")
)]
pub(crate) struct Route<'a> {
    pub(crate) method: &'static str,
    pub(crate) template: &'static str,
    /// The rest of the template: the path of an endpoint.
    pub(crate) path: &'a str,
    /// Whether it goes to the server with the connections.
    pub(crate) is_management: bool,
}

impl Route<'static> {
    pub(crate) const fn get(template: &'static str) -> Self {
        Self {
            method: "GET",
            template,
            path: "",
            is_management: false,
        }
    }

    pub(crate) const fn at_management(self) -> Self {
        Self {
            is_management: true,
            ..self
        }
    }
}

/// What failed in an attempt.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The access token was rejected.
    Refused(Error),
    /// No whole reply came in time. Whether that ends the call.
    Late { ends: bool, error: Error },
    /// No whole reply came. Whether anything of the request was sent.
    Lost { sent: bool, error: Error },
    /// The request failed as a whole.
    Whole(Error),
    /// The API answered with an error for an item.
    Item(Box<ApiError>),
    /// Something that the replies did not bring along must be asked too.
    Further,
}
