//! A first batch.
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

use std::error::Error;
use std::process::ExitCode;

use smartcar_batch::{
    Attributes, Battery, Client, Fuel, ItemError, Location, Odometer, Reading, VehicleId,
};

/// Asks one vehicle for several things in one request.
async fn ask(vehicle_id: &str) -> Result<(), Box<dyn Error>> {
    let client = Client::from_env()?;
    let vehicle = client.vehicle(VehicleId::new(vehicle_id)?);

    let batch = vehicle.batch::<(Attributes, Odometer, Location, Battery, Fuel)>();
    println!(
        "asking {} things, for {} requests of the quota",
        batch.cost(),
        batch.cost()
    );
    let answered = batch.send().await?;

    let (attributes, odometer, location, battery, fuel) = answered.items;
    show("vehicle", attributes, |car| {
        format!("{} {} of {}", car.make, car.model, car.year)
    });
    show("odometer", odometer, |odometer| {
        format!("{} km", odometer.distance)
    });
    show("location", location, |place| {
        format!("{}, {}", place.latitude, place.longitude)
    });
    show("battery", battery, |battery| {
        format!("{:.0} %", battery.percent_remaining * 100.0)
    });
    show("fuel", fuel, |fuel| format!("{:?} km left", fuel.range));
    Ok(())
}

/// Each item has an outcome of its own: one that failed does not hide the others.
fn show<E>(name: &str, outcome: Result<Reading<E>, ItemError>, text: impl Fn(&E) -> String) {
    match outcome {
        Ok(reading) => {
            let age = reading
                .meta
                .data_age
                .map_or("unknown".to_owned(), |age| age.to_string());
            println!("{name:>10}: {}   (measured: {age})", text(&reading));
        }
        Err(error) => println!("{name:>10}: {error}"),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let vehicle_id = std::env::args().nth(1);
    if std::env::var_os("SMARTCAR_ACCESS_TOKEN").is_none() {
        return simulated(vehicle_id).await;
    }
    let vehicle_id = vehicle_id.ok_or("pass the id of a vehicle that the access token may read")?;
    ask(&vehicle_id).await?;
    Ok(ExitCode::SUCCESS)
}

/// Runs this program again with the simulator in its environment, so that the
/// code above is the same for both.
async fn simulated(vehicle_id: Option<String>) -> Result<ExitCode, Box<dyn Error>> {
    let simulator = smartcar_simulator::Simulator::start().await?;
    eprintln!(
        "SMARTCAR_ACCESS_TOKEN is not set: asking the simulator at {}",
        simulator.origin()
    );
    let mut program = std::process::Command::new(std::env::current_exe()?);
    program
        .arg(vehicle_id.unwrap_or("36ab27d0-fd9d-4455-823a-ce30af709ffc".to_owned()))
        .env("SMARTCAR_ACCESS_TOKEN", simulator.token())
        .env("SMARTCAR_API_ORIGIN", simulator.origin())
        .env_remove("SMARTCAR_API");
    // The simulator runs on this thread's runtime: waiting must not block it.
    let status = tokio::task::spawn_blocking(move || program.status()).await??;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
