//! Polls a fleet, with limited concurrency and within a budget.
//!
//! A queue holds the time when each vehicle is due. A vehicle that must wait returns
//! at the time that the API or the budget stated, the others after the interval.
//!
//! Without an access token it polls five simulated vehicles three times and exits.
//! One of them is rate-limited by its maker:
//!
//! ```text
//! cargo run --example fleet_poller
//! ```
//!
//! With an access token it polls the vehicles of the token every half hour, for a
//! number of rounds:
//!
//! ```text
//! SMARTCAR_ACCESS_TOKEN=… cargo run --example fleet_poller -- 48
//! ```
//!
//! With `SMARTCAR_API=v3` it uses v3, where the list also has each vehicle's user.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::error::Error;
use std::num::NonZeroU32;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use smartcar_batch::{
    Batch, ClientBuilder, FleetVehicle, Fuel, InProcessBudget, Odometer, Rate, Reading,
};
use smartcar_simulator::{Fault, Powertrain, SimulatedVehicle, Simulator};

#[derive(Batch)]
struct Snapshot {
    odometer: Reading<Odometer>,
    fuel: Option<Reading<Fuel>>,
}

/// The vehicles, ordered by the time when they are due, the earliest first.
///
/// A service stores it in a table with the columns `vehicle`, `user` and `due`, so
/// that nothing is requested twice or forgotten when the process restarts.
#[derive(Default)]
struct Queue(BinaryHeap<Reverse<(Timestamp, FleetVehicle)>>);

impl Queue {
    fn put(&mut self, vehicle: FleetVehicle, due: Timestamp) {
        self.0.push(Reverse((due, vehicle)));
    }

    /// When the next vehicle is due.
    fn next(&self) -> Option<Timestamp> {
        self.0.peek().map(|Reverse((due, _))| *due)
    }

    /// Removes and returns every vehicle that is due.
    fn take(&mut self, now: Timestamp) -> Vec<FleetVehicle> {
        let mut taken = Vec::new();
        while self.next().is_some_and(|due| due <= now) {
            taken.extend(self.0.pop().map(|Reverse((_, vehicle))| vehicle));
        }
        taken
    }
}

async fn poll(
    client: ClientBuilder,
    interval: Duration,
    rounds: usize,
) -> Result<(), Box<dyn Error>> {
    // Smartcar's documented rate for an application, and at most 20 requests per hour
    // for a vehicle.
    let an_hour = Duration::from_secs(3600);
    let of_vehicle = NonZeroU32::new(20).ok_or("a rate is at least one")?;
    let budget = InProcessBudget::unlimited()
        .per_application(Rate::documented_application())
        .per_vehicle(Rate::new(of_vehicle, an_hour / of_vehicle.get()));
    let client = client.budget(budget).build()?;

    let mut queue = Queue::default();
    let mut vehicles = client.vehicles();
    while let Some(entry) = vehicles.next().await {
        match entry {
            Ok(vehicle) => queue.put(vehicle, Timestamp::now()),
            Err(error) if error.is_list_entry() => eprintln!("skipped: {error}"),
            Err(error) => return Err(error.into()),
        }
    }
    for round in 1..=rounds {
        let Some(due) = queue.next() else { break };
        let wait = due.duration_since(Timestamp::now());
        tokio::time::sleep(wait.try_into().unwrap_or_default()).await;
        let started = Timestamp::now();
        let vehicles = queue.take(started);
        println!("round {round}: {} vehicles are due", vehicles.len());

        let fleet = client.fleet::<Snapshot>().concurrency(16);
        let mut outcomes = fleet.run(stream::iter(vehicles));
        while let Some(outcome) = outcomes.next().await {
            let due = match outcome.retry_at() {
                Some(moment) => moment,
                None => started + interval,
            };
            queue.put(outcome.fleet_vehicle(), due);
            let vehicle = outcome.vehicle;
            match outcome.result {
                Ok(response) => {
                    let Snapshot { odometer, fuel } = response.data;
                    let fuel = fuel.and_then(|fuel| fuel.percent_remaining);
                    println!("{vehicle}: {} km, fuel {fuel:?}", odometer.distance);
                }
                Err(error) => {
                    let wait = due.duration_since(Timestamp::now()).as_secs();
                    println!("{vehicle}: {error}; again in {wait} s");
                }
            }
        }
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let rounds = std::env::args().nth(1).map_or(Ok(3), |text| text.parse())?;
    let client = ClientBuilder::from_env()?;
    if client.has_token() {
        return poll(client, Duration::from_secs(1800), rounds).await;
    }
    // One simulated day per second: the values change from round to round.
    let mut builder = Simulator::builder().clock_speed(86_400.0);
    for number in 1..=5 {
        let car = SimulatedVehicle::new(format!("car-{number}")).make("FORD");
        builder = builder.vehicle(car.powertrain(Powertrain::Ice));
    }
    let limit = Fault::error("RATE_LIMIT", Some("VEHICLE")).header("retry-after", "120");
    let simulator = builder.fault(limit.on_vehicle("car-3")).start().await?;
    let client = client
        .access_token(simulator.token().parse()?)
        .api_origin(simulator.origin());
    poll(client, Duration::from_millis(100), rounds).await
}
