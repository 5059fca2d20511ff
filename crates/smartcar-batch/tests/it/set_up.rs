//! Webhooks, subscriptions and the list of signals, on v3.

use futures_util::TryStreamExt;
use smartcar_batch::{
    AccessToken, Api, Client, ClientBuilder, ErrorKind, InvalidReason, ItemError, UserId, Vehicle,
    VehicleId,
};
use smartcar_simulator::{Fault, SimulatedVehicle, Simulator};

fn builder(simulator: &Simulator) -> ClientBuilder {
    Client::builder()
        .api(Api::V3)
        .access_token(AccessToken::new(simulator.token()).unwrap())
        .api_origin(simulator.origin())
}

fn client(simulator: &Simulator) -> Client {
    builder(simulator).build().unwrap()
}

fn vehicle(client: &Client, id: &str) -> Vehicle {
    let vehicle = client.vehicle(VehicleId::new(id).unwrap());
    vehicle.with_user(UserId::new("user-1").unwrap())
}

async fn with_vehicles(count: usize) -> Simulator {
    let mut simulator = Simulator::builder();
    for number in 0..count {
        simulator = simulator.vehicle(SimulatedVehicle::new(format!("car-{number:03}")));
    }
    simulator.start().await.unwrap()
}

#[tokio::test]
async fn lists_are_read_over_all_pages_and_filtered() {
    let simulator = with_vehicles(120).await;
    let webhook = simulator.webhook("http://127.0.0.1:9/", "t").unwrap();
    let client = client(&simulator);
    let webhooks: Vec<_> = client.webhooks().try_collect().await.unwrap();
    assert_eq!(webhooks.len(), 1);
    assert_eq!(webhooks[0].id.as_deref(), Some(&*webhook));
    assert_eq!(webhooks[0].callback_uri(), Some("http://127.0.0.1:9/"));
    assert_eq!(webhooks[0].is_enabled(), Some(true));
    let none: Vec<_> = client
        .webhooks()
        .enabled(false)
        .try_collect()
        .await
        .unwrap();
    assert!(none.is_empty());

    let all: Vec<_> = client.subscriptions().try_collect().await.unwrap();
    let all: Vec<_> = all.iter().map(|it| it.vehicle_id().unwrap()).collect();
    assert_eq!(all.len(), 120);
    assert_eq!((all[0], all[119]), ("car-000", "car-119"));
    let one = client.subscriptions().webhook(&webhook);
    let one = one.vehicle(VehicleId::new("car-007").unwrap());
    let one: Vec<_> = one.try_collect().await.unwrap();
    assert_eq!(one.len(), 1);
}

#[tokio::test]
async fn subscribing_and_unsubscribing_twice_is_no_harm_and_is_told() {
    let simulator = with_vehicles(1).await;
    let webhook = simulator.webhook("http://127.0.0.1:9/", "t").unwrap();
    let client = client(&simulator);
    let car = vehicle(&client, "another");
    let first = client.subscribe(&webhook, &car).await.unwrap();
    assert!(first.data.is_new);
    assert_eq!((first.requests, first.charged), (1, 0));
    assert!(!client.subscribe(&webhook, &car).await.unwrap().data.is_new);

    let id = first.data.id.unwrap();
    assert!(client.unsubscribe(&id).await.unwrap().data);
    assert!(!client.unsubscribe(&id).await.unwrap().data);

    client.subscribe(&webhook, &car).await.unwrap();
    let ended = client.unsubscribe_vehicle(&webhook, &car).await.unwrap();
    assert!(ended.data);
    assert_eq!(ended.requests, 2, "one page, one subscription");
    let ended = client.unsubscribe_vehicle(&webhook, &car).await.unwrap();
    assert_eq!((ended.data, ended.requests), (false, 1));
}

#[tokio::test]
async fn what_cannot_be_subscribed_is_rejected_before_anything_is_sent() {
    let simulator = with_vehicles(1).await;
    let client = client(&simulator);
    let nobodys = client.vehicle(VehicleId::new("car-000").unwrap());
    let error = client.subscribe("webhook-1", &nobodys).await.unwrap_err();
    assert_eq!(error.invalid_reason(), Some(InvalidReason::NoUser));
    let car = vehicle(&client, "car-000");
    for webhook in ["", " ", "a\nb"] {
        let error = client.subscribe(webhook, &car).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{webhook:?}");
    }
    let v2 = builder(&simulator).api(Api::V2).build().unwrap();
    let listed: Result<Vec<_>, _> = v2.webhooks().try_collect().await;
    assert!(listed.unwrap_err().is_invalid_request());
    let error = v2.subscribe("webhook-1", &car).await.unwrap_err();
    assert!(error.to_string().contains("belong to v3"), "{error}");
    let error = vehicle(&v2, "car-000")
        .list_signals()
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.invalid_reason(), Some(InvalidReason::SignalOnV2));
    assert_eq!(simulator.requests().len(), 0);

    let error = client.subscribe("webhook-1", &car).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
}

#[tokio::test]
async fn a_vehicles_signals_are_listed_in_one_request() {
    let simulator = Simulator::builder()
        .vehicle(SimulatedVehicle::new("car-1").make("TESLA"))
        .fault(Fault::item_error(
            "/signals/location-preciselocation",
            "PERMISSION",
            None,
        ))
        .start()
        .await
        .unwrap();
    let client = client(&simulator);
    let response = vehicle(&client, "car-1")
        .list_signals()
        .send()
        .await
        .unwrap();
    assert_eq!((response.requests, simulator.requests().len()), (1, 1));
    let find = |code: &str| {
        let mut signals = response.data.iter();
        signals.find(|signal| signal.code == code).unwrap()
    };
    let odometer = find("odometer-traveleddistance");
    assert_eq!(odometer.group.as_deref(), Some("Odometer"));
    assert_eq!(odometer.name.as_deref(), Some("TraveledDistance"));
    assert_eq!(odometer.used_by(), ["/odometer"]);
    assert!(odometer.data_age.is_some() && odometer.fetched_at.is_some());
    assert!(
        odometer
            .body
            .as_ref()
            .unwrap()
            .body
            .get()
            .contains("\"km\"")
    );
    let place = find("location-preciselocation");
    assert!(matches!(place.body, Err(ItemError::Api(_))), "{place:?}");
}

#[tokio::test]
async fn an_empty_store_is_an_empty_list() {
    let simulator = Simulator::builder()
        .empty_stores(true)
        .start()
        .await
        .unwrap();
    let client = client(&simulator);
    let car = vehicle(&client, "car-1");
    assert!(car.list_signals().send().await.unwrap().data.is_empty());
    let raw = car.batch_paths(["/signals"]).unwrap().send().await.unwrap();
    assert_eq!(raw.data.raw("/signals").unwrap().unwrap().body.get(), "[]");
    let odometer = car.batch_paths(["/signals", "/odometer", "/"]).unwrap();
    let results = odometer.send().await.unwrap().data;
    let error = results.raw("/odometer").unwrap().unwrap_err().to_string();
    assert!(error.contains("subscribed to a webhook"), "{error}");
}

#[tokio::test]
async fn all_signals_beside_other_paths_are_still_one_request() {
    let simulator = Simulator::start().await.unwrap();
    let client = client(&simulator);
    let paths = [
        "/signals",
        "/odometer",
        "/signals/Odometer.TraveledDistance",
        "/location",
    ];
    let request = vehicle(&client, "car-1").batch_paths(paths).unwrap();
    assert_eq!(request.cost(), 1);
    let response = request.send().await.unwrap();
    assert_eq!((response.requests, response.charged), (1, 1));
    assert!(response.data.all_ok(), "{:?}", response.failures());
    assert!(response.warnings.is_empty() && response.member_errors().is_empty());
}
