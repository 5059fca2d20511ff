//! A nested struct that is not a batch itself.

use smartcar_batch::{Batch, Odometer, Reading};

struct Inner {
    _odometer: Reading<Odometer>,
}

#[derive(Batch)]
struct Outer {
    inner: Inner,
}

#[derive(Batch)]
struct Maybe {
    inner: Option<Inner>,
}

fn main() {}
