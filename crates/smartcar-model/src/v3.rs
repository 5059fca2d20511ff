//! Version 3 of the API: signals from a store, and v2.0 bodies that are converted
//! from them.
//!
//! A signal is an endpoint like any other: [`signal::odometer::TraveledDistance`]
//! is the body of `/signals/odometer-traveleddistance`, and can be used in tuples
//! and derived batches like [`crate::Odometer`]. [`Signals`] decodes the API's
//! responses and gives the result of each path, of a signal or of a v2.0
//! endpoint. [`migration`] is the table of the sources of each member.
//!
//! Invariant: no I/O. Whatever is not in the mapping is not guessed; it is
//! [`crate::ItemError::Unsupported`].

mod all_signals;
mod convert;
mod entry;
mod info;
mod listed;
mod management;
pub(crate) mod mapping;
mod member_error;
mod needed;
mod resource;
mod scan;
mod signals;
mod status;
mod store;
mod unit;

pub use crate::generated::v3::*;
pub use info::SignalInfo;
pub use listed::ListedSignal;
#[doc(hidden)] // Not covered by semantic versioning either.
pub use management::{subscription, subscriptions, webhooks};
pub use member_error::MemberError;
#[doc(hidden)] // For the crates that send requests. Not covered by semantic versioning.
pub use needed::Needed;
#[doc(hidden)] // Not covered by semantic versioning either.
pub use resource::{Page, connection, connections, vehicle};
#[doc(hidden)] // Not covered by semantic versioning either.
pub use signals::Signals;
#[doc(hidden)] // For the crates that send requests. Not covered by semantic versioning.
pub use {all_signals::ALL_SIGNALS, listed::listed};

#[doc = include_str!("../MIGRATION.md")]
pub mod migration {}
