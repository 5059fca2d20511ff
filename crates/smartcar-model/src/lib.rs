//! What a vehicle answers through Smartcar.
//!
//! One type an endpoint ([`Odometer`], [`Location`], [`tesla::Charge`], …), the
//! envelope around it ([`Reading`], [`Meta`]), what can go wrong with one item
//! ([`ItemError`], [`ApiError`]), the traits that a typed batch is made of
//! ([`Endpoint`], [`Batch`]) and the decoder of batch answers ([`decode`]).
//!
//! The same bodies can be made of the signals of version 3: [`v3`].
//!
//! The types and the tables [`ENDPOINTS`] and [`ERRORS`] are generated from the
//! OpenAPI description in the repository's `spec/` folder; everything else is
//! written by hand.
//!
//! Architecture invariant: no I/O and no HTTP. One bad item never costs another.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod absent;
mod answers;
mod api_error;
mod batch;
mod date_time;
pub mod decode;
mod endpoint;
pub mod error;
#[rustfmt::skip] // prettyplease formats it: the same bytes on every machine.
#[allow(clippy::too_many_lines, reason = "a table is as long as the API")]
mod generated;
mod headers;
mod item_error;
mod lenient;
mod malformed;
mod open_enum;
mod reading;
mod retry_after;
mod text;
pub mod v3;

pub use absent::{NotOnV3, NotStored, StoreGap};
pub use answers::Answers;
pub use api_error::{ApiError, Resolution};
pub use batch::{Batch, BatchField, Outcomes, Paths, RequiredFailed, Slot};
pub use date_time::DateTime;
pub use endpoint::{Endpoint, EndpointInfo, FieldInfo, UnitInfo};
pub use error::{ErrorInfo, Retry};
pub use generated::*;
pub use headers::AnswerHeaders;
pub use item_error::ItemError;
pub use malformed::Malformed;
pub use open_enum::Unrecognized;
pub(crate) use open_enum::open_enum;
pub use reading::{Meta, Reading};
pub use retry_after::RetryAfter;
