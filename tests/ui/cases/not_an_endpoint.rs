//! A type that is no endpoint stands in a batch.

use smartcar_batch::{Odometer, Vehicle};

async fn ask(vehicle: Vehicle) {
    let _ = vehicle.batch::<(Odometer, String)>().send().await;
}

fn main() {}
