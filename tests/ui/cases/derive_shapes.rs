//! A type without named fields is not a batch.

use smartcar_batch::{Batch, Fuel, Odometer, Reading};

#[derive(Batch)]
enum Either {
    Odometer(Reading<Odometer>),
    Fuel(Reading<Fuel>),
}

#[derive(Batch)]
union Overlaid {
    odometer: std::mem::ManuallyDrop<Reading<Odometer>>,
}

#[derive(Batch)]
struct Tuple(Reading<Odometer>, Reading<Fuel>);

#[derive(Batch)]
struct Unit;

#[derive(Batch)]
struct Empty {}

#[derive(Batch)]
struct Borrowed<'a> {
    odometer: &'a Reading<Odometer>,
}

fn main() {}
