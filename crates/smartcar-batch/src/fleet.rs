//! One batch each of many vehicles.
//!
//! Invariant: each vehicle that was taken from the source has one outcome, and
//! no more vehicles are taken than there are slots.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{Stream, StreamExt};
use jiff::Timestamp;
use smartcar_model::{Batch, UnitSystem};
use tokio::sync::Mutex;

use crate::limits::{FLEET_CONCURRENCY, FLEET_LONGEST_WAIT};
use crate::request::{Options, Patience, Request, Typed};
use crate::{Answered, Client, Error, RetryPolicy, UserId, VehicleId};

/// The same batch for many vehicles: [`Client::fleet`].
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
///         Ok(answered) => println!("{}: {:?}", outcome.vehicle, answered.items.0),
///         Err(error) => println!("{}: {error}", outcome.vehicle),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked before the stream of `run` is polled"]
pub struct Fleet<T> {
    client: Client,
    concurrency: usize,
    longest_wait: Duration,
    options: Options,
    batch: PhantomData<fn() -> T>,
}

/// A vehicle for a fleet to ask: from a [`VehicleId`], or, as version 3 wants
/// it, from the pair of that and a [`UserId`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetVehicle {
    vehicle: VehicleId,
    user: Option<UserId>,
}

impl From<VehicleId> for FleetVehicle {
    fn from(vehicle: VehicleId) -> Self {
        Self {
            vehicle,
            user: None,
        }
    }
}

impl From<(VehicleId, UserId)> for FleetVehicle {
    fn from((vehicle, user): (VehicleId, UserId)) -> Self {
        Self {
            vehicle,
            user: Some(user),
        }
    }
}

/// What became of one vehicle of a fleet.
#[derive(Debug)]
#[non_exhaustive]
pub struct FleetOutcome<T> {
    /// The vehicle.
    pub vehicle: VehicleId,
    /// The user who was named for it.
    pub user: Option<UserId>,
    /// What [`Request::send`] would have given.
    pub result: Result<Answered<T>, Error>,
}

impl<T> FleetOutcome<T> {
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
    pub fn fleet<T: Batch>(&self) -> Fleet<T> {
        const { Typed::<T>::DISTINCT }
        Fleet {
            client: self.clone(),
            concurrency: FLEET_CONCURRENCY,
            longest_wait: FLEET_LONGEST_WAIT,
            options: Options::default(),
            batch: PhantomData,
        }
    }
}

impl<T> Fleet<T> {
    /// How many vehicles are asked at a time: 16 without it, and at least one.
    pub fn concurrency(mut self, vehicles: usize) -> Self {
        self.concurrency = vehicles.max(1);
        self
    }

    /// How long a vehicle may hold its slot only to wait, be it for its own rate
    /// or for a `Retry-After`: 10 s without it. If it would have to wait longer
    /// its outcome comes at once, with a [`FleetOutcome::retry_at`].
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.longest_wait = wait;
        self
    }

    /// The unit system of the answers; metric without it.
    pub fn units(mut self, units: UnitSystem) -> Self {
        self.options.units = Some(units);
        self
    }

    /// When a vehicle is asked again; the client's policy without it.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// How long each vehicle may take in all; the client's deadline without it.
    /// It stands still while the application has to wait.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }
}

impl<T: Batch> Fleet<T> {
    /// Asks each vehicle of the source; outcomes come as they are ready. Entries
    /// are [`VehicleId`]s, or pairs with a [`UserId`] for version 3.
    ///
    /// - **Exactly one outcome** for each entry of the source, also where an id
    ///   is in it twice. An outcome names its vehicle.
    /// - **Back-pressure**: the source is asked for a vehicle when a slot is
    ///   free, so never further ahead than the concurrency. Memory depends on the
    ///   slots and not on the source.
    /// - **A vehicle's own wait**, longer than [`Fleet::longest_wait`], frees its
    ///   slot for others: the outcome says when to come back.
    /// - **The application's wait** stops everyone, for as long as it lasts. The
    ///   slots stand in line, first come first served, and only the first of
    ///   them asks the budget. This needs a budget that says
    ///   [`Denied::ApplicationRetryAt`](crate::Denied::ApplicationRetryAt).
    /// - **No task is spawned.** Requests advance while the stream is polled, and
    ///   dropping it ends them; what was sent is charged. If handling an outcome
    ///   takes long, do it in a task of its own.
    ///
    /// For a list or an iterator, use [`futures_util::stream::iter`].
    pub fn run<S>(self, vehicles: S) -> impl Stream<Item = FleetOutcome<T::Items>> + use<T, S>
    where
        S: Stream<Item: Into<FleetVehicle>>,
    {
        let Self {
            client,
            concurrency,
            longest_wait,
            mut options,
            ..
        } = self;
        options.patience = Some(Patience {
            longest_wait,
            line: Arc::new(Mutex::new(())),
        });
        let ask = move |entry: S::Item| {
            let FleetVehicle { vehicle, user } = entry.into();
            let mut asked = client.vehicle(vehicle.clone());
            asked.user.clone_from(&user);
            let request = Request {
                vehicle: asked,
                query: Typed::<T>::new(),
                options: options.clone(),
            };
            async move {
                FleetOutcome {
                    vehicle,
                    user,
                    result: request.send().await,
                }
            }
        };
        vehicles.map(ask).buffer_unordered(concurrency)
    }
}

impl<T> Clone for Fleet<T> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            options: self.options.clone(),
            ..*self
        }
    }
}

impl<T> fmt::Debug for Fleet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet")
            .field("client", &self.client)
            .field("concurrency", &self.concurrency)
            .field("longest_wait", &self.longest_wait)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
