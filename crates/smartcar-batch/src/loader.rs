//! Many tasks ask one vehicle for single endpoints; one batch goes out.
//!
//! Invariant: a window is driven by whoever waits for it and by nobody else; it
//! ends with the last of them, and an endpoint that nobody waits for when the
//! window closes is not asked.

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

/// Gathers single endpoints into batches: [`Vehicle::loader`].
///
/// The first [`Loader::get`] opens a window. Whatever is asked of the vehicle
/// until it closes goes out as one batch, an endpoint once however many ask it.
/// Nothing is kept afterwards: who asks later, even while the batch is on its
/// way, opens a new window and gets a new reading.
///
/// All loaders of a vehicle share their windows, whichever clone of the client
/// or task they come from, as long as all their settings are equal. With other
/// settings they have other windows.
///
/// ```
/// use smartcar_batch::{Fuel, Odometer};
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
/// // In two handlers that know nothing of each other:
/// let (first, second) = (vehicle.loader(), vehicle.loader());
/// let (odometer, fuel) = tokio::join!(first.get::<Odometer>(), second.get::<Fuel>());
/// println!("{} km, {:?}", odometer?.distance, fuel?.percent_remaining);
/// assert_eq!(simulator.requests().len(), 1);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked before `get`"]
#[derive(Debug, Clone)]
pub struct Loader {
    vehicle: Vehicle,
    window: Duration,
    max_size: usize,
    options: Options,
}

impl Vehicle {
    /// Gathers what many tasks ask of this vehicle one by one into batches; see
    /// [`Loader`]. Make it anew wherever it is needed.
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
    /// How long a window stays open after its first `get`: 5 ms without it. The
    /// clock counts whole milliseconds.
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// How many different endpoints a window takes: 32 without it, and at least
    /// one. A full window goes out at once.
    pub fn max_endpoints(mut self, endpoints: usize) -> Self {
        self.max_size = endpoints.max(1);
        self
    }

    // The deadline of a batch begins with the end of its window.
    setters!();

    /// Asks one endpoint together with whatever else is asked at the time.
    ///
    /// It must answer: a failure of this endpoint is an error with the reason in
    /// [`Error::item`], which reaches those who asked for this endpoint and
    /// nobody else. So does an endpoint that the client cannot ask, such as a
    /// signal on v2.0. A failure of the whole batch reaches everyone in it, except
    /// for two: a batch that costs more than the budget ever holds goes out in
    /// parts, and so does one that the API rejects (400) where the description
    /// does not know all of its endpoints.
    ///
    /// Dropping it leaves the others of the window alone. The batch belongs to
    /// all who wait for it and ends with the last of them: nothing more is sent
    /// then, and what was sent stays charged. Should a part of the client that
    /// was plugged in panic, one of them gets the panic and the others an error.
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

/// What `vehicle.get` would say of the item. Nothing of the others is in it.
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
