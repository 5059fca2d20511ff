//! The data of vehicles that Smartcar's API returns.
//!
//! This crate has one type per endpoint ([`Odometer`], [`Location`],
//! [`tesla::Charge`], …), the envelope around it ([`Reading`], [`Meta`]), the
//! errors of one item ([`ItemError`], [`ApiError`]), the traits behind typed
//! batches ([`Endpoint`], [`Batch`]), and the decoder of batch responses. The
//! client is in the crate `smartcar-batch`.
//!
//! The same bodies can be converted from the signals of version 3: see [`v3`].
//!
//! The types and the tables [`ENDPOINTS`] and [`ERRORS`] are generated from the
//! OpenAPI spec in the repository's `spec/` folder. Everything else is written by
//! hand. The docs of each member give its unit, its range and whether it is
//! always present. `spec/README.md` says where each fact comes from and how
//! certain it is.
//!
//! With the feature `serde`, [`Response`], [`Error`] and their parts serialize to
//! the JSON that `smartcar batch --json` prints. [`Reading`], [`Meta`],
//! [`PathResults`], [`ItemError`], [`ApiError`] and [`v3::MemberError`] can be
//! deserialized from it.
//!
//! Architecture invariant: no I/O and no HTTP. One malformed item never affects
//! another.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod api_error;
mod batch;
mod batch_path;
mod body;
mod budget_denied;
mod date_time;
#[doc(hidden)] // For the crates that send requests. Not covered by semantic versioning.
pub mod decode;
mod endpoint;
pub mod error;
#[doc(hidden)] // For the budgets in this workspace. Not covered by semantic versioning.
pub mod gcra;
mod not_available;
mod path_results;
#[rustfmt::skip] // Formatted by prettyplease, so that the bytes are the same on every machine.
#[allow(clippy::too_many_lines, reason = "a table is as long as the API")]
mod generated;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod headers;
mod http_date;
mod ids;
mod item_error;
mod item_response;
#[cfg(feature = "serde")]
mod json;
mod lenient;
mod lexer;
mod malformed;
mod members;
mod nearest;
mod open_enum;
mod path_rule;
mod personal;
mod plan;
#[cfg(feature = "uom")]
mod quantity;
mod reading;
mod response;
mod retry_after;
mod text;
mod tree;
pub mod v3;
pub mod webhook;

/// The crate that provides the quantities of the feature `uom`, in the version
/// that the accessors use.
///
/// Each member with a unit has an accessor named after it, with the suffix
/// `_quantity`. For a member at the top of a body it is a method of the
/// [`Reading`]; for a nested member it is a method of the nested type. A nested
/// accessor takes the reading's [`Meta`] if the unit depends on the unit system.
///
/// ```
/// use smartcar_model::{Meta, Odometer, Reading, UnitSystem};
/// use smartcar_model::uom::si::length::{kilometer, mile};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let mut meta = Meta::default();
/// meta.unit_system = Some(UnitSystem::Imperial);
/// let body: Odometer = serde_json::from_str(r#"{"distance": 100.0}"#)?;
/// let reading = Reading::new(body, meta);
///
/// assert_eq!(reading.distance, 100.0); // the value as received
/// assert_eq!(reading.distance_quantity().get::<mile>().round(), 100.0);
/// assert_eq!(reading.distance_quantity().get::<kilometer>().round(), 161.0);
/// # Ok(())
/// # }
/// ```
///
/// - The unit system is that of the response ([`Meta::unit_system`]), not the
///   requested one. A response without a unit system is metric, the API's default.
/// - If this version does not know the unit system, a required member gives a
///   quantity of NaN and an optional one gives `None`.
/// - Gallons are US gallons. Fractions and counts are a `Ratio`; 1 is full.
#[cfg(feature = "uom")]
pub use ::uom;
pub use api_error::{ApiError, Resolution};
pub use batch::tuple::{Tuple13, Tuple14, Tuple15, Tuple16};
pub use batch::{Batch, BatchField, RequiredItemError};
#[doc(hidden)] // Not covered by semantic versioning either.
pub use batch::{Outcomes, Paths, Slot, prepared::Prepared};
pub use batch_path::BatchPath;
pub use budget_denied::BudgetDenied;
pub use date_time::DateTime;
pub use decode::{Warning, WarningKind};
pub use endpoint::{Endpoint, EndpointInfo, FieldInfo, UnitInfo};
pub use error::{ErrorInfo, Retry};
pub use generated::*;
pub use headers::ResponseHeaders;
pub use ids::{UserId, VehicleId};
pub use item_error::ItemError;
pub use malformed::Malformed;
pub use nearest::nearest_path;
pub use not_available::{NotAvailable, NotAvailableReason, Unsupported};
pub use open_enum::Unrecognized;
pub(crate) use open_enum::open_enum;
pub use path_results::PathResults;
pub use plan::Plan;
pub use reading::{Meta, Reading};
pub use response::{Error, ErrorKind, Failure, InvalidReason, Response, StopReason};
pub use retry_after::RetryAfter;
