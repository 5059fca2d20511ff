//! A request that is ready to be sent.
//!
//! Invariant: nothing is sent before `send`, and which version of the API is
//! asked is decided there and nowhere else.

use smartcar_model::{Batch, Endpoint, Error, Response};

use crate::api::Api;
use crate::call;
use crate::dialect::items::Items;
use crate::dialect::{v2, v3};
use crate::observe;
use crate::options::{Options, setters};
use crate::query::{OneEndpoint, PathList, Query, TypedBatch};
use crate::shared::Shared;
use crate::vehicle::Vehicle;

/// What one call asks, with its options. Nothing happens before [`Request::send`].
#[must_use = "nothing is asked before `send`"]
#[derive(Debug, Clone)]
pub struct Request<Q> {
    pub(crate) vehicle: Vehicle,
    pub(crate) query: Q,
    pub(crate) options: Options,
}

/// How many requests are counted for a query, if nothing has to be asked again.
pub(crate) fn price(client: &Shared, query: &impl Query) -> u32 {
    let paths = query.paths();
    match client.api {
        Api::V2 => v2::price(paths.len()),
        Api::V3 => v3::price(&paths, client.signals_cost),
    }
}

/// Rejects paths that the client's version of the API cannot be asked for.
pub(crate) fn check(vehicle: &Vehicle, paths: &[&str]) -> Result<(), Error> {
    match vehicle.client.shared.api {
        Api::V2 => v2::check(paths),
        Api::V3 => v3::check(vehicle.user.as_ref(), paths),
    }
}

impl<Q> Request<Q> {
    pub(crate) fn new(vehicle: Vehicle, query: Q) -> Self {
        Self {
            vehicle,
            query,
            options: Options::default(),
        }
    }

    setters!();
}

impl<Q: Query> Request<Q> {
    /// How many requests Smartcar counts for it, if nothing has to be asked
    /// again: on v2.0 one for each path. On version 3 it is what the client
    /// assumes: one for each HTTP request, and for all signals at once
    /// [`crate::ClientBuilder::signals_cost`]. The vehicle's own resource,
    /// where no answer brings it along, comes on top.
    pub fn cost(&self) -> u32 {
        price(&self.vehicle.client.shared, &self.query)
    }

    /// Sends it and reads the answer.
    ///
    /// Items that failed and may be mended by asking again are asked again, as
    /// the [`RetryPolicy`](crate::RetryPolicy) says; the good ones are kept.
    ///
    /// `Ok` once the API answered with 200, whatever becomes of each item or of
    /// a follow-up: see [`Response::all_ok`], [`Response::failures`] and
    /// [`Response::stop_reason`]. `Err` if no attempt was answered, or an endpoint
    /// that must be there failed.
    pub async fn send(self) -> Result<Response<Q::Data>, Error> {
        let Self {
            vehicle,
            query,
            options,
        } = self;
        let client = &*vehicle.client.shared;
        let (id, user) = (&vehicle.id, vehicle.user.as_ref());
        let paths = query.paths();
        let mut outcomes = query.outcomes();
        let items = Items::new(&paths, &mut outcomes, Q::SINGLE);
        let span = observe::call(paths.len(), Q::SINGLE);
        match client.api {
            Api::V2 => {
                let batch = v2::Batch::new(id, items)?;
                let called = observe::within(span, call::run(client, &options, batch)).await?;
                called.with(Q::data(outcomes), |kept| kept.answers(&paths))
            }
            Api::V3 => {
                let (cost, last_known) = (client.signals_cost, options.last_known);
                let batch = v3::Batch::new(id, user, cost, last_known, items)?;
                // In an allocation of its own: calls of v2.0 need no room for it.
                let called = Box::pin(call::run(client, &options, batch));
                let called = observe::within(span, called).await?;
                called.with(Q::data(outcomes), |kept| v3::answers(kept, &paths))
            }
        }
    }
}

impl Vehicle {
    /// Asks a set of signals of version 3, by their own types and units.
    ///
    /// It is [`Vehicle::batch`] for batches that have signals only, be it a tuple
    /// or a derived struct; whatever else is in it does not compile. Both kinds
    /// may stand together in a `batch`. A client of v2.0 refuses to send it.
    ///
    /// ```no_run
    /// use smartcar_batch::{Batch, Reading, Vehicle, signal};
    ///
    /// #[derive(Batch)]
    /// struct Drive {
    ///     odometer: Reading<signal::odometer::TraveledDistance>,
    ///     speed: Option<Reading<signal::motion::CurrentSpeed>>,
    /// }
    ///
    /// # async fn example(vehicle: Vehicle) -> Result<(), smartcar_batch::Error> {
    /// let drive = vehicle.signals::<Drive>().send().await?.data;
    /// println!("{:?} {:?}", drive.odometer.value, drive.odometer.unit);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// ```compile_fail
    /// # use smartcar_batch::{Odometer, Vehicle};
    /// # fn example(vehicle: Vehicle) {
    /// vehicle.signals::<(Odometer,)>(); // an endpoint of v2.0
    /// # }
    /// # fn main() { let _: fn(Vehicle) = example; }
    /// ```
    pub fn signals<T: Batch>(&self) -> Request<TypedBatch<T>> {
        const { TypedBatch::<T>::SIGNALS }
        self.batch::<T>()
    }

    /// Asks a set of endpoints that is known when compiling, in one request.
    ///
    /// The set is a tuple of endpoints, or a struct with
    /// [`#[derive(Batch)]`](derive@crate::Batch).
    ///
    /// The same endpoint twice does not compile. The check runs when the call
    /// is compiled to machine code: `cargo build` and `cargo test` report it,
    /// `cargo check` is silent, but for a derived struct without generics, which
    /// is checked where it stands.
    ///
    /// ```no_run
    /// # use smartcar_batch::{Vehicle, Odometer, Fuel, UnitSystem};
    /// # async fn example(vehicle: Vehicle) -> Result<(), Box<dyn std::error::Error>> {
    /// let response = vehicle
    ///     .batch::<(Odometer, Fuel)>()
    ///     .units(UnitSystem::Imperial)
    ///     .send()
    ///     .await?;
    /// let (odometer, fuel) = response.data;
    /// println!("{} miles", odometer?.distance);
    /// if let Err(error) = fuel {
    ///     println!("no fuel level: {error}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn batch<T: Batch>(&self) -> Request<TypedBatch<T>> {
        const { TypedBatch::<T>::VALID }
        Request::new(self.clone(), TypedBatch::new())
    }

    /// Asks a list of paths that is known when running. A path that the
    /// description does not know keeps its body raw.
    ///
    /// Refuses an empty list, a path that a batch cannot carry, and a path
    /// given twice.
    ///
    /// ```no_run
    /// # use smartcar_batch::{Vehicle, Odometer};
    /// # async fn example(vehicle: Vehicle) -> Result<(), Box<dyn std::error::Error>> {
    /// let answers = vehicle
    ///     .batch_paths(["/odometer", "/tesla/speedometer"])?
    ///     .send()
    ///     .await?
    ///     .data;
    /// let odometer = answers.get::<Odometer>(); // None: not asked; Some(Err): failed
    /// let speed = answers.raw("/tesla/speedometer");
    /// # Ok(())
    /// # }
    /// ```
    pub fn batch_paths<P: AsRef<str>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Result<Request<PathList>, Error> {
        Ok(Request::new(self.clone(), PathList::checked(paths)?))
    }

    /// Asks one endpoint with a GET of its own. It must answer: whatever else
    /// is an error, with the reason in [`Error::item`].
    ///
    /// ```no_run
    /// # use smartcar_batch::{Vehicle, Odometer};
    /// # async fn example(vehicle: Vehicle) -> Result<(), smartcar_batch::Error> {
    /// let odometer = vehicle.get::<Odometer>().send().await?.data;
    /// println!("{} km, measured {:?}", odometer.distance, odometer.meta.data_age);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get<E: Endpoint>(&self) -> Request<OneEndpoint<E>> {
        const { OneEndpoint::<E>::VALID }
        Request::new(self.clone(), OneEndpoint::new())
    }
}
