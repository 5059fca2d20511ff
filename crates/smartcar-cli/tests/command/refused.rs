//! Input that is rejected before anything is sent: exit 2.
//!
//! Invariant: no case opens a connection; nothing listens at the origin.

use serde_json::{Value, json};

use crate::harness::{SECRET, VEHICLE, assert_order, run};

const NOBODY: &str = "http://127.0.0.1:1";

/// Runs it with and without `--json`. Both must be rejected with a message that has the word.
fn refused(arguments: &[&str], variables: &[(&str, &str)], vehicle: &Value, word: &str) {
    let mut all = vec!["batch"];
    all.extend(arguments);
    let person = run(&all, variables);
    assert_eq!(person.code, Some(2), "{all:?} {person:?}");
    assert_eq!(person.stdout, "", "{all:?}");
    assert!(person.stderr.starts_with("error: "), "{all:?} {person:?}");
    assert!(person.stderr.contains(word), "{all:?} {person:?}");

    all.insert(1, "--json");
    let script = run(&all, variables);
    assert_eq!(script.code, Some(2), "{all:?} {script:?}");
    let mut json = script.json();
    let description = json["error"]["description"].take();
    assert!(
        description.as_str().is_some_and(|text| text.contains(word)),
        "{script:?}"
    );
    assert_eq!(
        json,
        json!({
            "vehicle": vehicle,
            "attempts": 0,
            "requests": 0,
            "charged": 0,
            "retry_at": null,
            "stop_reason": null,
            "error": {
                "kind": "invalid_request", "type": null, "code": null, "status": null,
                "description": null, "request_id": null, "retryable": false,
                "retry_after_seconds": null,
            },
        }),
        "{all:?}"
    );
    assert_order(
        &script.stdout,
        &["vehicle", "error", "kind", "retry_after_seconds"],
    );
}

fn environment() -> [(&'static str, &'static str); 2] {
    [
        ("SMARTCAR_ACCESS_TOKEN", SECRET),
        ("SMARTCAR_API_ORIGIN", NOBODY),
    ]
}

#[test]
fn vehicle_ids() {
    for id in ["..", "", "a/b", "a b", "a?b"] {
        refused(&[id, "/odometer"], &environment(), &json!(id), "vehicle id");
    }
}

#[test]
fn paths() {
    let cases: [(&[&str], &str); 6] = [
        (&["odometer"], "slash"),
        (&[""], "slash"),
        (&["/permissions?limit=5"], "query"),
        (
            &["/odometer", "/fuel", "/odometer"],
            "/odometer is requested twice",
        ),
        (&["/a/../b"], "dots"),
        (&["/batch"], "batch endpoint"),
    ];
    for (paths, word) in cases {
        let mut arguments = vec![VEHICLE];
        arguments.extend(paths);
        refused(&arguments, &environment(), &json!(VEHICLE), word);
    }
}

#[test]
fn origins() {
    for origin in [
        "http://api.smartcar.com",
        "ftp://127.0.0.1",
        "nonsense",
        "https://a:b@c",
    ] {
        let by_flag = [VEHICLE, "/odometer", "--api-origin", origin];
        refused(&by_flag, &environment(), &json!(VEHICLE), "origin");
        let by_variable = [
            ("SMARTCAR_ACCESS_TOKEN", SECRET),
            ("SMARTCAR_API_ORIGIN", origin),
        ];
        refused(
            &[VEHICLE, "/odometer"],
            &by_variable,
            &json!(VEHICLE),
            "origin",
        );
    }
}

#[test]
fn the_token() {
    for variables in [vec![], vec![("SMARTCAR_ACCESS_TOKEN", "")]] {
        let word = "SMARTCAR_ACCESS_TOKEN";
        refused(&[VEHICLE, "/odometer"], &variables, &json!(VEHICLE), word);
    }
    let quoted = format!("\"{SECRET}\" \n");
    let variables = [("SMARTCAR_ACCESS_TOKEN", quoted.as_str())];
    refused(
        &[VEHICLE, "/odometer"],
        &variables,
        &json!(VEHICLE),
        "access token",
    );
}

/// The advice names flags and variables, and no Rust methods.
fn advises(arguments: &[&str], variables: &[(&str, &str)], advice: &[&str]) {
    let person = run(arguments, variables);
    let script = run(&[arguments, &["--json"]].concat(), variables);
    assert_eq!((person.code, script.code), (Some(2), Some(2)), "{person:?}");
    for word in advice {
        assert!(person.stderr.contains(word), "{word}: {person:?}");
    }
    for text in [&person.stderr, &script.stdout] {
        for word in [
            "::",
            "`.",
            "`with_",
            "Builder",
            "allow_plain_http",
            "token_source",
        ] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
}

#[test]
fn advice_names_flags_and_variables() {
    let signal = ["batch", VEHICLE, "/signals/tractionbattery-stateofcharge"];
    advises(&signal, &environment(), &["--api v3", "SMARTCAR_API=v3"]);

    let odometer = ["batch", VEHICLE, "/odometer"];
    let v3 = [&odometer[..], &["--api", "v3"]].concat();
    advises(&v3, &environment(), &["--user", "SMARTCAR_USER_ID"]);

    let credentials = ["SMARTCAR_CLIENT_ID", "SMARTCAR_CLIENT_SECRET"];
    let user = ("SMARTCAR_USER_ID", "user-1");
    advises(&v3, &[user], &credentials);
    advises(&odometer, &[user, ("SMARTCAR_API", "v3")], &credentials);
    // One of the two is not enough.
    advises(
        &v3,
        &[user, ("SMARTCAR_CLIENT_ID", "client_1")],
        &credentials,
    );
    // Credentials cannot be used on v2.0.
    let both = [
        ("SMARTCAR_CLIENT_ID", "client_1"),
        ("SMARTCAR_CLIENT_SECRET", SECRET),
    ];
    advises(&odometer, &both, &["SMARTCAR_ACCESS_TOKEN"]);

    let far = [
        ("SMARTCAR_ACCESS_TOKEN", SECRET),
        ("SMARTCAR_API_ORIGIN", "http://192.0.2.1"),
    ];
    advises(&odometer, &far, &["https", "SMARTCAR_API_ORIGIN"]);
}

#[test]
fn the_api_version() {
    let variables = [("SMARTCAR_ACCESS_TOKEN", SECRET), ("SMARTCAR_API", "v9")];
    refused(
        &[VEHICLE, "/odometer"],
        &variables,
        &json!(VEHICLE),
        "SMARTCAR_API",
    );
}

#[test]
fn options() {
    for (option, value) in [
        ("--attempts", "0"),
        ("--attempts", "some"),
        ("--deadline", "0"),
        ("--deadline", "inf"),
        ("--deadline", "1e300"),
        ("--units", "nautical"),
    ] {
        let arguments = [VEHICLE, "/odometer", option, value];
        refused(&arguments, &environment(), &json!(VEHICLE), option);
    }
    let both = [VEHICLE, "/odometer", "--simulate", "--api-origin", NOBODY];
    refused(&both, &environment(), &json!(VEHICLE), "--simulate");
}

#[test]
fn arguments_that_are_not_there() {
    refused(&[], &environment(), &Value::Null, "VEHICLE_ID");
    refused(&[VEHICLE], &environment(), &json!(VEHICLE), "PATH");
}

#[test]
fn a_token_is_no_flag_and_is_not_taken_for_the_vehicle() {
    refused(
        &["--token", SECRET, "/odometer"],
        &[],
        &Value::Null,
        "--token",
    );
    // Even if another fault is found first.
    let two_faults = ["--attempts", "0", "--token", SECRET, "/odometer"];
    refused(&two_faults, &[], &Value::Null, "--");
    let joined = format!("--token={SECRET}");
    refused(
        &[&joined, VEHICLE, "/odometer"],
        &[],
        &Value::Null,
        "--token",
    );
}

#[test]
fn addresses_that_other_machines_reach() {
    for addr in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "localhost"] {
        let run = run(&["simulate", "--addr", addr], &[]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains("127.0.0.1"), "{run:?}");
        assert_eq!(run.stdout, "");
    }
}
