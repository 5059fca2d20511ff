//! What a person sees.
//!
//! Invariant: a test looks for what must be there, not for blanks and rules.

use smartcar_batch::ENDPOINTS;
use smartcar_simulator::{Fault, Simulator};

use crate::harness::{SECRET, batch, canned, command, run};

/// The cells of each line: two blanks or more part them.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let cells = |line| {
        str::split(line, "  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
    };
    text.lines().map(|line| cells(line).collect()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_a_field_and_a_last_line() {
    let simulator = Simulator::builder()
        .token(SECRET, ["read_odometer"])
        .start()
        .await
        .unwrap();
    let run = batch(simulator.origin(), &["/odometer", "/fuel"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    let rows = rows(&run.stdout);
    assert_eq!(rows[0], ["path", "field", "value", "unit", "age"]);
    assert_eq!(rows[1][..4], ["/odometer", "distance", "18250.6", "km"]);
    assert!(rows[1][4].ends_with(" ago"), "{rows:?}");
    assert_eq!(rows[2][..2], ["/fuel", "error"]);
    assert!(rows[2][2].starts_with("403 PERMISSION: "), "{rows:?}");
    assert!(rows[2][2].ends_with(" [reauthenticate]"), "{rows:?}");
    let last = run.stdout.lines().last().unwrap();
    assert!(
        last.starts_with("1 of 2 items good, 2 requests charged, request id "),
        "{last}"
    );
    assert!(
        !run.stdout.contains('\u{1b}'),
        "colours without a terminal: {run:?}"
    );
}

#[test]
fn imperial_units() {
    let run = run(
        &[
            "batch",
            "any-id",
            "/odometer",
            "--simulate",
            "--units",
            "imperial",
        ],
        &[],
    );
    assert_eq!(
        rows(&run.stdout)[1][1..4],
        ["distance", "11340.4", "mi"],
        "{run:?}"
    );
}

#[test]
fn an_unknown_age_a_wait_and_a_body_nobody_knows() {
    let body = r#"{"responses": [
        {"path": "/odometer", "code": 200, "body": {"distance": 5}},
        {"path": "/vin", "code": 200, "body": {"vin": "A\u001b[31m\u202eB"}},
        {"path": "/new", "code": 200, "body": {"a": [1,  2], "b": "\u001b"}},
        {"path": "/fuel", "code": 429, "headers": {"retry-after": 600},
         "body": {"type": "RATE_LIMIT", "code": "VEHICLE", "description": "slow down"}},
        {"path": "/fuel", "code": 200, "body": {}}
    ]}"#;
    let origin = canned("200 OK", "", body);
    let run = batch(&origin, &["/odometer", "/vin", "/new", "/fuel", "/charge"]);
    let rows = rows(&run.stdout);
    // The item does not say in which unit system it came.
    assert_eq!(rows[1], ["/odometer", "distance", "5.0", "km / mi", "-"]);
    assert_eq!(rows[2], ["/vin", "vin", r"A\u{1b}[31m\u{202e}B", "-", "-"]);
    assert_eq!(
        rows[3],
        ["/new", "body", r#"{"a":[1,2],"b":"\u001b"}"#, "-", "-"]
    );
    assert_eq!(
        rows[4][2],
        "429 RATE_LIMIT VEHICLE: slow down [retry later, in 10 min]"
    );
    assert_eq!(rows[5][2], "missing: the answer has no item for this path");
    assert!(
        run.stderr.contains("warning: a second answer to /fuel"),
        "{run:?}"
    );
    assert!(run.stdout.ends_with("request id -\n"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_error_says_what_to_do() {
    let owner = "the owner must act, in the car or its maker's app";
    for (kind, code, advice) in [
        (
            "CONNECTED_SERVICES_ACCOUNT",
            Some("AUTHENTICATION_FAILED"),
            "reauthenticate",
        ),
        (
            "CONNECTED_SERVICES_ACCOUNT",
            Some("VIRTUAL_KEY_REQUIRED"),
            owner,
        ),
        ("CONNECTED_SERVICES_ACCOUNT", Some("SUBSCRIPTION"), owner),
        ("VEHICLE_STATE", Some("REMOTE_ACCESS_DISABLED"), owner),
        ("VEHICLE_STATE", Some("ASLEEP"), "retry later"),
        (
            "COMPATIBILITY",
            Some("VEHICLE_NOT_CAPABLE"),
            "this vehicle does not have it",
        ),
        (
            "BILLING",
            Some("INVALID_PLAN"),
            "contact Smartcar's support",
        ),
        (
            "BILLING",
            Some("ACCOUNT_SUSPENDED"),
            "settle the bill of the Smartcar account",
        ),
        ("PERMISSION", None, "reauthenticate"),
    ] {
        let simulator = Simulator::builder()
            .token(SECRET, ["read_odometer"])
            .fault(Fault::item_error("/odometer", kind, code))
            .start()
            .await
            .unwrap();
        let run = batch(simulator.origin(), &["/odometer"]);
        let end = format!(" [{advice}]");
        assert!(
            rows(&run.stdout)[1][2].ends_with(&end),
            "{kind} {code:?}: {run:?}"
        );
    }
}

#[test]
fn every_endpoint_is_listed() {
    let run = run(&["endpoints"], &[]);
    assert_eq!(run.code, Some(0));
    let rows = rows(&run.stdout);
    assert_eq!(rows.len(), ENDPOINTS.len() + 1);
    for (info, row) in ENDPOINTS.iter().zip(&rows[1..]) {
        assert_eq!(
            row[..3],
            [info.path, info.type_name, info.permission.unwrap_or("none")]
        );
    }
    let tires = rows.iter().find(|row| row[0] == "/tires/pressure").unwrap();
    assert!(tires[4].contains("frontLeft (kPa / psi)"), "{tires:?}");
}

#[test]
fn endpoints_for_scripts() {
    let run = run(&["endpoints", "--json"], &[]);
    let json = run.json();
    let listed = json.as_array().unwrap();
    assert_eq!(listed.len(), ENDPOINTS.len());
    let odometer = listed
        .iter()
        .find(|row| row["path"] == "/odometer")
        .unwrap();
    assert_eq!(odometer["type"], "Odometer");
    assert_eq!(odometer["permission"], "read_odometer");
    assert_eq!(odometer["makes"], serde_json::json!([]));
    assert_eq!(
        odometer["fields"],
        serde_json::json!([{
            "name": "distance", "kind": "number", "optional": false,
            "unit": {"metric": "km", "imperial": "mi"},
        }])
    );
}

#[test]
fn endpoints_of_a_make_and_with_a_text() {
    let paths = |arguments: &[&str]| -> Vec<String> {
        let run = run(arguments, &[]);
        assert_eq!(run.code, Some(0), "{run:?}");
        let json = run.json();
        let rows = json.as_array().unwrap().iter();
        rows.map(|row| row["path"].as_str().unwrap().to_owned())
            .collect()
    };
    let tesla = paths(&["endpoints", "--json", "--make", "tesla"]);
    assert!(tesla.contains(&"/odometer".to_owned()) && tesla.contains(&"/tesla/charge".to_owned()));
    assert!(!tesla.contains(&"/nissan/charge/schedule".to_owned()));
    let romeo = paths(&[
        "endpoints",
        "--json",
        "--make",
        "alfa romeo",
        "--search",
        "DIAGNOSTICS",
    ]);
    assert_eq!(romeo, ["/diagnostics/system_status"]);
    assert_eq!(
        paths(&["endpoints", "--json", "--search", "no such thing"]),
        [""; 0]
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [
        &["endpoints"][..],
        &["endpoints", "--json"],
        &["batch", "any-id", "/vin", "--simulate"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(arguments, &[]).stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = command(&["endpoints"], &[]).stdout(full).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: the output "));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn help_and_version() {
    let version = run(&["--version"], &[]);
    assert_eq!(
        version.stdout,
        concat!("smartcar ", env!("CARGO_PKG_VERSION"), "\n")
    );
    for verb in [
        "batch",
        "endpoints",
        "fleet",
        "simulate",
        "completions",
        "man",
    ] {
        let help = run(&[verb, "--help"], &[]);
        assert_eq!(help.code, Some(0));
        assert!(help.stdout.contains("Examples:"), "{help:?}");
    }
    // With `--json` as well: help is no error.
    assert_eq!(run(&["batch", "--json", "--help"], &[]).code, Some(0));
    assert_eq!(run(&[], &[]).code, Some(2));
}
