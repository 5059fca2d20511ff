//! Attributes that do not exist, or are not allowed there.

use serde_json::Value;
use smartcar_batch::{Batch, Reading};

#[derive(Batch)]
#[batch(rename = "x")]
struct Unknown {
    #[batch(rename = "/wiper")]
    unknown_key: Reading<Value>,
    #[batch(crate = "smartcar_batch")]
    wrong_place: Reading<Value>,
    #[batch(path = 5)]
    no_text: Reading<Value>,
    #[batch(path)]
    no_value: Reading<Value>,
    #[batch]
    no_list: Reading<Value>,
    #[batch = "/wiper"]
    value_only: Reading<Value>,
    #[batch(path = "/a", path = "/b")]
    key_twice: Reading<Value>,
}

#[derive(Batch)]
#[batch(path = "/wiper")]
struct WrongPlace {
    wiper: Reading<Value>,
}

#[derive(Batch)]
#[batch(crate = "not a path")]
struct NoPath {
    wiper: Reading<Value>,
}

fn main() {}
