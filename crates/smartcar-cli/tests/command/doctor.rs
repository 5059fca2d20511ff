//! `smartcar doctor`: each finding, provoked in a simulator by a scenario.
//!
//! Invariant: a finding is compared word for word, and everything else is well unless
//! the test says so.

use jiff::Timestamp;
use serde_json::Value;
use smartcar_simulator::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Scenario, Simulator};

use crate::harness::{SECRET, run};

const CAR: &str = "car-1";

/// A simulator with a car, and what else the scenario says. Its time is now.
async fn simulator(scenario: &str) -> Simulator {
    let now = Timestamp::now();
    let text = format!(
        "start_at = \"{now}\"\n{scenario}\n[[vehicles]]\nid = \"{CAR}\"\nmake = \"KIA\"\npowertrain = \"BEV\"\n"
    );
    let scenario = Scenario::parse(&text).unwrap();
    Simulator::builder()
        .scenario(scenario)
        .start()
        .await
        .unwrap()
}

/// A webhook to nowhere, with these vehicles.
fn webhook(vehicles: &str, rest: &str) -> String {
    format!("[[webhooks]]\nurl = \"http://127.0.0.1:9/\"\ntoken = \"t\"\n{vehicles}\n{rest}\n")
}

fn variables(origin: &str) -> Vec<(&'static str, String)> {
    vec![
        ("SMARTCAR_API_ORIGIN", origin.to_owned()),
        ("SMARTCAR_AUTH_ORIGIN", origin.to_owned()),
        ("SMARTCAR_CLIENT_ID", DEFAULT_CLIENT_ID.to_owned()),
        ("SMARTCAR_CLIENT_SECRET", DEFAULT_CLIENT_SECRET.to_owned()),
        ("SMARTCAR_MANAGEMENT_TOKEN", SECRET.to_owned()),
    ]
}

/// The report, and the exit code.
fn examined(arguments: &[&str], variables: &[(&str, String)]) -> (Value, Option<i32>) {
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let run = run(&[&["doctor", "--json"], arguments].concat(), &variables);
    assert!(!run.stdout.contains(DEFAULT_CLIENT_SECRET), "{run:?}");
    (run.json()["checks"].clone(), run.code)
}

/// What is not well: check, result and what is said.
fn ill(report: &Value) -> Vec<(&str, &str, &str)> {
    let all = report.as_array().unwrap().iter();
    let ill = all.filter(|it| it["result"] != "ok" && it["result"] != "skipped");
    ill.map(|it| {
        let part = |name: &str| it[name].as_str().unwrap();
        (part("check"), part("result"), part("says"))
    })
    .collect()
}

async fn only(scenario: &str, arguments: &[&str], finding: (&str, &str)) {
    let simulator = simulator(scenario).await;
    let (report, code) = examined(arguments, &variables(simulator.origin()));
    assert_eq!(ill(&report), [(finding.0, "todo", finding.1)], "{report:#}");
    assert_eq!(code, Some(3));
    let todo = report
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["result"] == "todo");
    assert!(
        todo.unwrap()["cure"]
            .as_str()
            .is_some_and(|cure| !cure.is_empty())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_is_well() {
    let simulator = simulator(&webhook("", "")).await;
    let variables = variables(simulator.origin());
    let (report, code) = examined(&[CAR, "/odometer", "/battery"], &variables);
    assert_eq!((ill(&report), code), (Vec::new(), Some(0)), "{report:#}");
    let says = |check: &str| {
        let mut all = report.as_array().unwrap().iter();
        all.find(|it| it["check"] == check).unwrap()["says"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(says("token"), "the token server issued a token for 60 min");
    assert!(
        says("store").contains(" failed, newest "),
        "{}",
        says("store")
    );
    assert_eq!(says("v2.0"), "v2.0 still answers");
    assert!(!simulator.requests().is_empty());
    // Without a vehicle, the account is looked at.
    let (report, code) = examined(&[], &variables);
    assert_eq!((ill(&report), code), (Vec::new(), Some(0)), "{report:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prices_are_said_before_and_nothing_is_sent() {
    let simulator = simulator("").await;
    let (report, code) = examined(&[CAR, "--dry-run"], &variables(simulator.origin()));
    assert_eq!(code, Some(0));
    let store = report
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["check"] == "store");
    assert!(
        store.unwrap()["price"]
            .as_str()
            .unwrap()
            .contains("not known")
    );
    assert!(simulator.requests().is_empty());
}

#[test]
fn no_credentials() {
    let (report, code) = examined(&[CAR], &[("SMARTCAR_MANAGEMENT_TOKEN", SECRET.to_owned())]);
    let says = "SMARTCAR_CLIENT_ID and SMARTCAR_CLIENT_SECRET are not both set";
    assert_eq!(ill(&report), [("credentials", "todo", says)]);
    assert_eq!(code, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_management_token() {
    let simulator = simulator(&webhook("", "")).await;
    let mut variables = variables(simulator.origin());
    variables.pop();
    let (report, code) = examined(&[CAR], &variables);
    let says = "SMARTCAR_MANAGEMENT_TOKEN is not set, so deliveries cannot be verified";
    assert_eq!(ill(&report), [("management token", "todo", says)]);
    assert_eq!(code, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_application_id_given_for_the_client_id() {
    let simulator = simulator(&webhook("", "")).await;
    let mut variables = variables(simulator.origin());
    variables[2].1 = "a3f0c9d2-7b1e-4c58-8f26-1d2e3f405162".to_owned();
    let (report, code) = examined(&[CAR], &variables);
    let says = "no access token: the token server responded with status 401, invalid_client: check the client id and the client secret; a client id \
        of v3 begins with `client_`, and the given one does not: it may be the application id, \
        which is something else";
    assert_eq!(ill(&report), [("token", "todo", says)], "{report:#}");
    assert_eq!(code, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_an_owner_on_version_3() {
    let tokens = "[[tokens]]\ntoken = \"owners\"\npermissions = [\"read_odometer\"]\n";
    let simulator = simulator(&format!("{tokens}{}", webhook("", ""))).await;
    let mut variables = variables(simulator.origin());
    variables.push(("SMARTCAR_ACCESS_TOKEN", "owners".to_owned()));
    let (report, code) = examined(&[CAR], &variables);
    let says = "version 3 rejected the token in SMARTCAR_ACCESS_TOKEN: it is expired, or it is a \
        token of a vehicle's owner, as v2.0 has them";
    assert_eq!(ill(&report)[0], ("connections", "todo", says), "{report:#}");
    assert_eq!(code, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vehicle_that_is_not_connected() {
    let simulator = simulator(&format!("only_known_vehicles = true\n{}", webhook("", ""))).await;
    let (report, code) = examined(&["another-car"], &variables(simulator.origin()));
    let says = "the vehicle is not connected to this application, or not by this user";
    assert_eq!(ill(&report)[0], ("connections", "todo", says), "{report:#}");
    assert_eq!(code, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permission_that_the_owner_did_not_grant() {
    let simulator = Simulator::builder()
        .start_at(Timestamp::now())
        .vehicle(smartcar_simulator::SimulatedVehicle::new(CAR).permissions(["read_odometer"]))
        .webhook("http://127.0.0.1:9/", "t")
        .start()
        .await
        .unwrap();
    let (report, code) = examined(
        &[CAR, "/odometer", "/location"],
        &variables(simulator.origin()),
    );
    let ill = ill(&report);
    let says = "/location needs read_location, which was not granted";
    assert_eq!(ill[0], ("grants", "todo", says), "{report:#}");
    // The store refuses its signals too.
    assert_eq!((ill[1].0, ill[1].1), ("store", "todo"));
    assert!(
        ill[1]
            .2
            .contains("signals refused for want of a permission, such as "),
        "{ill:?}"
    );
    assert_eq!(code, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_that_the_plan_does_not_include() {
    let fault =
        "[[faults]]\nitem = \"/signals/location-preciselocation\"\nerror = \"PERMISSION\"\n";
    let says = "1 signal refused for want of a permission, such as location-preciselocation";
    only(
        &format!("{fault}{}", webhook("", "")),
        &[CAR],
        ("store", says),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_that_the_powertrain_does_not_have() {
    let says = "a vehicle with the powertrain BEV does not have /fuel";
    only(&webhook("", ""), &[CAR, "/fuel"], ("grants", says)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_webhook() {
    let simulator = simulator("empty_stores = true").await;
    let (report, code) = examined(&[CAR], &variables(simulator.origin()));
    let webhooks = "the application has no webhook, so the stores of its vehicles stay empty";
    let subscription = "the vehicle is subscribed to no webhook, so its store stays empty";
    assert_eq!(
        ill(&report),
        [
            ("webhooks", "todo", webhooks),
            ("subscription", "todo", subscription),
            ("store", "todo", "the store is empty"),
        ]
    );
    assert_eq!(code, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_is_not_enabled() {
    let simulator = simulator(&webhook("", "enabled = false")).await;
    let (report, _) = examined(&[CAR], &variables(simulator.origin()));
    let webhooks = "no webhook is enabled, so the stores are not updated";
    let subscription = "the vehicle is subscribed only to a webhook that is not enabled";
    let expected = [
        ("webhooks", "todo", webhooks),
        ("subscription", "todo", subscription),
    ];
    assert_eq!(ill(&report), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vehicle_that_no_webhook_delivers() {
    let says = "the vehicle is subscribed to no webhook, so its store stays empty";
    only(
        &webhook("vehicles = []", ""),
        &[CAR],
        ("subscription", says),
    )
    .await;
    let says = "1 of 1 vehicles are subscribed to no webhook";
    only(&webhook("vehicles = []", ""), &[], ("subscription", says)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_was_never_verified() {
    let says = "the store is empty although the vehicle is subscribed: the webhook is probably not \
        verified";
    let scenario = format!("empty_stores = true\n{}", webhook("", ""));
    only(&scenario, &[CAR], ("store", says)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_was_not_updated_lately() {
    let simulator = Simulator::builder()
        .start_at("2026-01-05T10:00:00Z".parse().unwrap())
        .vehicle(smartcar_simulator::SimulatedVehicle::new(CAR))
        .webhook("http://127.0.0.1:9/", "t")
        .start()
        .await
        .unwrap();
    let (report, code) = examined(&[CAR], &variables(simulator.origin()));
    let ill = ill(&report);
    assert_eq!(
        (ill.len(), ill[0].0, ill[0].1),
        (1, "store", "todo"),
        "{ill:?}"
    );
    assert!(
        ill[0].2.ends_with(" days ago: it was not updated lately"),
        "{ill:?}"
    );
    assert_eq!(code, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_wrong() {
    let fault =
        "[[faults]]\nunchanged = true\nheaders = {date = \"Sun, 06 Nov 1994 08:49:37 GMT\"}\n";
    let simulator = simulator(&format!("{fault}{}", webhook("", ""))).await;
    let (report, code) = examined(&[CAR], &variables(simulator.origin()));
    let ill = ill(&report);
    assert_eq!(
        (ill.len(), ill[0].0, ill[0].1),
        (1, "clock", "todo"),
        "{ill:?}"
    );
    assert!(ill[0].2.starts_with("this machine's clock is "), "{ill:?}");
    assert!(ill[0].2.ends_with(" days ahead of the server's"), "{ill:?}");
    assert_eq!(code, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_2_has_ended() {
    let simulator = simulator(&format!(
        "[[faults]]\nstatus = 410\npath = \"/vehicles\"\n{}",
        webhook("", "")
    ))
    .await;
    let (report, code) = examined(&[CAR], &variables(simulator.origin()));
    let old = report
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["check"] == "v2.0")
        .unwrap();
    let says = "v2.0 does not answer as it did (status 410): use version 3";
    assert_eq!(
        (&old["says"], code),
        (&Value::from(says), Some(0)),
        "{report:#}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_answer_is_not_a_finding() {
    let simulator = simulator(&format!(
        "[[faults]]\nhtml = 503\npath = \"/webhooks\"\n{}",
        webhook("", "")
    ))
    .await;
    let (report, code) = examined(&[CAR], &variables(simulator.origin()));
    let ill = ill(&report);
    assert_eq!(
        (ill.len(), ill[0].0, ill[0].1),
        (1, "webhooks", "unknown"),
        "{ill:?}"
    );
    assert_eq!(code, Some(4));
}
