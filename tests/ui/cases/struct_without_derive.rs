//! A struct that is requested without the derive.

use smartcar_batch::{Odometer, Reading, Vehicle};

struct Snapshot {
    _odometer: Reading<Odometer>,
}

fn ask(vehicle: Vehicle) {
    let _ = vehicle.batch::<Snapshot>();
}

fn main() {}
