//! A type in a batch that is not an endpoint.

use smartcar_batch::{Odometer, Vehicle};

async fn ask(vehicle: Vehicle) {
    let _ = vehicle.batch::<(Odometer, String)>().send().await;
}

fn main() {}
