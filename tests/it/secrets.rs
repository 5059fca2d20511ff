//! No output of a public type that can hold the token shows it.

use smartcar_batch::{AccessToken, Charge, Client, Location, Odometer, VehicleId};
use smartcar_tests::{Canned, answer};

const SECRET: &str = "s3cr3t-0f-the-owner";

fn hides(shown: &str) {
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(!shown.to_lowercase().contains("s3cr3t"), "{shown}");
}

#[tokio::test]
async fn debug_of_everything_that_can_hold_the_token() {
    let token = AccessToken::new(SECRET).unwrap();
    hides(&format!("{token:?} {token:#?}"));
    let builder = Client::builder().access_token(token);
    hides(&format!("{builder:?} {builder:#?}"));
    let client = builder.build().unwrap();
    hides(&format!("{client:?} {client:#?}"));
    let vehicle = client.vehicle(VehicleId::new("v").unwrap());
    hides(&format!("{vehicle:?} {vehicle:#?}"));
    hides(&format!("{:?}", vehicle.batch::<(Odometer, Location)>()));
    hides(&format!(
        "{:?}",
        vehicle.batch_paths(["/odometer"]).unwrap()
    ));
    hides(&format!("{:?}", vehicle.get::<Charge>()));
    let session = smartcar_client::Session::new(SECRET, "agent").unwrap();
    hides(&format!("{session:?} {session:#?}"));
    let base = std::sync::Arc::new("http://127.0.0.1:9".parse().unwrap());
    #[allow(
        clippy::default_trait_access,
        reason = "a type of reqwest, which is not a dependency of this package"
    )]
    let requests = smartcar_client::Client::new_with_client(base, Default::default(), session);
    hides(&format!("{requests:?} {requests:#?}"));
}

#[tokio::test]
async fn errors_do_not_show_it_even_where_the_server_repeats_it() {
    // An error from the transport, with its whole source chain.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let html = answer(
        "401 Unauthorized",
        "text/html",
        &format!("<p>Bearer {SECRET}</p>"),
    );
    let server = Canned::start(vec![html]).await.unwrap();
    for origin in [closed.as_str(), server.origin()] {
        let client = Client::builder()
            .access_token(AccessToken::new(SECRET).unwrap())
            .api_origin(origin)
            .build()
            .unwrap();
        let vehicle = client.vehicle(VehicleId::new("a-vehicle-of-mine").unwrap());
        let error = vehicle.batch::<(Odometer,)>().send().await.unwrap_err();
        let mut shown = format!("{error} {error:?} {error:#?}");
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            shown.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        hides(&shown);
        assert!(!shown.contains("a-vehicle-of-mine"), "no URL: {shown}");
    }
}
