//! A simulator of the Smartcar API, for tests without an account or a car.
//!
//! [`Simulator::start`] opens a server on this machine that serves the vehicle API
//! v2.0: the list of vehicles, each single endpoint, and the batch. Every vehicle
//! id is accepted. Its make, its powertrain and its values follow from its id, so no
//! two vehicles are equal; everything else is as in the examples of the OpenAPI spec,
//! converted to the requested unit system.
//!
//! The clock does not run until [`Simulator::advance`] moves it. As it moves, the
//! vehicles drive: the odometer grows, the battery drains and charges, the location
//! changes. The trips depend on a seed only, so every run is the same.
//!
//! ```
//! use smartcar_simulator::{DEFAULT_TOKEN, Simulator};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let simulator = Simulator::start().await?;
//! assert!(simulator.origin().starts_with("http://127.0.0.1:"));
//! assert_eq!(simulator.token(), DEFAULT_TOKEN);
//!
//! // … point a client to `origin()`, let it send `token()`, then check its requests:
//! assert!(simulator.requests().iter().all(|request| request.authorized));
//! simulator.shutdown().await;
//! simulator.stopped().await; // returns at once
//! # Ok(())
//! # }
//! ```
//!
//! A [`SimulatedVehicle`] describes a vehicle. It returns 501 `COMPATIBILITY` where
//! the spec says that its make or powertrain does not support the endpoint, and 403
//! `PERMISSION` where its owner granted fewer permissions than the token has.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! use std::time::Duration;
//! use smartcar_simulator::{SimulatedVehicle, Simulator};
//!
//! let simulator = Simulator::builder()
//!     .seed(7)
//!     .vehicle(SimulatedVehicle::new("car-1").make("FORD").battery_fraction(0.3))
//!     .start()
//!     .await?;
//! // … read `/battery` of `car-1`, and read it again in the evening:
//! simulator.advance(Duration::from_secs(10 * 3600));
//! # Ok(())
//! # }
//! ```
//!
//! With [`SimulatorBuilder::example_values`] an undeclared vehicle supports every endpoint
//! of every make, and starts exactly with the values of the examples, although they
//! describe different cars.
//!
//! Values that the spec does not mark with `x-smartcar-state` stay as in the
//! example: past sessions, schedules, alerts, open doors and windows.
//!
//! A [`Fault`] makes the server fail as the live service does, or worse, for as
//! many requests as a test needs; see [`Simulator::fault`]. [`Limits`] reject
//! requests that exceed a rate limit. With [`Simulator::authorization_code`] a
//! client gets tokens that expire and are refreshed at `POST /oauth/token`. All of
//! this follows one simulated clock, which does not run until a test moves it.
//!
//! A [`Scenario`] sets up the same from a file. A running simulator can also be
//! controlled from another process: `GET /_simulator` lists the routes. In a browser,
//! `/_simulator/` is a page that shows the simulation and acts on it, and
//! `/oauth/authorize` is the page on which a vehicle's owner grants permissions.
//!
//! Where the behaviour of the live service is not documented, the simulator
//! guesses: it answers a duplicate path in a batch twice, does not limit the length
//! of a batch, and rejects a path with a query.
//!
//! Version 3 is served next to v2.0, under `/v3`. It returns the same vehicles as
//! signals, at the same moment and from the same state, so that the two versions
//! can be compared. An application gets its token at `POST /oauth2/token` by client
//! credentials; that token is valid for version 3 only. [`DEFAULT_TOKEN`] is valid
//! for both versions, and an owner's token for v2.0 only. Any `sc-user-id` is
//! accepted. Each listed vehicle has one connection. It names [`DEFAULT_USER`] and
//! has the mode `live`, as an owner's car has, so the filter for `simulated`
//! connections matches none. A signal is available if one of the v2.0 endpoints
//! made from it is available; otherwise the signal's status is the error of those
//! endpoints. Imperial units are returned if requested; the live service may not do
//! that.
//!
//! It also sends webhooks ([`Simulator::webhook`]): a verification first, then signed
//! deliveries as the clock moves and signals change, repeated as the vendor does. A
//! [`WebhookFault`] makes them late, double, wrongly signed or irregular.
//!
//! Invariant: this crate's code does not name an endpoint or a signal where the
//! spec can supply it; a new GET of a vehicle, or a new signal, needs no change
//! here.

mod admin;
mod answer;
mod app;
mod applications;
mod authority;
mod builder;
mod catalogue;
mod clock;
mod connect;
mod control;
mod dashboard;
mod document;
mod endpoint;
mod errors;
mod exchange;
mod fault;
mod gate;
mod handle;
mod item;
mod json;
mod known;
mod limits;
mod log;
mod meter;
mod nearest;
mod oauth;
mod operation;
mod page;
mod query;
mod random;
mod record;
mod request;
mod saved;
mod scenario;
mod server;
mod spec;
mod template;
#[cfg(test)]
mod testing;
mod tokens;
mod units;
mod v2;
mod v3;
mod validate;
mod webhook;
mod world;

pub use applications::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET};
pub use builder::SimulatorBuilder;
pub use fault::active::{FaultId, UnmatchedFault};
pub use fault::check::FaultError;
pub use fault::value::Fault;
pub use limits::{BatchTakes, Limits};
pub use log::{LoggedItem, LoggedRequest};
pub use record::{MAX_RECORDED_BYTES, MAX_RECORDED_REQUESTS, RecordedRequest};
pub use scenario::{Scenario, ScenarioError};
pub use server::Simulator;
pub use tokens::{DEFAULT_TOKEN, DEFAULT_USER, KnownToken};
pub use webhook::fault::{UnmatchedWebhookFault, WebhookFault, WebhookForm};
pub use webhook::known::{KnownWebhook, RecordedDelivery, Subscription};
pub use world::vehicle::{KnownVehicle, Powertrain, SimulatedVehicle};

// The program in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
