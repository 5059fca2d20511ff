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

use smartcar_batch::{
    AccessToken, Attributes, Batch, Battery, ClientBuilder, Fuel, Location, Odometer, Reading,
    VehicleId,
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
    if std::env::var_os("SMARTCAR_ACCESS_TOKEN").is_none_or(|token| token.is_empty()) {
        let origin = simulator.origin();
        eprintln!("SMARTCAR_ACCESS_TOKEN is not set: asking the simulator at {origin}");
        let token = AccessToken::new(simulator.token())?;
        client = client.access_token(token).api_origin(origin);
        id = id.or(Some("36ab27d0-fd9d-4455-823a-ce30af709ffc".to_owned()));
    }
    let id = id.ok_or("pass the id of a vehicle that the access token may read")?;
    let vehicle = client.build()?.vehicle(VehicleId::new(id)?);

    let batch = vehicle.batch::<Snapshot>();
    println!("one batch, {} requests of the quota", batch.cost());
    let answered = batch.send().await?;

    let Snapshot { car, odometer, .. } = &answered.items;
    println!(" vehicle: {} {} of {}", car.make, car.model, car.year);
    println!("odometer: {} km", odometer.distance);
    if let Some(place) = &answered.items.location {
        println!("location: {}, {}", place.latitude, place.longitude);
    }
    if let Some(battery) = &answered.items.battery {
        println!(" battery: {:.0} %", battery.percent_remaining * 100.0);
    }
    if let Some(range) = answered.items.fuel.as_ref().and_then(|fuel| fuel.range) {
        println!("    fuel: {range} km left");
    }
    for failure in answered.failures() {
        println!("{}: {}", failure.path, failure.error);
    }
    Ok(())
}
