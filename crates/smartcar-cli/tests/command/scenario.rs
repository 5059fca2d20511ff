//! `smartcar simulate` with a scenario, faults, limits and a clock, and its overview of
//! them.
//!
//! Invariant: invalid options are rejected before a port is bound.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::harness::{Folder, Run, VEHICLE, run};
use crate::simulate::{Served, serve_with};

const EXAMPLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../smartcar-simulator/examples/scenario.toml"
);

fn ask(served: &Served, token: &str, paths: &[&str]) -> Run {
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", token),
        ("SMARTCAR_API_ORIGIN", served.origin.as_str()),
    ];
    let arguments = [&["batch", VEHICLE, "--json", "--attempts", "1"], paths].concat();
    run(&arguments, &variables)
}

/// Waits for the screen, which is written before requests are served.
fn screen(served: Served) -> String {
    ask(&served, "unknown", &["/vin"]);
    served.stderr()
}

#[test]
fn faults_limits_and_the_clock_are_taken_from_the_options() {
    let served = serve_with(&[
        "--fault",
        "item = '/battery', error = 'UPSTREAM/NO_RESPONSE', times = 1",
        "--fault",
        "html = 502, path = '/vin'",
        "--limits",
        "published",
        "--clock-speed",
        "0",
        "--start-at",
        "2026-07-01T06:00:00Z",
    ]);
    let token = served.token.clone();
    let first = ask(&served, &token, &["/odometer", "/battery"]);
    assert_eq!(first.code, Some(3), "{first:?}");
    assert_eq!(first.json()["items"][1]["error"]["code"], "NO_RESPONSE");
    let second = ask(&served, &token, &["/odometer", "/battery"]);
    assert_eq!(second.code, Some(0), "{second:?}");
    let third = ask(&served, &token, &["/vin"]);
    assert_eq!(third.code, Some(4), "{third:?}");
    assert_eq!(third.json()["error"]["status"], 502);

    let screen = screen(served);
    for part in [
        "2026-07-01T06:00:00Z, stopped",
        "120 for the application",
        "html = 502, path = \"/vin\"",
    ] {
        assert!(screen.contains(part), "{screen}");
    }
    assert!(
        !screen.contains("NO_RESPONSE, times") && !screen.contains('\u{1b}'),
        "{screen}"
    );
}

#[test]
fn a_scenario_is_served_and_options_win_over_it() {
    let served = serve_with(&[
        "--scenario",
        EXAMPLE,
        "--limits",
        "off",
        "--token",
        "guest=",
    ]);
    let driver = ask(&served, "driver", &["/odometer", "/vin"]);
    assert_eq!(driver.json()["items"][0]["ok"], true, "{driver:?}");
    assert_eq!(driver.json()["items"][1]["error"]["type"], "PERMISSION");
    let screen = screen(served);
    for part in [
        "driver: read_location, read_odometer",
        "guest: no permission",
        "simulator-token: every permission",
        "visitor: every permission, until 2026-07-01T08:00:00Z",
        "limits    off",
        "2026-07-01T06:00:00Z, stopped",
        "item = \"/fuel\"",
    ] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
}

#[test]
fn the_clock_runs_unless_it_is_told_not_to() {
    let screen = screen(serve_with(&[]));
    let clock = screen.lines().find(|line| line.contains("clock"));
    let clock = clock.expect("the clock is shown");
    assert!(clock.contains("in real time"), "{screen}");
    assert!(screen.contains("faults    none") && screen.contains("limits    off"));
}

#[test]
fn the_command_to_try_works_as_it_is_printed() {
    let mut served = serve_with(&[]);
    let origin = served.origin.clone();
    let address = origin
        .strip_prefix("http://")
        .expect("an origin")
        .to_owned();
    // Read it while the simulator runs: the address is only valid until it stops.
    let stderr = served.process.stderr.take().expect("stderr is piped");
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    let line = lines.find(|line| line.trim_start().starts_with("curl "));
    let line = line.expect("a command is shown");
    // Run the printed command in a shell.
    let words: Vec<&str> = line.trim().split('\'').map(str::trim).collect();
    let [
        "curl -H",
        authorization,
        "-H",
        content_type,
        "-d",
        body,
        "",
        url,
        "",
    ] = words[..]
    else {
        panic!("{line}");
    };
    let path = url.strip_prefix(&origin).expect("its own address");
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\n{authorization}\r\n{content_type}\r\n\
         Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(&address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    let body: serde_json::Value = serde_json::from_str(body).expect("json");
    assert_eq!(body["responses"][1]["code"], json!(200));
}

#[test]
fn quiet_is_quiet() {
    assert_eq!(screen(serve_with(&["--quiet"])), "");
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_bound() {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for (options, word) in [
        (
            ["--scenario", "no-such-file.toml"],
            "no-such-file.toml: the scenario cannot be read: ",
        ),
        (["--scenario", own], "unknown field `"),
        (["--fault", "html = 1000"], "1000 is not a status"),
        (
            ["--fault", "error = 'SLEEPY'"],
            "the catalogue has no error SLEEPY",
        ),
        (["--fault", "htm = 502"], "unknown field `htm`"),
        (["--fault", "502"], "write keys and values in TOML syntax"),
        (["--limits", "half"], "[possible values: published, off]"),
        (["--clock-speed", "nan"], "0 or more"),
        (["--clock-speed=-1", "-q"], "0 or more"),
        (["--start-at", "tomorrow"], "a time with its offset"),
    ] {
        let run = run(&[&["simulate"], &options[..]].concat(), &[]);
        assert_eq!(run.code, Some(2), "{options:?}: {run:?}");
        assert_eq!(run.stdout, "", "{options:?}");
        assert!(run.stderr.starts_with("error: "), "{run:?}");
        assert!(run.stderr.contains(word), "{options:?}: {run:?}");
    }
}

#[test]
fn faults_and_scenarios_are_explained() {
    let help = run(&["simulate", "--help-faults"], &[]);
    assert_eq!(help.code, Some(0), "{help:?}");
    assert!(help.stdout.contains("\nhtml = 502 "), "{help:?}");
    let example = run(&["simulate", "--scenario-example"], &[]);
    let parsed = smartcar_simulator::Scenario::parse(&example.stdout);
    assert!(example.code == Some(0) && parsed.is_ok(), "{parsed:?}");
}

#[test]
fn each_request_is_a_line_without_a_body() {
    let served = serve_with(&["--verbose"]);
    ask(&served, &served.token, &["/odometer", "/fuel"]);
    let mut stderr = String::new();
    // The line is written after the answer was sent.
    std::thread::sleep(std::time::Duration::from_millis(500));
    stderr.push_str(&served.stderr());
    let mut lines = stderr.lines();
    let line = lines.rfind(|line| line.starts_with("POST /v2.0/"));
    let line = line.expect("a line");
    assert!(
        line.contains("/batch 200 [/odometer 200, /fuel 501] price 1 ") && line.ends_with(" ms"),
        "{line}"
    );
    assert!(!stderr.contains("distance"), "{stderr}");
}

#[test]
#[cfg(unix)]
fn a_fault_that_never_struck_is_reported_at_the_end() {
    let folder = Folder::new();
    let scenario = "[[webhook_faults]]\nkind = \"dropped\"\ntimes = 1\n";
    let file = folder.write("scenario.toml", scenario);
    let fault = "html = 502, path = '/vin', times = 1";
    let mut served = serve_with(&["--quiet", "--fault", fault, "--scenario", &file]);
    ask(&served, &served.token, &["/odometer"]);
    let id = served.process.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-INT", &id])
        .status();
    assert!(sent.expect("kill runs").success());
    let mut stderr = String::new();
    let pipe = served.process.stderr.as_mut().expect("stderr is piped");
    pipe.read_to_string(&mut stderr).expect("stderr is UTF-8");
    assert!(
        stderr.contains("never struck: html = 502, path = \"/vin\", times = 1 (0 requests matched"),
        "{stderr}"
    );
    assert!(
        stderr.contains("never struck: kind = \"dropped\", times = 1 (0 events matched"),
        "{stderr}"
    );
}

#[test]
fn an_unknown_name_is_refused_with_the_nearest_one() {
    for (arguments, hint) in [
        (
            ["--token", "guest=read_odometr"],
            "did you mean `read_odometer`?",
        ),
        (
            ["--fault", "html = 502, path = '/oddometer'"],
            "did you mean `/odometer`?",
        ),
    ] {
        let refused = run(&[&["simulate"], &arguments[..]].concat(), &[]);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.stderr.contains(hint), "{refused:?}");
    }
    let open = run(&["simulate", "--addr", "0.0.0.0:0"], &[]);
    assert_eq!(open.code, Some(2), "{open:?}");
}
