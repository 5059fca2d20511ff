//! The names that nearly every program needs: `use smartcar_batch::prelude::*`.
//!
//! It does not contain endpoints, because their names are short words. Import the
//! endpoints that you request from the root of the crate.
//!
//! ```
//! use smartcar_batch::prelude::*;
//! use smartcar_batch::{Fuel, Odometer};
//!
//! #[derive(Batch)]
//! struct Look {
//!     odometer: Reading<Odometer>,
//!     fuel: Option<Reading<Fuel>>,
//! }
//!
//! async fn look(vehicle: &Vehicle) -> Result<Look, smartcar_batch::Error> {
//!     Ok(vehicle.batch::<Look>().send().await?.data)
//! }
//! ```

#[doc(no_inline)]
pub use smartcar_batch_derive::Batch;
#[doc(no_inline)]
pub use smartcar_model::{
    Batch, Endpoint as _, ErrorKind, ItemError, Reading, Response, UserId, VehicleId,
};

#[doc(no_inline)]
pub use crate::access_token::AccessToken;
#[doc(no_inline)]
pub use crate::api::Api;
#[doc(no_inline)]
pub use crate::budget::RateBudget as _;
#[doc(no_inline)]
pub use crate::client::Client;
#[doc(no_inline)]
pub use crate::token_source::TokenSource as _;
#[doc(no_inline)]
pub use crate::vehicle::Vehicle;
