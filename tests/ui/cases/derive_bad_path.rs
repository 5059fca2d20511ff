//! Paths that are invalid in a batch: all are reported at once.

use serde_json::Value;
use smartcar_batch::{Batch, Reading};

#[derive(Batch)]
struct Paths {
    #[batch(path = "odometer")]
    no_slash: Reading<Value>,
    #[batch(path = "")]
    empty: Reading<Value>,
    #[batch(path = "/permissions?limit=5")]
    query: Reading<Value>,
    #[batch(path = "/tesla/../vin")]
    dots: Reading<Value>,
    #[batch(path = "/fuel/")]
    slash_at_the_end: Reading<Value>,
    #[batch(path = "/a b")]
    space: Reading<Value>,
    #[batch(path = "/batch")]
    itself: Reading<Value>,
    #[batch(path = "/wiper")]
    once: Reading<Value>,
    #[batch(path = "/wiper")]
    twice: Reading<Value>,
}

fn main() {}
