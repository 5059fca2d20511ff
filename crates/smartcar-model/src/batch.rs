//! What a typed batch is made of: the paths it asks, a slot for each answer,
//! and how the slots become what the caller gets.
//!
//! Invariant: the type decides at compile time what is asked and how each
//! answer is read; there is no map and no dynamic dispatch between them.

mod paths;

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

/// A set of endpoints that one request asks.
///
/// A struct is one by `#[derive(Batch)]`, which `smartcar_batch` has. A tuple of 1
/// to 16 endpoints is one too; its items are the tuple of each one's outcome, in the
/// tuple's order:
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
    /// What the caller gets.
    type Data;
    /// Where the answers are kept until all are there.
    type Outcomes: Outcomes + Send;
    /// The paths asked, in the order of the outcomes.
    const PATHS: Paths;

    /// A place for each answer, all empty.
    fn outcomes() -> Self::Outcomes;

    /// Turns the outcomes into what the caller gets. Fails if an outcome is an
    /// error that the items have no place for.
    fn data(outcomes: Self::Outcomes) -> Result<Self::Data, RequiredItemError>;
}

/// A field of a batch that is a struct: its type is the request.
///
/// `Reading<E>` must be there, `Option<Reading<E>>` is `None` for any error,
/// `Result<Reading<E>, ItemError>` is the whole outcome, and a plain `E` is a
/// required body without its metadata.
///
/// A batch that is a struct is a field of another one too: alone its required
/// fields are required, in `Option<B>` it is `None` where one of them failed,
/// and in `Result<B, RequiredItemError>` that is said.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the outcome of a batch item",
    label = "cannot hold an outcome",
    note = "use `Reading<E>` (required), `Option<Reading<E>>`, `Result<Reading<E>, ItemError>` or a plain `E`, where `E` is an endpoint such as `Odometer`",
    note = "a struct of fields like these needs `#[derive(Batch)]`, and is held as `B`, `Option<B>` or `Result<B, RequiredItemError>`",
    note = "a body of your own needs `impl Endpoint`, or `#[batch(path = \"/…\")]` on the field"
)]
pub trait BatchField: Sized {
    /// Where the answers are kept until all are there.
    type Outcomes: Outcomes + Default + Send;
    /// The paths asked, in the order of the outcomes.
    const PATHS: Paths;

    /// Turns the outcomes into the field.
    fn field(outcomes: Self::Outcomes) -> Result<Self, RequiredItemError>;
}

/// A required item failed; which, and why.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RequiredItemError {
    /// The path that was asked.
    pub path: String,
    /// Why it gave no reading.
    pub error: ItemError,
}

impl RequiredItemError {
    /// The failure of a path.
    pub fn new(path: impl Into<String>, error: ItemError) -> Self {
        Self {
            path: path.into(),
            error,
        }
    }
}

impl BatchRequest {
    /// The request for a list of paths, in their order.
    pub fn of<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        let entry = |path: &str| BatchRequestEntry {
            path: path.to_owned(),
        };
        Self {
            requests: paths.into_iter().map(entry).collect(),
        }
    }
}

/// The answers of a batch while they come in, by the index of their path.
pub trait Outcomes {
    /// Reads an answer into its place.
    fn accept(&mut self, index: usize, answer: &ItemResponse<'_>);

    /// Puts an error into a place.
    fn fail(&mut self, index: usize, error: ItemError);

    /// The error of a place; [`ItemError::Missing`] where nothing came yet.
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

/// The place of one typed answer.
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
    /// What came for it.
    pub fn outcome(self) -> Result<Reading<T>, ItemError> {
        self.0.unwrap_or(Err(ItemError::Missing))
    }

    /// What came for it, where nothing but a reading will do.
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

macro_rules! tuple {
    ($($endpoint:ident $at:tt),+) => {
        impl<$($endpoint: Endpoint),+> Batch for ($($endpoint,)+) {
            type Data = ($(Result<Reading<$endpoint>, ItemError>,)+);
            type Outcomes = ($(Slot<$endpoint>,)+);
            const PATHS: Paths = Paths::All(&[$(Paths::One($endpoint::PATH)),+]);

            fn outcomes() -> Self::Outcomes {
                ($(Slot::<$endpoint>::default(),)+)
            }

            fn data(outcomes: Self::Outcomes) -> Result<Self::Data, RequiredItemError> {
                Ok(($(outcomes.$at.outcome(),)+))
            }
        }

        impl<$($endpoint: Endpoint),+> Outcomes for ($(Slot<$endpoint>,)+) {
            fn accept(&mut self, index: usize, answer: &ItemResponse<'_>) {
                match index {
                    $($at => self.$at.accept(0, answer),)+
                    _ => {}
                }
            }

            fn fail(&mut self, index: usize, error: ItemError) {
                match index {
                    $($at => self.$at.fail(0, error),)+
                    _ => {}
                }
            }

            fn error(&self, index: usize) -> Option<&ItemError> {
                match index {
                    $($at => self.$at.error(0),)+
                    _ => None,
                }
            }

            fn read_body(&mut self, index: usize, text: &str) -> Option<usize> {
                match index {
                    $($at => self.$at.read_body(0, text),)+
                    _ => None,
                }
            }

            fn label(&mut self, index: usize, meta: Meta) {
                match index {
                    $($at => self.$at.label(0, meta),)+
                    _ => {}
                }
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11, M 12, N 13, O 14, P 15);
