//! The same batch for many vehicles.
//!
//! Invariant: each vehicle taken from the source has exactly one outcome, and no more
//! vehicles are taken than there are free slots.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, FutureExt, ready};
use futures_util::stream::{Stream, StreamExt};
use jiff::Timestamp;
use smartcar_model::{Batch, Error, PathResults, Response, UserId, VehicleId};
use tokio::sync::Mutex;

use crate::client::Client;
use crate::fleet_entry::FleetEntry;
use crate::fleet_vehicle::FleetVehicle;
use crate::in_place::pinned;
use crate::limits::{FLEET_CONCURRENCY, FLEET_MAX_WAIT};
use crate::options::{Options, Patience, setters};
use crate::query::{PathList, Query, TypedBatch};
use crate::request::{Request, price};

/// The same batch for many vehicles: [`Client::fleet`], or [`Client::fleet_paths`]
/// for paths that are known only at run time.
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use smartcar_batch::{Fuel, Odometer, VehicleId};
/// # use smartcar_batch::{AccessToken, Client};
/// # use smartcar_simulator::Simulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = Simulator::start().await?;
/// # let client = Client::builder()
/// #     .access_token(AccessToken::new(simulator.token())?)
/// #     .api_origin(simulator.origin())
/// #     .build()?;
///
/// let vehicles = (0..100).map(|number| VehicleId::new(format!("vehicle-{number}")));
/// let vehicles: Vec<_> = vehicles.collect::<Result<_, _>>()?;
///
/// let mut outcomes = client
///     .fleet::<(Odometer, Fuel)>()
///     .concurrency(64)
///     .run(stream::iter(vehicles));
/// while let Some(outcome) = outcomes.next().await {
///     if let Some(moment) = outcome.retry_at() {
///         println!("{} again at {moment}", outcome.vehicle); // put it back into the queue
///     }
///     match outcome.result {
///         Ok(response) => println!("{}: {:?}", outcome.vehicle, response.data.0),
///         Err(error) => println!("{}: {error}", outcome.vehicle),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until the stream of `run` is polled"]
#[derive(Debug, Clone)]
pub struct Fleet<Q> {
    client: Client,
    query: Q,
    concurrency: usize,
    max_wait: Duration,
    outlasts: bool,
    options: Options,
}

/// The outcome for one vehicle of a fleet.
///
/// `K` is the type of the ticket; `()` if the entry had none.
#[derive(Debug)]
#[non_exhaustive]
pub struct FleetOutcome<T, K = ()> {
    /// The vehicle.
    pub vehicle: VehicleId,
    /// The user of the request, if any: the vehicle's own, else the client's.
    pub user: Option<UserId>,
    /// The result, as from [`Request::send`].
    pub result: Result<Response<T>, Error>,
    /// The ticket of the entry: see [`FleetEntry`].
    pub ticket: K,
}

impl<T, K> FleetOutcome<T, K> {
    /// The vehicle and user, as an entry for another run of a fleet.
    pub fn fleet_vehicle(&self) -> FleetVehicle {
        (self.vehicle.clone(), self.user.clone()).into()
    }

    /// When to request this vehicle again, if the API or a budget asked for a wait
    /// longer than [`Fleet::max_wait`]. `None` if nothing failed, or if no wait was
    /// stated.
    pub fn retry_at(&self) -> Option<Timestamp> {
        match &self.result {
            Ok(answered) => answered.retry_at,
            Err(error) => error.retry_at(),
        }
    }
}

impl Client {
    /// Requests the same batch from many vehicles; see [`Fleet::run`].
    ///
    /// A batch with the same endpoint twice does not compile, as in
    /// [`Vehicle::batch`](crate::Vehicle::batch).
    pub fn fleet<T: Batch>(&self) -> Fleet<TypedBatch<T>> {
        const { TypedBatch::<T>::VALID }
        Fleet::new(self.clone(), TypedBatch::new())
    }

    /// Requests the same paths from many vehicles; see [`Fleet::run`].
    ///
    /// Fails like [`Vehicle::batch_paths`](crate::Vehicle::batch_paths) with
    /// [`ErrorKind::InvalidRequest`](smartcar_model::ErrorKind::InvalidRequest): for
    /// an empty list, an invalid path, and a duplicate path.
    ///
    /// ```
    /// use futures_util::{StreamExt, stream};
    /// use smartcar_batch::{Odometer, VehicleId};
    /// # use smartcar_batch::{AccessToken, Client};
    /// # use smartcar_simulator::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let simulator = Simulator::start().await?;
    /// # let client = Client::builder()
    /// #     .access_token(AccessToken::new(simulator.token())?)
    /// #     .api_origin(simulator.origin())
    /// #     .build()?;
    /// let vehicles = [VehicleId::new("vehicle-1")?, VehicleId::new("vehicle-2")?];
    /// let fleet = client.fleet_paths(["/odometer", "/tesla/speedometer"])?;
    /// assert_eq!(fleet.cost(), 2); // for each vehicle
    /// let mut outcomes = fleet.run(stream::iter(vehicles));
    /// while let Some(outcome) = outcomes.next().await {
    ///     let results = outcome.result?.data;
    ///     let odometer = results.get::<Odometer>(); // None: not requested; Some(Err): failed
    ///     let speed = results.raw("/tesla/speedometer");
    ///     # assert!(odometer.is_some_and(|read| read.is_ok()) && speed.is_some());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn fleet_paths<P: AsRef<str>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Result<Fleet<PathList>, Error> {
        Ok(Fleet::new(self.clone(), PathList::checked(paths)?))
    }
}

impl<Q> Fleet<Q> {
    fn new(client: Client, query: Q) -> Self {
        Self {
            client,
            query,
            concurrency: FLEET_CONCURRENCY,
            max_wait: FLEET_MAX_WAIT,
            outlasts: false,
            options: Options::default(),
        }
    }

    /// The number of vehicles requested at the same time; the default is 16, the
    /// minimum 1.
    pub fn concurrency(mut self, vehicles: usize) -> Self {
        self.concurrency = vehicles.max(1);
        self
    }

    /// The longest time that a vehicle may occupy its slot only to wait, for its own
    /// rate limit or a `Retry-After`; the default is 10 s. If the wait is longer, its
    /// outcome is returned at once, with a [`FleetOutcome::retry_at`].
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// Whether to wait, without a limit, while the budget cannot be checked, for example
    /// because its store is down. Nothing is sent meanwhile, and deadlines are extended.
    /// The default is false: the outcome is
    /// [`BudgetDenied::Unavailable`](crate::BudgetDenied::Unavailable).
    pub fn wait_for_budget(mut self, wait: bool) -> Self {
        self.outlasts = wait;
        self
    }

    // Each vehicle has its own deadline, which is extended while the application has
    // to wait.
    setters!();
}

impl<Q: Query> Fleet<Q> {
    /// The price per vehicle in counted requests; see [`Request::cost`].
    pub fn cost(&self) -> u32 {
        price(&self.client.shared, &self.query)
    }
}

impl<Q: Query + Clone> Fleet<Q> {
    /// Sends the batch to each vehicle of the source. Outcomes arrive in the order of
    /// completion. An entry is a [`FleetVehicle`], as [`Client::vehicles`] returns
    /// them, a [`VehicleId`], a pair with a [`UserId`], or a pair of a
    /// [`FleetVehicle`] and a ticket that comes back with the outcome: see
    /// [`FleetEntry`].
    ///
    /// - **Exactly one outcome** for each entry of the source, even if an ID occurs
    ///   twice. Each outcome has the ID of its vehicle.
    /// - **Back-pressure**: a vehicle is taken from the source only when a slot is
    ///   free. Memory depends on the concurrency and not on the size of the source.
    /// - **Long waits of one vehicle**, beyond [`Fleet::max_wait`], free its slot for
    ///   others. The outcome says when to retry.
    /// - **Waits of the application** pause all vehicles. The slots queue in FIFO
    ///   order, and only the first one asks the budget. This needs a budget that
    ///   returns
    ///   [`BudgetDenied::ApplicationRetryAt`](crate::BudgetDenied::ApplicationRetryAt).
    /// - **A ticket is never lost**: each comes back in the outcome of its entry.
    ///   Dropping the stream drops the tickets of the entries under way.
    /// - **No tasks are spawned.** Requests make progress only while the stream is
    ///   polled. Dropping the stream cancels them; requests that were sent stay
    ///   charged. If handling an outcome takes long, do it in another task.
    ///
    /// For a list or an iterator, use [`futures_util::stream::iter`].
    pub fn run<S, V>(
        self,
        vehicles: S,
    ) -> impl Stream<Item = FleetOutcome<Q::Data, V::Ticket>> + use<Q, S, V>
    where
        S: Stream<Item = V>,
        V: FleetEntry,
    {
        let query = self.query.clone();
        self.each(vehicles.map(move |entry| (entry, Ok(query.clone()))))
    }
}

impl Fleet<PathList> {
    /// Like [`Fleet::run`], but each vehicle has its own paths instead of the
    /// fleet's: an entry is a pair of vehicle and paths.
    ///
    /// Use it to resume an interrupted run without requesting or paying for results
    /// that you already have. If [`Client::fleet_paths`] would reject the paths of a
    /// vehicle, its outcome is that error and nothing is sent for it.
    pub fn run_paths<S, V, P>(
        self,
        vehicles: S,
    ) -> impl Stream<Item = FleetOutcome<PathResults, V::Ticket>> + use<S, V, P>
    where
        S: Stream<Item = (V, P)>,
        V: FleetEntry,
        P: IntoIterator<Item: AsRef<str>>,
    {
        self.each(vehicles.map(|(entry, paths)| (entry, PathList::checked(paths))))
    }
}

impl<Q: Query> Fleet<Q> {
    fn each<S, V>(
        self,
        vehicles: S,
    ) -> impl Stream<Item = FleetOutcome<Q::Data, V::Ticket>> + use<Q, S, V>
    where
        S: Stream<Item = (V, Result<Q, Error>)>,
        V: FleetEntry,
    {
        let Self {
            client,
            concurrency,
            max_wait,
            outlasts,
            mut options,
            ..
        } = self;
        options.patience = Some(Patience {
            max_wait,
            outlasts,
            line: Arc::new(Mutex::new(())),
        });
        let ask = move |(entry, query): (V, Result<Q, Error>)| {
            let (FleetVehicle { id, user }, ticket) = entry.into_parts();
            let mut asked = client.vehicle(id);
            asked.user = user.or(asked.user);
            let (vehicle, user) = (asked.id.clone(), asked.user.clone());
            let request = query.map(|query| Request {
                vehicle: asked,
                query,
                options: options.clone(),
            });
            // Boxed, because the stream moves it several times. Not an async block, which
            // would have room for the request twice.
            pinned(move || {
                let sent = match request {
                    Ok(request) => Either::Left(request.send()),
                    Err(refused) => Either::Right(ready(Err(refused))),
                };
                sent.map(|result| FleetOutcome {
                    vehicle,
                    user,
                    result,
                    ticket,
                })
            })
        };
        vehicles.map(ask).buffer_unordered(concurrency)
    }
}

#[cfg(test)]
mod tests;
