//! The command on version 3 of the API.
//!
//! Invariant: what both versions have is compared completely; differences are listed.

use serde_json::{Value, json};
use smartcar_simulator::{SimulatedVehicle, Simulator, SimulatorBuilder};

use crate::harness::{Folder, SECRET, VEHICLE, canned, run};

/// The parts of an item that must be equal on both versions.
fn essence(item: &Value) -> (&Value, &Value, bool) {
    // The two were not fetched at the same time.
    let is_timed = item["meta"]["fetched_at"].is_string();
    (&item["path"], &item["body"], is_timed)
}

#[test]
fn a_batch_reads_the_same_on_both_versions() {
    let paths = [
        "/odometer",
        "/location",
        "/charge/limit",
        "/battery",
        "/vin",
    ];
    let ask = |version: &str| {
        let mut arguments = vec!["batch", VEHICLE, "--simulate", "--json", "--api", version];
        arguments.extend(paths);
        let run = run(&arguments, &[]);
        assert_eq!(run.code, Some(0), "{run:?}");
        run.json()
    };
    let (v2, v3) = (ask("v2"), ask("v3"));
    let items = |json: &Value| json["items"].as_array().unwrap().clone();
    assert_eq!(items(&v2).len(), paths.len());
    for (of_v2, of_v3) in items(&v2).iter().zip(&items(&v3)) {
        assert_eq!(essence(of_v2), essence(of_v3));
    }
    // One request for the batch, and one for all signals.
    assert_eq!((&v2["attempts"], &v3["attempts"]), (&json!(1), &json!(1)));
}

#[test]
fn what_version_3_lacks_is_said() {
    let arguments = [
        "batch",
        VEHICLE,
        "/odometer",
        "/tesla/alerts",
        "--simulate",
        "--json",
    ];
    let by_flag = [&arguments[..], &["--api", "v3"]].concat();
    // The variable also applies with `--simulate`.
    for (arguments, version) in [(&by_flag[..], ""), (&arguments, "v3"), (&by_flag, "v2")] {
        let run = run(arguments, &[("SMARTCAR_API", version)]);
        assert_eq!(run.code, Some(3), "{run:?}");
        let error = &run.json()["items"][1]["error"];
        assert_eq!(error["kind"], "not_on_v3", "{run:?}");
        assert_eq!(error["retryable"], false);
    }
    let run = run(&arguments, &[("SMARTCAR_API", "v9")]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stdout.contains("SMARTCAR_API"), "{run:?}");
}

#[test]
fn an_attempt_of_several_requests_is_one() {
    let arguments = [
        "batch",
        VEHICLE,
        "/odometer",
        "/permissions",
        "--simulate",
        "--json",
    ];
    let run = run(&[&arguments[..], &["--api", "v3"]].concat(), &[]);
    let json = run.json();
    assert_eq!(
        (&json["attempts"], &json["requests"]),
        (&json!(1), &json!(2)),
        "{run:?}"
    );
}

/// A fuel level, and a range without permission.
const FUEL: &str = r#"{"data": [
    {"id": "internalcombustionengine-fuellevel", "type": "signal", "attributes": {
     "code": "internalcombustionengine-fuellevel", "name": "FuelLevel",
     "group": "InternalCombustionEngine", "status": {"value": "SUCCESS"},
     "body": {"value": 30, "unit": "percent"}}, "meta": {}},
    {"id": "internalcombustionengine-range", "type": "signal", "attributes": {
     "code": "internalcombustionengine-range", "name": "Range",
     "group": "InternalCombustionEngine", "status": {"value": "ERROR", "error":
        {"type": "PERMISSION", "code": null, "detail": "not granted",
         "resolution": {"type": "REAUTHENTICATE"}}}}, "meta": {}}],
  "meta": {"pageNumber": 1, "pageSize": 2, "totalCount": 2}}"#;

#[test]
fn members_that_failed_are_told() {
    let origin = canned("200 OK", "", FUEL);
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", SECRET),
        ("SMARTCAR_API_ORIGIN", &*origin),
    ];
    let asked = ["batch", VEHICLE, "/fuel", "--api", "v3", "--user", "user-1"];
    let script = run(&[&asked[..], &["--json"]].concat(), &variables);
    assert_eq!(script.code, Some(0), "{script:?}");
    let json = script.json();
    let errors = json["member_errors"].as_array().unwrap();
    let range = errors.iter().find(|error| error["member"] == "/range");
    assert_eq!(
        range,
        Some(&json!({
            "path": "/fuel", "member": "/range", "error": {
                "kind": "api", "type": "PERMISSION", "code": null, "status": 403,
                "description": "not granted", "resolution": "REAUTHENTICATE",
                "retryable": false, "retry_after_seconds": null,
            },
        })),
        "{script:?}"
    );
    let person = run(&asked, &variables);
    let row = person.stdout.lines().find(|line| line.contains("/range"));
    let row = row.unwrap_or_else(|| panic!("{person:?}"));
    assert!(
        row.contains("PERMISSION: not granted [reauthenticate]"),
        "{row}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_must_be_named() {
    let simulator = Simulator::builder()
        .token(SECRET, ["read_odometer"])
        .start()
        .await
        .unwrap();
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", SECRET),
        ("SMARTCAR_API", "v3"),
        ("SMARTCAR_API_V3_ORIGIN", simulator.origin()),
    ];
    let refused = run(&["batch", VEHICLE, "/odometer", "--json"], &variables);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let error = &refused.json()["error"];
    assert_eq!(error["kind"], "invalid_request");
    let said = error["description"].as_str().unwrap();
    assert!(said.contains("SMARTCAR_USER_ID"), "{said}");
    assert_eq!(simulator.requests(), []);
    // The variable works too. An error in it names the variable.
    let named = |user| [&variables[..], &[("SMARTCAR_USER_ID", user)]].concat();
    let bad = run(&["batch", VEHICLE, "/odometer"], &named("hush hush"));
    assert_eq!(bad.code, Some(2), "{bad:?}");
    assert!(bad.stderr.contains("SMARTCAR_USER_ID") && !bad.stderr.contains("hush"));

    let bad = run(
        &["batch", VEHICLE, "/odometer", "--user", "a b"],
        &variables,
    );
    assert_eq!(bad.code, Some(2), "{bad:?}");

    let folder = Folder::new();
    let ids = folder.write("ids.txt", VEHICLE);
    let asked = [
        "/odometer",
        "--ids",
        &ids,
        "--api",
        "v3",
        "--user",
        "user-1",
    ];
    // An owner's token is only valid on v2.0.
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", simulator.token()),
        ("SMARTCAR_API_ORIGIN", simulator.origin()),
    ];
    let fleet = run(&[&["fleet"], &asked[..]].concat(), &variables);
    assert_eq!(fleet.code, Some(0), "{fleet:?}");
    let paths: Vec<String> = simulator.requests().into_iter().map(|it| it.path).collect();
    let signal = format!("/v3/vehicles/{VEHICLE}/signals/odometer-traveleddistance");
    assert_eq!(paths, [signal]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_account_lists_vehicles_with_their_users() {
    let cars = (0..60).map(|number| SimulatedVehicle::new(format!("car-{number}")));
    let builder = cars.fold(Simulator::builder(), SimulatorBuilder::vehicle);
    let simulator = builder.start().await.unwrap();
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", simulator.token()),
        ("SMARTCAR_API_ORIGIN", simulator.origin()),
        ("SMARTCAR_API", "v3"),
    ];
    let account = ["fleet", "/odometer", "--account"];
    let fleet = run(&account, &variables);
    assert_eq!(fleet.code, Some(0), "{fleet:?}");
    assert_eq!(fleet.stdout.lines().count(), 60, "{fleet:?}");
    let requests = simulator.requests().into_iter();
    let (lists, asked): (Vec<_>, Vec<_>) = requests.partition(|it| it.vehicle.is_none());
    assert_eq!((lists.len(), asked.len()), (2, 60));
    for request in lists {
        assert!(request.path.starts_with("/v3/connections?"), "{request:?}");
    }

    // Only one user's vehicles if a user is given. The flag overrides the variable.
    let of = |arguments: &[&str], user| {
        let variables = [&variables[..], &[("SMARTCAR_USER_ID", user)]].concat();
        let dry = run(&[&account, arguments, &["--dry-run"]].concat(), &variables);
        assert_eq!(dry.code, Some(0), "{dry:?}");
        dry.stdout.split_once(' ').unwrap().0.to_owned()
    };
    assert_eq!(of(&[], "somebody-else"), "0");
    assert_eq!(of(&["--user", simulator.user()], "somebody-else"), "60");
    assert_eq!(of(&["--user", "somebody-else"], simulator.user()), "0");

    let simulated = [&account[..], &["--simulate", "--api", "v3"]].concat();
    let simulated = run(&simulated, &[]);
    assert_eq!(simulated.code, Some(0), "{simulated:?}");
    assert!(simulated.stdout.lines().count() > 0, "{simulated:?}");
}

#[test]
fn the_last_value_of_a_failed_signal_is_shown_where_it_is_asked_for() {
    let body = json!({"data": [
        {"id": "tractionbattery-stateofcharge", "attributes": {
            "status": {"value": "ERROR", "error": {"type": "COMPATIBILITY", "code": "VEHICLE_NOT_CAPABLE"}},
            "body": {"value": 71, "unit": "percent"}},
            "meta": {"oemUpdatedAt": "2026-03-07T09:51:30.000Z"}},
        {"id": "tractionbattery-range", "attributes": {"body": {"value": 293.8, "unit": "km"}}},
    ]});
    let origin = canned(
        "200 OK",
        "content-type: application/json\r\n",
        &body.to_string(),
    );
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", SECRET),
        ("SMARTCAR_API_V3_ORIGIN", origin.as_str()),
    ];
    let ask = |flags: &[&str]| {
        let mut arguments = vec!["batch", VEHICLE, "/battery", "--api", "v3", "--user", "u"];
        arguments.extend(flags);
        run(&arguments, &variables)
    };
    let run = ask(&["--json", "--last-known"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let item = &run.json()["items"][0];
    assert_eq!(item["body"]["percentRemaining"], 0.71);
    assert_eq!(item["meta"]["last_known"], true);
    let run = ask(&["--json"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(!run.stdout.contains("last_known"), "{run:?}");
}
