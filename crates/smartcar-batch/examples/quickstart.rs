//! A first batch: five things about a vehicle in one request.
//!
//! Without anything set up it asks the embedded simulator:
//!
//! ```text
//! cargo run --example quickstart
//! ```
//!
//! With an access token in the environment it asks a real vehicle:
//!
//! ```text
//! SMARTCAR_ACCESS_TOKEN=… cargo run --example quickstart -- <vehicle id>
//! ```
//!
//! `SMARTCAR_API=v3` asks the same of version 3, where a real vehicle also needs
//! `SMARTCAR_CLIENT_ID`, `SMARTCAR_CLIENT_SECRET` and `SMARTCAR_USER_ID`.

use smartcar_batch::{
    Attributes, Batch, Battery, ClientBuilder, Fuel, Location, Odometer, Reading,
};

/// What is asked. An `Option` may fail without costing the others their answers.
#[derive(Batch)]
struct Snapshot {
    car: Attributes,
    odometer: Odometer,
    location: Option<Reading<Location>>,
    battery: Option<Reading<Battery>>,
    fuel: Option<Reading<Fuel>>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut client = ClientBuilder::from_env()?;
    let mut id = std::env::args().nth(1);
    // Dropping the simulator would stop it, so it lives as long as `main`.
    let simulator = smartcar_simulator::Simulator::start().await?;
    if !client.has_token() {
        let origin = simulator.origin();
        eprintln!("no access token is set: asking the simulator at {origin}");
        client = client.access_token(simulator.token().parse()?);
        client = client.user(simulator.user().parse()?).api_origin(origin);
        id = id.or(Some("36ab27d0-fd9d-4455-823a-ce30af709ffc".to_owned()));
    }
    let id = id.ok_or("pass the id of a vehicle that the access token may read")?;
    let vehicle = client.build()?.vehicle(id.parse()?);

    let response = vehicle.batch::<Snapshot>().send().await?;
    println!("one batch, {} requests of the quota", response.charged);
    let Snapshot { car, odometer, .. } = &response.data;
    println!(" vehicle: {} {} of {}", car.make, car.model, car.year);
    println!("odometer: {} km", odometer.distance);
    if let Some(place) = &response.data.location {
        println!("location: {}, {}", place.latitude, place.longitude);
    }
    if let Some(battery) = &response.data.battery {
        println!(" battery: {:.0} %", battery.percent_remaining * 100.0);
    }
    if let Some(range) = response.data.fuel.as_ref().and_then(|fuel| fuel.range) {
        println!("    fuel: {range} km left");
    }
    for failure in response.failures() {
        println!("{}: {}", failure.path, failure.error);
    }
    Ok(())
}
