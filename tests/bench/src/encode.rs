//! The body of a batch's request.
//!
//! Invariant: both give the same bytes.

use std::hint::black_box;

use bytes::Bytes;
use smartcar_model::{Batch, BatchRequest, Prepared};

use crate::cases::Run;
use crate::decode::Six;

fn body() -> Vec<u8> {
    let request = BatchRequest::of(Six::PATHS.to_vec());
    serde_json::to_vec(&request).expect("it can be written")
}

/// The limit: the finished bytes are copied.
pub fn copy() -> Run {
    let body = body();
    Box::new(move || drop(black_box(black_box(&body).clone())))
}

/// As the client makes it.
pub fn ours() -> Run {
    Box::new(|| {
        let request = black_box(Prepared::<Six>::REQUEST).expect("it is short");
        drop(black_box(Bytes::from_static(request.as_bytes())));
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_give_the_same_bytes() {
        let request = Prepared::<Six>::REQUEST.unwrap();
        assert_eq!(request.as_bytes(), body());
    }
}
