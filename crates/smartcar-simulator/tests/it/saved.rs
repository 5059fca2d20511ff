//! What was done, saved as a scenario.
//!
//! Invariant: a simulator that is set up from what was saved is in the same state.

use std::time::Duration;

use serde_json::{Value, json};
use smartcar_simulator::{
    Fault, Limits, Powertrain, Scenario, SimulatedVehicle, Simulator, WebhookFault,
};

use crate::http::{Answer, ask, send, send_json};

const NOWHERE: &str = "http://127.0.0.1:1/";

async fn saved(simulator: &Simulator) -> String {
    let answer = send_json(simulator, "GET /_simulator/scenario", &Value::Null).await;
    answer.json()["toml"].as_str().unwrap().to_owned()
}

async fn loaded(text: &str) -> Simulator {
    let scenario = Scenario::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let builder = Simulator::builder().scenario(scenario);
    builder.start().await.unwrap()
}

/// A simulator in which everything that a scenario can express was changed.
async fn changed() -> Simulator {
    let simulator = Simulator::builder()
        .vehicle(
            SimulatedVehicle::new("car-1")
                .make("TESLA")
                .battery_capacity_kwh(60.0)
                .charge_limit(0.8),
        )
        .vehicle(
            SimulatedVehicle::new("car-2")
                .powertrain(Powertrain::Ice)
                .tank_litres(40.0),
        )
        .only_known_vehicles(true)
        .empty_stores(true)
        .limits(Limits::published())
        .application("my-app", "my-secret")
        .token("driver", ["read_vin"])
        .token_for("visitor", ["read_fuel"], Duration::from_secs(7_200))
        .fault(Fault::item_json("/vin", json!([null, {"a b": 1}])))
        .start()
        .await
        .unwrap();
    for (line, body) in [
        (
            "PATCH /_simulator/vehicles/car-1",
            json!({"plugged_in": false, "battery_fraction": 0.31, "revoke": "read_location"}),
        ),
        (
            "PATCH /_simulator/vehicles/car-2",
            json!({"asleep": true, "fuel_fraction": 0.2}),
        ),
        (
            "POST /_simulator/webhooks",
            json!({"url": NOWHERE, "token": "t", "vehicles": ["car-2"], "name": "mine",
                   "enabled": false, "signals": ["odometer-traveleddistance"]}),
        ),
        (
            "POST /_simulator/webhook_faults",
            json!({"kind": "duplicate", "chance": 0.5, "times": 3, "vehicle": "car-1"}),
        ),
    ] {
        let answer = send_json(&simulator, line, &body).await;
        assert!(answer.status < 300, "{line}: {answer:?}");
    }
    simulator.advance(Duration::from_secs(3_600));
    simulator
}

/// What the API says about the vehicles, without the age of the reports.
async fn said(simulator: &Simulator) -> Vec<String> {
    let mut said = Vec::new();
    for vehicle in ["car-1", "car-2"] {
        for path in [
            "",
            "/odometer",
            "/battery",
            "/charge",
            "/fuel",
            "/location",
            "/permissions",
        ] {
            let line = format!("GET /v2.0/vehicles/{vehicle}{path}");
            let Answer { status, body, .. } = ask(simulator, &line, simulator.token(), "").await;
            said.push(format!(
                "{line}: {status} {}",
                if status == 200 { &body } else { "" }
            ));
        }
    }
    said
}

#[tokio::test]
async fn everything_that_a_scenario_can_express_is_saved() {
    let simulator = changed().await;
    let text = saved(&simulator).await;
    let again = loaded(&text).await;
    assert_eq!(saved(&again).await, text);
    assert_eq!(said(&again).await, said(&simulator).await);
    assert_eq!(again.now(), simulator.now());
    assert_eq!(again.tokens(), simulator.tokens());
    assert_eq!(again.limits(), simulator.limits());
    assert_eq!(again.webhook_faults(), simulator.webhook_faults());
    let expected = WebhookFault::duplicate()
        .chance(0.5)
        .times(3)
        .vehicle("car-1");
    assert_eq!(again.webhook_faults(), [expected]);
    let vehicles = |simulator: &Simulator| {
        let subscriptions = simulator.subscriptions().into_iter();
        subscriptions.map(|it| it.vehicle).collect::<Vec<_>>()
    };
    assert_eq!(vehicles(&again), ["car-2"]);
    let [webhook] = &again.webhooks()[..] else {
        panic!("{text}")
    };
    assert_eq!((webhook.name.as_str(), webhook.is_enabled), ("mine", false));
    let line = "GET /_simulator/vehicles";
    let cars = send_json(&again, line, &Value::Null).await.json();
    let car = |place: usize| &cars["vehicles"][place];
    assert_eq!(
        (&car(0)["plugged_in"], &car(0)["asleep"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(
        (&car(1)["plugged_in"], &car(1)["asleep"]),
        (&Value::Null, &json!(true))
    );

    let code = again.authorization_code(["read_vin"]).unwrap();
    let form = format!("grant_type=authorization_code&code={code}");
    let headers = [
        // `my-app:my-secret`
        ("authorization", "Basic bXktYXBwOm15LXNlY3JldA=="),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    assert_eq!(
        send(&again, "POST /oauth/token", &headers, &form)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_key_that_may_be_real_is_not_saved() {
    let own = "a-token-of-its-own";
    let simulator = Simulator::builder()
        .allow_hosts(["lab"], own)
        .webhook(NOWHERE, "a-real-key")
        .start()
        .await
        .unwrap();
    let authorization = format!("Bearer {own}");
    let headers = [("authorization", authorization.as_str())];
    let webhook = json!({"url": NOWHERE, "token": own}).to_string();
    let added = send(&simulator, "POST /_simulator/webhooks", &headers, &webhook).await;
    assert_eq!(added.status, 201, "{added:?}");
    let answer = send(&simulator, "GET /_simulator/scenario", &headers, "")
        .await
        .json();
    let text = answer["toml"].as_str().unwrap();
    assert!(
        !text.contains(own) && !text.contains("a-real-key"),
        "{text}"
    );
    assert_eq!(text.matches("replace-this-key").count(), 2, "{text}");
    assert_eq!(loaded(text).await.webhooks().len(), 2);
}

#[tokio::test]
async fn a_sleeping_car_without_its_cable_is_declared() {
    let car = SimulatedVehicle::new("car-1")
        .make("TESLA")
        .battery_fraction(0.3);
    let simulator = Simulator::builder()
        .vehicle(car.clone().plugged_in(false))
        .vehicle(SimulatedVehicle::new("car-2").asleep(true))
        .start()
        .await
        .unwrap();
    let odometer = "GET /v2.0/vehicles/car-2/odometer";
    let before = ask(&simulator, odometer, simulator.token(), "").await.body;
    simulator.advance(Duration::from_secs(86_400));
    assert_eq!(
        ask(&simulator, odometer, simulator.token(), "").await.body,
        before
    );
    let battery = "GET /v2.0/vehicles/car-1/battery";
    let level = ask(&simulator, battery, simulator.token(), "").await.json();
    assert!(
        level["percentRemaining"].as_f64().unwrap() <= 0.3,
        "{level}"
    );
    let ice = SimulatedVehicle::new("car-3")
        .powertrain(Powertrain::Ice)
        .plugged_in(true);
    let error = Simulator::builder().vehicle(ice).start().await.unwrap_err();
    assert!(
        error.to_string().contains("no battery to charge"),
        "{error}"
    );
}
