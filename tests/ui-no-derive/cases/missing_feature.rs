//! The derive, with its attribute, where its feature is off.

use smartcar_batch::{Batch, Odometer, Reading};

#[derive(Batch)]
struct Snapshot {
    odometer: Reading<Odometer>,
    #[batch(path = "/wiper")]
    wiper: Option<Reading<String>>,
}

fn main() {}
