//! A receiver with axum. `SMARTCAR_MANAGEMENT_TOKEN` has the token of the application.
//!
//! Try it against the simulator:
//!
//! ```console
//! $ export SMARTCAR_MANAGEMENT_TOKEN=a-token
//! $ cargo run -p smartcar-webhook --example axum --features axum
//! $ smartcar simulate --webhook http://127.0.0.1:8080/
//! ```

use std::error::Error;

use smartcar_webhook::axum::{Routes, VehicleState};
use smartcar_webhook::{Batch, Battery, ManagementToken, Odometer, Reading, Receiver};

#[derive(Batch)]
#[batch(crate = "smartcar_webhook")]
struct Snapshot {
    odometer: Reading<Odometer>,
    battery: Option<Reading<Battery>>,
}

/// Returning `Err` answers 503, so that the event is delivered again.
async fn store(delivery: VehicleState<Snapshot>) -> Result<(), std::io::Error> {
    let vehicle = delivery.state.vehicle();
    match delivery.batch {
        Ok(response) => {
            let snapshot = response.data;
            let charge = snapshot.battery.map(|battery| battery.percent_remaining);
            println!("{vehicle:?}: {} km, {charge:?}", snapshot.odometer.distance);
        }
        Err(error) => println!("{vehicle:?}: {error}"),
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = ManagementToken::new(std::env::var("SMARTCAR_MANAGEMENT_TOKEN")?)?;
    let router = Routes::new(Receiver::new(token))
        .on_state(store)
        .into_router();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}
