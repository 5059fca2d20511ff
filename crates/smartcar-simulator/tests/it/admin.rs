//! The admin endpoint.
//!
//! Invariant: a change applies to the next request, and admin requests do not count
//! as API requests.

use serde_json::{Value, json};
use smartcar_simulator::{Fault, Limits, Simulator};

use crate::http::{Answer, batch, get, send, send_json};

async fn call(simulator: &Simulator, line: &str, body: &Value) -> (u16, Value) {
    let answer = send_json(simulator, line, body).await;
    let lower = answer.head.to_lowercase();
    assert!(
        lower.contains("content-type: application/json"),
        "{answer:?}"
    );
    (answer.status, answer.json())
}

async fn refused(simulator: &Simulator, line: &str, body: &Value, status: u16, word: &str) {
    let (found, answer) = call(simulator, line, body).await;
    let error = answer["error"].as_str().unwrap();
    assert!(
        found == status && error.contains(word),
        "{line} {body}: {found} {error}"
    );
}

#[tokio::test]
async fn faults_are_added_listed_and_ended() {
    let simulator = Simulator::start().await.unwrap();
    let faults = "/_simulator/faults";
    let fault = json!({"html": 502, "times": 1});
    for id in 1..=3 {
        let added = call(&simulator, &format!("POST {faults}"), &fault).await;
        assert_eq!(added, (201, json!({"id": id})));
    }
    assert_eq!(get(&simulator, "/vin").await.status, 502);
    let left = json!({"faults": [{"id": 2, "fault": fault}, {"id": 3, "fault": fault}]});
    assert_eq!(
        call(&simulator, &format!("GET {faults}"), &Value::Null).await,
        (200, left)
    );
    assert_eq!(simulator.faults()[0].1, Fault::html(502).times(1));

    let delete = format!("DELETE {faults}/3");
    assert_eq!(
        call(&simulator, &delete, &Value::Null).await,
        (200, json!({"cleared": 1}))
    );
    refused(
        &simulator,
        &delete,
        &Value::Null,
        404,
        "GET /_simulator/faults lists",
    )
    .await;
    refused(
        &simulator,
        &format!("DELETE {faults}/x"),
        &Value::Null,
        404,
        "fault x does not exist",
    )
    .await;
    let all = format!("DELETE {faults}");
    assert_eq!(
        call(&simulator, &all, &Value::Null).await,
        (200, json!({"cleared": 1}))
    );
    assert_eq!(get(&simulator, "/vin").await.status, 200);
}

#[tokio::test]
async fn what_is_wrong_is_said_and_changes_nothing() {
    let simulator = Simulator::start().await.unwrap();
    let post = |what: &str| format!("POST /_simulator/{what}");
    for (what, body, word) in [
        (
            "faults",
            json!({"error": "SLEEPY"}),
            "the catalogue has no error SLEEPY",
        ),
        ("faults", json!({"httml": 502}), "unknown field `httml`"),
        ("faults", json!({}), "the fault has no effect"),
        ("faults", Value::Null, "EOF"),
        (
            "clock",
            json!({}),
            "give `advance_seconds`, `speed` or both",
        ),
        ("clock", json!({"advance_seconds": -1}), "0 or more"),
        (
            "clock",
            json!({"advance_seconds": 60, "speed": -1}),
            "`speed` must be 0 or more",
        ),
        ("clock", json!({"now": "x"}), "unknown field `now`"),
        (
            "limits",
            json!({"application": {"bucket": 0, "per_minute": 1}}),
            "must be 1 or more",
        ),
        (
            "tokens",
            json!({"add": {"token": "two words"}}),
            "visible ascii",
        ),
        (
            "tokens",
            json!({"drop": "x"}),
            "unknown field `drop`, expected `add` or `expire`",
        ),
        ("tokens", json!({}), "give either `add` or `expire`"),
        (
            "tokens",
            json!({"add": {"token": "x"}, "expire": "x"}),
            "give either",
        ),
    ] {
        refused(&simulator, &post(what), &body, 400, word).await;
    }
    refused(
        &simulator,
        "GET /_simulator/limits",
        &Value::Null,
        405,
        "GET /_simulator lists",
    )
    .await;
    refused(
        &simulator,
        "GET /_simulator/nothing",
        &Value::Null,
        404,
        "GET /_simulator lists",
    )
    .await;
    let long = json!("x".repeat(1024 * 1024));
    refused(&simulator, &post("faults"), &long, 413, "bytes").await;
    assert_eq!(simulator.faults(), []);
    assert_eq!(simulator.now().to_string(), "2026-03-14T09:27:01Z");
    assert_eq!(simulator.limits(), Limits::off());
    assert_eq!(simulator.tokens().len(), 1);
}

#[tokio::test]
async fn the_clock_is_moved_and_read() {
    let simulator = Simulator::start().await.unwrap();
    let clock = "/_simulator/clock";
    let moved = json!({"advance_seconds": 90.5});
    let expected = json!({"now": "2026-03-14T09:28:31.5Z", "speed": 0.0});
    assert_eq!(
        call(&simulator, &format!("POST {clock}"), &moved).await,
        (200, expected.clone())
    );
    assert_eq!(
        call(&simulator, &format!("GET {clock}"), &Value::Null).await,
        (200, expected)
    );
    let (_, answer) = call(&simulator, &format!("POST {clock}"), &json!({"speed": 60})).await;
    assert_eq!(answer["speed"], json!(60.0));
    assert!((simulator.clock_speed() - 60.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn limits_and_tokens_are_changed() {
    let simulator = Simulator::start().await.unwrap();
    let (status, answer) = call(
        &simulator,
        "POST /_simulator/limits",
        &json!({"vehicle_monthly": 0}),
    )
    .await;
    assert_eq!(
        (status, answer),
        (200, json!({"limits": "0 per month for each vehicle"}))
    );
    assert_eq!(get(&simulator, "/vin").await.status, 430);
    call(&simulator, "POST /_simulator/limits", &json!({})).await;
    assert_eq!(get(&simulator, "/vin").await.status, 200);

    let tokens = "POST /_simulator/tokens";
    let expired = call(&simulator, tokens, &json!({"expire": simulator.token()})).await;
    assert_eq!(expired, (200, json!({"expired": true})));
    assert_eq!(get(&simulator, "/vin").await.status, 401);
    let again = call(&simulator, tokens, &json!({"expire": simulator.token()})).await;
    assert_eq!(again, (200, json!({"expired": false})));
    let token =
        json!({"token": simulator.token(), "permissions": ["read_vin"], "lifetime_seconds": 60});
    assert_eq!(
        call(&simulator, tokens, &json!({"add": token})).await.0,
        201
    );
    assert_eq!(get(&simulator, "/vin").await.status, 200);
    assert_eq!(get(&simulator, "/fuel").await.status, 403);
    call(
        &simulator,
        "POST /_simulator/clock",
        &json!({"advance_seconds": 60}),
    )
    .await;
    assert_eq!(get(&simulator, "/vin").await.status, 401);
}

#[tokio::test]
async fn another_process_gets_a_code_and_its_tokens_read_what_it_says() {
    let simulator = Simulator::start().await.unwrap();
    let codes = "POST /_simulator/authorization_codes";
    for (consent, fuel) in [
        (json!({"permissions": ["read_vin"]}), 403),
        (json!({}), 200),
    ] {
        let (status, answer) = call(&simulator, codes, &consent).await;
        assert_eq!(status, 201);
        let code = answer["code"].as_str().unwrap();
        let form = format!("grant_type=authorization_code&code={code}");
        let headers = [
            (
                "Authorization",
                "Basic c2ltdWxhdG9yLWNsaWVudDpzaW11bGF0b3Itc2VjcmV0",
            ),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let pair = send(&simulator, "POST /oauth/token", &headers, &form)
            .await
            .json();
        let token = pair["access_token"].as_str().unwrap();
        let bearer = format!("Bearer {token}");
        for (path, status) in [("vin", 200), ("fuel", fuel)] {
            let line = format!("GET /v2.0/vehicles/car/{path}");
            let answer = send(&simulator, &line, &[("Authorization", &bearer)], "").await;
            assert_eq!(answer.status, status, "{path}");
        }
    }
    let odd = call(&simulator, codes, &json!({"permission": "read_vin"})).await;
    assert_eq!(odd.0, 400);
}

#[tokio::test]
async fn requests_are_listed_and_forgotten_and_these_are_none() {
    let simulator = Simulator::start().await.unwrap();
    simulator.fault(Fault::status(503)).unwrap();
    simulator
        .set_limits(Limits::off().application(1, 1))
        .unwrap();
    let requests = "/_simulator/requests";
    assert_eq!(batch(&simulator).await.status, 503);
    let (status, answer) = call(&simulator, &format!("GET {requests}"), &Value::Null).await;
    let expected = json!({"requests": [{
        "method": "POST",
        "path": "/v2.0/vehicles/car/batch",
        "batch_paths": ["/odometer", "/fuel", "/location"],
        "authorized": true,
        "vehicle": "car",
        "unit_system": null,
        "status": 503,
    }]});
    assert_eq!((status, answer), (200, expected));
    let forgotten = call(&simulator, &format!("DELETE {requests}"), &Value::Null).await;
    assert_eq!(forgotten, (200, json!({"cleared": 1})));
    assert_eq!(simulator.requests(), []);
}

#[tokio::test]
async fn every_route_of_the_index_is_there() {
    let simulator = Simulator::start().await.unwrap();
    let (status, index) = call(&simulator, "GET /_simulator", &Value::Null).await;
    assert_eq!(status, 200);
    let routes = index["routes"].as_array().unwrap();
    assert_eq!(routes.len(), 31);
    for route in routes {
        let (method, path) = (&route["method"], &route["path"]);
        if path == "/_simulator/events" {
            // A stream, which does not end.
            continue;
        }
        let line = format!("{} {}", method.as_str().unwrap(), path.as_str().unwrap());
        let (status, answer) = call(&simulator, &line, &Value::Null).await;
        let error = answer["error"].as_str().unwrap_or_default();
        // The bodies are empty, so some requests are rejected, but each route
        // exists.
        assert!(![405, 421].contains(&status), "{line}");
        assert!(
            !error.contains("GET /_simulator lists all"),
            "{line}: {error}"
        );
    }
}

#[tokio::test]
async fn neither_another_machine_nor_its_pages_are_let_in() {
    let simulator = Simulator::start().await.unwrap();
    let with = async |name, value| -> Answer {
        send(
            &simulator,
            "POST /_simulator/faults",
            &[(name, value)],
            r#"{"reset": true}"#,
        )
        .await
    };
    for (name, value, status) in [
        ("Host", "evil.example", 421),
        ("Origin", "https://evil.example", 403),
        ("Origin", "null", 403),
    ] {
        let answer = with(name, value).await;
        assert_eq!(answer.status, status, "{name}: {value}");
        assert!(answer.json()["error"].is_string());
        assert_eq!(simulator.faults(), []);
    }
    let page = ("Origin", "http://localhost:3000");
    assert_eq!(with(page.0, page.1).await.status, 201);
}
