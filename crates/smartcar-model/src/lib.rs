//! What a vehicle answers through Smartcar.
//!
//! One type an endpoint ([`Odometer`], [`Location`], [`tesla::Charge`], …), the
//! envelope around it ([`Reading`], [`Meta`]), what can go wrong with one item
//! ([`ItemError`], [`ApiError`]), the traits that a typed batch is made of
//! ([`Endpoint`], [`Batch`]), and the decoder of batch answers, which the façade
//! `smartcar-batch` uses.
//!
//! The same bodies can be made of the signals of version 3: [`v3`].
//!
//! The types and the tables [`ENDPOINTS`] and [`ERRORS`] are generated from the
//! OpenAPI description in the repository's `spec/` folder; everything else is
//! written by hand. Each member's docs give its unit, its range and whether it is
//! always there; `spec/README.md` says where each fact comes from and how certain it
//! is.
//!
//! With the feature `serde`, [`Response`], [`Error`] and what they hold are the JSON
//! that `smartcar batch --json` prints. [`Reading`], [`Meta`], [`PathResults`],
//! [`ItemError`], [`ApiError`] and [`v3::MemberError`] are read back from it too.
//!
//! Architecture invariant: no I/O and no HTTP. One bad item never costs another.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod api_error;
mod batch;
mod batch_path;
mod body;
mod budget_denied;
mod date_time;
#[doc(hidden)] // For the crates that send requests; it changes without notice.
pub mod decode;
mod endpoint;
pub mod error;
#[doc(hidden)] // For the budgets of the workspace's crates; it changes without notice.
pub mod gcra;
mod not_available;
mod path_results;
#[rustfmt::skip] // prettyplease formats it: the same bytes on every machine.
#[allow(clippy::too_many_lines, reason = "a table is as long as the API")]
mod generated;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod headers;
mod ids;
mod item_error;
mod item_response;
#[cfg(feature = "serde")]
mod json;
mod lenient;
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
pub mod v3;

/// The crate whose quantities the accessors of the feature `uom` return, in the
/// version that they do.
///
/// Each member with a unit has one, the member's name and `_quantity`: on the
/// reading for what stands at the top of a body, and on the type itself for what is
/// nested.
/// There a member whose unit depends on the unit system takes the reading's
/// [`Meta`].
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
/// assert_eq!(reading.distance, 100.0); // the member as it came
/// assert_eq!(reading.distance_quantity().get::<mile>().round(), 100.0);
/// assert_eq!(reading.distance_quantity().get::<kilometer>().round(), 161.0);
/// # Ok(())
/// # }
/// ```
///
/// - The unit system is that of the answer ([`Meta::unit_system`]), not the one
///   that was asked for. An answer that names none is metric, the API's default.
/// - In a unit system that this version does not know no unit is known: a member
///   that is always there is then a quantity that is not a number (NaN), and an
///   optional one is `None`.
/// - Gallons are those of the United States. Fractions and counts are a `Ratio`,
///   1 is full.
#[cfg(feature = "uom")]
pub use ::uom;
pub use api_error::{ApiError, Resolution};
pub use batch::{Batch, BatchField, RequiredItemError};
#[doc(hidden)] // As above.
pub use batch::{Outcomes, Paths, Slot};
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
