//! Structs of every form that is valid as a batch.

#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications, private_bounds, private_interfaces)]
#![forbid(unsafe_code)]

use serde::Deserialize;
use smartcar_batch::{Batch, Endpoint, Fuel, ItemError, Location, Odometer, Reading, RequiredItemError, Vin};

#[derive(Batch)]
struct Flat {
    r#type: Reading<Odometer>,
    fuel: Option<Reading<Fuel>>,
    location: Result<Reading<Location>, ItemError>,
    vin: Vin,
}

#[derive(Deserialize)]
struct Level {
    _level: f64,
}

#[derive(Batch)]
struct ByPath<T: serde::de::DeserializeOwned + Send> {
    #[batch(path = "/a")]
    reading: Reading<T>,
    #[batch(path = "/b")]
    option: Option<Reading<T>>,
    #[batch(path = "/c")]
    result: Result<Reading<Level>, ItemError>,
    #[batch(path = "/d")]
    body: T,
}

#[derive(Batch)]
/// With a bound, for the lints about public items.
pub struct With<E> where E: Endpoint {
    one: Reading<E>,
}

#[derive(Batch)]
struct Nested<A: Endpoint, B = Vin> {
    flat: Flat,
    with: Option<With<A>>,
    unbounded: Reading<B>,
    by_path: Result<ByPath<Level>, RequiredItemError>,
}

mod my {
    pub(crate) use smartcar_batch as cars;
}

#[derive(Batch)]
#[batch(crate = "crate::my::cars")]
struct Renamed {
    vin: Option<Reading<Vin>>,
}

fn main() {
    assert_eq!(Renamed::PATHS.to_vec(), ["/vin"]);
    assert_eq!(Flat::PATHS.to_vec(), ["/odometer", "/fuel", "/location", "/vin"]);
    assert_eq!(
        <Nested<smartcar_batch::Charge, smartcar_batch::Battery> as Batch>::PATHS.to_vec(),
        ["/odometer", "/fuel", "/location", "/vin", "/charge", "/battery", "/a", "/b", "/c", "/d"]
    );
}
