//! What a person does with a running simulator: look, change, find out what happened.
//!
//! Invariant: what is refused changes nothing.

use std::time::Duration;

use serde_json::{Value, json};
use smartcar_simulator::{Fault, Limits, Scenario, Simulator};

use crate::http::{ask, get, send, send_json};

async fn call(simulator: &Simulator, line: &str, body: &Value) -> (u16, Value) {
    let answer = send_json(simulator, line, body).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn vehicles_are_added_changed_and_removed() {
    let simulator = Simulator::start().await.unwrap();
    let new = json!({"id": "my-car", "make": "TESLA", "battery_fraction": 0.3});
    assert_eq!(
        call(&simulator, "POST /_simulator/vehicles", &new).await.0,
        201
    );
    assert_eq!(
        call(&simulator, "POST /_simulator/vehicles", &new).await.0,
        400
    );
    let one = "PATCH /_simulator/vehicles/my-car";
    let (status, car) = call(&simulator, one, &json!({"plugged_in": false})).await;
    assert_eq!((status, &car["plugged_in"]), (200, &json!(false)));
    simulator.advance(Duration::from_secs(3_600));
    let (_, all) = call(&simulator, "GET /_simulator/vehicles", &Value::Null).await;
    assert_eq!(all["vehicles"].as_array().unwrap().len(), 4);
    assert_eq!(
        all["vehicles"][3]["battery_fraction"], 0.3,
        "it does not charge"
    );
    let (_, asleep) = call(&simulator, one, &json!({"asleep": true})).await;
    simulator.advance(Duration::from_secs(86_400));
    let (_, later) = call(&simulator, one, &json!({})).await;
    assert_eq!(
        asleep["reported"], later["reported"],
        "it reports nothing new"
    );
    for (change, word) in [
        (
            json!({"revoke": "read_odometr"}),
            "did you mean `read_odometer`?",
        ),
        (json!({"fuel_fraction": 0.5}), "no tank"),
        (json!({"odometer_km": -1}), "`odometer_km` must be"),
        (json!({"plugged": true}), "did you mean `plugged_in`?"),
    ] {
        let (status, answer) = call(&simulator, one, &change).await;
        let error = answer["error"].as_str().unwrap();
        assert!(status == 400 && error.contains(word), "{change}: {error}");
    }
    let gone = "DELETE /_simulator/vehicles/my-car";
    assert_eq!(call(&simulator, gone, &Value::Null).await.0, 200);
    let (status, answer) = call(&simulator, gone, &Value::Null).await;
    assert_eq!(status, 404, "{answer}");
    assert_eq!(simulator.vehicles().len(), 3);
}

#[tokio::test]
async fn the_log_has_items_price_faults_and_no_token() {
    let simulator = Simulator::start().await.unwrap();
    let fault = Fault::item_error("/odometer", "VEHICLE_STATE", Some("ASLEEP"));
    simulator.fault(fault).unwrap();
    let paths = ["/odometer", "/vin", "/permissions"].map(|path| json!({"path": path}));
    let body = json!({"requests": paths}).to_string();
    ask(
        &simulator,
        "POST /v2.0/vehicles/car/batch",
        simulator.token(),
        &body,
    )
    .await;
    let code = simulator.authorization_code(["read_vin"]).unwrap();
    let form = format!("grant_type=authorization_code&code={code}");
    let basic = "Basic c2ltdWxhdG9yLWNsaWVudDpzaW11bGF0b3Itc2VjcmV0";
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", basic),
    ];
    let issued = send(&simulator, "POST /oauth/token", &headers, &form)
        .await
        .json();
    let log = simulator.log(0);
    let [batch, token] = &log[..] else {
        panic!("{log:?}")
    };
    let items: Vec<_> = batch
        .items
        .iter()
        .map(|it| (it.path.as_str(), it.code))
        .collect();
    assert_eq!(
        items,
        [("/odometer", 409), ("/vin", 200), ("/permissions", 200)]
    );
    assert_eq!(
        (batch.price, &batch.faults[..], batch.status),
        (1, &[1][..], Some(200))
    );
    assert!(batch.request_body.contains("/permissions") && batch.response_body.contains("vin"));
    assert_eq!((token.number, token.price), (2, 0));
    let shown = serde_json::to_string(&log).unwrap();
    for secret in [
        &code,
        issued["access_token"].as_str().unwrap(),
        basic,
        simulator.token(),
    ] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert_eq!(simulator.log(1), log[1..]);
}

#[tokio::test]
async fn a_fault_that_never_struck_is_told_with_its_near_misses() {
    let simulator = Simulator::start().await.unwrap();
    simulator
        .fault(Fault::html(502).on_path("/vin").on_vehicle("other"))
        .unwrap();
    simulator
        .fault(Fault::html(502).on_path("/odometer").times(2))
        .unwrap();
    assert_eq!(get(&simulator, "/vin").await.status, 200);
    assert_eq!(get(&simulator, "/odometer").await.status, 502);
    let [one] = &simulator.unmatched_faults()[..] else {
        panic!("one never struck")
    };
    assert_eq!((one.matched, one.near_misses), (0, 1));
    assert_eq!(
        one.fault,
        Fault::html(502).on_path("/vin").on_vehicle("other")
    );
    let (_, told) = call(&simulator, "GET /_simulator/unmatched_faults", &Value::Null).await;
    assert_eq!(told["unmatched"][0]["near_misses"], 1);
}

#[tokio::test]
async fn a_reset_goes_back_to_the_start() {
    let start = Simulator::builder()
        .limits(Limits::published())
        .fault(Fault::html(502).on_path("/vin"));
    let simulator = start.start().await.unwrap();
    let before = call(&simulator, "GET /_simulator/state", &Value::Null).await;
    simulator.advance(Duration::from_secs(86_400));
    simulator.clear_faults();
    simulator.set_limits(Limits::off()).unwrap();
    simulator.expire_token(simulator.token());
    call(
        &simulator,
        "DELETE /_simulator/vehicles/c94e0b6f-7d18-4a2c-85f1-e03b6a9d2470",
        &Value::Null,
    )
    .await;
    assert_ne!(
        call(&simulator, "GET /_simulator/state", &Value::Null).await,
        before
    );
    assert_eq!(
        call(&simulator, "POST /_simulator/reset", &json!({}))
            .await
            .0,
        200
    );
    assert_eq!(
        call(&simulator, "GET /_simulator/state", &Value::Null).await,
        before
    );
    assert_eq!(get(&simulator, "/odometer").await.status, 200);
}

#[tokio::test]
async fn an_open_simulator_needs_its_own_token() {
    let own = "a-token-of-its-own";
    let any = ([0, 0, 0, 0], 0).into();
    for builder in [
        Simulator::builder().addr(any),
        Simulator::builder()
            .addr(any)
            .allow_hosts(["lab"], "simulator-token"),
        Simulator::builder().addr(any).allow_hosts(["lab"], "short"),
        Simulator::builder().addr(any).allow_hosts(["lab:1"], own),
        Simulator::builder()
            .addr(any)
            .allow_hosts(Vec::<String>::new(), own),
    ] {
        let error = builder.start().await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput, "{error}");
        assert!(!error.to_string().contains(own));
    }
    let simulator = Simulator::builder()
        .allow_hosts(["lab"], own)
        .start()
        .await
        .unwrap();
    assert_eq!(simulator.token(), own);
    let list = async |token: &str, line: &str| {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        send(&simulator, line, &headers, "").await.status
    };
    for line in ["GET /v2.0/vehicles", "GET /_simulator", "GET /_simulator/"] {
        assert_eq!(list("simulator-token", line).await, 401, "{line}");
        assert_eq!(list(own, line).await, 200, "{line}");
    }
}

#[tokio::test]
async fn unknown_names_are_refused_with_the_nearest_one() {
    for (text, word) in [
        (
            "[[tokens]]\ntoken = 't'\npermissions = ['read_odometr']",
            "line 1: the permission `read_odometr` is not known, did you mean `read_odometer`?",
        ),
        (
            "[[vehicles]]\nid = 'a'\npermissions = ['read_vim']",
            "did you mean `read_vin`?",
        ),
        (
            "[[vehicles]]\nid = 'a'\nmake = 'TESSLA'",
            "did you mean `TESLA`?",
        ),
        (
            "[[faults]]\nhtml = 502\npath = '/oddometer'",
            "did you mean `/odometer`?",
        ),
        ("[[faults]]\nhtml = 502\ntims = 1", "did you mean `times`?"),
        (
            "only_known_vehicles = true\n[[vehicles]]\nid = 'car-1'\n[[faults]]\nhtml = 502\nvehicle = 'car-l'",
            "did you mean `car-1`?",
        ),
        (
            "[[webhooks]]\nurl = 'http://127.0.0.1:1/'\ntoken = 't'\nsignals = ['odometer-travelleddistance']",
            "did you mean `odometer-traveleddistance`?",
        ),
        (
            "[limits]\nvehicle_rate = {requests = 0, per_seconds = 1}",
            "`vehicle_rate`",
        ),
    ] {
        let error = Scenario::parse(text).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    let simulator = Simulator::start().await.unwrap();
    assert!(simulator.add_token("t", ["read_odometr"]).is_err());
    assert!(
        simulator
            .fault(Fault::html(502).on_path("/oddometer"))
            .is_err()
    );
    let error = simulator.authorization_code(["read_odometr"]).unwrap_err();
    let expected = "the permission `read_odometr` is not known, did you mean `read_odometer`?";
    assert_eq!(error.to_string(), expected);
    let consent = json!({"permissions": ["read_odometr"]});
    let (status, answer) = call(&simulator, "POST /_simulator/authorization_codes", &consent).await;
    assert_eq!(status, 400, "{answer}");
}
