//! Faults of deliveries that do not do what was meant.
//!
//! Invariant: a fault that never struck can be found out, and one that cannot strike is
//! refused.

use serde_json::{Value, json};
use smartcar_simulator::{SimulatedVehicle, Simulator, WebhookFault};

use crate::http::send_json;
use crate::receiver::{KEY, receiver};

async fn two_cars() -> Simulator {
    let builder = Simulator::builder()
        .vehicle(SimulatedVehicle::new("car-1"))
        .vehicle(SimulatedVehicle::new("car-2"));
    builder.start().await.unwrap()
}

#[tokio::test]
async fn a_fault_of_deliveries_that_never_struck_is_found_out() {
    let simulator = two_cars().await;
    let missed = WebhookFault::duplicate().vehicle("car-1");
    let spared = WebhookFault::dropped().chance(0.0);
    let struck = WebhookFault::duplicate().times(2);
    for fault in [&missed, &spared, &struck] {
        simulator.webhook_fault(fault.clone()).unwrap();
    }
    let webhook = json!({"url": receiver().await, "token": KEY, "vehicles": ["car-2"]});
    let added = send_json(&simulator, "POST /_simulator/webhooks", &webhook).await;
    assert_eq!(added.status, 201, "{added:?}");
    assert_eq!(simulator.unmatched_webhook_faults().len(), 3);
    simulator.deliver().await;

    let unmatched = simulator.unmatched_webhook_faults();
    let told: Vec<_> = unmatched
        .iter()
        .map(|it| (&it.fault, it.matched, it.near_misses))
        .collect();
    assert_eq!(told, [(&missed, 0, 1), (&spared, 1, 0)]);
    assert_eq!(
        simulator.webhook_faults(),
        [missed, spared, struck.times(1)]
    );
    let line = "GET /_simulator/unmatched_faults";
    let told = send_json(&simulator, line, &Value::Null).await.json();
    let expected = json!([
        {"fault": {"kind": "duplicate", "vehicle": "car-1"}, "matched": 0, "near_misses": 1},
        {"fault": {"kind": "dropped", "chance": 0.0}, "matched": 1, "near_misses": 0},
    ]);
    assert_eq!(told["unmatched_webhook_faults"], expected);
    let line = "GET /_simulator/webhook_faults";
    let told = send_json(&simulator, line, &Value::Null).await.json();
    assert_eq!(
        told["webhook_faults"][2],
        json!({"kind": "duplicate", "times": 1})
    );
}

#[tokio::test]
async fn a_fault_for_a_vehicle_without_deliveries_is_refused() {
    let expected = "the vehicle `car-l` is not known, did you mean `car-1`?";
    let simulator = two_cars().await;
    let fault = || WebhookFault::duplicate().vehicle("car-l");
    let error = simulator.webhook_fault(fault()).unwrap_err();
    assert_eq!(error.to_string(), expected);
    let body = json!({"kind": "duplicate", "vehicle": "car-l"});
    let answer = send_json(&simulator, "POST /_simulator/webhook_faults", &body).await;
    assert_eq!(
        (answer.status, answer.json()),
        (400, json!({"error": expected}))
    );
    assert_eq!(simulator.webhook_faults(), []);
    let builder = Simulator::builder().vehicle(SimulatedVehicle::new("car-1"));
    let error = builder.webhook_fault(fault()).start().await.unwrap_err();
    assert_eq!(error.to_string(), expected);

    let webhook = simulator.webhook("http://127.0.0.1:1/", KEY).unwrap();
    assert!(simulator.subscribe(&webhook, "car-l").unwrap());
    simulator.webhook_fault(fault()).unwrap();
}
