//! A type that is not an endpoint, in each wrapper.

use smartcar_batch::{Batch, ItemError, Reading};

#[derive(Batch)]
struct InReading {
    name: Reading<String>,
}

#[derive(Batch)]
struct InOption {
    name: Option<Reading<String>>,
}

#[derive(Batch)]
struct InResult {
    name: Result<Reading<String>, ItemError>,
}

#[derive(Batch)]
struct Plain {
    name: String,
}

fn main() {}
