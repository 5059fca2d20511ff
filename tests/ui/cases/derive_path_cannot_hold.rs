//! `#[batch(path)]` on fields that cannot hold the result of a path.

use serde_json::Value;
use smartcar_batch::{Batch, Odometer, Reading};

#[derive(Batch)]
struct Inner {
    odometer: Reading<Odometer>,
}

struct Unreadable;

#[derive(Batch)]
struct OnNested {
    #[batch(path = "/wiper")]
    inner: Inner,
}

#[derive(Batch)]
struct OnUnreadable {
    #[batch(path = "/wiper")]
    wiper: Reading<Unreadable>,
}

#[derive(Batch)]
struct OnOptionalBody {
    #[batch(path = "/wiper")]
    wiper: Option<Value>,
}

fn main() {}
