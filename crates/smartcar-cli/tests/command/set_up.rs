//! Setting up version 3: signals, webhooks, subscriptions and hints.

use std::collections::BTreeSet;

use serde_json::json;
use smartcar_simulator::{Scenario, Simulator};

use crate::harness::{Run, SECRET, VEHICLE, canned, run, served};
use crate::listener::Listener;

const USER: &str = "5f6e7d8c-9baf-4c0d-8e1f-203142536475";

/// Runs a command against a simulator.
fn at(simulator: &Simulator, arguments: &[&str]) -> Run {
    let origin = simulator.origin().to_owned();
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", simulator.token()),
        ("SMARTCAR_API_ORIGIN", origin.as_str()),
        ("SMARTCAR_USER_ID", simulator.user()),
    ];
    run(arguments, &variables)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_the_missing_vehicles_are_subscribed_and_their_stores_fill() {
    let key = "a-management-token";
    let receiver = Listener::with_keys(key, &["/odometer"]);
    let ids: Vec<String> = (0..50).map(|number| format!("car-{number:02}")).collect();
    let (missing, subscribed): (Vec<_>, Vec<_>) = ids
        .iter()
        .enumerate()
        .partition(|(number, _)| number % 7 == 3);
    let missing: BTreeSet<_> = missing.into_iter().map(|(_, id)| id.as_str()).collect();
    let subscribed: Vec<_> = subscribed.into_iter().map(|(_, id)| id.as_str()).collect();
    assert_eq!((missing.len(), subscribed.len()), (7, 43));
    let mut text = format!(
        "empty_stores = true\n[[webhooks]]\nurl = \"http://127.0.0.1:{}/\"\ntoken = \"{key}\"\nvehicles = {subscribed:?}\n",
        receiver.port
    );
    for id in &ids {
        text.push_str(&format!("[[vehicles]]\nid = \"{id}\"\n"));
    }
    let scenario = Scenario::parse(&text).unwrap();
    let simulator = Simulator::builder()
        .scenario(scenario)
        .start()
        .await
        .unwrap();
    simulator.deliver().await;
    let webhook = simulator.webhooks()[0].id.clone();
    let stored = |id: &str| {
        let run = at(&simulator, &["signals", id, "--json"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        run.json()["signals"].as_array().unwrap().len()
    };
    assert_eq!(stored("car-03"), 0);
    assert!(stored("car-00") > 0);

    let dry = at(
        &simulator,
        &["subscribe", &webhook, "--missing", "--dry-run"],
    );
    assert_eq!(
        (dry.code, dry.stdout.lines().count()),
        (Some(0), 7),
        "{dry:?}"
    );
    assert_eq!(dry.stderr, "7 requests, not known to be billed\n");
    assert_eq!(simulator.subscriptions().len(), 43);

    let before: BTreeSet<_> = simulator.subscriptions().into_iter().collect();
    let first = at(&simulator, &["subscribe", &webhook, "--missing"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert_eq!(first.stderr, "7 subscribed, 0 already, 0 failed\n");
    let after = simulator.subscriptions();
    let new = after.iter().filter(|it| !before.contains(it));
    let new: BTreeSet<_> = new.map(|it| it.vehicle.as_str()).collect();
    assert_eq!(new, missing);

    // Twice over is no harm.
    let posts = |simulator: &Simulator| {
        let requests = simulator.requests().into_iter();
        requests.filter(|it| it.method == "POST").count()
    };
    assert_eq!(posts(&simulator), 7);
    let second = at(&simulator, &["subscribe", &webhook, "--missing"]);
    assert_eq!(
        (second.code, second.stderr.as_str()),
        (Some(0), "0 subscribed, 0 already, 0 failed\n")
    );
    assert_eq!(
        (posts(&simulator), simulator.subscriptions().len()),
        (7, 50)
    );
    let again = at(&simulator, &["subscribe", &webhook, "car-03", "car-10"]);
    assert_eq!(
        (again.code, again.stderr.as_str()),
        (Some(0), "0 subscribed, 2 already, 0 failed\n")
    );

    simulator.deliver().await;
    for id in &missing {
        assert!(stored(id) > 0, "{id}");
        let taken = simulator
            .deliveries()
            .iter()
            .any(|it| it.vehicle.as_deref() == Some(id) && it.is_taken());
        assert!(taken, "{id}");
    }
    println!(
        "{} of 50 subscribed, {} new",
        simulator.subscriptions().len(),
        new.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_and_vehicles_are_listed_and_subscriptions_end() {
    let simulator = Simulator::start().await.unwrap();
    let webhook = simulator
        .webhook("http://127.0.0.1:9/hook?secret=1", "t")
        .unwrap();
    let listed = at(&simulator, &["webhooks"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert!(listed.stdout.contains(&webhook) && listed.stdout.contains("http://127.0.0.1:9/hook"));
    assert!(!listed.stdout.contains("secret=1"), "{listed:?}");
    let object = at(&simulator, &["webhooks", "--json"]).json();
    assert_eq!(
        (&object["id"], &object["enabled"]),
        (&json!(webhook), &json!(true))
    );
    let none = at(&simulator, &["webhooks", "--name", "other"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""));

    let vehicles = run(&["vehicles", "--simulate", "--json"], &[]);
    let first = vehicles.stdout.lines().next().unwrap();
    let first: serde_json::Value = serde_json::from_str(first).unwrap();
    assert_eq!(
        (&first["make"], &first["powertrain"]),
        (&json!("KIA"), &json!("BEV"))
    );
    assert!(first["user"].is_string() && first["permissions"].is_array());

    let id = &simulator.subscriptions()[0].vehicle;
    let ended = at(&simulator, &["unsubscribe", "--webhook", &webhook, id]);
    let last = "1 unsubscribed, 0 were not subscribed, 2 requests\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), last));
    let ended = at(&simulator, &["unsubscribe", &format!("{webhook}.{id}")]);
    let last = "0 unsubscribed, 1 were not subscribed, 1 request\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), last));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_subscribed_is_said() {
    let simulator = Simulator::start().await.unwrap();
    let origin = simulator.origin().to_owned();
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", simulator.token()),
        ("SMARTCAR_API_ORIGIN", origin.as_str()),
    ];
    let no_user = run(&["subscribe", "webhook-1", "car-1"], &variables);
    assert_eq!(no_user.code, Some(2), "{no_user:?}");
    assert!(no_user.stderr.contains("--user"), "{no_user:?}");
    assert!(simulator.requests().is_empty());
    let no_webhook = at(&simulator, &["subscribe", "webhook-1", "car-1"]);
    assert_eq!(no_webhook.code, Some(4), "{no_webhook:?}");
    assert_eq!(run(&["subscribe", "webhook-1"], &variables).code, Some(2));
}

#[test]
fn a_link_for_the_owner() {
    let arguments = [
        "connect-url",
        "app-1",
        "https://fleet.example/back",
        "/odometer",
        "/fuel",
    ];
    let link = run(&[&arguments[..], &["--state", "x"]].concat(), &[]);
    assert_eq!(link.code, Some(0), "{link:?}");
    assert!(
        link.stdout
            .contains("scope=read_fuel%20read_odometer%20read_vehicle_info")
    );
    assert!(link.stdout.contains("client_id=app-1") && link.stdout.contains("state=x"));
    assert_eq!(run(&["connect-url", "app-1", "nowhere"], &[]).code, Some(2));
}

/// Two signals, as the API answers them.
fn store() -> (String, String) {
    let signal = |code: &str, body: serde_json::Value| {
        json!({
            "id": code, "type": "signal",
            "attributes": {"code": code, "status": {"value": "SUCCESS"}, "body": body},
            "meta": {"retrievedAt": "2026-03-07T10:00:00.000Z", "oemUpdatedAt": "2026-03-07T09:51:30.000Z"},
        })
    };
    let charge = signal(
        "tractionbattery-stateofcharge",
        json!({"value": 71, "unit": "percent"}),
    );
    let odometer = signal(
        "odometer-traveleddistance",
        json!({"value": 10, "unit": "km"}),
    );
    let all = json!({"data": [charge, odometer], "meta": {"pageNumber": 1, "pageSize": 2, "totalCount": 2}});
    (json!({"data": charge}).to_string(), all.to_string())
}

fn batch_v3(origin: &str, paths: &[&str]) -> Run {
    let all = [
        &["batch", VEHICLE, "--api", "v3", "--user", USER, "--json"],
        paths,
    ]
    .concat();
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", SECRET),
        ("SMARTCAR_API_ORIGIN", origin),
    ];
    run(&all, &variables)
}

#[test]
fn a_code_in_the_dashboards_spelling_alone_and_in_company() {
    let (one, all) = store();
    let signals = format!("/v3/vehicles/{VEHICLE}/signals");
    let single = format!("{signals}/tractionbattery-stateofcharge");
    let wrong = format!("{signals}/TractionBattery");
    // The first route that matches is used: a code that is sent as written is unknown.
    let origin = served(&[
        (&single, &one),
        (&wrong, r#"{"data": 7}"#),
        (&signals, &all),
    ]);
    for path in [
        "/signals/TractionBattery-StateOfCharge",
        "/signals/TractionBattery.StateOfCharge",
    ] {
        for company in [&[path][..], &[path, "/odometer"]] {
            let run = batch_v3(&origin, company);
            assert_eq!(run.code, Some(0), "{run:?}");
            let item = &run.json()["items"][0];
            assert_eq!(
                (&item["path"], &item["body"]["value"]),
                (&json!(path), &json!(71))
            );
        }
    }
}

#[test]
fn all_that_a_vehicle_has_is_one_request_by_batch_too() {
    let (_, all) = store();
    let signals = format!("/v3/vehicles/{VEHICLE}/signals");
    let origin = served(&[(&signals, &all)]);
    let run = batch_v3(&origin, &["/signals"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let report = run.json();
    assert_eq!(
        (&report["requests"], &report["charged"]),
        (&json!(1), &json!(1))
    );
    let list = report["items"][0]["body"].as_array().unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(list[0]["id"], "tractionbattery-stateofcharge");
    assert_eq!(list[0]["type"], "signal", "it is the list as it came");
    for word in ["v2.0", "does not offer", "not a known"] {
        assert!(
            !run.stdout.contains(word) && !run.stderr.contains(word),
            "{run:?}"
        );
    }
    // On v2.0 it is refused with the way to version 3.
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", SECRET),
        ("SMARTCAR_API_ORIGIN", origin.as_str()),
    ];
    let v2 = crate::harness::run(&["batch", VEHICLE, "/signals"], &variables);
    assert_eq!(v2.code, Some(2), "{v2:?}");
    assert!(v2.stderr.contains("--api v3"), "{v2:?}");
}

#[test]
fn a_users_token_on_version_3_is_explained() {
    let body = r#"{"errors": [{"status": "401", "type": "AUTHENTICATION", "code": "UNAUTHORIZED",
        "title": "made up", "detail": "the token is invalid"}]}"#;
    let origin = canned(
        "401 Unauthorized",
        "content-type: application/json\r\n",
        body,
    );
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", SECRET),
        ("SMARTCAR_API_ORIGIN", origin.as_str()),
    ];
    let arguments = ["batch", VEHICLE, "/odometer", "--api", "v3", "--user", USER];
    let run = run(&arguments, &variables);
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(
        run.stderr
            .contains("application's client credentials, SMARTCAR_CLIENT_ID"),
        "{run:?}"
    );
}

#[test]
fn an_application_id_in_place_of_the_client_id_is_explained() {
    let body =
        r#"{"error": "invalid_client", "error_description": "Client authentication failed"}"#;
    let auth = canned(
        "401 Unauthorized",
        "content-type: application/json\r\n",
        body,
    );
    let variables = [
        ("SMARTCAR_API_ORIGIN", auth.as_str()),
        ("SMARTCAR_AUTH_ORIGIN", auth.as_str()),
        ("SMARTCAR_CLIENT_ID", "a3f0c9d2-7b1e-4c58-8f26-1d2e3f405162"),
        ("SMARTCAR_CLIENT_SECRET", SECRET),
    ];
    let arguments = [
        "batch",
        VEHICLE,
        "/odometer",
        "--api",
        "v3",
        "--user",
        USER,
        "--json",
    ];
    let run = run(&arguments, &variables);
    assert_eq!(run.code, Some(4), "{run:?}");
    let says = run.json()["error"]["description"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        says.contains("begins with `client_`") && says.contains("application id"),
        "{says}"
    );
}
