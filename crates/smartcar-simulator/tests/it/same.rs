//! Two simulators of one seed and one start give the same bytes.
//!
//! Invariant: every kind of request takes part, in one order, and so do webhooks and what
//! a person does while it runs.

use std::time::Duration;

use serde_json::{Value, json};
use smartcar_simulator::{DEFAULT_USER, Fault, Limits, Simulator, WebhookFault};

use crate::http::{ask, send, send_json};
use crate::receiver::{KEY, receiver};

/// One of the listed vehicles, and one that is not.
const VEHICLES: [&str; 2] = ["8a25d7e0-41f3-4c69-b0de-17c2f95a3b84", "any-vehicle"];

/// The lines of requests for a vehicle, each with its body.
fn requests(vehicle: &str) -> Vec<(String, String)> {
    let paths = [
        "/",
        "/vin",
        "/odometer",
        "/location",
        "/battery",
        "/fuel",
        "/charge",
        "/tires",
    ];
    let entries = paths.map(|path| json!({ "path": path }));
    let batch = json!({ "requests": entries }).to_string();
    let v2 = paths
        .iter()
        .map(|path| format!("GET /v2.0/vehicles/{vehicle}{path}"));
    let v3 = [
        "",
        "/signals",
        "/signals/odometer-traveleddistance",
        "/signals/tractionbattery-stateofcharge",
    ];
    let v3 = v3
        .iter()
        .map(|path| format!("GET /v3/vehicles/{vehicle}{path}"));
    let lists = [
        "/v2.0/vehicles",
        "/v3/connections",
        "/v3/webhooks",
        "/v2.0/nothing",
        "/nothing",
    ];
    let lists = lists.iter().map(|path| format!("GET {path}"));
    let plain = v2.chain(v3).chain(lists).map(|line| (line, String::new()));
    let own = [
        (
            format!("GET /v2.0/vehicles/{vehicle}/permissions?limit=2"),
            String::new(),
        ),
        (format!("POST /v2.0/vehicles/{vehicle}/batch"), batch),
        (
            format!("POST /v2.0/vehicles/{vehicle}/batch"),
            "{}".to_owned(),
        ),
    ];
    plain.chain(own).collect()
}

/// Everything that the simulator says to one round of requests.
async fn round(simulator: &Simulator, said: &mut Vec<String>) {
    for vehicle in VEHICLES {
        for (line, body) in requests(vehicle) {
            let authorization = format!("Bearer {}", simulator.token());
            for units in ["metric", "imperial"] {
                let headers = [
                    ("authorization", authorization.as_str()),
                    ("content-type", "application/json"),
                    ("sc-unit-system", units),
                    ("sc-user-id", DEFAULT_USER),
                ];
                let answer = send(simulator, &line, &headers, &body).await;
                said.push(format!("{line} {units}: {answer:?}"));
            }
        }
        let unknown = format!("GET /v2.0/vehicles/{vehicle}/vin");
        said.push(format!(
            "{:?}",
            ask(simulator, &unknown, "unknown", "").await
        ));
    }
    let form = "application/x-www-form-urlencoded";
    let basic = "Basic c2ltdWxhdG9yLWNsaWVudDpzaW11bGF0b3Itc2VjcmV0";
    let headers = [("content-type", form), ("authorization", basic)];
    let own = "grant_type=client_credentials";
    said.push(format!(
        "{:?}",
        send(simulator, "POST /oauth2/token", &headers, own).await
    ));
    let code = send_json(
        simulator,
        "POST /_simulator/authorization_codes",
        &json!({}),
    )
    .await;
    let code = code.json()["code"].as_str().unwrap().to_owned();
    let trade = format!("grant_type=authorization_code&code={code}");
    said.push(format!(
        "{:?}",
        send(simulator, "POST /oauth/token", &headers, &trade).await
    ));
}

/// What a person reads of it.
async fn state(simulator: &Simulator, said: &mut Vec<String>) {
    for line in [
        "GET /_simulator/state",
        "GET /_simulator/scenario",
        "GET /_simulator/requests",
    ] {
        said.push(send_json(simulator, line, &Value::Null).await.body);
    }
}

fn deliveries(simulator: &Simulator, said: &mut Vec<String>) {
    for delivery in simulator.deliveries() {
        said.push(format!(
            "{} {:?} {}",
            delivery.at, delivery.status, delivery.body
        ));
    }
}

/// Everything that a simulator says in a few hours.
async fn told(simulator: &Simulator, url: &str) -> Vec<String> {
    let mut said = Vec::new();
    round(simulator, &mut said).await;
    simulator.advance(Duration::from_secs(7 * 3_600));
    simulator.webhook(url, KEY).unwrap();
    simulator.deliver().await;
    let faults = [
        Fault::shuffled_items(5).times(2),
        Fault::html(502).with_probability(0.3, 9),
        Fault::item_error("/vin", "UPSTREAM", Some("NO_RESPONSE")).times(3),
    ];
    for fault in faults {
        simulator.fault(fault).unwrap();
    }
    simulator
        .webhook_fault(WebhookFault::duplicate().chance(0.5))
        .unwrap();
    simulator.advance(Duration::from_secs(600));
    simulator.deliver().await;
    round(simulator, &mut said).await;
    for vehicle in VEHICLES {
        let line = format!("PATCH /_simulator/vehicles/{vehicle}");
        let change = json!({"asleep": true, "revoke": "read_vin", "odometer_km": 5});
        said.push(send_json(simulator, &line, &change).await.body);
    }
    simulator.set_limits(Limits::published()).unwrap();
    simulator.deliver().await;
    round(simulator, &mut said).await;
    deliveries(simulator, &mut said);
    said
}

async fn of_seed(seed: u64, url: &str) -> Vec<String> {
    let simulator = Simulator::builder().seed(seed).start().await.unwrap();
    let mut said = told(&simulator, url).await;
    state(&simulator, &mut said).await;
    said
}

#[tokio::test]
async fn two_simulators_of_one_seed_give_the_same_bytes() {
    let url = receiver().await;
    let (one, other) = (of_seed(3, &url).await, of_seed(3, &url).await);
    assert!(
        one.iter().any(|said| said.contains("VEHICLE_STATE")),
        "nothing was delivered"
    );
    for (place, (one, other)) in one.iter().zip(&other).enumerate() {
        assert_eq!(one, other, "the answer {place}");
    }
    assert_eq!(one.len(), other.len());
    let seeded = of_seed(4, &url).await;
    let differ = one.iter().zip(&seeded).filter(|(one, other)| one != other);
    assert!(differ.count() > 100, "another seed gives other bytes");
}

#[tokio::test]
async fn after_a_reset_a_simulator_gives_the_same_bytes_again() {
    let url = receiver().await;
    let simulator = Simulator::start().await.unwrap();
    let before = told(&simulator, &url).await;
    let reset = send_json(&simulator, "POST /_simulator/reset", &json!({})).await;
    assert_eq!(reset.status, 200);
    assert_eq!(
        (simulator.webhooks(), simulator.deliveries()),
        (vec![], vec![])
    );
    let after = told(&simulator, &url).await;
    for (place, (before, after)) in before.iter().zip(&after).enumerate() {
        assert_eq!(before, after, "the answer {place}");
    }
    assert_eq!(before.len(), after.len());
}
