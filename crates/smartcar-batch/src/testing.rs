//! Tools for testing a service without a socket (feature `testing`).
//!
//! [`CannedTransport`] responds to a client's requests from a list, for v2.0 batches
//! and v3 signals, and records them. You can also build what a client returns without
//! one: [`ResponseBuilder`], [`path_results`], [`error`], [`api_error`],
//! [`required_error`], and [`Reading::new`](crate::Reading::new).
//!
//! To test network faults, and an API that behaves like the real one, use the
//! simulator (`smartcar-simulator`) instead.
//!
//! ```
//! use smartcar_batch::testing::{Answer, CannedTransport};
//! use smartcar_batch::{AccessToken, Batch, Client, Fuel, Odometer, Reading, Vehicle, VehicleId};
//!
//! // The service.
//! #[derive(Batch)]
//! struct Look {
//!     odometer: Reading<Odometer>,
//!     fuel: Option<Reading<Fuel>>,
//! }
//!
//! async fn is_due(vehicle: &Vehicle) -> Result<bool, smartcar_batch::Error> {
//!     let look = vehicle.batch::<Look>().send().await?.data;
//!     Ok(look.odometer.distance > 15_000.0)
//! }
//!
//! // Its test.
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), smartcar_batch::Error> {
//! let transport = CannedTransport::new()
//!     .on("/odometer", Answer::ok(r#"{"distance": 18250.6}"#))
//!     .on("/fuel", Answer::error(409, "VEHICLE_STATE", Some("ASLEEP")));
//! let client = Client::builder()
//!     .access_token(AccessToken::new("any")?)
//!     .transport(transport.clone())
//!     .build()?;
//! let vehicle = client.vehicle(VehicleId::new("car-1")?);
//!
//! assert!(is_due(&vehicle).await?);
//! let requests = transport.requests();
//! assert_eq!(requests[0].vehicle.as_deref(), Some("car-1"));
//! assert_eq!(requests[0].paths, ["/odometer", "/fuel"]);
//! # Ok(())
//! # }
//! ```
//!
//! Invariant: nothing here opens a connection.

mod answer;
mod canned;
mod made;
mod recorded;

pub use answer::Answer;
pub use canned::CannedTransport;
pub use made::{ResponseBuilder, api_error, error, path_results, required_error};
pub use recorded::RecordedRequest;
