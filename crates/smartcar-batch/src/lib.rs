//! Read several things from a vehicle in one typed request, through the Smartcar API.
//!
//! **New here?** The [`guide`] starts with `cargo new` and ends with a polled fleet. The
//! crate's `examples/` are complete programs.
//!
//! A batch is a tuple of endpoint types, or a struct. Each item has its own result: one
//! failed item never affects the others. The same batch runs on both versions of the API;
//! only the client is set up differently. On v2.0:
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
//!     .api_origin(simulator.origin()) // omit it for the real API
//!     .build()?;
//! let vehicle = client.vehicle(VehicleId::new("36ab27d0-fd9d-4455-823a-ce30af709ffc")?);
//!
//! let (odometer, location) = vehicle.batch::<(Odometer, Location)>().send().await?.data;
//! println!("{} km at {:?}", odometer?.distance, location?.latitude);
//! # Ok(())
//! # }
//! ```
//!
//! On v3, with the credentials of an application and the vehicle's user:
//!
//! ```no_run
//! use smartcar_batch::{
//!     Api, Client, ClientCredentials, ClientSecret, Location, Odometer, UserId, VehicleId,
//! };
//!
//! # async fn example(secret: String) -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder()
//!     .api(Api::V3)
//!     .token_source(ClientCredentials::new("client_0123", ClientSecret::new(secret)?)?)
//!     .build()?;
//! let vehicle = client
//!     .vehicle(VehicleId::new("36ab27d0-fd9d-4455-823a-ce30af709ffc")?)
//!     .with_user(UserId::new("8d6a2c1e-54c0-4b1f-8a57-0f1f5a0f9c11")?);
//!
//! let (odometer, location) = vehicle.batch::<(Odometer, Location)>().send().await?.data;
//! # Ok(())
//! # }
//! ```
//!
//! # A struct as a batch
//!
//! With [`#[derive(Batch)]`](derive@Batch) a struct is a batch. The type of each field is
//! what you request, and decides what happens when that item fails.
//!
//! ```
//! use smartcar_batch::{Batch, Fuel, ItemError, Location, Odometer, Reading, Vehicle};
//!
//! #[derive(Batch)]
//! struct Snapshot {
//!     odometer: Reading<Odometer>,                    // required: its failure fails `send`
//!     fuel: Option<Reading<Fuel>>,                    // `None` on any failure
//!     location: Result<Reading<Location>, ItemError>, // the reading or its error
//!     #[batch(path = "/wiper/fluid")]                 // any path, any type
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
//! Structs can be nested and generic. When a required field fails, the error keeps all
//! other results in [`Error::results`].
//!
//! # What to call
//!
//! - [`Vehicle::batch`] requests a set of endpoints that is fixed at compile time.
//! - [`Vehicle::batch_paths`] requests a list of paths that is known only at run time,
//!   including paths that this crate does not know.
//! - [`Vehicle::get`] requests one endpoint.
//! - [`Vehicle::signals`] requests v3 signals by their own types.
//! - [`Vehicle::loader`] combines the single requests of many tasks: [`Loader`].
//! - [`Client::fleet`] sends the same batch to many vehicles, with limited concurrency:
//!   [`Fleet`].
//! - [`Client::vehicles`] lists the vehicles that the token can access.
//! - [`Vehicle::list_signals`] lists what a vehicle has on v3.
//! - [`Client::connections`] lists them on v3 with their make, powertrain and grants.
//! - [`Client::webhooks`], [`Client::subscriptions`], [`Client::subscribe`] and
//!   [`Client::unsubscribe`] manage which vehicles v3's webhooks deliver.
//!
//! Each call returns a [`Response`]: the results in [`Response::data`], with the price,
//! warnings and request ID next to them.
//!
//! # Versions of the API
//!
//! [`ClientBuilder::api`] selects the version.
//!
//! | | v2.0 | v3 |
//! |---|---|---|
//! | a batch is sent as | one request | one request for all signals, or one for each signal, whichever costs less ([`Response::plan`]) |
//! | the data comes from | the vehicle | a store of signals |
//! | token | the owner's [`AccessToken`] or a [`TokenSource`] | the application's: [`ClientCredentials`] |
//! | user | not needed | [`ClientBuilder::user`] for all vehicles, [`Vehicle::with_user`] for one; in a fleet, [`Client::vehicles`] returns each vehicle with its user |
//! | price | one request per path | [`ClientBuilder::signals_cost`] |
//!
//! On v3, the age of the data is the signal's `oemUpdatedAt`, and the time of fetching is
//! its `retrievedAt`. Data that the store does not have is [`ItemError::NotAvailable`].
//! Data that v3 has no signal for is [`ItemError::Unsupported`]. If a reading is good but
//! the signal of one of its members failed, the error is in [`Response::member_errors`].
//! [`model::v3::migration`] lists the signals that each member comes from.
//!
//! # What it costs
//!
//! On v2.0 Smartcar counts each path of a batch as one request against the vehicle's
//! limit. For v3, see [`ClientBuilder::signals_cost`]. [`Request::cost`] is the price
//! before sending, and [`Response::charged`] is what was spent.
//!
//! # What can go wrong
//!
//! A call fails with an [`Error`], which has predicates and the API's error object. An
//! item fails with an [`ItemError`]: the API's error for it, no result, or a result that
//! could not be decoded. Neither shows a token, a body, a location or a VIN.
//!
//! # Retries
//!
//! After a response, only failed items are requested again, and only if the API's error
//! catalogue marks their errors as retryable. Good items are kept and never paid for
//! twice. A `Retry-After` is a lower bound. If it ends after the deadline, the call
//! returns at once with [`Response::retry_at`]. [`RetryPolicy`] sets attempts and waits,
//! for the client or for one call.
//!
//! All clones of a client share a retry quota, so that an outage of the API does not
//! become a retry storm. The quota holds 500 tokens. A retry costs 14, or 5 after a 429.
//! One token is added per second, and successes refill the quota too. While every call
//! fails, C calls within T seconds send at most C + (500 + T) / 14 requests, or
//! C + (500 + T) / 5 if every failure is a rate limit.
//!
//! # Budgets
//!
//! A [`RateBudget`] is asked before each request, for the vehicle and for the application
//! together, one unit per path. It also learns whether a person is waiting for the call
//! ([`Request::interactive`]). [`InProcessBudget`] limits by rate and by month. Without a
//! budget no rate is limited, but a `Retry-After` from the API is still respected.
//! Requests that were sent stay charged.
//!
//! # Customization
//!
//! [`ClientBuilder::configure_http`] sets root certificates, proxies and pools of the HTTP
//! client. [`ClientBuilder::transport`] replaces it: a [`Transport`] can be middleware
//! around an [`HttpTransport`], or canned responses for a test without a socket (module
//! `testing`). Token sources, budgets and transports are passed as a value or as an `Arc`.
//!
//! # Access tokens
//!
//! Use one [`AccessToken`] for the lifetime of a client, or a [`TokenSource`]. When a
//! hundred tasks get a 401 at once, the client fetches one new token and retries each
//! request once.
//!
//! # Features
//!
//! - `derive` (default): `#[derive(Batch)]`.
//! - `rustls` (default), `rustls-no-provider`, `native-tls`: TLS.
//! - `schemars`: `JsonSchema` for every response type.
//! - `serde`: IDs, results and errors as the JSON that `smartcar batch --json` prints.
//!   Readings, items and errors can be read back from it.
//! - `testing`: canned responses and hand-made results, for tests of a service.
//! - `tracing`: spans for calls and attempts with OpenTelemetry's HTTP names, and events
//!   for retries and waits. They contain no personal data.
//! - `uom`: members with a unit as typed quantities, independent of the unit system of
//!   the response (`reading.distance_quantity()`).
//!
//! Architecture invariant: one send path, one decoder (in `smartcar-model`), one place for
//! limits (`limits.rs`).

#![cfg_attr(docsrs, feature(doc_cfg))]

mod access_token;
mod api;
pub mod budget;
mod builder;
mod call;
mod client;
mod client_credentials;
mod client_secret;
mod clock;
pub mod connect;
mod connections;
mod dialect;
mod environment;
mod fleet;
mod fleet_entry;
mod fleet_vehicle;
pub mod guide;
mod in_place;
mod limits;
mod listing;
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
mod subscriptions;
#[cfg(feature = "testing")]
pub mod testing;
mod token_carrier;
mod token_error;
mod token_source;
mod tokens;
mod transport;
mod vehicle;
mod vehicles;
mod webhooks;

#[rustfmt::skip] // Formatted by prettyplease, so that it is the same on every machine.
mod generated;

pub use access_token::AccessToken;
pub use api::Api;
#[doc(inline)]
pub use budget::{
    BudgetFuture, BudgetKey, BudgetRequest, Grant, InProcessBudget, Priority, Rate, RateBudget,
    ServerLimit,
};
pub use builder::ClientBuilder;
pub use client::Client;
pub use client_credentials::ClientCredentials;
pub use client_secret::ClientSecret;
pub use connections::Connections;
pub use fleet::{Fleet, FleetOutcome};
pub use fleet_entry::FleetEntry;
pub use fleet_vehicle::FleetVehicle;
pub use loader::Loader;
pub use query::{OneEndpoint, PathList, Query, SignalList, TypedBatch};
pub use request::Request;
pub use retry::RetryPolicy;
pub use subscriptions::{Subscribed, Subscriptions};
pub use token_error::TokenError;
pub use token_source::{IssuedToken, TokenFuture, TokenSource};
pub use transport::HttpTransport;
pub use vehicle::Vehicle;
pub use webhooks::Webhooks;

pub use smartcar_client::{Transport, TransportError, TransportFuture};

// Crates whose types appear in this crate's API.
#[doc(no_inline)]
pub use {bytes, http, jiff, reqwest};

// Without the feature `derive`, the macro only says how to enable it.
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
    v3::{ListedSignal, MemberError, VehicleMode, signal},
};

// The program in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
