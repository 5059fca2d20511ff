//! What is sent on the wire, byte for byte, and how the documented response is
//! read.

use smartcar_batch::{AccessToken, Client, Location, Odometer, UnitSystem, VehicleId};
use smartcar_tests::Canned;

const VEHICLE: &str = "36ab27d0-fd9d-4455-823a-ce30af709ffc";

/// The vendor's example of a response.
const DOCUMENTED: &str = r#"{"responses": [
  {"path": "/odometer", "code": 200, "body": {"distance": 37829},
   "headers": {"sc-data-age": "2019-10-24T00:43:46.000Z", "sc-unit-system": "metric"}},
  {"path": "/location", "code": 200, "body": {"latitude": 37.4292, "longitude": 122.1381},
   "headers": {"sc-data-age": "2019-10-24T00:43:46.000Z"}}]}"#;

fn client(server: &Canned) -> Client {
    Client::builder()
        .access_token(AccessToken::new("token-of-the-owner").unwrap())
        .api_origin(server.origin())
        .build()
        .unwrap()
}

fn header<'a>(request: &'a str, name: &str) -> Vec<&'a str> {
    request
        .split("\r\n\r\n")
        .next()
        .unwrap()
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .filter(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
        .collect()
}

#[tokio::test]
async fn the_documented_batch() {
    let server = Canned::json(DOCUMENTED).await.unwrap();
    let vehicle = client(&server).vehicle(VehicleId::new(VEHICLE).unwrap());
    let answered = vehicle
        .batch::<(Odometer, Location)>()
        .send()
        .await
        .unwrap();

    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert_eq!(
        body,
        r#"{"requests":[{"path":"/odometer"},{"path":"/location"}]}"#
    );
    assert_eq!(
        head.lines().next().unwrap(),
        format!("POST /v2.0/vehicles/{VEHICLE}/batch HTTP/1.1")
    );
    let request = &requests[0];
    assert_eq!(
        header(request, "authorization"),
        ["Bearer token-of-the-owner"]
    );
    assert_eq!(header(request, "content-type"), ["application/json"]);
    let agent = format!("smartcar-batch/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(header(request, "user-agent"), [agent.as_str()]);
    assert!(header(request, "api-version").is_empty());
    assert!(header(request, "sc-unit-system").is_empty());
    assert!(header(request, "referer").is_empty());

    assert!(answered.all_ok());
    assert_eq!((answered.attempts, answered.charged), (1, 2));
    assert_eq!(
        answered.request_id.as_deref(),
        Some("5f0c1b52-7d3a-4a0e-9a0b-2b0f6f3c1d11")
    );
    let (odometer, location) = answered.data;
    let (odometer, location) = (odometer.unwrap(), location.unwrap());
    assert!((odometer.distance - 37829.0).abs() < f64::EPSILON);
    let age = "2019-10-24T00:43:46Z".parse().ok();
    assert_eq!(odometer.meta.data_age, age);
    assert_eq!(odometer.meta.unit_system, Some(UnitSystem::Metric));
    assert_eq!(odometer.meta.request_id, answered.request_id);
    assert_eq!((location.latitude, location.longitude), (37.4292, 122.1381));
    assert_eq!(location.meta.data_age, age);
    assert_eq!(location.meta.unit_system, None, "nothing is inherited");
}

#[tokio::test]
async fn the_unit_system_goes_on_the_outer_request() {
    let server = Canned::json(DOCUMENTED).await.unwrap();
    let vehicle = client(&server).vehicle(VehicleId::new(VEHICLE).unwrap());
    let request = vehicle.batch::<(Odometer,)>().units(UnitSystem::Imperial);
    assert_eq!(request.cost(), 1);
    let answered = request.send().await.unwrap();
    assert_eq!(
        header(&server.requests()[0], "sc-unit-system"),
        ["imperial"]
    );
    // The documented response also has a location, which this batch did not
    // request.
    assert_eq!(answered.warnings.len(), 1);
    assert_eq!(answered.warnings[0].path, "/location");
    assert_eq!(answered.warnings[0].kind.as_str(), "unasked");
}

#[tokio::test]
async fn one_endpoint_alone_is_a_get() {
    let server = Canned::json(r#"{"distance": 18250.6}"#).await.unwrap();
    let vehicle = client(&server).vehicle(VehicleId::new(VEHICLE).unwrap());
    let odometer = vehicle.get::<Odometer>().send().await.unwrap().data;
    assert!((odometer.distance - 18250.6).abs() < f64::EPSILON);
    let requests = server.requests();
    let line = requests[0].lines().next().unwrap();
    assert_eq!(
        line,
        format!("GET /v2.0/vehicles/{VEHICLE}/odometer HTTP/1.1")
    );
    assert_eq!(
        header(&requests[0], "authorization"),
        ["Bearer token-of-the-owner"]
    );
    assert!(header(&requests[0], "api-version").is_empty());
}

#[tokio::test]
async fn coordinates_keep_all_their_decimals() {
    for digits in [
        "52.516275312345678",
        "-0.00000000123456789",
        "89.99999999999999",
        "37.4292",
    ] {
        let body = format!(r#"{{"latitude": {digits}, "longitude": {digits}}}"#);
        let server = Canned::json(&body).await.unwrap();
        let vehicle = client(&server).vehicle(VehicleId::new(VEHICLE).unwrap());
        let location = vehicle.get::<Location>().send().await.unwrap().data;
        let expected: f64 = digits.parse().unwrap();
        assert_eq!(location.latitude.to_bits(), expected.to_bits(), "{digits}");
        assert_eq!(location.longitude.to_bits(), expected.to_bits(), "{digits}");
    }
}

#[tokio::test]
async fn a_get_equals_a_batch_of_one() {
    let simulator = smartcar_simulator::Simulator::builder()
        .token("only-odometer", ["read_odometer"])
        .start()
        .await
        .unwrap();
    let client = Client::builder()
        .access_token(AccessToken::new("only-odometer").unwrap())
        .api_origin(simulator.origin())
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new(VEHICLE).unwrap());

    let alone = vehicle.get::<Odometer>().send().await.unwrap();
    let batch = vehicle.batch::<(Odometer,)>().send().await.unwrap();
    let in_batch = batch.data.0.unwrap();
    assert_eq!(alone.data.body, in_batch.body);
    assert_eq!(alone.data.meta.data_age, in_batch.meta.data_age);
    assert_eq!(alone.data.meta.fetched_at, in_batch.meta.fetched_at);
    assert_eq!(alone.data.meta.unit_system, in_batch.meta.unit_system);
    assert_eq!(
        (alone.attempts, alone.charged),
        (batch.attempts, batch.charged)
    );

    let alone = vehicle.get::<Location>().send().await.unwrap_err();
    let batch = vehicle.batch::<(Location,)>().send().await.unwrap();
    let in_batch = batch.data.0.unwrap_err();
    let (alone, in_batch) = (alone.api_error().unwrap(), in_batch.api_error().unwrap());
    assert_eq!(alone.error_type.as_deref(), Some("PERMISSION"));
    assert_eq!(alone.error_type, in_batch.error_type);
    assert_eq!(alone.status, in_batch.status);
    assert_eq!(alone.resolution, in_batch.resolution);
}

#[tokio::test]
async fn redirects_are_errors_and_are_not_followed() {
    let other = Canned::json(DOCUMENTED).await.unwrap();
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let redirect = format!(
            "HTTP/1.1 {status}\r\nLocation: {}/v2.0/vehicles/x/batch\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            other.origin()
        );
        let server = Canned::start(vec![redirect.into_bytes()]).await.unwrap();
        let vehicle = client(&server).vehicle(VehicleId::new(VEHICLE).unwrap());
        let error = vehicle.batch::<(Odometer,)>().send().await.unwrap_err();
        let code: u16 = status[..3].parse().unwrap();
        assert_eq!(error.status(), Some(code));
        let alone = vehicle.get::<Odometer>().send().await.unwrap_err();
        assert_eq!(alone.status(), Some(code));
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn a_body_past_the_cap_is_refused() {
    let body = format!(
        r#"{{"responses": [], "padding": "{}"}}"#,
        "x".repeat(20_000)
    );
    let server = Canned::json(&body).await.unwrap();
    let capped = Client::builder()
        .access_token(AccessToken::new("t").unwrap())
        .api_origin(server.origin())
        .body_cap(10_000)
        .build()
        .unwrap();
    let vehicle = capped.vehicle(VehicleId::new(VEHICLE).unwrap());
    let error = vehicle.batch::<(Odometer,)>().send().await.unwrap_err();
    assert!(
        error.to_string().contains("larger than 10000 bytes"),
        "{error}"
    );
    assert_eq!(error.charged(), 1);
    let whole = client(&server).vehicle(VehicleId::new(VEHICLE).unwrap());
    assert!(!whole.batch::<(Odometer,)>().send().await.unwrap().all_ok());
}

#[tokio::test]
async fn the_deadline_ends_a_call_that_is_never_answered() {
    // It accepts connections and does nothing else.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::builder()
        .access_token(AccessToken::new("t").unwrap())
        .api_origin(silent)
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new(VEHICLE).unwrap());
    let error = vehicle
        .batch::<(Odometer, Location)>()
        .deadline(std::time::Duration::from_millis(50))
        .send()
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.to_string(), "no complete response within 0.05 s");
    assert_eq!(error.charged(), 2, "it may have been sent");
}

#[tokio::test]
async fn nothing_is_charged_where_nothing_was_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::builder()
        .access_token(AccessToken::new("t").unwrap())
        .api_origin(origin)
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new(VEHICLE).unwrap());
    let error = vehicle.batch::<(Odometer,)>().send().await.unwrap_err();
    assert_eq!(error.to_string(), "no connection could be opened");
    assert_eq!((error.attempts(), error.charged()), (3, 0));
}

#[test]
fn clients_and_futures_cross_threads() {
    fn crosses<T: Send + Sync>() {}
    fn goes<T: Send>(_: T) {}
    crosses::<Client>();
    crosses::<smartcar_batch::Error>();
    crosses::<smartcar_batch::Vehicle>();
    let client = Client::builder()
        .access_token(AccessToken::new("t").unwrap())
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new("v").unwrap());
    goes(vehicle.batch::<(Odometer, Location)>().send());
    goes(vehicle.get::<Odometer>().send());
    goes(vehicle.batch_paths(["/odometer"]).unwrap().send());
}
