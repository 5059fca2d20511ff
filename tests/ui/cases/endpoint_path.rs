//! A user-defined endpoint whose path is invalid in a batch.

use serde::{Deserialize, Serialize};
use smartcar_batch::{Endpoint, Vehicle};

#[derive(Debug, Serialize, Deserialize)]
struct Paged {}

impl Endpoint for Paged {
    const PATH: &'static str = "/permissions?limit=5";
}

fn ask(vehicle: &Vehicle) {
    let _ = vehicle.batch::<(Paged,)>();
    let _ = vehicle.get::<Paged>();
}

fn main() {
    let _: fn(&Vehicle) = ask;
}
