//! What a request asks: a typed batch, a list of paths, or one endpoint.
//!
//! Invariant: paths are checked before a query exists: those of types when
//! compiling, those of a list when it is made.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use smartcar_model::{
    Batch, BatchPath, Endpoint, Error, ErrorKind, Outcomes, PathResults, Paths, Reading,
    RequiredItemError, Slot,
};

/// What a request asks: a typed batch, a list of paths, or one endpoint.
///
/// Sealed: the three are [`TypedBatch`], [`PathList`] and [`OneEndpoint`].
pub trait Query: sealed::Sealed {
    /// What the caller gets.
    type Data;
    #[doc(hidden)]
    type Outcomes: Outcomes + Send;
    #[doc(hidden)]
    const SINGLE: bool;
    #[doc(hidden)]
    fn paths(&self) -> Vec<&str>;
    #[doc(hidden)]
    fn outcomes(&self) -> Self::Outcomes;
    #[doc(hidden)]
    fn data(outcomes: Self::Outcomes) -> Result<Self::Data, RequiredItemError>;
}

mod sealed {
    pub trait Sealed {}
    impl<T> Sealed for super::TypedBatch<T> {}
    impl Sealed for super::PathList {}
    impl<E> Sealed for super::OneEndpoint<E> {}
}

/// A batch whose endpoints are known when compiling.
pub struct TypedBatch<T>(PhantomData<fn() -> T>);

impl<T> TypedBatch<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Batch> TypedBatch<T> {
    /// Fails to compile for a batch that asks an endpoint twice, or a path that no
    /// batch can ask.
    pub(crate) const VALID: () = {
        T::PATHS.require_valid();
        assert!(
            T::PATHS.are_distinct(),
            "this batch asks the same endpoint twice, and each path is charged: remove one of the two"
        );
    };

    /// Fails to compile for a batch that asks something else than signals.
    pub(crate) const SIGNALS: () = assert!(
        T::PATHS.are_signals(),
        "this batch has an endpoint that is no signal: ask it with `batch`, or take the types of `signal`"
    );
}

impl<T: Batch> Query for TypedBatch<T> {
    type Data = T::Data;
    type Outcomes = T::Outcomes;
    const SINGLE: bool = false;

    fn paths(&self) -> Vec<&str> {
        T::PATHS.to_vec()
    }
    fn outcomes(&self) -> T::Outcomes {
        T::outcomes()
    }
    fn data(outcomes: T::Outcomes) -> Result<T::Data, RequiredItemError> {
        T::data(outcomes)
    }
}

/// A batch of paths that are known when running.
#[derive(Debug, Clone)]
pub struct PathList(Vec<BatchPath>);

impl PathList {
    /// The paths, each of which a batch can carry, and no two the same.
    pub(crate) fn checked<P: AsRef<str>>(
        paths: impl IntoIterator<Item = P>,
    ) -> Result<Self, Error> {
        let mut checked = Vec::new();
        let mut seen = BTreeSet::new();
        for path in paths {
            let path = BatchPath::new(path.as_ref())?;
            if !seen.insert(path.clone()) {
                return Err(Error::new(
                    ErrorKind::InvalidRequest,
                    format!("the path {path} is asked twice, and each is charged: name it once"),
                ));
            }
            checked.push(path);
        }
        if checked.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                "the batch is empty: name at least one path, such as /odometer",
            ));
        }
        Ok(Self(checked))
    }
}

impl Query for PathList {
    type Data = PathResults;
    type Outcomes = PathResults;
    const SINGLE: bool = false;

    fn paths(&self) -> Vec<&str> {
        self.0.iter().map(BatchPath::as_str).collect()
    }
    fn outcomes(&self) -> PathResults {
        PathResults::of(self.paths())
    }
    fn data(outcomes: PathResults) -> Result<PathResults, RequiredItemError> {
        Ok(outcomes)
    }
}

/// One endpoint, which must answer.
pub struct OneEndpoint<E>(PhantomData<fn() -> E>);

impl<E> OneEndpoint<E> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: Endpoint> OneEndpoint<E> {
    /// Fails to compile for a path that no batch can ask.
    pub(crate) const VALID: () = Paths::One(E::PATH).require_valid();
}

impl<E: Endpoint> Query for OneEndpoint<E> {
    type Data = Reading<E>;
    type Outcomes = Slot<E>;
    const SINGLE: bool = true;

    fn paths(&self) -> Vec<&str> {
        vec![E::PATH]
    }
    fn outcomes(&self) -> Slot<E> {
        Slot::default()
    }
    fn data(outcomes: Slot<E>) -> Result<Reading<E>, RequiredItemError> {
        outcomes.required(E::PATH)
    }
}

// Derived, these would ask the same of the type parameter.
impl<T> Clone for TypedBatch<T> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<E> Clone for OneEndpoint<E> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for TypedBatch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedBatch")
    }
}

impl<E> fmt::Debug for OneEndpoint<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneEndpoint")
    }
}
