//! A first batch: five things about a vehicle in one request.
//!
//! Without any setup it reads the embedded simulator:
//!
//! ```text
//! cargo run --example quickstart
//! ```
//!
//! With an access token in the environment it reads a real vehicle:
//!
//! ```text
//! SMARTCAR_ACCESS_TOKEN=… cargo run --example quickstart -- <vehicle id>
//! ```
//!
//! With `SMARTCAR_API=v3` it uses v3. A real vehicle then also needs
//! `SMARTCAR_CLIENT_ID`, `SMARTCAR_CLIENT_SECRET` and `SMARTCAR_USER_ID`.

use smartcar_batch::{
    Attributes, Batch, Battery, ClientBuilder, Fuel, Location, Odometer, Reading,
};

/// The batch. A field in an `Option` may fail without affecting the others.
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
    // Dropping the simulator stops it, so it lives as long as `main`.
    let simulator = smartcar_simulator::Simulator::start().await?;
    if !client.has_token() {
        let origin = simulator.origin();
        eprintln!("no access token is set: using the simulator at {origin}");
        client = client.access_token(simulator.token().parse()?);
        client = client.user(simulator.user().parse()?).api_origin(origin);
        id = id.or(Some("36ab27d0-fd9d-4455-823a-ce30af709ffc".to_owned()));
    }
    let id = id.ok_or("pass the id of a vehicle that the access token can access")?;
    let vehicle = client.build()?.vehicle(id.parse()?);

    let response = vehicle.batch::<Snapshot>().send().await?;
    println!("one batch, {} requests charged", response.charged);
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
