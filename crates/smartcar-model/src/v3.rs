//! Version 3 of the API: signals from a store, and the bodies of v2.0 made of
//! them.
//!
//! A signal is an endpoint like any other: [`signal::odometer::TraveledDistance`]
//! answers `/signals/odometer-traveleddistance`, so that tuples and derived
//! batches take it as they take [`crate::Odometer`]. [`Signals`] reads what the
//! API answered and gives the answer of each path, a signal's or one of v2.0;
//! [`migration`] is the table of what comes from where.
//!
//! Invariant: no I/O. What the mapping does not say is not guessed: it is
//! [`crate::ItemError::Unsupported`].

mod convert;
mod entry;
mod info;
pub(crate) mod mapping;
mod member_error;
mod needed;
mod resource;
mod scan;
mod signals;
mod status;
mod unit;

pub use crate::generated::v3::*;
pub use info::SignalInfo;
pub use member_error::MemberError;
#[doc(hidden)] // For the crates that send requests; they change without notice.
pub use needed::Needed;
#[doc(hidden)] // As above.
pub use resource::{Page, connection, connections, vehicle};
#[doc(hidden)] // As above.
pub use signals::Signals;

#[doc = include_str!("../MIGRATION.md")]
pub mod migration {}
