use http::{Method, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use super::*;
use crate::record::RecordedRequest;
use crate::testing::{ANY_VEHICLE, Ask, app, batch_of, items};
use crate::tokens::NewToken;

#[tokio::test]
async fn request_ids_are_counted_and_repeated_in_errors() {
    let app = app();
    let first = Ask::read("/vin").send(&app).await;
    let second = Ask::read("/nothing").send(&app).await;
    let id = first.header("sc-request-id").unwrap();
    assert_eq!(id, "00000000-0000-4000-8000-000000000001");
    assert_ne!(second.header("sc-request-id"), Some(id));
    second.error();
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let app = app();
    for (path, code) in [
        ("/v2.0/vehicles/x/nothing", "PATH"),
        ("/v2.0/vehicles/x/odometer/", "PATH"),
        ("/v2.0/vehicles//odometer", "PATH"),
        ("/v2.0/vehicles/x/Odometer", "PATH"),
        ("/v2.0/nothing", "PATH"),
        ("/v2.0", "PATH"),
        ("/", "PATH"),
        ("/v9.9/vehicles", "VERSION"),
        ("/vehicles", "VERSION"),
    ] {
        let request = Request::builder().uri(path).header("host", "localhost");
        let request = request.header("authorization", "Bearer simulator-token");
        let reply = app
            .handle(request.body(Full::<bytes::Bytes>::default()).unwrap())
            .await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(body["type"], "RESOURCE_NOT_FOUND", "{path}");
        assert_eq!(body["code"], code, "{path}");
    }
}

#[tokio::test]
async fn another_method_is_not_allowed_and_the_right_one_is_said() {
    let app = app();
    for (method, path, allow) in [
        (Method::POST, "/vehicles/x/odometer", "GET"),
        (Method::DELETE, "/vehicles", "GET"),
        (Method::GET, "/vehicles/x/batch", "POST"),
    ] {
        let reply = Ask::new(&method, path).send(&app).await;
        let error = ("RESOURCE_NOT_FOUND", Some("PATH"), 405);
        assert_eq!(reply.error(), error, "{method} {path}");
        assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
    }
}

#[tokio::test]
async fn without_a_known_token_nothing_is_read() {
    let app = app();
    for value in [None, Some("Bearer other"), Some("Basic x"), Some("Bearer")] {
        for ask in [Ask::read("/vin"), batch_of(["/vin"]), Ask::get("/vehicles")] {
            let ask = ask.header("host", "127.0.0.1");
            let ask = match value {
                Some(value) => ask.header("authorization", value),
                None => ask,
            };
            let reply = ask.send_bare(&app).await;
            assert_eq!(reply.error(), ("AUTHENTICATION", None, 401), "{value:?}");
            assert_eq!(reply.body["resolution"], Value::Null);
        }
    }
}

#[tokio::test]
async fn another_unit_system_is_refused() {
    let app = app();
    for value in ["nautical", "", "Metric"] {
        for ask in [Ask::read("/vin"), batch_of(["/vin"])] {
            let reply = ask.header("sc-unit-system", value).send(&app).await;
            assert_eq!(reply.error(), ("VALIDATION", None, 400), "{value}");
            assert_eq!(reply.body["detail"][0]["field"], json!(["sc-unit-system"]));
        }
    }
}

#[tokio::test]
async fn headers_that_mean_nothing_here_are_ignored() {
    let ask = batch_of(["/vin"])
        .header("accept", "*/*")
        .header("accept-encoding", "gzip, deflate")
        .header("sec-fetch-mode", "cors")
        .header(
            "user-agent",
            "Smartcar/6.19.1(Linux; x86_64) Python v3.11.7",
        );
    assert_eq!(items(&ask.send(&app()).await).len(), 1);
}

#[tokio::test]
async fn a_foreign_host_is_turned_away() {
    let app = app();
    for hosts in [
        vec!["evil.example"],
        vec![],
        vec!["localhost", "evil.example"],
    ] {
        let mut ask = Ask::read("/vin").token("simulator-token");
        for host in &hosts {
            ask = ask.header("host", host);
        }
        let reply = ask.send_bare(&app).await;
        assert_eq!(reply.error(), ("VALIDATION", None, 421), "{hosts:?}");
    }
}

#[tokio::test]
async fn a_long_body_is_refused() {
    let reply = Ask::batch(" ".repeat(request::MAX_BODY + 1))
        .send(&app())
        .await;
    assert_eq!(reply.error(), ("VALIDATION", None, 413));
}

#[tokio::test]
async fn requests_are_recorded_without_their_token() {
    let app = app();
    batch_of(["/vin", "fuel", "/nothing"]).send(&app).await;
    let ask = Ask::get("/vehicles?limit=1").header("host", "localhost");
    ask.token("wrong-secret").send_bare(&app).await;
    Ask::read("/vin")
        .header("host", "evil.example")
        .send_bare(&app)
        .await;

    let requests = app.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[0].method, "POST");
    assert_eq!(
        requests[0].path,
        format!("/v2.0/vehicles/{ANY_VEHICLE}/batch")
    );
    assert_eq!(requests[0].batch_paths, ["/vin", "fuel", "/nothing"]);
    assert!(requests[0].authorized);
    assert_eq!(requests[1].path, "/v2.0/vehicles?limit=1");
    assert_eq!(requests[1].batch_paths, [""; 0]);
    assert!(!requests[1].authorized);
    assert!(!requests[2].authorized);

    let of = |place: usize| {
        let request: &RecordedRequest = &requests[place];
        (request.status, request.vehicle.as_deref())
    };
    assert_eq!(of(0), (Some(400), Some(ANY_VEHICLE)));
    assert_eq!(of(1), (Some(401), None));
    assert_eq!(of(2), (Some(421), None));

    let shown = format!("{requests:?}");
    assert!(!shown.contains("wrong-secret") && !shown.contains("simulator-token"));
}

#[tokio::test]
async fn the_unit_system_is_recorded_as_it_was_asked() {
    let app = app();
    let ask = || Ask::read("/odometer");
    ask().send(&app).await;
    ask().header("sc-unit-system", "imperial").send(&app).await;
    ask().header("sc-unit-system", "Metric").send(&app).await;
    let requests = app.requests();
    let asked = requests
        .iter()
        .map(|it| (it.unit_system.as_deref(), it.status));
    let expected = [
        (None, Some(200)),
        (Some("imperial"), Some(200)),
        (Some("Metric"), Some(400)),
    ];
    assert_eq!(asked.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn an_expired_token_is_refused_and_another_one_works() {
    let app = app();
    assert!(app.tokens().expire("simulator-token"));
    for ask in [Ask::read("/vin"), batch_of(["/vin"]), Ask::get("/vehicles")] {
        let reply = ask.send(&app).await;
        assert_eq!(reply.error(), ("AUTHENTICATION", None, 401));
    }
    let fresh = NewToken::new("fresh", ["read_vin"], None);
    app.add_token(fresh).unwrap();
    let ask = Ask::read("/vin").header("host", "localhost").token("fresh");
    assert_eq!(ask.send_bare(&app).await.status, StatusCode::OK);
}
