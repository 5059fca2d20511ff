//! The output for people.
//!
//! Invariant: tests check contents, not spaces and lines.

use smartcar_batch::ENDPOINTS;
use smartcar_batch::model::v3::SIGNALS;
use smartcar_simulator::{Fault, Simulator};

use crate::harness::{SECRET, VERBS, batch, canned, command, run};

/// The cells of each line, separated by two or more spaces.
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
    assert_eq!(rows[1][..4], ["/odometer", "distance", "66023.0", "km"]);
    assert!(rows[1][4].ends_with(" ago"), "{rows:?}");
    assert_eq!(rows[2][..2], ["/fuel", "error"]);
    assert!(rows[2][2].starts_with("403 PERMISSION: "), "{rows:?}");
    assert!(rows[2][2].ends_with(" [reauthenticate]"), "{rows:?}");
    let last = run.stdout.lines().last().unwrap();
    assert!(
        last.starts_with("1 of 2 items ok, 2 requests charged, request ID "),
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
        ["distance", "51201.6", "mi"],
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
    // The item does not name its unit system.
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
    assert_eq!(
        rows[5][2],
        "missing: the response has no result for this path"
    );
    assert!(
        run.stderr
            .contains("warning: ignored a duplicate result for /fuel"),
        "{run:?}"
    );
    assert!(run.stdout.ends_with("request ID -\n"), "{run:?}");
    let stopped = "\nnot retried: all attempts were made; retry at 2";
    assert!(run.stdout.contains(stopped), "{run:?}");
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
        ("VEHICLE_STATE", Some("ASLEEP"), "not now"),
        ("UPSTREAM", Some("NO_RESPONSE"), "retry later"),
        (
            "COMPATIBILITY",
            Some("VEHICLE_NOT_CAPABLE"),
            "not supported by this vehicle",
        ),
        (
            "BILLING",
            Some("INVALID_PLAN"),
            "contact Smartcar's support",
        ),
        (
            "BILLING",
            Some("ACCOUNT_SUSPENDED"),
            "pay the bill of the Smartcar account",
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
        let json = batch(simulator.origin(), &["/odometer", "--json"]).json();
        let retryable = &json["items"][0]["error"]["retryable"];
        assert_eq!(*retryable, advice == "retry later", "{kind} {code:?}");
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
    assert_eq!(rows[0], ["path", "type", "permission"]);
}

#[test]
fn one_endpoint_has_a_page() {
    let page = |path: &str| {
        let run = run(&["endpoints", path], &[]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
        run.stdout
    };
    let tires = page("/tires/pressure");
    let tires = rows(&tires);
    for row in [
        &["type", "TirePressure"][..],
        &["permission", "read_tires"],
        &["makes", "any"],
        &["on v3", "wheel-tires"],
        &["field", "kind", "unit", "optional"],
        &["frontLeft", "number", "kPa / psi", "no"],
    ] {
        assert!(tires.contains(&row.to_vec()), "{row:?}: {tires:?}");
    }
    let fuel = page("fuel");
    let fuel = rows(&fuel);
    assert_eq!(fuel[1], ["summary", "Fuel level"]);
    // The first signal has the label; the others are below it.
    assert!(
        fuel.contains(&vec!["internalcombustionengine-range"]),
        "{fuel:?}"
    );
    assert!(page("/service/history").contains("FORD, LINCOLN, TOYOTA"));
    assert!(page("/permissions").contains("no signal"));
    for name in [
        "odometer-traveleddistance",
        "/signals/odometer-traveleddistance",
    ] {
        let signal = page(name);
        let signal = rows(&signal);
        assert_eq!(signal[0], ["path", "/signals/odometer-traveleddistance"]);
        for row in [
            ["unit", "km / mi"],
            ["on v2", "/odometer"],
            ["documented", "yes"],
        ] {
            assert!(signal.contains(&row.to_vec()), "{row:?}: {signal:?}");
        }
    }
    let list = run(&["endpoints", "--json"], &[]).json();
    let one = run(&["endpoints", "/fuel", "--json"], &[]).json();
    assert!(list.as_array().unwrap().contains(&one), "{one}");
}

#[test]
fn signals_of_version_3_are_listed() {
    let all = run(&["endpoints", "--api", "v3"], &[]);
    let all = rows(&all.stdout);
    assert_eq!(all.len(), SIGNALS.len() + 1);
    for (info, row) in SIGNALS.iter().zip(&all[1..]) {
        assert_eq!(row[..2], [info.code, info.name]);
    }
    let found = run(&["endpoints", "--api", "v3", "--search", "odometer"], &[]);
    assert_eq!(
        rows(&found.stdout)[1],
        ["odometer-traveleddistance", "Traveled distance", "km / mi"]
    );
    let json = run(
        &["endpoints", "--api", "v3", "--search", "odometer", "--json"],
        &[],
    )
    .json();
    assert_eq!(json[0]["path"], "/signals/odometer-traveleddistance");
    assert_eq!(json[0]["used_by"], serde_json::json!(["/odometer"]));
}

#[test]
fn an_unknown_make_or_path_is_refused_with_the_nearest_name() {
    for (arguments, nearest) in [
        (&["endpoints", "--make", "tezla"][..], "'tesla'"),
        (&["endpoints", "--make", "alfa romero"], "'alfa_romeo'"),
        (&["endpoints", "/feul"], "'/fuel'"),
        (
            &["endpoints", "odometer-travelleddistance"],
            "'odometer-traveleddistance'",
        ),
    ] {
        let run = run(arguments, &[]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
        assert!(run.stderr.contains(nearest), "{run:?}");
    }
    let run = run(&["endpoints", "--make", "tezla", "--json"], &[]);
    assert_eq!(run.code, Some(2));
    assert_eq!(run.json()["error"]["kind"], "invalid_request");
    for arguments in [
        &["endpoints", "--api", "v3", "--make", "tesla"][..],
        &["endpoints", "/fuel", "--make", "tesla"],
    ] {
        assert_eq!(
            crate::harness::run(arguments, &[]).code,
            Some(2),
            "{arguments:?}"
        );
    }
}

#[test]
fn long_numbers_are_rounded_in_tables_only() {
    let body = r#"{"responses": [
        {"path": "/fuel", "code": 200, "headers": {"sc-unit-system": "imperial"},
         "body": {"percentRemaining": 0.34020000000000006, "range": 271.54321, "amountRemaining": 8.2999999}}
    ]}"#;
    let origin = canned("200 OK", "", body);
    let table = batch(&origin, &["/fuel"]);
    let values: Vec<_> = rows(&table.stdout)[1..4].iter().map(|row| row[2]).collect();
    assert_eq!(values, ["0.3402", "8.3", "271.5"], "{table:?}");
    let json = batch(&origin, &["/fuel", "--json"]);
    for number in ["0.34020000000000006", "271.54321", "8.2999999"] {
        assert!(json.stdout.contains(number), "{json:?}");
    }
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
    assert!(
        String::from_utf8_lossy(&output.stderr).starts_with("error: cannot write the output: ")
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn help_and_version() {
    let version = run(&["--version"], &[]);
    assert_eq!(
        version.stdout,
        concat!("smartcar ", env!("CARGO_PKG_VERSION"), "\n")
    );
    for verb in VERBS {
        let help = run(&[verb, "--help"], &[]);
        assert_eq!(help.code, Some(0));
        assert!(help.stdout.contains("Examples:"), "{help:?}");
    }
    // With `--json` too, because help is not an error.
    assert_eq!(run(&["batch", "--json", "--help"], &[]).code, Some(0));
    assert_eq!(run(&[], &[]).code, Some(2));
}
