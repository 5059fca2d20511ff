//! A duplicate endpoint through a type parameter: only the use reveals it.

use smartcar_batch::{AccessToken, Batch, Client, Endpoint, Odometer, Reading, VehicleId};

#[derive(Batch)]
struct Both<A: Endpoint, B: Endpoint> {
    a: Reading<A>,
    b: Reading<B>,
}

fn main() {
    let client = Client::builder()
        .access_token(AccessToken::new("t").unwrap())
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new("v").unwrap());
    let _ = vehicle.batch::<Both<Odometer, Odometer>>();
}
