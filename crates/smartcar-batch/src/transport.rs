//! The seam between the send policy and the network: one request, one answer.
//!
//! Invariant: a transport asks once. It neither repeats nor interprets; it only
//! says whether anything left the machine.

mod http;

use std::fmt;
use std::pin::Pin;

use bytes::Bytes;
use smartcar_model::{AnswerHeaders, UnitSystem};

pub(crate) use http::{HttpTransport, USER_AGENT, http_client, whole};

use crate::{AccessToken, Error, ErrorKind, UserId, VehicleId};

/// One request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) ask: Ask<'a>,
    pub(crate) units: Option<&'a UnitSystem>,
    pub(crate) token: &'a AccessToken,
}

/// What it asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ask<'a> {
    /// Several paths of a vehicle at once.
    Batch(&'a VehicleId, &'a [&'a str]),
    /// One endpoint of a vehicle.
    Endpoint(&'a VehicleId, &'a str),
    /// A page of the vehicles that the token may reach, from a position on.
    Vehicles(u32),
    /// Version 3: every signal of a vehicle's store.
    Signals(&'a VehicleId, &'a UserId),
    /// Version 3: one signal, by its code.
    Signal(&'a VehicleId, &'a UserId, &'a str),
    /// Version 3: what the vehicle is.
    Resource(&'a VehicleId),
    /// Version 3: the connections of a vehicle.
    Connections(&'a VehicleId, Option<&'a UserId>),
    /// Version 3: a page of all connections, or of a user's; the first is 1.
    AllConnections(Option<&'a UserId>, u32),
}

/// One answer, whole.
#[derive(Clone)]
pub(crate) struct HttpAnswer {
    pub(crate) status: u16,
    pub(crate) headers: AnswerHeaders,
    pub(crate) request_id: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Bytes,
}

impl fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the body: it holds the vehicle's data.
        f.debug_struct("HttpAnswer")
            .field("status", &self.status)
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why no whole answer came.
#[derive(Debug)]
pub(crate) struct TransportError {
    /// One line, without URL, body or token.
    pub(crate) message: String,
    /// Whether anything left the machine: what was sent is charged.
    pub(crate) sent: bool,
    /// An answer's status, if its head came.
    pub(crate) status: Option<u16>,
    pub(crate) kind: ErrorKind,
    pub(crate) source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl TransportError {
    pub(crate) fn into_error(self) -> Error {
        let mut error = Error::new(self.kind, self.message);
        if let Some(status) = self.status {
            error = error.with_status(status);
        }
        if let Some(source) = self.source {
            error = error.with_source(source);
        }
        error
    }
}

/// An attempt with a limit of time.
pub(crate) type Attempted = Result<Result<HttpAnswer, TransportError>, tokio::time::error::Elapsed>;

/// A future that a trait object can return.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends one request.
pub(crate) trait Transport: Send + Sync + 'static {
    fn send<'a>(&'a self, call: Call<'a>) -> Boxed<'a, Result<HttpAnswer, TransportError>>;
}
