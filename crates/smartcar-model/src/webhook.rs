//! What the webhooks of version 3 post: verifications, the signals of a vehicle, and
//! errors of a vehicle.
//!
//! [`Event::read`] decodes a body that was already verified. The crate
//! `smartcar-webhook` verifies it, and is what a service uses.
//!
//! ```
//! use smartcar_model::{Odometer, webhook::Event};
//!
//! let body = r#"{"eventId": "e1", "eventType": "VEHICLE_STATE",
//!     "data": {"vehicle": {"id": "v1"}, "signals": [
//!         {"code": "odometer-traveleddistance", "body": {"value": 18250.6, "unit": "km"}}]}}"#;
//! let Ok(Event::State(state)) = Event::read(body) else { panic!() };
//! assert_eq!(state.vehicle().unwrap().as_str(), "v1");
//! let (odometer,) = state.batch::<(Odometer,)>()?.data;
//! assert_eq!(odometer?.distance, 18250.6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Invariant: no I/O and no keys. A part of an event that was sent and not
//! understood does not affect the others, and is reported.

mod about;
mod errors;
mod event;
mod parts;
mod signals;
mod state;
mod trigger;

pub use crate::generated::webhook::*;
pub use about::About;
pub use errors::{VehicleError, VehicleErrors};
pub use event::{Event, Other, Verify};
pub use state::VehicleState;
#[doc(hidden)] // For the crate with the receiver. Not covered by semantic versioning.
pub use state::{batch_of, checked, results_of};
pub use trigger::Trigger;
