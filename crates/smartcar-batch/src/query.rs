//! The kinds of query: a typed batch, a list of paths, or one endpoint.
//!
//! Invariant: a query has only valid paths. The paths of types are checked at compile
//! time, those of a list when it is created.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use smartcar_model::v3::{self, ALL_SIGNALS, ListedSignal};
use smartcar_model::{
    Batch, BatchPath, Endpoint, Error, ErrorKind, ItemError, Outcomes, PathResults, Paths,
    Prepared, Reading, RequiredItemError, Slot,
};

/// What a request asks for: a typed batch, a list of paths, or one endpoint.
///
/// Sealed. The implementations are [`TypedBatch`], [`PathList`], [`OneEndpoint`] and
/// [`SignalList`].
pub trait Query: sealed::Sealed {
    /// The type of [`Response::data`](smartcar_model::Response::data).
    type Data;
    #[doc(hidden)]
    type Outcomes: Outcomes + Send;
    #[doc(hidden)]
    const SINGLE: bool;
    /// The text of the v2.0 request for all paths, if it is known at compile time.
    #[doc(hidden)]
    const REQUEST: Option<&'static str>;
    #[doc(hidden)]
    fn paths(&self) -> QueryPaths<'_>;
    #[doc(hidden)]
    fn outcomes(&self) -> Self::Outcomes;
    #[doc(hidden)]
    fn data(outcomes: Self::Outcomes) -> Result<Self::Data, RequiredItemError>;
}

/// The paths of a query, in order.
#[doc(hidden)]
#[derive(Debug)]
pub enum QueryPaths<'a> {
    /// Known at compile time.
    Fixed(&'static [&'static str]),
    /// Listed when they are needed.
    Listed(Vec<&'a str>),
}

impl QueryPaths<'_> {
    /// The path at an index, which outlives the query.
    pub(crate) fn name(&self, index: usize) -> Cow<'static, str> {
        match self {
            Self::Fixed(paths) => paths[index].into(),
            Self::Listed(paths) => paths[index].to_owned().into(),
        }
    }
}

impl<'a> Deref for QueryPaths<'a> {
    type Target = [&'a str];

    fn deref(&self) -> &[&'a str] {
        match self {
            Self::Fixed(paths) => paths,
            Self::Listed(paths) => paths,
        }
    }
}

mod sealed {
    pub trait Sealed {}
    impl<T> Sealed for super::TypedBatch<T> {}
    impl Sealed for super::PathList {}
    impl<E> Sealed for super::OneEndpoint<E> {}
    impl Sealed for super::SignalList {}
}

/// A batch whose endpoints are fixed at compile time:
/// [`Vehicle::batch`](crate::Vehicle::batch).
pub struct TypedBatch<T>(PhantomData<fn() -> T>);

impl<T> TypedBatch<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Batch> TypedBatch<T> {
    /// Fails to compile if a batch has the same endpoint twice, or an invalid path.
    pub(crate) const VALID: () = {
        T::PATHS.require_valid();
        assert!(
            T::PATHS.are_distinct(),
            "this batch has the same endpoint twice, and each path is charged: remove one of the two"
        );
    };

    /// Fails to compile if a batch has anything but signals.
    pub(crate) const SIGNALS: () = assert!(
        T::PATHS.are_signals(),
        "this batch has an endpoint that is not a signal: use `batch`, or the types in `signal`"
    );
}

impl<T: Batch> Query for TypedBatch<T> {
    type Data = T::Data;
    type Outcomes = T::Outcomes;
    const SINGLE: bool = false;
    const REQUEST: Option<&'static str> = Prepared::<T>::REQUEST;

    fn paths(&self) -> QueryPaths<'_> {
        match Prepared::<T>::PATHS {
            Some(paths) => QueryPaths::Fixed(paths),
            None => QueryPaths::Listed(T::PATHS.to_vec()),
        }
    }
    fn outcomes(&self) -> T::Outcomes {
        T::outcomes()
    }
    fn data(outcomes: T::Outcomes) -> Result<T::Data, RequiredItemError> {
        T::data(outcomes)
    }
}

/// A batch of paths that are known only at run time:
/// [`Vehicle::batch_paths`](crate::Vehicle::batch_paths).
#[derive(Debug, Clone)]
pub struct PathList(Vec<BatchPath>);

impl PathList {
    /// Checks that all paths are valid and distinct, and that there is at least one.
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
                    format!(
                        "the path {path} is requested twice, and each is charged: remove one of the two"
                    ),
                ));
            }
            checked.push(path);
        }
        if checked.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                "the batch is empty: add at least one path, such as /odometer",
            ));
        }
        Ok(Self(checked))
    }
}

impl Query for PathList {
    type Data = PathResults;
    type Outcomes = PathResults;
    const SINGLE: bool = false;
    const REQUEST: Option<&'static str> = None;

    fn paths(&self) -> QueryPaths<'_> {
        QueryPaths::Listed(self.0.iter().map(BatchPath::as_str).collect())
    }
    fn outcomes(&self) -> PathResults {
        PathResults::of(self.0.iter().map(BatchPath::as_str))
    }
    fn data(outcomes: PathResults) -> Result<PathResults, RequiredItemError> {
        Ok(outcomes)
    }
}

/// One required endpoint: [`Vehicle::get`](crate::Vehicle::get).
pub struct OneEndpoint<E>(PhantomData<fn() -> E>);

impl<E> OneEndpoint<E> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: Endpoint> OneEndpoint<E> {
    /// Fails to compile if the path is invalid.
    pub(crate) const VALID: () = Paths::One(E::PATH).require_valid();
}

impl<E: Endpoint> Query for OneEndpoint<E> {
    type Data = Reading<E>;
    type Outcomes = Slot<E>;
    const SINGLE: bool = true;
    const REQUEST: Option<&'static str> = None;

    fn paths(&self) -> QueryPaths<'_> {
        QueryPaths::Fixed(const { &[E::PATH] })
    }
    fn outcomes(&self) -> Slot<E> {
        Slot::default()
    }
    fn data(outcomes: Slot<E>) -> Result<Reading<E>, RequiredItemError> {
        outcomes.required(E::PATH)
    }
}

/// All signals of a vehicle:
/// [`Vehicle::list_signals`](crate::Vehicle::list_signals).
#[derive(Debug, Clone)]
pub struct SignalList(());

impl SignalList {
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl Query for SignalList {
    type Data = Vec<ListedSignal>;
    type Outcomes = PathResults;
    const SINGLE: bool = false;
    const REQUEST: Option<&'static str> = None;

    fn paths(&self) -> QueryPaths<'_> {
        QueryPaths::Fixed(&[ALL_SIGNALS])
    }
    fn outcomes(&self) -> PathResults {
        PathResults::of([ALL_SIGNALS])
    }
    fn data(outcomes: PathResults) -> Result<Vec<ListedSignal>, RequiredItemError> {
        let list = match outcomes.raw(ALL_SIGNALS) {
            Some(Ok(list)) => v3::listed(list.body.get()).map_err(ItemError::Malformed),
            Some(Err(error)) => Err(error.clone()),
            None => Err(ItemError::Missing),
        };
        list.map_err(|error| RequiredItemError::new(ALL_SIGNALS, error))
    }
}

// Deriving these would require the same traits of the type parameter.
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
