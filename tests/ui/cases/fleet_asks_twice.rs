//! The same endpoint stands in a fleet's batch twice.

use smartcar_batch::{AccessToken, Client, Odometer};

fn main() {
    let client = Client::builder()
        .access_token(AccessToken::new("t").unwrap())
        .build()
        .unwrap();
    let _ = client.fleet::<(Odometer, Odometer)>();
}
