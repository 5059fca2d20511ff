//! A loader against the simulator, over sockets.
//!
//! Invariant: there are as many requests as windows, each path once per window.

use std::time::Duration;

use smartcar_batch::{
    AccessToken, Battery, Charge, Client, EngineOil, Error, ErrorKind, Fuel, Loader, Location,
    Odometer, Security, TirePressure, VehicleId, Vin, tesla,
};
use smartcar_simulator::{Fault, Simulator};
use tokio::task::JoinSet;

async fn client() -> (Simulator, Client) {
    let simulator = Simulator::builder().example_values(true);
    let simulator = simulator.start().await.unwrap();
    let client = Client::builder()
        .access_token(AccessToken::new(simulator.token()).unwrap())
        .api_origin(simulator.origin())
        .build()
        .unwrap();
    (simulator, client)
}

/// One of ten endpoints.
async fn get(loader: &Loader, endpoint: usize) -> Result<(), Error> {
    match endpoint {
        0 => loader.get::<Odometer>().await.map(|_| ()),
        1 => loader.get::<Fuel>().await.map(|_| ()),
        2 => loader.get::<Location>().await.map(|_| ()),
        3 => loader.get::<Vin>().await.map(|_| ()),
        4 => loader.get::<Battery>().await.map(|_| ()),
        5 => loader.get::<Charge>().await.map(|_| ()),
        6 => loader.get::<EngineOil>().await.map(|_| ()),
        7 => loader.get::<TirePressure>().await.map(|_| ()),
        8 => loader.get::<Security>().await.map(|_| ()),
        _ => loader.get::<tesla::Speedometer>().await.map(|_| ()),
    }
}

#[tokio::test]
async fn a_thousand_tasks_send_as_many_requests_as_windows() {
    let (simulator, client) = client().await;
    let vehicle = client.vehicle(VehicleId::new("vehicle-1").unwrap());
    let mut tasks = JoinSet::new();
    for task in 0..1000 {
        let vehicle = vehicle.clone();
        tasks.spawn(async move {
            // A window is full before its time is up, so no clock matters here.
            let loader = vehicle.loader().window(Duration::from_secs(60));
            get(&loader.max_endpoints(10), task % 10).await
        });
    }
    for answer in tasks.join_all().await {
        answer.unwrap();
    }
    let requests = simulator.requests();
    assert_eq!(requests.len(), 100, "a thousand requests, ten per window");
    for request in requests {
        assert_eq!(request.batch_paths.len(), 10);
    }
}

#[tokio::test]
async fn a_failed_item_reaches_its_askers_and_a_failed_batch_everyone() {
    let (simulator, client) = client().await;
    let vehicle = client.vehicle(VehicleId::new("vehicle-1").unwrap());
    let limit = Fault::item_error("/fuel", "PERMISSION", None).times(1);
    simulator.fault(limit).unwrap();
    let loader = vehicle
        .loader()
        .max_endpoints(2)
        .window(Duration::from_secs(60));
    let ask = || async { tokio::join!(loader.get::<Fuel>(), loader.get::<Odometer>()) };
    let (fuel, odometer) = ask().await;
    odometer.unwrap();
    let error = fuel.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RequiredItem);
    assert_eq!(
        (error.item_path(), error.status()),
        (Some("/fuel"), Some(403))
    );

    simulator
        .fault(Fault::error("PERMISSION", None).times(1))
        .unwrap();
    let (fuel, odometer) = ask().await;
    for error in [fuel.unwrap_err(), odometer.unwrap_err()] {
        assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(403)));
    }
    assert_eq!(simulator.requests().len(), 2);
}
