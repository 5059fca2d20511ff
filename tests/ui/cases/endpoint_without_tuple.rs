//! A single endpoint is not a tuple, so it is not a batch.

use smartcar_batch::{Odometer, Vehicle};

async fn ask(vehicle: Vehicle) {
    let _ = vehicle.batch::<Odometer>().send().await;
}

fn main() {}
