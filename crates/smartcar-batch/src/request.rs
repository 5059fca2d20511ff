//! A request before it is sent.
//!
//! Invariant: nothing is sent before `send`, and only `send` selects the code for an
//! API version.

use std::pin::pin;

use smartcar_model::{Batch, Endpoint, Error, Response};

use crate::api::Api;
use crate::call;
use crate::dialect::items::Items;
use crate::dialect::{v2, v3};
use crate::in_place::{boxed, pinned};
use crate::observe;
use crate::options::{Options, setters};
use crate::query::{OneEndpoint, PathList, Query, SignalList, TypedBatch};
use crate::shared::Shared;
use crate::vehicle::Vehicle;

/// A query for a vehicle, with its options. Nothing is sent before [`Request::send`].
#[must_use = "nothing is sent until `send` is called"]
#[derive(Debug, Clone)]
pub struct Request<Q> {
    pub(crate) vehicle: Vehicle,
    pub(crate) query: Q,
    pub(crate) options: Options,
}

/// The price of a query in counted requests, without retries.
pub(crate) fn price(client: &Shared, query: &impl Query) -> u32 {
    let paths = query.paths();
    match client.api {
        Api::V2 => v2::price(paths.len()),
        Api::V3 => v3::price(&paths, client.signals_cost),
    }
}

/// Rejects paths that the client's API version does not support.
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
    /// The price in counted requests, without retries. On v2.0 it is one per path. On
    /// v3 it is an assumption: one per HTTP request, and
    /// [`crate::ClientBuilder::signals_cost`] for a request for all signals. If no
    /// response includes the vehicle resource, one more request for it is added.
    pub fn cost(&self) -> u32 {
        price(&self.vehicle.client.shared, &self.query)
    }

    /// Sends the request and decodes the response.
    ///
    /// Items with retryable errors are retried, as the
    /// [`RetryPolicy`](crate::RetryPolicy) allows. Good items are kept.
    ///
    /// Returns `Ok` once the API responded with 200, even if items or retries failed:
    /// see [`Response::all_ok`], [`Response::failures`] and
    /// [`Response::stop_reason`]. Returns `Err` if no attempt got such a response, or
    /// if a required item failed. An error of a required item keeps all other results
    /// in [`Error::results`].
    #[allow(
        clippy::manual_async_fn,
        reason = "the future of an `async fn` would have room for the request twice"
    )]
    pub fn send(self) -> impl Future<Output = Result<Response<Q::Data>, Error>> {
        async move {
            let Vehicle { client, id, user } = &self.vehicle;
            let client = &*client.shared;
            let paths = self.query.paths();
            // Boxed, because the future should have less than a KiB: see `call::run`.
            let mut outcomes = boxed(|| self.query.outcomes());
            let items = Items::new(&paths, &mut *outcomes, Q::SINGLE);
            let span = observe::call(paths.len(), Q::SINGLE);
            check(&self.vehicle, &paths)?;
            // Pinned in place, because a move copies the whole future.
            match client.api {
                Api::V2 => {
                    let mut batch = v2::Batch::new(id, items, Q::REQUEST);
                    let called = {
                        let called = pin!(call::run(client, &self.options, &mut batch));
                        observe::within(span, called).await?
                    };
                    let kept = |kept: &v2::Kept| kept.answers(&paths);
                    called.with(&client.clock, || Q::data(*outcomes), kept)
                }
                Api::V3 => {
                    let (cost, last_known) = (client.signals_cost, self.options.last_known);
                    let user = user.as_ref();
                    // Boxed, so that v2.0 calls do not need space for it.
                    let mut batch = boxed(|| v3::Batch::new(id, user, cost, last_known, items));
                    let called = pinned(|| call::run(client, &self.options, &mut *batch));
                    let called = observe::within(span, called).await?;
                    let kept = |kept: &_| v3::answers(kept, &paths);
                    called.with(&client.clock, || Q::data(*outcomes), kept)
                }
            }
        }
    }
}

impl Vehicle {
    /// Requests v3 signals by their own types and units.
    ///
    /// This is [`Vehicle::batch`] for batches of signals only, as a tuple or a
    /// derived struct. Anything else does not compile. To mix signals and endpoints,
    /// use [`Vehicle::batch`]. On v2.0, [`Request::send`] fails with
    /// [`ErrorKind::InvalidRequest`](smartcar_model::ErrorKind::InvalidRequest).
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

    /// Lists the signals that the vehicle has on v3, with their status and age, in one
    /// request. The path `/signals` in [`Vehicle::batch_paths`] is the same list as the
    /// API sent it.
    ///
    /// The list is empty until the vehicle is subscribed to a webhook
    /// ([`Client::subscribe`](crate::Client::subscribe)). On v2.0, [`Request::send`]
    /// fails with
    /// [`ErrorKind::InvalidRequest`](smartcar_model::ErrorKind::InvalidRequest).
    ///
    /// ```no_run
    /// # use smartcar_batch::Vehicle;
    /// # async fn example(vehicle: Vehicle) -> Result<(), smartcar_batch::Error> {
    /// for signal in vehicle.list_signals().send().await?.data {
    ///     println!("{}: {:?}, for {:?}", signal.code, signal.data_age, signal.used_by());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_signals(&self) -> Request<SignalList> {
        Request::new(self.clone(), SignalList::new())
    }

    /// Requests a set of endpoints that is fixed at compile time: on v2.0 in one
    /// request, on v3 from the store of signals.
    ///
    /// The set is a tuple of endpoints, or a struct with
    /// [`#[derive(Batch)]`](derive@crate::Batch).
    ///
    /// A batch with the same endpoint twice does not compile. The check runs during
    /// code generation: `cargo build` and `cargo test` report it, but `cargo check`
    /// does not. A derived struct without generics is checked at its definition, also
    /// by `cargo check`.
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

    /// Requests a list of paths that is known only at run time. The body of a path
    /// that is not in the spec is kept as raw JSON.
    ///
    /// Fails with
    /// [`ErrorKind::InvalidRequest`](smartcar_model::ErrorKind::InvalidRequest) for
    /// an empty list, an invalid path, and a duplicate path.
    ///
    /// ```no_run
    /// # use smartcar_batch::{Vehicle, Odometer};
    /// # async fn example(vehicle: Vehicle) -> Result<(), Box<dyn std::error::Error>> {
    /// let results = vehicle
    ///     .batch_paths(["/odometer", "/tesla/speedometer"])?
    ///     .send()
    ///     .await?
    ///     .data;
    /// let odometer = results.get::<Odometer>(); // None: not requested; Some(Err): failed
    /// let speed = results.raw("/tesla/speedometer");
    /// # Ok(())
    /// # }
    /// ```
    pub fn batch_paths<P: AsRef<str>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Result<Request<PathList>, Error> {
        Ok(Request::new(self.clone(), PathList::checked(paths)?))
    }

    /// Requests one endpoint: on v2.0 with a GET of its own (or a batch of one, if
    /// the endpoint is not in the spec), on v3 from its signals. If the endpoint
    /// fails, [`Request::send`] fails, with the reason in [`Error::item`].
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
