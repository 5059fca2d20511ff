//! Invalid input gives a clear error that names the input and says what to fix, and
//! nothing is sent.

use smartcar_batch::{AccessToken, BatchPath, Client, Error, VehicleId};
use smartcar_tests::Canned;

fn message<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    let error = outcome.unwrap_err();
    assert!(error.is_invalid_request(), "{error}");
    assert_eq!((error.attempts(), error.charged()), (0, 0));
    let text = error.to_string();
    assert!(!text.contains('\n') && !text.ends_with('.'), "{text}");
    text
}

#[test]
fn vehicle_ids() {
    for id in [
        "", "..", ".", "a/b", "a\\b", "a%2fb", "a\r\nb", "a b", "a?b", "a#b", "é", "a\0",
    ] {
        let text = message(VehicleId::new(id));
        assert!(
            text.starts_with("the vehicle id ") && text.contains("pass an id"),
            "{text}"
        );
    }
    assert!(message(VehicleId::new("x".repeat(200))).contains("longer than 128"));
    for id in ["36ab27d0-fd9d-4455-823a-ce30af709ffc", "v_1", "a.b", "~"] {
        assert_eq!(VehicleId::new(id).unwrap().as_str(), id);
    }
}

#[test]
fn access_tokens() {
    for token in [
        "",
        "secret\r\nHost: x",
        "secrét",
        "two words",
        "secret\n",
        "\"secret\"\t",
    ] {
        let text = message(AccessToken::new(token));
        assert!(text.starts_with("the access token "), "{text}");
        assert!(!text.contains("secr") && !text.contains("two"), "{text}");
    }
    assert!(message(AccessToken::new("x".repeat(10_000))).contains("longer than"));
}

#[test]
fn paths() {
    for path in [
        "odometer",
        "",
        "/odometer?units=metric",
        "/odometer/",
        "//odometer",
        "/../batch",
        "/./fuel",
        "/odo meter",
        "/odometer\r\n",
        "/batch",
        "/a#b",
        "/a%2fb",
        "/é",
    ] {
        let text = message(BatchPath::new(path));
        assert!(text.starts_with("the path \""), "{text}");
    }
    for path in [
        "/",
        "/odometer",
        "/tesla/charge/records/billing",
        "/new_thing-2/x",
    ] {
        assert_eq!(BatchPath::new(path).unwrap().as_str(), path);
    }
}

#[tokio::test]
async fn batches_that_are_refused_send_nothing() {
    let server = Canned::json(r#"{"responses": []}"#).await.unwrap();
    let client = Client::builder()
        .access_token(AccessToken::new("t").unwrap())
        .api_origin(server.origin())
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new("v").unwrap());
    let empty: [&str; 0] = [];
    let text = message(vehicle.batch_paths(empty));
    assert!(text.contains("the batch is empty"), "{text}");
    let text = message(vehicle.batch_paths(["/odometer", "/fuel", "/odometer"]));
    assert!(text.contains("/odometer is requested twice"), "{text}");
    let text = message(vehicle.batch_paths(["/odometer", "fuel"]));
    assert!(text.contains("\"fuel\""), "{text}");
    assert!(server.requests().is_empty());
}

#[test]
fn origins_and_missing_tokens() {
    let build = |origin: &str| {
        Client::builder()
            .access_token(AccessToken::new("t").unwrap())
            .api_origin(origin)
            .build()
    };
    let text = message(build("http://api.smartcar.com"));
    assert!(
        text.contains("plain http") && text.contains("use https"),
        "{text}"
    );
    message(build("https://api.smartcar.com/v2.0"));
    message(build("nonsense"));
    let text = message(Client::builder().build());
    assert!(text.contains("SMARTCAR_ACCESS_TOKEN"), "{text}");
}
