//! The same endpoint twice in a batch.

use smartcar_batch::{AccessToken, Client, Location, Odometer, VehicleId};

fn main() {
    let client = Client::builder()
        .access_token(AccessToken::new("t").unwrap())
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new("v").unwrap());
    let _ = vehicle.batch::<(Odometer, Location, Odometer)>();
}
