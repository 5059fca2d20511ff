//! One batch each of many vehicles.
//!
//! Invariant: each vehicle that was taken from the source has one outcome, and
//! no more vehicles are taken than there are slots.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{Stream, StreamExt};
use jiff::Timestamp;
use smartcar_model::{Batch, Error, PathResults, Response, UserId, VehicleId};
use tokio::sync::Mutex;

use crate::client::Client;
use crate::fleet_vehicle::FleetVehicle;
use crate::limits::{FLEET_CONCURRENCY, FLEET_MAX_WAIT};
use crate::options::{Options, Patience, setters};
use crate::query::{PathList, Query, TypedBatch};
use crate::request::{Request, price};

/// The same batch for many vehicles: [`Client::fleet`], or with paths that are
/// known when running [`Client::fleet_paths`].
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
///         println!("{} again at {moment}", outcome.vehicle); // back into the queue
///         continue;
///     }
///     match outcome.result {
///         Ok(response) => println!("{}: {:?}", outcome.vehicle, response.data.0),
///         Err(error) => println!("{}: {error}", outcome.vehicle),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked before the stream of `run` is polled"]
#[derive(Debug, Clone)]
pub struct Fleet<Q> {
    client: Client,
    query: Q,
    concurrency: usize,
    max_wait: Duration,
    options: Options,
}

/// What became of one vehicle of a fleet.
#[derive(Debug)]
#[non_exhaustive]
pub struct FleetOutcome<T> {
    /// The vehicle.
    pub vehicle: VehicleId,
    /// The user it was asked for, if any: its own, else the client's.
    pub user: Option<UserId>,
    /// What [`Request::send`] would have given.
    pub result: Result<Response<T>, Error>,
}

impl<T> FleetOutcome<T> {
    /// What to give to a fleet that asks it again, for the same user.
    pub fn fleet_vehicle(&self) -> FleetVehicle {
        (self.vehicle.clone(), self.user.clone()).into()
    }

    /// When asking this vehicle again makes sense: what the API or a budget
    /// asked to wait was longer than the fleet waits. `None` where all is good,
    /// and where nobody said how long to wait.
    pub fn retry_at(&self) -> Option<Timestamp> {
        match &self.result {
            Ok(answered) => answered.retry_at,
            Err(error) => error.retry_at(),
        }
    }
}

impl Client {
    /// Asks the same batch of many vehicles; see [`Fleet::run`].
    ///
    /// The same endpoint twice does not compile, as in
    /// [`Vehicle::batch`](crate::Vehicle::batch).
    pub fn fleet<T: Batch>(&self) -> Fleet<TypedBatch<T>> {
        const { TypedBatch::<T>::VALID }
        Fleet::new(self.clone(), TypedBatch::new())
    }

    /// Asks the same paths of many vehicles; see [`Fleet::run`].
    ///
    /// Refuses what [`Vehicle::batch_paths`](crate::Vehicle::batch_paths)
    /// refuses: an empty list, a path that a batch cannot carry, and a path
    /// given twice.
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
    ///     let answers = outcome.result?.data;
    ///     let odometer = answers.get::<Odometer>(); // None: not asked; Some(Err): failed
    ///     let speed = answers.raw("/tesla/speedometer");
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
            options: Options::default(),
        }
    }

    /// How many vehicles are asked at a time: 16 without it, and at least one.
    pub fn concurrency(mut self, vehicles: usize) -> Self {
        self.concurrency = vehicles.max(1);
        self
    }

    /// How long a vehicle may hold its slot only to wait, be it for its own rate
    /// or for a `Retry-After`: 10 s without it. If it would have to wait longer
    /// its outcome comes at once, with a [`FleetOutcome::retry_at`].
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    // Each vehicle has a deadline of its own, which moves on while the application
    // has to wait.
    setters!();
}

impl<Q: Query> Fleet<Q> {
    /// How many requests Smartcar counts for each vehicle, see
    /// [`Request::cost`].
    pub fn cost(&self) -> u32 {
        price(&self.client.shared, &self.query)
    }
}

impl<Q: Query + Clone> Fleet<Q> {
    /// Asks each vehicle of the source; outcomes come as they are ready. Entries
    /// are [`FleetVehicle`]s, as [`Client::vehicles`] has them, [`VehicleId`]s, or
    /// pairs with a [`UserId`].
    ///
    /// - **Exactly one outcome** for each entry of the source, also where an id
    ///   is in it twice. An outcome names its vehicle.
    /// - **Back-pressure**: the source is asked for a vehicle when a slot is
    ///   free, so never further ahead than the concurrency. Memory depends on the
    ///   slots and not on the source.
    /// - **A vehicle's own wait**, longer than [`Fleet::max_wait`], frees its
    ///   slot for others: the outcome says when to come back.
    /// - **The application's wait** stops everyone, for as long as it lasts. The
    ///   slots stand in line, first come first served, and only the first of
    ///   them asks the budget. This needs a budget that says
    ///   [`BudgetDenied::ApplicationRetryAt`](crate::BudgetDenied::ApplicationRetryAt).
    /// - **No task is spawned.** Requests advance while the stream is polled, and
    ///   dropping it ends them; what was sent is charged. If handling an outcome
    ///   takes long, do it in a task of its own.
    ///
    /// For a list or an iterator, use [`futures_util::stream::iter`].
    pub fn run<S>(self, vehicles: S) -> impl Stream<Item = FleetOutcome<Q::Data>> + use<Q, S>
    where
        S: Stream<Item: Into<FleetVehicle>>,
    {
        let query = self.query.clone();
        self.each(vehicles.map(move |entry| (entry.into(), Ok(query.clone()))))
    }
}

impl Fleet<PathList> {
    /// Asks each vehicle of the source its own paths instead of the fleet's: an
    /// entry is a vehicle and its paths. Everything else is as in [`Fleet::run`].
    ///
    /// For a list that goes on where it was left, so that what is there already
    /// is neither requested nor charged again. Paths that
    /// [`Client::fleet_paths`] would refuse are that vehicle's outcome, an error
    /// without a request.
    pub fn run_paths<S, V, P>(
        self,
        vehicles: S,
    ) -> impl Stream<Item = FleetOutcome<PathResults>> + use<S, V, P>
    where
        S: Stream<Item = (V, P)>,
        V: Into<FleetVehicle>,
        P: IntoIterator<Item: AsRef<str>>,
    {
        self.each(vehicles.map(|(vehicle, paths)| (vehicle.into(), PathList::checked(paths))))
    }
}

impl<Q: Query> Fleet<Q> {
    fn each<S>(self, vehicles: S) -> impl Stream<Item = FleetOutcome<Q::Data>> + use<Q, S>
    where
        S: Stream<Item = (FleetVehicle, Result<Q, Error>)>,
    {
        let Self {
            client,
            concurrency,
            max_wait,
            mut options,
            ..
        } = self;
        options.patience = Some(Patience {
            max_wait,
            line: Arc::new(Mutex::new(())),
        });
        let ask = move |(FleetVehicle { id, user }, query): (FleetVehicle, Result<Q, Error>)| {
            let mut asked = client.vehicle(id);
            asked.user = user.or(asked.user);
            let (vehicle, user) = (asked.id.clone(), asked.user.clone());
            let request = query.map(|query| Request {
                vehicle: asked,
                query,
                options: options.clone(),
            });
            async move {
                FleetOutcome {
                    vehicle,
                    user,
                    result: match request {
                        Ok(request) => request.send().await,
                        Err(refused) => Err(refused),
                    },
                }
            }
        };
        vehicles.map(ask).buffer_unordered(concurrency)
    }
}

#[cfg(test)]
mod tests;
