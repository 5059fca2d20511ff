#![doc = include_str!("../README.md")]
//!
//! # Map
//!
//! - [`Receiver`] verifies a request and gives a [`Delivery`]; [`Refused`] says what to
//!   answer.
//! - [`State`] has the signals of one delivery; [`State::batch`] reads them.
//! - [`guide`] explains webhooks, from the dashboard to the first typed delivery.
//! - [`Claims`] lets one request at a time handle an event, and [`Seen`] has the events
//!   that were taken.
//! - [`Latest`] has the newest signals of a vehicle, [`LatestMap`] of many vehicles.
//!
//! Invariant: no I/O outside the feature `axum`.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod claims;
pub mod guide;
mod latest;
mod management_token;
mod map;
mod receiver;
mod refused;
mod seen;

#[cfg(feature = "axum")]
pub mod axum;
#[rustfmt::skip] // Formatted by prettyplease, so that it is the same on every machine.
mod generated;

pub use claims::{Claim, Claimed, Claims};
pub use latest::{Latest, NotTaken, View};
pub use management_token::{ManagementToken, TokenError, sign};
pub use map::LatestMap;
pub use receiver::{Answer, Delivery, LARGEST_BODY, Receiver};
pub use refused::Refused;
pub use seen::Seen;

#[doc(inline)]
pub use smartcar_model::webhook::{
    About, DeliveryMeta, DeliveryMode, DeliveryUser, DeliveryVehicle, Event, EventType, Other,
    Trigger, TriggerType, VehicleError, VehicleErrorResolution, VehicleErrorState,
    VehicleErrors as Errors, VehicleState as State,
};

// Without the feature `derive`, the macro only says how to enable it.
#[doc(inline)]
pub use smartcar_batch_derive::Batch;

#[doc(inline)]
pub use generated::*;
#[doc(no_inline)]
pub use jiff;
#[doc(hidden)]
pub use smartcar_model::__private;
#[cfg(feature = "uom")]
#[doc(inline)]
pub use smartcar_model::uom;
#[doc(inline)]
pub use smartcar_model::{
    ApiError, Batch, BatchField, BatchPath, DateTime, Endpoint, Error, ErrorKind, Failure,
    ItemError, Malformed, Meta, NotAvailable, NotAvailableReason, PathResults, Reading,
    RequiredItemError, Response, UnitSystem, Unsupported, UserId, VehicleId, Warning, WarningKind,
    v3::{MemberError, signal},
};

/// Types of the members of readings.
///
/// Invariant: every type here is re-exported; none is defined here.
pub mod model {
    #[doc(inline)]
    pub use crate::generated::parts::*;
    #[doc(inline)]
    pub use smartcar_model::v3::{SIGNALS, SignalInfo};
}
