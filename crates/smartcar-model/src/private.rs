//! What the expansion of `#[derive(Batch)]` names. Not for use by hand: it
//! changes without notice.
//!
//! Invariant: a derived batch needs nothing but this module.

use serde::de::DeserializeOwned;

pub use crate::batch::{Batch, BatchField, Outcomes, Paths, RequiredItemError};
pub use crate::endpoint::Endpoint;
pub use crate::item_error::ItemError;
pub use crate::item_response::ItemResponse;
// For the command, which names what an unknown path may mean.
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
    note = "a struct with `#[derive(Batch)]` says its paths itself: leave `#[batch(path)]` out"
)]
pub trait PathField: Sized {
    /// Where the answer is kept until all are there.
    type Outcomes: Outcomes + Default + Send;

    /// Turns the outcome into the field.
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

/// A field with `#[batch(path = "…")]` that is the body itself. A trait of its
/// own, since `Option` and `Result` might be bodies as far as the compiler knows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the answer of a path",
    label = "cannot be read",
    note = "a body of your own needs `#[derive(serde::Deserialize)]`; to keep metadata or the error, write `Reading<T>`, `Option<Reading<T>>` or `Result<Reading<T>, ItemError>` by these names",
    note = "a struct with `#[derive(Batch)]` says its paths itself: leave `#[batch(path)]` out"
)]
pub trait Body: Sized {
    /// Where the answer is kept until all are there.
    type Outcomes: Outcomes + Default + Send;

    /// Turns the outcome into the field.
    fn field(outcomes: Self::Outcomes, path: &str) -> Result<Self, RequiredItemError>;
}

impl<T: DeserializeOwned + Send> Body for T {
    type Outcomes = Slot<T>;

    fn field(outcomes: Slot<T>, path: &str) -> Result<Self, RequiredItemError> {
        outcomes.required(path).map(Reading::into_body)
    }
}

/// Where the places of each field end.
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

/// For each field, whether it asks a path that it or a field before it asks.
pub const fn repeats<const FIELDS: usize>(paths: &Paths) -> [bool; FIELDS] {
    repeating(paths)
}
