//! Combines the single requests of many tasks for one vehicle into a batch.
//!
//! Invariant: only the tasks that wait for a window drive it. It ends with the last
//! of them, and an endpoint that nobody waits for when the window closes is not
//! requested.

pub(crate) mod table;
mod windows;

use std::time::Duration;

use smartcar_model::{
    Endpoint, Error, ItemError, Outcomes, PathResults, Reading, RequiredItemError, Response,
};

use crate::limits::{LOADER_SIZE, LOADER_WINDOW};
use crate::options::{Options, setters};
use crate::query::OneEndpoint;
use crate::vehicle::Vehicle;
use table::Settings;

/// Combines requests for single endpoints into batches: [`Vehicle::loader`].
///
/// The first [`Loader::get`] opens a window. All endpoints that are requested from
/// the vehicle until the window closes are sent as one batch, each endpoint once.
/// Nothing is cached: a later `get`, even while the batch is on its way, opens a new
/// window and gets a new reading.
///
/// At most 64 batches are under way at the same time, for all vehicles of a client: see
/// [`ClientBuilder::loader_batches`](crate::ClientBuilder::loader_batches).
///
/// All loaders of a vehicle share their windows, across tasks and clones of the
/// client, if all their settings are equal. Loaders with different settings use
/// different windows.
///
/// ```
/// use smartcar_batch::{Location, Odometer};
/// # use smartcar_batch::{AccessToken, Client, VehicleId};
/// # use smartcar_simulator::Simulator;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = Simulator::start().await?;
/// # let client = Client::builder()
/// #     .access_token(AccessToken::new(simulator.token())?)
/// #     .api_origin(simulator.origin())
/// #     .build()?;
/// # let vehicle = client.vehicle(VehicleId::new("36ab27d0-fd9d-4455-823a-ce30af709ffc")?);
/// // In two independent handlers:
/// let (first, second) = (vehicle.loader(), vehicle.loader());
/// let (odometer, place) = tokio::join!(first.get::<Odometer>(), second.get::<Location>());
/// println!("{} km, {}", odometer?.distance, place?.latitude);
/// assert_eq!(simulator.requests().len(), 1);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until `get` is called"]
#[derive(Debug, Clone)]
pub struct Loader {
    vehicle: Vehicle,
    window: Duration,
    max_size: usize,
    options: Options,
}

impl Vehicle {
    /// A loader, which combines single requests of many tasks for this vehicle into
    /// batches; see [`Loader`]. It is cheap: create one wherever it is needed.
    ///
    /// ```no_run
    /// # use smartcar_batch::{Vehicle, Odometer};
    /// # async fn example(vehicle: Vehicle) -> Result<(), smartcar_batch::Error> {
    /// let odometer = vehicle.loader().get::<Odometer>().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn loader(&self) -> Loader {
        Loader {
            vehicle: self.clone(),
            window: LOADER_WINDOW,
            max_size: LOADER_SIZE,
            options: Options::default(),
        }
    }
}

impl Loader {
    /// How long a window stays open after its first `get`; the default is 5 ms. The
    /// resolution is one millisecond.
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// The maximum number of different endpoints in a window; the default is 32, the
    /// minimum 1. A full window is sent at once.
    pub fn max_endpoints(mut self, endpoints: usize) -> Self {
        self.max_size = endpoints.max(1);
        self
    }

    // The deadline of a batch starts when the time of its window is over.
    setters!();

    /// Requests one endpoint, together with other requests of the same window.
    ///
    /// If this endpoint fails, the call fails with the reason in [`Error::item`].
    /// Only the callers that requested this endpoint get that error. The same applies
    /// to an endpoint that the client cannot request, such as a signal on v2.0. If
    /// the whole batch fails, every caller in it gets the error, with two exceptions:
    /// a batch that costs more than the budget can ever hold is split, and so is a
    /// batch that the API rejects (400) if the spec does not contain all of its
    /// endpoints.
    ///
    /// Dropping the future does not affect other callers. The batch ends when the
    /// last of its callers is dropped: nothing more is sent, and requests that were
    /// sent stay charged. If a custom part of the client panics, one caller gets the
    /// panic and the others get an error.
    ///
    /// ```no_run
    /// # use smartcar_batch::{Loader, Odometer};
    /// # async fn example(loader: Loader) -> Result<(), smartcar_batch::Error> {
    /// let odometer = loader.get::<Odometer>().await?;
    /// println!("{} km, measured {:?}", odometer.distance, odometer.meta.data_age);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get<E: Endpoint>(&self) -> Result<Reading<E>, Error> {
        const { OneEndpoint::<E>::VALID }
        let settings = Settings {
            window: self.window,
            max_size: self.max_size,
            options: self.options.clone(),
        };
        let answered = windows::answer(&self.vehicle, &settings, E::PATH).await?;
        answered
            .data
            .get::<E>()
            .unwrap_or(Err(ItemError::Missing))
            .map_err(|error| failed(E::PATH, error, &answered))
    }
}

/// The error that `vehicle.get` would return for the item. It contains nothing about
/// other items.
fn failed(path: &str, error: ItemError, answered: &Response<PathResults>) -> Error {
    let mut outcomes = PathResults::of([path]);
    outcomes.fail(0, error.clone());
    let retry_at = answered.retry_at.filter(|_| error.is_retryable());
    Error::required(RequiredItemError::new(path, error), outcomes)
        .with_request_id(answered.request_id.as_deref())
        .with_price(answered.attempts, answered.attempts_of(path).unwrap_or(0))
        .with_requests(answered.requests)
        .with_retry_at(retry_at)
}

#[cfg(test)]
mod tests;
