//! The same endpoint twice in a fleet's batch.

use smartcar_batch::{AccessToken, Client, Odometer};

fn main() {
    let client = Client::builder()
        .access_token(AccessToken::new("t").unwrap())
        .build()
        .unwrap();
    let _ = client.fleet::<(Odometer, Odometer)>();
}
