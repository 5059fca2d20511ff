//! The derive and its attribute while the feature is disabled.

use smartcar_batch::{Batch, Odometer, Reading};

#[derive(Batch)]
struct Snapshot {
    odometer: Reading<Odometer>,
    #[batch(path = "/wiper")]
    wiper: Option<Reading<String>>,
}

fn main() {}
