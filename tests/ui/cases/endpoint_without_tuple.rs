//! One endpoint alone is no tuple, so it is no batch.

use smartcar_batch::{Odometer, Vehicle};

async fn ask(vehicle: Vehicle) {
    let _ = vehicle.batch::<Odometer>().send().await;
}

fn main() {}
