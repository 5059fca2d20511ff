//! A request that is ready to be sent.
//!
//! Invariant: what is asked is a type parameter; the options and `send` are
//! written once for all.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use smartcar_model::{
    Answers, Batch, Endpoint, Outcomes, Reading, RequiredFailed, Slot, UnitSystem,
};

use tokio::sync::Mutex;

use crate::{Answered, BatchPath, Error, ErrorKind, RetryPolicy, Vehicle, send};

/// What one call asks, with its options. Nothing happens before [`Request::send`].
#[must_use = "nothing is asked before `send`"]
#[derive(Debug, Clone)]
pub struct Request<Q> {
    pub(crate) vehicle: Vehicle,
    pub(crate) query: Q,
    pub(crate) options: Options,
}

/// What can be set for one call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) units: Option<UnitSystem>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) patience: Option<Patience>,
}

/// How calls wait that are many and share a place to wait in.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    /// The longest wait for one vehicle.
    pub(crate) longest_wait: Duration,
    /// Who holds it may wait for the application; first come, first served.
    pub(crate) line: Arc<Mutex<()>>,
}

/// What a request asks: a typed batch, a list of paths, or one endpoint.
///
/// Sealed: the three are [`Typed`], [`Listed`] and [`Single`].
pub trait Query: sealed::Sealed {
    /// What the caller gets.
    type Items;
    #[doc(hidden)]
    type Outcomes: Outcomes + Send;
    #[doc(hidden)]
    const SINGLE: bool;
    #[doc(hidden)]
    fn paths(&self) -> Vec<&str>;
    #[doc(hidden)]
    fn outcomes(&self) -> Self::Outcomes;
    #[doc(hidden)]
    fn items(outcomes: Self::Outcomes) -> Result<Self::Items, RequiredFailed>;
}

mod sealed {
    pub trait Sealed {}
    impl<T> Sealed for super::Typed<T> {}
    impl Sealed for super::Listed {}
    impl<E> Sealed for super::Single<E> {}
    impl Sealed for crate::vehicles::VehiclesPage {}
}

impl<Q> Request<Q> {
    pub(crate) fn new(vehicle: Vehicle, query: Q) -> Self {
        Self {
            vehicle,
            query,
            options: Options::default(),
        }
    }

    /// The unit system of the answers; metric without it. Each reading says in
    /// its [`crate::Meta`] what it came in.
    pub fn units(mut self, units: UnitSystem) -> Self {
        self.options.units = Some(units);
        self
    }

    /// When this call asks again; the client's policy without it.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// How long this call may take in all, with every attempt and wait; the client's deadline without it.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }
}

impl<Q: Query> Request<Q> {
    /// How many requests Smartcar counts for it, if nothing has to be asked
    /// again: on v2.0 one for each path. On version 3 it is what the client
    /// assumes: one for each HTTP request, and for all signals at once
    /// [`crate::ClientBuilder::signals_price`]. The vehicle's own resource,
    /// where no answer brings it along, comes on top.
    pub fn cost(&self) -> u32 {
        send::price::<Q>(&self.vehicle, &self.query.paths())
    }

    /// Sends it and reads the answer.
    ///
    /// Items that failed and may be mended by asking again are asked again, as
    /// the [`RetryPolicy`] says; the good ones are kept.
    ///
    /// `Ok` once the API answered with 200, whatever becomes of each item or of
    /// a follow-up: see [`Answered::all_ok`], [`Answered::failures`] and
    /// [`Answered::stopped`]. `Err` if no attempt was answered, or an endpoint
    /// that must be there failed.
    pub async fn send(self) -> Result<Answered<Q::Items>, Error> {
        send::send(self).await
    }
}

/// A batch whose endpoints are known when compiling.
pub struct Typed<T>(PhantomData<fn() -> T>);

impl<T> Typed<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Batch> Typed<T> {
    /// Fails to compile for a batch that asks an endpoint twice.
    pub(crate) const DISTINCT: () = assert!(
        T::PATHS.are_distinct(),
        "this batch asks the same endpoint twice, and each path is charged: remove one of the two"
    );
}

impl<T: Batch> Typed<T> {
    /// Fails to compile for a batch that asks something else than signals.
    pub(crate) const SIGNALS: () = assert!(
        T::PATHS.are_signals(),
        "this batch has an endpoint that is no signal: ask it with `batch`, or take the types of `signal`"
    );
}

impl<T: Batch> Query for Typed<T> {
    type Items = T::Items;
    type Outcomes = T::Outcomes;
    const SINGLE: bool = false;

    fn paths(&self) -> Vec<&str> {
        T::PATHS.to_vec()
    }
    fn outcomes(&self) -> T::Outcomes {
        T::outcomes()
    }
    fn items(outcomes: T::Outcomes) -> Result<T::Items, RequiredFailed> {
        T::items(outcomes)
    }
}

/// A batch of paths that are known when running.
#[derive(Debug, Clone)]
pub struct Listed(Vec<BatchPath>);

impl Listed {
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

impl Query for Listed {
    type Items = Answers;
    type Outcomes = Answers;
    const SINGLE: bool = false;

    fn paths(&self) -> Vec<&str> {
        self.0.iter().map(BatchPath::as_str).collect()
    }
    fn outcomes(&self) -> Answers {
        Answers::of(self.paths())
    }
    fn items(outcomes: Answers) -> Result<Answers, RequiredFailed> {
        Ok(outcomes)
    }
}

/// One endpoint, which must answer.
pub struct Single<E>(PhantomData<fn() -> E>);

impl<E> Single<E> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E: Endpoint> Query for Single<E> {
    type Items = Reading<E>;
    type Outcomes = Slot<E>;
    const SINGLE: bool = true;

    fn paths(&self) -> Vec<&str> {
        vec![E::PATH]
    }
    fn outcomes(&self) -> Slot<E> {
        Slot::default()
    }
    fn items(outcomes: Slot<E>) -> Result<Reading<E>, RequiredFailed> {
        outcomes.required(E::PATH)
    }
}

// Derived, these would ask the same of the type parameter.
impl<T> Clone for Typed<T> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<E> Clone for Single<E> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Typed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

impl<E> fmt::Debug for Single<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Single")
    }
}
