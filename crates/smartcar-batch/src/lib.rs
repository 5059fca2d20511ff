//! Ask a vehicle several things in one request through Smartcar.
//!
//! **New here?** The [`guide`] leads from `cargo new` to a polled fleet, and the
//! crate's `examples/` are programs to begin with.
//!
//! A batch is a tuple of endpoint types, or a struct. Each gets an outcome of its own, and
//! one bad item never costs another:
//!
//! ```
//! use smartcar_batch::{AccessToken, Client, Location, Odometer, VehicleId};
//! # use smartcar_simulator::Simulator;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let simulator = Simulator::start().await?;
//! let client = Client::builder()
//!     .access_token(AccessToken::new(simulator.token())?)
//!     .api_origin(simulator.origin()) // leave it out for the real API
//!     .build()?;
//! let vehicle = client.vehicle(VehicleId::new("36ab27d0-fd9d-4455-823a-ce30af709ffc")?);
//!
//! let (odometer, location) = vehicle.batch::<(Odometer, Location)>().send().await?.data;
//! println!("{} km at {:?}", odometer?.distance, location?.latitude);
//! # Ok(())
//! # }
//! ```
//!
//! # A batch with names
//!
//! With [`#[derive(Batch)]`](derive@Batch) a struct is a batch too: a field's
//! type is the request, and says what a failure of that item means.
//!
//! ```
//! use smartcar_batch::{Batch, Fuel, ItemError, Location, Odometer, Reading, Vehicle};
//!
//! #[derive(Batch)]
//! struct Snapshot {
//!     odometer: Reading<Odometer>,                    // its failure fails `send`
//!     fuel: Option<Reading<Fuel>>,                    // `None` for any failure
//!     location: Result<Reading<Location>, ItemError>, // the whole outcome
//!     #[batch(path = "/wiper/fluid")]                 // a path of one's own, any type
//!     wiper: Option<Reading<serde_json::Value>>,
//! }
//!
//! # async fn example(vehicle: Vehicle) -> Result<(), smartcar_batch::Error> {
//! let snapshot = vehicle.batch::<Snapshot>().send().await?.data;
//! println!("{} km", snapshot.odometer.distance);
//! if let Some(range) = snapshot.fuel.and_then(|fuel| fuel.range) {
//!     println!("{range} km left");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Structs nest and may be generic. Where a required field fails, the error keeps
//! every other answer in [`Error::results`].
//!
//! # What to call
//!
//! - [`Vehicle::batch`] asks a set of endpoints that is known when compiling.
//! - [`Vehicle::batch_paths`] asks a list that is known when running, unknown
//!   paths included.
//! - [`Vehicle::get`] asks one endpoint.
//! - [`Vehicle::signals`] asks the signals of version 3 by their own types.
//! - [`Vehicle::loader`] gathers what many tasks ask one by one: [`Loader`].
//! - [`Client::fleet`] asks many vehicles, so many at a time: [`Fleet`].
//! - [`Client::vehicles`] lists the vehicles that the token may reach.
//!
//! # Versions of the API
//!
//! The same code runs on v2.0 and on version 3: [`ClientBuilder::api`]. Version
//! 3 has no batch but a store of signals, so that a batch there is one request
//! for all signals or one for each, whichever costs less; [`Response::plan`] says
//! which. It wants an application's token ([`ClientCredentials`]) and, for each
//! vehicle, its user: the client's ([`ClientBuilder::user`]), its own
//! ([`Vehicle::with_user`]), or in a fleet the one that [`Client::vehicles`] brings
//! along. The data's age is the signal's
//! `oemUpdatedAt`, the time of fetching its `retrievedAt`. What the store does
//! not have is [`ItemError::NotAvailable`], what version 3 has no signal for is
//! [`ItemError::Unsupported`], and a member of a good reading whose signal failed is
//! in [`Response::member_errors`]. [`model::v3::migration`] says what comes from where.
//!
//! # What it costs
//!
//! Smartcar counts each path of a batch as one request against the vehicle's
//! limit; on version 3 see [`ClientBuilder::signals_cost`]. [`Request::cost`] says the price before sending, and
//! [`Response::charged`] what was spent.
//!
//! # What can go wrong
//!
//! A batch fails as a whole with an [`Error`], which has predicates and the
//! API's error object. An item fails with an [`ItemError`]: the API's error for
//! it, no answer, or an answer that cannot be read. Neither ever shows a token,
//! a body, a location or a VIN.
//!
//! # Asking again
//!
//! After an answer, only the items that failed and that the API's catalogue
//! marks as worth repeating are asked again; the good ones are kept and never
//! paid for twice. A stated wait is a lower bound, one beyond the deadline
//! returns at once with [`Response::retry_at`]. [`RetryPolicy`] sets attempts
//! and waits, per client and per call.
//!
//! All clones of a client share a retry quota, so that a bad hour of the API
//! does not become a storm: 500 tokens, of which a repeat costs 14 (5 after a
//! 429), and which one token a second and each success refill. Under nothing
//! but failures, C calls within T seconds send at most C + (500 + T) / 14
//! requests (5 in place of 14 where all failures are limits).
//!
//! # Budgets
//!
//! A [`RateBudget`] is asked before each request, for the vehicle and for the
//! application at once, one unit per path, and is told for which calls a person
//! waits ([`Request::interactive`]). [`InProcessBudget`] limits by rates and
//! by month; without one nothing is limited, but whoever the API asked to wait
//! for is waited for. What was sent stays charged.
//!
//! # Plugging in
//!
//! [`ClientBuilder::configure_http`] sets root certificates, proxies and pools of
//! the HTTP client. [`ClientBuilder::transport`] replaces it: a [`Transport`] can
//! be middleware around an [`HttpTransport`], or canned answers for a test without
//! a socket (module `testing`). Token sources, budgets and transports are passed as
//! a value or as an `Arc`.
//!
//! # Access tokens
//!
//! An [`AccessToken`] for a client's life, or a [`TokenSource`]: a hundred tasks
//! that meet a 401 cause one refresh, and one repeat each.
//!
//! # Features
//!
//! `derive` (default): `#[derive(Batch)]`. TLS: `rustls` (default), `rustls-no-provider`, `native-tls`. `schemars`:
//! `JsonSchema` on every type that the API answers. `serde`: results and errors as
//! the JSON that `smartcar batch --json` prints, and readings, items and errors
//! read back from it. `tracing`: spans for calls
//! and attempts with OpenTelemetry's HTTP names, and events for repeats and
//! waits; nothing personal is in them. `serde`: ids, results and errors as JSON.
//! `testing`: canned answers and results made by hand, for tests of a service. `uom`: members with a unit as quantities
//! that know it, whichever unit system they came in (`reading.distance()`).
//!
//! Architecture invariant: one send path, one decoder (in `smartcar-model`),
//! one place for limits (`limits.rs`).

mod access_token;
mod api;
mod budget;
mod builder;
mod call;
mod client;
mod client_credentials;
mod client_secret;
mod clock;
mod dialect;
mod environment;
mod fleet;
mod fleet_vehicle;
pub mod guide;
mod limits;
mod loader;
pub mod model;
mod observe;
mod options;
mod origin;
pub mod prelude;
mod query;
mod request;
mod retry;
mod retry_quota;
mod shared;
#[cfg(feature = "testing")]
pub mod testing;
mod token_carrier;
mod token_error;
mod token_source;
mod tokens;
mod transport;
mod vehicle;
mod vehicles;

#[rustfmt::skip] // prettyplease formats it: the same bytes on every machine.
mod generated;

pub use access_token::AccessToken;
pub use api::Api;
pub use budget::{
    BudgetFuture, BudgetKey, BudgetRequest, Grant, InProcessBudget, Priority, Rate, RateBudget,
    ServerLimit,
};
pub use builder::ClientBuilder;
pub use client::Client;
pub use client_credentials::ClientCredentials;
pub use client_secret::ClientSecret;
pub use fleet::{Fleet, FleetOutcome};
pub use fleet_vehicle::FleetVehicle;
pub use loader::Loader;
pub use query::{OneEndpoint, PathList, Query, TypedBatch};
pub use request::Request;
pub use retry::RetryPolicy;
pub use token_error::TokenError;
pub use token_source::{IssuedToken, TokenFuture, TokenSource};
pub use transport::HttpTransport;
pub use vehicle::Vehicle;

pub use smartcar_client::{Transport, TransportError, TransportFuture};

// What the API of this crate shows of other crates.
#[doc(no_inline)]
pub use {bytes, http, jiff, reqwest};

// Without the feature it says how to turn it on.
#[doc(inline)]
pub use smartcar_batch_derive::Batch;

#[doc(inline)]
pub use generated::*;
#[doc(hidden)]
pub use smartcar_model::__private;
#[cfg(feature = "uom")]
#[doc(inline)]
pub use smartcar_model::uom;
#[doc(inline)]
pub use smartcar_model::{
    ApiError, Batch, BatchField, BatchPath, BudgetDenied, DateTime, ENDPOINTS, Endpoint,
    EndpointInfo, Error, ErrorKind, Failure, InvalidReason, ItemError, Malformed, Meta,
    NotAvailable, NotAvailableReason, PathResults, Plan, Reading, RequiredItemError, Response,
    RetryAfter, StopReason, UnitSystem, Unsupported, UserId, VehicleId, Warning, WarningKind,
    v3::{MemberError, VehicleMode, signal},
};
