//! Items used by the expansion of `#[derive(Batch)]`. Do not use them directly;
//! they are not covered by semantic versioning.
//!
//! Invariant: a derived batch uses only this module.

use serde::de::DeserializeOwned;

pub use crate::batch::{Batch, BatchField, Outcomes, Paths, RequiredItemError};
pub use crate::endpoint::Endpoint;
pub use crate::item_error::ItemError;
pub use crate::item_response::ItemResponse;
// For the command, which suggests a similar path for an unknown one.
#[cfg(feature = "serde")]
pub use crate::json::Noted;
pub use crate::reading::Meta;

use crate::batch::{Slot, repeating};
use crate::reading::Reading;

/// A field with `#[batch(path = "…")]` that holds a reading of any body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the outcome of a path",
    label = "cannot hold an outcome",
    note = "use `Reading<T>` (required), `Option<Reading<T>>`, `Result<Reading<T>, ItemError>` or a plain body `T`, where `T: DeserializeOwned`",
    note = "a struct with `#[derive(Batch)]` declares its own paths: remove `#[batch(path)]`"
)]
pub trait PathField: Sized {
    /// Holds the result until all of them have arrived.
    type Outcomes: Outcomes + Default + Send;

    /// Converts the result into the field. Fails if it is required and failed.
    fn field(outcomes: Self::Outcomes, path: &str) -> Result<Self, RequiredItemError>;
}

impl<T: DeserializeOwned + Send> PathField for Reading<T> {
    type Outcomes = Slot<T>;

    fn field(outcomes: Slot<T>, path: &str) -> Result<Self, RequiredItemError> {
        outcomes.required(path)
    }
}

impl<T: DeserializeOwned + Send> PathField for Option<Reading<T>> {
    type Outcomes = Slot<T>;

    fn field(outcomes: Slot<T>, _: &str) -> Result<Self, RequiredItemError> {
        Ok(outcomes.outcome().ok())
    }
}

impl<T: DeserializeOwned + Send> PathField for Result<Reading<T>, ItemError> {
    type Outcomes = Slot<T>;

    fn field(outcomes: Slot<T>, _: &str) -> Result<Self, RequiredItemError> {
        Ok(outcomes.outcome())
    }
}

/// A field with `#[batch(path = "…")]` that is the body itself. It needs a trait
/// of its own, because for the compiler `Option` and `Result` could be bodies
/// too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the result of a path",
    label = "cannot be read",
    note = "a body of your own needs `#[derive(serde::Deserialize)]`; to keep metadata or the error, write `Reading<T>`, `Option<Reading<T>>` or `Result<Reading<T>, ItemError>`, spelled with these names",
    note = "a struct with `#[derive(Batch)]` declares its own paths: remove `#[batch(path)]`"
)]
pub trait Body: Sized {
    /// Holds the result until all of them have arrived.
    type Outcomes: Outcomes + Default + Send;

    /// Converts the result into the field. Fails if it failed.
    fn field(outcomes: Self::Outcomes, path: &str) -> Result<Self, RequiredItemError>;
}

impl<T: DeserializeOwned + Send> Body for T {
    type Outcomes = Slot<T>;

    fn field(outcomes: Slot<T>, path: &str) -> Result<Self, RequiredItemError> {
        outcomes.required(path).map(Reading::into_body)
    }
}

/// Where the slots of each field end.
pub const fn ends<const FIELDS: usize>(paths: &Paths) -> [usize; FIELDS] {
    let mut ends = [0; FIELDS];
    if let Paths::All(fields) = paths {
        let (mut sum, mut at) = (0, 0);
        while at < FIELDS {
            sum += fields[at].len();
            ends[at] = sum;
            at += 1;
        }
    }
    ends
}

/// For each field: whether it repeats a path of its own or of an earlier field.
pub const fn repeats<const FIELDS: usize>(paths: &Paths) -> [bool; FIELDS] {
    repeating(paths)
}
