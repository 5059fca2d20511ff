//! A stand-in for the Smartcar API, for tests without an account or a car.
//!
//! [`Simulator::start`] opens a server on this machine that answers the vehicle
//! API v2.0: the list of vehicles, each endpoint alone, and the batch. Every
//! vehicle id is answered. The bodies are the examples of the OpenAPI
//! description, converted to the unit system that was asked.
//!
//! The clock stands still until [`Simulator::advance`] moves it. As it moves the
//! vehicles drive: the odometer grows, the battery drains and charges, the place
//! changes. When they do follows from a seed, so every run is the same.
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
//! // … point a client to `origin()`, let it send `token()`, then see what it asked:
//! assert!(simulator.requests().iter().all(|request| request.authorized));
//! simulator.shutdown().await;
//! simulator.stopped().await; // at once
//! # Ok(())
//! # }
//! ```
//!
//! A [`SimulatedVehicle`] says what a vehicle is. It answers 501 `COMPATIBILITY`
//! where the description says that its make or powertrain lacks the endpoint,
//! and 403 `PERMISSION` where its owner granted less than the token has.
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
//! // … read `/battery` of `car-1`, and then what it is in the evening:
//! simulator.advance(Duration::from_secs(10 * 3600));
//! # Ok(())
//! # }
//! ```
//!
//! A vehicle that nobody declared has every endpoint of every make. It begins
//! just as the examples say, although they tell of different cars, and goes on
//! from the common endpoints' odometer, place, charge and fuel.
//!
//! What the description's `x-smartcar-state` does not name stays as the example
//! has it: past sessions, schedules, alerts, what stands open.
//!
//! A [`Fault`] makes it fail as the live service does, or worse, for as many
//! requests as a test needs; see [`Simulator::fault`]. [`Limits`] refuse what is
//! asked too often, and [`Simulator::authorization_code`] lets a client get
//! tokens that expire and are refreshed at `POST /oauth/token`. All of it
//! follows one simulated clock, which stands still until a test moves it.
//!
//! A [`Scenario`] is the same in a file. What runs can be driven from another
//! process too: `GET /_simulator` lists how.
//!
//! What the live service does where nobody has documented it is a guess here
//! too: the same path twice in a batch is answered twice, a batch has no
//! greatest length, and a path with a query is refused.
//!
//! Version 3 is served beside v2.0, below `/v3`: the same vehicles as signals, at
//! the same moment and from the same state, so that the two can be compared. An
//! application gets its token at `POST /oauth2/token` by client credentials, for
//! version 3 only; [`DEFAULT_TOKEN`] is good for both versions, an owner's token
//! for v2.0 only. Any `sc-user-id` is taken. Each vehicle of the list has one
//! connection, which names [`DEFAULT_USER`] and is of the mode `live` as an owner's
//! car: the filter for `simulated` ones finds none. A signal is there where one of
//! the endpoints of v2.0 is that are made of it; otherwise its status is the error
//! that they answer. Imperial units are answered where they are asked, which the
//! live service may not do.
//!
//! Invariant: no endpoint is named in this crate's code where the description
//! can tell, and no signal; a new GET below a vehicle, or a new signal, needs no
//! change here.

mod admin;
mod answer;
mod app;
mod authority;
mod builder;
mod catalogue;
mod clock;
mod control;
mod document;
mod endpoint;
mod errors;
mod exchange;
mod fault;
mod handle;
mod item;
mod json;
mod limits;
mod meter;
mod oauth;
mod operation;
mod query;
mod random;
mod record;
mod request;
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
mod world;

pub use builder::SimulatorBuilder;
pub use fault::active::FaultId;
pub use fault::check::FaultError;
pub use fault::value::Fault;
pub use limits::{BatchTakes, Limits};
pub use record::{MAX_RECORDED_BYTES, MAX_RECORDED_REQUESTS, RecordedRequest};
pub use scenario::{Scenario, ScenarioError};
pub use server::Simulator;
pub use tokens::{
    DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_TOKEN, DEFAULT_USER, KnownToken,
};
pub use world::vehicle::{KnownVehicle, Powertrain, SimulatedVehicle};
