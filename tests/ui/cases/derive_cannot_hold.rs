//! Field types around an endpoint that cannot hold a result.

use smartcar_batch::{Batch, ItemError, Odometer, Reading};

#[derive(Batch)]
struct InList {
    odometer: Vec<Reading<Odometer>>,
}

#[derive(Batch)]
struct WithoutReading {
    odometer: Option<Odometer>,
}

#[derive(Batch)]
struct OtherError {
    odometer: Result<Reading<Odometer>, String>,
}

#[derive(Batch)]
struct BodyOrError {
    odometer: Result<Odometer, ItemError>,
}

fn main() {}
