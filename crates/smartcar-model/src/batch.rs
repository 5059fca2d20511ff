//! The parts of a typed batch: its paths, a slot for each result, and the
//! conversion of the slots into the caller's data.
//!
//! Invariant: the type decides at compile time which paths are requested and how
//! each result is read. There is no map and no dynamic dispatch.

mod paths;
pub(crate) mod prepared;
pub(crate) mod tuple;

use std::fmt;

use serde::de::DeserializeOwned;

use crate::body::{Whole, at_start};
use crate::endpoint::Endpoint;
use crate::generated::{BatchRequest, BatchRequestEntry};
use crate::item_error::ItemError;
use crate::item_response::ItemResponse;
use crate::reading::{Meta, Reading};

pub use paths::Paths;
pub(crate) use paths::repeating;

/// A set of endpoints that are read in one request.
///
/// Derive it for a struct with `#[derive(Batch)]` from `smartcar_batch`. A tuple
/// of 1 to 16 endpoints is also a batch; its data is a tuple of results in the
/// same order (from 13 on a [`Tuple13`](crate::Tuple13) to [`Tuple16`](crate::Tuple16), which also print and
/// compare):
///
/// ```
/// use smartcar_model::{Batch, ItemError, Location, Odometer, Reading};
///
/// fn data_of<B: Batch>(items: B::Data) -> B::Data {
///     items
/// }
/// let (odometer, location) =
///     data_of::<(Odometer, Location)>((Err(ItemError::Missing), Err(ItemError::Missing)));
/// let _: Result<Reading<Odometer>, ItemError> = odometer;
/// # let _ = location;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a batch",
    label = "not a batch",
    note = "a batch is a tuple of 1 to 16 endpoints, such as `(Odometer, Location)`; one endpoint alone is `(Odometer,)`",
    note = "a struct with named fields is a batch with `#[derive(Batch)]` (feature `derive` of smartcar-batch, on by default)"
)]
pub trait Batch {
    /// The data that the caller gets.
    type Data;
    /// Holds the results until all of them have arrived.
    type Outcomes: Outcomes + Send;
    /// The requested paths, in the order of the slots.
    const PATHS: Paths;

    /// Empty slots, one for each result.
    fn outcomes() -> Self::Outcomes;

    /// Converts the results into the caller's data. Fails if a required item
    /// failed.
    fn data(outcomes: Self::Outcomes) -> Result<Self::Data, RequiredItemError>;
}

/// A field of a batch struct. Its type determines the request.
///
/// `Reading<E>` is required. `Option<Reading<E>>` is `None` for any error.
/// `Result<Reading<E>, ItemError>` keeps the error. A plain `E` is a required
/// body without its metadata.
///
/// A batch struct can also be a field of another one. As `B`, its required fields
/// stay required. `Option<B>` is `None` if one of them failed, and `Result<B,
/// RequiredItemError>` says which.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the outcome of a batch item",
    label = "cannot hold an outcome",
    note = "use `Reading<E>` (required), `Option<Reading<E>>`, `Result<Reading<E>, ItemError>` or a plain `E`, where `E` is an endpoint such as `Odometer`",
    note = "a struct of fields like these needs `#[derive(Batch)]`, and is held as `B`, `Option<B>` or `Result<B, RequiredItemError>`",
    note = "a body of your own needs `impl Endpoint`, or `#[batch(path = \"/…\")]` on the field"
)]
pub trait BatchField: Sized {
    /// Holds the results until all of them have arrived.
    type Outcomes: Outcomes + Default + Send;
    /// The requested paths, in the order of the slots.
    const PATHS: Paths;

    /// Converts the results into the field. Fails if a required item failed.
    fn field(outcomes: Self::Outcomes) -> Result<Self, RequiredItemError>;
}

/// The error of a required item that failed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RequiredItemError {
    /// The requested path.
    pub path: String,
    /// Why it gave no reading.
    pub error: ItemError,
}

impl RequiredItemError {
    /// Creates the error for a path.
    pub fn new(path: impl Into<String>, error: ItemError) -> Self {
        Self {
            path: path.into(),
            error,
        }
    }
}

impl BatchRequest {
    /// The request body of a batch, with the paths in the given order.
    pub fn of<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        let entry = |path: &str| BatchRequestEntry {
            path: path.to_owned(),
        };
        Self {
            requests: paths.into_iter().map(entry).collect(),
        }
    }
}

/// The results of a batch while they arrive, by the index of their path.
pub trait Outcomes {
    /// Reads a result into its slot.
    fn accept(&mut self, index: usize, answer: &ItemResponse<'_>);

    /// Stores an error in a slot.
    fn fail(&mut self, index: usize, error: ItemError);

    /// The error in a slot. [`ItemError::Missing`] if nothing has arrived yet;
    /// `None` for a reading or an unknown index.
    fn error(&self, index: usize) -> Option<&ItemError>;

    /// Reads the body that a text begins with straight into its place, and returns
    /// its length in bytes. `None` where it cannot, and nothing is known of the
    /// place then: [`Outcomes::accept`] or [`Outcomes::fail`] must follow.
    fn read_body(&mut self, index: usize, text: &str) -> Option<usize> {
        let _ = (index, text);
        None
    }

    /// Adds the metadata to a body that was read.
    fn label(&mut self, index: usize, meta: Meta) {
        let _ = (index, meta);
    }
}

/// The slot of one typed result.
#[derive(Clone)]
pub struct Slot<T>(Option<Result<Reading<T>, ItemError>>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: fmt::Debug + 'static> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Slot").field(&self.0).finish()
    }
}

impl<T> Slot<T> {
    /// The result that arrived for the slot.
    pub fn outcome(self) -> Result<Reading<T>, ItemError> {
        self.0.unwrap_or(Err(ItemError::Missing))
    }

    /// The reading that arrived for the slot, or the error of a required item.
    pub fn required(self, path: &str) -> Result<Reading<T>, RequiredItemError> {
        self.outcome()
            .map_err(|error| RequiredItemError::new(path, error))
    }
}

impl<T: DeserializeOwned> Outcomes for Slot<T> {
    fn accept(&mut self, _: usize, answer: &ItemResponse<'_>) {
        self.0 = Some(answer.read());
    }

    fn fail(&mut self, _: usize, error: ItemError) {
        self.0 = Some(Err(error));
    }

    fn error(&self, _: usize) -> Option<&ItemError> {
        static MISSING: ItemError = ItemError::Missing;
        match &self.0 {
            None => Some(&MISSING),
            Some(Err(error)) => Some(error),
            Some(Ok(_)) => None,
        }
    }

    fn read_body(&mut self, _: usize, text: &str) -> Option<usize> {
        let (Whole(body), length) = at_start(text)?;
        self.0 = Some(Ok(Reading::new(body, Meta::default())));
        Some(length)
    }

    fn label(&mut self, _: usize, meta: Meta) {
        if let Some(Ok(reading)) = &mut self.0 {
            reading.meta = meta;
        }
    }
}

impl<E: Endpoint> BatchField for Reading<E> {
    type Outcomes = Slot<E>;
    const PATHS: Paths = Paths::One(E::PATH);

    fn field(outcomes: Slot<E>) -> Result<Self, RequiredItemError> {
        outcomes.required(E::PATH)
    }
}

impl<E: Endpoint> BatchField for Option<Reading<E>> {
    type Outcomes = Slot<E>;
    const PATHS: Paths = Paths::One(E::PATH);

    fn field(outcomes: Slot<E>) -> Result<Self, RequiredItemError> {
        Ok(outcomes.outcome().ok())
    }
}

impl<E: Endpoint> BatchField for Result<Reading<E>, ItemError> {
    type Outcomes = Slot<E>;
    const PATHS: Paths = Paths::One(E::PATH);

    fn field(outcomes: Slot<E>) -> Result<Self, RequiredItemError> {
        Ok(outcomes.outcome())
    }
}

impl<E: Endpoint> BatchField for E {
    type Outcomes = Slot<E>;
    const PATHS: Paths = Paths::One(E::PATH);

    fn field(outcomes: Slot<E>) -> Result<Self, RequiredItemError> {
        outcomes.required(E::PATH).map(Reading::into_body)
    }
}

impl<B: BatchField + Batch<Data = B>> BatchField for Option<B> {
    type Outcomes = <B as BatchField>::Outcomes;
    const PATHS: Paths = <B as BatchField>::PATHS;

    fn field(outcomes: Self::Outcomes) -> Result<Self, RequiredItemError> {
        Ok(<B as BatchField>::field(outcomes).ok())
    }
}

impl<B: BatchField + Batch<Data = B>> BatchField for Result<B, RequiredItemError> {
    type Outcomes = <B as BatchField>::Outcomes;
    const PATHS: Paths = <B as BatchField>::PATHS;

    fn field(outcomes: Self::Outcomes) -> Result<Self, RequiredItemError> {
        Ok(<B as BatchField>::field(outcomes))
    }
}
