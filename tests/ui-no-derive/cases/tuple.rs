//! A tuple needs no feature.

use smartcar_batch::{Batch, Fuel, Odometer};

fn main() {
    assert_eq!(<(Odometer, Fuel)>::PATHS.to_vec(), ["/odometer", "/fuel"]);
}
