//! A duplicate path in a struct: by type, by attribute, through nesting.

use serde_json::Value;
use smartcar_batch::{Batch, Fuel, ItemError, Odometer, Reading};

#[derive(Batch)]
struct Flat {
    odometer: Reading<Odometer>,
    fuel: Option<Reading<Fuel>>,
    again: Result<Reading<Odometer>, ItemError>,
}

#[derive(Batch)]
struct ByPath {
    odometer: Reading<Odometer>,
    #[batch(path = "/odometer")]
    raw: Option<Reading<Value>>,
}

#[derive(Batch)]
struct Inner {
    odometer: Odometer,
}

#[derive(Batch)]
struct Nested {
    fuel: Fuel,
    inner: Inner,
    odometer: Odometer,
}

fn main() {}
