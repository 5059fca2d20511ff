//! Version 3 on the wire: every request byte for byte, tokens by client
//! credentials, and no secret in any output.

use std::num::NonZeroU32;

use futures_util::{StreamExt, stream};
use smartcar_batch::VehicleMode;
use smartcar_batch::{
    AccessToken, Api, Client, ClientCredentials, ClientSecret, ErrorKind, Odometer, Permissions,
    Plan, TokenSource, UnitSystem, UserId, VehicleId, signal,
};
use smartcar_tests::{Canned, answer};

const VEHICLE: &str = "36ab27d0-fd9d-4455-823a-ce30af709ffc";
const USER: &str = "8d6a2c1e-54c0-4b1f-8a57-0f1f5a0f9c11";
const SECRET: &str = "s3cr3t+0f/the&app";

const STORE: &str = r#"{"data": [
    {"id": "odometer-traveleddistance", "type": "signal",
     "attributes": {"code": "odometer-traveleddistance", "status": {"value": "SUCCESS"},
       "body": {"value": 18250.5, "unit": "kilometers"}},
     "meta": {"retrievedAt": "2026-03-14T09:27:08.004Z", "oemUpdatedAt": "2026-03-14T09:12:31.000Z"}},
    {"id": "motion-currentspeed", "type": "signal",
     "attributes": {"code": "motion-currentspeed", "status": {"value": "ERROR",
       "error": {"type": "PERMISSION", "code": null, "title": "no", "detail": "not granted"}},
       "body": {"value": 80}}}]}"#;
const ONE: &str = r#"{"data": {"id": "odometer-traveleddistance", "attributes": {
    "status": {"value": "SUCCESS"}, "body": {"value": 7.5, "unit": "kilometers"}}}}"#;
const CONNECTIONS: &str =
    r#"{"data": [{"id": "c", "attributes": {"permissions": ["read_odometer"]}}]}"#;
const UNAUTHORIZED: &str = r#"{"errors": [{"status": "401", "type": "AUTHENTICATION",
    "code": "UNAUTHORIZED", "title": "no"}]}"#;

fn json(status: &str, body: &str) -> Vec<u8> {
    answer(status, "application/json", body)
}

fn token(name: &str, seconds: &str) -> Vec<u8> {
    let body =
        format!(r#"{{"access_token": "{name}", "token_type": "Bearer", "expires_in": {seconds}}}"#);
    json("200 OK", &body)
}

fn client(server: &Canned) -> Client {
    Client::builder()
        .api(Api::V3)
        .access_token(AccessToken::new("token-of-the-app").unwrap())
        .api_origin(server.origin())
        .build()
        .unwrap()
}

fn vehicle(client: &Client) -> smartcar_batch::Vehicle {
    client
        .vehicle(VehicleId::new(VEHICLE).unwrap())
        .with_user(UserId::new(USER).unwrap())
}

fn line(request: &str) -> &str {
    request.lines().next().unwrap()
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let head = request.split("\r\n\r\n").next()?;
    let pairs = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "));
    let mut found = pairs.filter(|(known, _)| known.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value)
}

type Three = (
    signal::odometer::TraveledDistance,
    signal::motion::CurrentSpeed,
    Odometer,
);

#[tokio::test]
async fn all_signals_in_one_request() {
    let server = Canned::json(STORE).await.unwrap();
    let request = vehicle(&client(&server)).batch::<Three>();
    let answered = request.units(UnitSystem::Imperial).send().await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let path = format!("GET /v3/vehicles/{VEHICLE}/signals HTTP/1.1");
    assert_eq!(line(&requests[0]), path);
    assert_eq!(header(&requests[0], "sc-user-id"), Some(USER));
    assert_eq!(header(&requests[0], "sc-unit-system"), Some("imperial"));
    let bearer = Some("Bearer token-of-the-app");
    assert_eq!(header(&requests[0], "authorization"), bearer);
    assert!(header(&requests[0], "api-version").is_none());
    assert_eq!((answered.plan, answered.charged), (Plan::Signals, 1));
    let error = answered.failures()[0].error.api_error().unwrap();
    assert_eq!(error.error_type.as_deref(), Some("PERMISSION"));
    let (odometer, speed, of_v2) = answered.data;
    let (odometer, of_v2) = (odometer.unwrap(), of_v2.unwrap());
    assert_eq!(odometer.value, Some(18250.5));
    assert!(speed.is_err() && (of_v2.distance - 18250.5).abs() < 1e-9);
    let age = "2026-03-14T09:12:31Z".parse().ok();
    assert_eq!((odometer.meta.data_age, of_v2.meta.data_age), (age, age));
}

#[tokio::test]
async fn one_signal_and_the_connection() {
    let management = Canned::json(CONNECTIONS).await.unwrap();
    let server = Canned::json(ONE).await.unwrap();
    let client = Client::builder()
        .api(Api::V3)
        .access_token(AccessToken::new("token-of-the-app").unwrap())
        .api_origin(server.origin())
        .management_origin(management.origin())
        .build()
        .unwrap();
    let request = vehicle(&client).batch::<(Odometer, Permissions)>();
    let answered = request.send().await.unwrap();
    assert!(answered.all_ok(), "{:?}", answered.failures());
    assert_eq!((answered.plan, answered.requests), (Plan::Singles(1), 2));
    let requests = server.requests();
    let path = format!("GET /v3/vehicles/{VEHICLE}/signals/odometer-traveleddistance HTTP/1.1");
    assert_eq!(line(&requests[0]), path);
    let asked = management.requests();
    let asked = line(&asked[0]).replace("%5B", "[").replace("%5D", "]");
    assert!(asked.starts_with("GET /v3/connections?"), "{asked}");
    assert!(
        asked.contains(&format!("filter[vehicleId]={VEHICLE}")),
        "{asked}"
    );
    assert!(asked.contains(&format!("filter[userId]={USER}")), "{asked}");
}

#[tokio::test]
async fn the_list_of_vehicles_is_the_connections_of_the_management_server() {
    const TWO: &str = r#"{"data": [
        {"id": "c1", "relationships": {"vehicle": {"data": {"id": "v1"}}, "user": {"data": {"id": "u1"}}}},
        {"id": "c2", "attributes": {"user": {"id": "u2"}}, "relationships": {"vehicle": {"data": {"id": "v2"}}}}],
        "meta": {"page": 1, "totalCount": 2}, "links": {"next": null}}"#;
    let management = Canned::json(TWO).await.unwrap();
    let builder = Client::builder()
        .api(Api::V3)
        .user(UserId::new(USER).unwrap())
        .vehicle_mode(VehicleMode::Simulated)
        .access_token(AccessToken::new("token-of-the-app").unwrap())
        .api_origin("http://127.0.0.1:1")
        .management_origin(management.origin());
    let listed: Vec<_> = builder.build().unwrap().vehicles().collect().await;
    let listed: Vec<_> = listed.into_iter().map(Result::unwrap).collect();
    let shown: Vec<_> = listed
        .iter()
        .map(|it| (it.to_string(), it.user()))
        .collect();
    let user = |id: &str| UserId::new(id).unwrap();
    let (first, second) = (user("u1"), user("u2"));
    assert_eq!(
        shown,
        [
            ("v1".to_owned(), Some(&first)),
            ("v2".to_owned(), Some(&second))
        ]
    );
    let requests = management.requests();
    assert_eq!(requests.len(), 1);
    let asked = line(&requests[0]).replace("%5B", "[").replace("%5D", "]");
    let query = format!(
        "filter[userId]={USER}&filter[vehicle.mode]=simulated&page[number]=1&page[size]=50"
    );
    assert_eq!(asked, format!("GET /v3/connections?{query} HTTP/1.1"));
    let bearer = Some("Bearer token-of-the-app");
    assert_eq!(header(&requests[0], "authorization"), bearer);
}

#[tokio::test]
async fn a_loader_and_a_fleet_name_the_user_too() {
    let server = Canned::json(STORE).await.unwrap();
    let client = client(&server);
    let first = vehicle(&client);
    let other = client
        .vehicle(VehicleId::new(VEHICLE).unwrap())
        .with_user(UserId::new("another").unwrap());
    let (one, two) = (first.loader(), other.loader());
    let (one, two) = tokio::join!(one.get::<Odometer>(), two.get::<Odometer>());
    assert!(one.is_ok() && two.is_ok());
    let mut users: Vec<_> = server
        .requests()
        .iter()
        .map(|request| header(request, "sc-user-id").unwrap().to_owned())
        .collect();
    users.sort();
    assert_eq!(users, [USER, "another"], "one window per user");

    let entry = (VehicleId::new(VEHICLE).unwrap(), UserId::new("u3").unwrap());
    let fleet = client.fleet::<(Odometer,)>().run(stream::iter([entry]));
    let outcome = fleet.boxed().next().await.unwrap();
    assert_eq!(outcome.user.unwrap().as_str(), "u3");
    assert!(outcome.result.unwrap().all_ok());
    assert_eq!(header(&server.requests()[2], "sc-user-id"), Some("u3"));
}

#[tokio::test]
async fn many_tasks_that_meet_a_401_share_one_new_token() {
    let auth = Canned::start(vec![token("first", "3600"), token("second", "\"3600\"")]);
    let auth = auth.await.unwrap();
    let secret = ClientSecret::new(SECRET).unwrap();
    let credentials = ClientCredentials::new("client_01", secret).unwrap();
    let credentials = credentials.auth_origin(auth.origin()).unwrap();
    // A first call gets the token, so that the next two calls are sent together.
    let mut answers = vec![json("200 OK", ONE)];
    answers.extend(vec![json("401 Unauthorized", UNAUTHORIZED); 2]);
    answers.push(json("200 OK", ONE));
    let server = Canned::start(answers).await.unwrap();
    let client = Client::builder()
        .api(Api::V3)
        .token_source(credentials)
        .api_origin(server.origin())
        .build()
        .unwrap();
    let vehicle = vehicle(&client);
    vehicle.get::<Odometer>().send().await.unwrap();
    let (one, two) = tokio::join!(
        vehicle.get::<Odometer>().send(),
        vehicle.get::<Odometer>().send()
    );
    assert!(one.is_ok() && two.is_ok());
    let made = auth.requests();
    assert_eq!(made.len(), 2, "one at the start, one for both rejections");
    let (head, body) = made[0].split_once("\r\n\r\n").unwrap();
    assert_eq!(line(head), "POST /oauth2/token HTTP/1.1");
    let form = Some("application/x-www-form-urlencoded");
    assert_eq!(header(head, "content-type"), form);
    assert_eq!(
        body,
        "grant_type=client_credentials&client_id=client_01&client_secret=s3cr3t%2B0f%2Fthe%26app"
    );
    let bearers: Vec<_> = server
        .requests()
        .iter()
        .map(|request| header(request, "authorization").unwrap().to_owned())
        .collect();
    let (first, second) = ("Bearer first", "Bearer second");
    assert_eq!(bearers, [first, first, first, second, second]);
}

#[tokio::test]
async fn a_token_that_cannot_be_had_says_why_and_no_secret() {
    let echo =
        format!(r#"{{"error": "invalid_client", "error_description": "{SECRET} is wrong"}}"#);
    let big = format!(r#"{{"access_token": "{}"}}"#, "x".repeat(70_000));
    let odd = format!(r#"{{"error": "{SECRET}"}}"#);
    let redirect = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\n\
        Content-Length: 0\r\nConnection: close\r\n\r\n";
    for (sent, told) in [
        (
            json("401 Unauthorized", &echo),
            "invalid_client: check the client id",
        ),
        (json("400 Bad Request", &odd), "status 400, unknown error"),
        (json("200 OK", "{}"), "no `access_token`"),
        (json("200 OK", "<html>"), "not a JSON object"),
        (
            json("200 OK", r#"{"access_token": "a b"}"#),
            "not visible ASCII",
        ),
        (json("200 OK", &big), "larger than"),
        (redirect.to_vec(), "status 307"),
    ] {
        let auth = Canned::start(vec![sent]).await.unwrap();
        let secret = ClientSecret::new(SECRET).unwrap();
        let credentials = ClientCredentials::new("client_01", secret).unwrap();
        let credentials = credentials.auth_origin(auth.origin()).unwrap();
        let shown = format!("{credentials:?} {credentials:#?}");
        assert!(!shown.contains("s3cr3t"), "{shown}");
        let builder = Client::builder().api(Api::V3).token_source(credentials);
        let shown = format!("{builder:?}");
        assert!(!shown.contains("s3cr3t"), "{shown}");
        let client = builder.api_origin(auth.origin()).build().unwrap();
        let failed = vehicle(&client).get::<Odometer>().send().await.unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Token, "{failed}");
        let mut shown = format!("{failed} {failed:?}");
        let mut source = std::error::Error::source(&failed);
        while let Some(cause) = source {
            shown.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        assert!(shown.contains(told), "{shown}");
        assert!(!shown.contains("s3cr3t"), "{shown}");
        assert_eq!(auth.requests().len(), 1);
    }
    let refused = ClientSecret::new("two\nlines").unwrap_err();
    assert!(!refused.to_string().contains("lines\""), "{refused}");
}

#[tokio::test]
async fn a_tokens_lifetime_is_what_the_answer_says() {
    let auth = Canned::start(vec![token("t", "3600")]).await.unwrap();
    let secret = ClientSecret::new(SECRET).unwrap();
    let credentials = ClientCredentials::new("client_01", secret).unwrap();
    let credentials = credentials.auth_origin(auth.origin()).unwrap();
    let issued = credentials.fetch().await.unwrap();
    assert_eq!(issued.lifetime, Some(std::time::Duration::from_secs(3600)));
}

#[tokio::test]
async fn single_requests_where_all_cost_more() {
    let server = Canned::json(ONE).await.unwrap();
    let client = Client::builder()
        .api(Api::V3)
        .signals_cost(NonZeroU32::new(3).unwrap())
        .access_token(AccessToken::new("token-of-the-app").unwrap())
        .api_origin(server.origin())
        .build()
        .unwrap();
    type Two = (
        signal::odometer::TraveledDistance,
        signal::motion::CurrentSpeed,
    );
    let answered = vehicle(&client).signals::<Two>().send().await.unwrap();
    assert_eq!((answered.plan, answered.charged), (Plan::Singles(2), 2));
    assert_eq!(server.requests().len(), 2);
    assert!(answered.data.0.is_ok());
    // The second response contained a different signal from the requested one.
    assert!(answered.data.1.unwrap_err().is_missing());
}
