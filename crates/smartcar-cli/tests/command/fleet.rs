//! `smartcar fleet`: its requests, its output and the input it rejects.
//!
//! Invariant: requests are checked with the simulator's own list of them.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use smartcar_simulator::{Fault, SimulatedVehicle, Simulator, SimulatorBuilder};

use crate::harness::{Folder, Run, SECRET, VEHICLE, asked, batch, command, fleet, run};

const NOBODY: &str = "http://127.0.0.1:1";

fn simulator() -> SimulatorBuilder {
    Simulator::builder().token(SECRET, ["read_odometer", "read_vin", "read_vehicle_info"])
}

/// The records of stdout, by vehicle.
fn records(run: &Run) -> BTreeMap<String, Value> {
    let lines = run.stdout.lines();
    let records: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).expect("a line is an object"))
        .collect();
    let count = records.len();
    let named: BTreeMap<_, _> = records
        .into_iter()
        .map(|record| {
            let vehicle = record["vehicle"].as_str().expect("a vehicle is a text");
            (vehicle.to_owned(), record)
        })
        .collect();
    assert_eq!(named.len(), count, "a vehicle has one line: {run:?}");
    named
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_is_what_batch_prints() {
    let lost = Fault::html(502).on_vehicle("lost");
    let simulator = simulator().fault(lost).start().await.unwrap();
    let folder = Folder::new();
    let ids = folder.write(
        "ids",
        &format!("{VEHICLE}\n\n# remark\nlost # gone\n{VEHICLE}\n"),
    );
    let paths = ["/odometer", "/fuel"];
    let options = ["--ids", &ids, "--attempts", "1"];
    let run = fleet(simulator.origin(), &[&paths[..], &options].concat());
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(
        run.stderr.lines().next().unwrap().split(" charged").next(),
        Some("2 vehicles: 0 ok, 1 partly, 0 waiting, 1 failed; 4 requests"),
        "{run:?}"
    );
    assert!(run.stderr.contains("1 duplicate ID ignored"), "{run:?}");
    // No progress bar, and no control characters.
    assert!(!run.stderr.contains(['\u{1b}', '\r']), "{run:?}");
    let mut records = records(&run);
    let mut alone = batch(simulator.origin(), &["/odometer", "/fuel", "--json"]).json();
    let record = records.get_mut(VEHICLE).unwrap();
    assert!(record["request_id"].take().is_string());
    assert!(alone["request_id"].take().is_string());
    for json in [&mut *record, &mut alone] {
        // It contains the request ID.
        json["items"][1]["error"]["description"].take();
    }
    assert_eq!(*record, alone);
    let failed = &records["lost"];
    assert_eq!(failed["error"]["status"], 502);
    assert_eq!(failed["attempts"], 1);
    assert!(!failed.as_object().unwrap().contains_key("items"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_for_a_spreadsheet() {
    let body = json!({"type": "VEHICLE_STATE", "code": "ASLEEP", "description": "an end, \"quoted\"", "resolution": {"type": "RETRY_LATER"}});
    let item = json!({"path": "/fuel", "code": 409, "body": body});
    let asleep = Fault::item_json("/fuel", item).on_vehicle("a");
    let lost = Fault::html(502).on_vehicle("b");
    let odd = Fault::item_body("/vin", json!({"vin": "two\nlines"}));
    let builder = simulator().fault(asleep).fault(lost).fault(odd);
    let simulator = builder.start().await.unwrap();
    let folder = Folder::new();
    let ids = folder.write("ids", "a\nb\n");
    let options = [
        "--ids",
        &ids,
        "--format",
        "csv",
        "--attempts",
        "1",
        "--concurrency",
        "1",
    ];
    let asked = ["/odometer", "/fuel", "/vin", "--units", "imperial"];
    let run = fleet(simulator.origin(), &[&asked[..], &options].concat());
    assert_eq!(run.code, Some(3), "{run:?}");
    let expected = "\
vehicle,path,ok,field,value,unit,data_age,fetched_at,error_kind,error_type,error_code,error_status,error_description,retry_after_seconds,row,rows
a,/odometer,true,distance,16980.83,mi,2026-03-14T09:26:53Z,2026-03-14T09:27:01Z,,,,,,,1,3
a,/fuel,false,,,,,,api,VEHICLE_STATE,ASLEEP,409,\"an end, \"\"quoted\"\"\",,2,3
a,/vin,true,vin,two\\u{a}lines,,2026-03-14T09:26:53Z,2026-03-14T09:27:01Z,,,,,,,3,3
b,,false,,,,,,api,,,502,status 502,,1,1
";
    assert_eq!(run.stdout, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_account_is_read_page_by_page() {
    let mut builder = simulator();
    for number in 0..120 {
        builder = builder.vehicle(SimulatedVehicle::new(format!("car-{number}")));
    }
    let simulator = builder.start().await.unwrap();
    let options = ["/odometer", "--account", "--dry-run"];
    let dry = fleet(simulator.origin(), &options);
    assert!(
        dry.stdout
            .starts_with("120 vehicles, 1 path: 120 requests, and at most 360 with 3 attempts"),
        "{dry:?}"
    );
    assert_eq!((dry.code, asked(&simulator).len()), (Some(0), 0));

    let run = fleet(simulator.origin(), &["/odometer", "--account", "--quiet"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let expected = (0..120).map(|number| format!("car-{number}"));
    let mut expected: Vec<_> = expected.collect();
    expected.sort();
    assert_eq!(records(&run).into_keys().collect::<Vec<_>>(), expected);
    let requests = simulator.requests();
    let listed = requests.iter().filter(|request| request.method == "GET");
    assert_eq!(listed.count(), 2 * 3);

    // If the list cannot be read, no vehicle is requested.
    simulator.clear_requests();
    simulator
        .fault(Fault::html(500).on_path("/vehicles"))
        .unwrap();
    let run = fleet(
        simulator.origin(),
        &["/odometer", "--account", "--attempts", "1"],
    );
    assert_eq!((run.code, run.stdout.as_str()), (Some(4), ""), "{run:?}");
    assert!(run.stderr.starts_with("error: "), "{run:?}");
    assert!(asked(&simulator).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stdin_is_asked_as_it_comes() {
    let simulator = simulator().start().await.unwrap();
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", SECRET),
        ("SMARTCAR_API_ORIGIN", simulator.origin()),
    ];
    let mut process = command(&["fleet", "/odometer", "--ids", "-"], &variables)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = process.stdin.take().unwrap();
    stdin.write_all(b"first\nno id\n").unwrap();
    // Requested although more lines may follow.
    crate::harness::poll(|| asked(&simulator) == ["first"]);
    stdin.write_all(b"second\nfirst\n").unwrap();
    drop(stdin);
    let output = process.wait_with_output().unwrap();
    let run = Run::of(output);
    assert_eq!(run.code, Some(3), "{run:?}");
    let records = records(&run);
    assert_eq!(
        records.keys().collect::<Vec<_>>(),
        ["first", "no id", "second"]
    );
    let error = &records["no id"]["error"];
    assert_eq!(error["kind"], "invalid_request");
    let description = error["description"].as_str().unwrap();
    assert!(
        description.starts_with("line 2 of stdin: "),
        "{description}"
    );
    assert_eq!(asked(&simulator), ["first", "second"]);
}

#[test]
fn what_is_refused_sends_nothing() {
    let folder = Folder::new();
    let good = folder.write("good", "a\n");
    let bad = folder.write("bad", "a\n# remark\n\nb c\n");
    let there = folder.write("there", "not of a fleet\n");
    let nowhere = folder.path("no such folder/file");
    let cases: [(&[&str], &str); 13] = [
        (
            &["/odometer", "--ids", &bad],
            "bad:4: the vehicle id has the character ' '",
        ),
        (&["/odometer", "--ids", &nowhere], "cannot read"),
        (&["/odometer"], "--ids"),
        (&["--ids", &good], "PATH"),
        (&["odometer", "--ids", &good], "slash"),
        (&["/vin", "/vin", "--ids", &good], "requested twice"),
        (&["/vin", "--ids", &good, "--account"], "--account"),
        (&["/vin", "--ids", &good, "--resume"], "--output"),
        (
            &["/vin", "--ids", &good, "--output", &there],
            "--resume continues it",
        ),
        (
            &["/vin", "--ids", &good, "--output", &nowhere],
            "cannot write",
        ),
        (
            &["/vin", "--ids", &good, "--output", &there, "--resume"],
            "there:1: not a fleet record",
        ),
        (
            &["/vin", "--ids", &good, "--concurrency", "0"],
            "--concurrency",
        ),
        (
            &["/vin", "/fuel", "--ids", &good, "--per-vehicle-month", "1"],
            "--per-vehicle-month 1",
        ),
    ];
    for (arguments, word) in cases {
        let run = fleet(NOBODY, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
        assert!(run.stderr.contains(word), "{word}: {run:?}");
    }
    assert_eq!(folder.read("there"), "not of a fleet\n");
    let run = run(&["fleet", "/vin", "--ids", &good], &[]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("SMARTCAR_ACCESS_TOKEN is not set"),
        "{run:?}"
    );
}

#[test]
fn a_price_is_told_and_nothing_sent_or_written() {
    let folder = Folder::new();
    let ids = folder.write("ids", "a\nb\nc\na\n");
    let output = folder.path("output");
    let options = [
        "--ids",
        &ids,
        "--output",
        &output,
        "--dry-run",
        "--per-minute",
        "2",
    ];
    let run = fleet(
        NOBODY,
        &[&["/vin", "/fuel", "--attempts", "2"][..], &options].concat(),
    );
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (
            Some(0),
            "3 vehicles, 2 paths: 6 requests, and at most 12 with 2 attempts; 2 min at 2 per minute; 1 duplicate ID ignored\n",
            ""
        )
    );
    assert!(!std::path::Path::new(&output).exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_is_spent_by_the_repeats_too() {
    let fault = Fault::item_error("/vin", "UPSTREAM", Some("NO_RESPONSE"));
    let simulator = simulator().fault(fault).start().await.unwrap();
    let folder = Folder::new();
    let ids = folder.write("ids", "a\n");
    let options = [
        "/odometer",
        "/vin",
        "--ids",
        &ids,
        "--per-vehicle-month",
        "2",
    ];
    let run = fleet(simulator.origin(), &options);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stderr.contains("2 requests charged"), "{run:?}");
    assert_eq!(asked(&simulator), ["a"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_is_kept() {
    let simulator = simulator().start().await.unwrap();
    let folder = Folder::new();
    let cars: Vec<_> = (0..40).map(|number| format!("car-{number}")).collect();
    let ids = folder.write("ids", &cars.join("\n"));
    // 20 at once, then one per 50 ms. A faster machine does not change that.
    let options = ["/odometer", "--ids", &ids, "--per-minute", "1200"];
    let start = Instant::now();
    let run = fleet(simulator.origin(), &options);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(start.elapsed() >= Duration::from_secs(1), "{run:?}");
    assert_eq!(asked(&simulator).len(), cars.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_not_known_stops_the_fleet() {
    // The simulator does not know this token.
    let simulator = Simulator::start().await.unwrap();
    let folder = Folder::new();
    let cars: Vec<_> = (0..50).map(|number| format!("car-{number}")).collect();
    let ids = folder.write("ids", &cars.join("\n"));
    let options = ["/odometer", "--ids", &ids, "--concurrency", "1"];
    let run = fleet(simulator.origin(), &options);
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(run.stderr.contains("fresh token"), "{run:?}");
    let lines = run.stdout.lines().count();
    assert!((1..=2).contains(&lines), "{run:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg(target_os = "linux")]
async fn a_full_disk_ends_it_and_what_was_sent_is_counted() {
    // The others are in flight when the first record cannot be written.
    let never = Duration::from_secs(3600);
    let mut builder = simulator();
    for number in 1..8 {
        builder = builder.fault(Fault::latency(never).on_vehicle(format!("car-{number}")));
    }
    let slow = Fault::latency(Duration::from_secs(2)).on_vehicle("car-0");
    let simulator = builder.fault(slow).start().await.unwrap();
    let folder = Folder::new();
    let cars: Vec<_> = (0..8).map(|number| format!("car-{number}")).collect();
    let ids = folder.write("ids", &cars.join("\n"));
    let options = [
        "/odometer",
        "/vin",
        "--ids",
        &ids,
        "--output",
        "/dev/full",
        "--force",
    ];
    let run = fleet(simulator.origin(), &options);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(asked(&simulator).len(), 8);
    assert!(run.stderr.contains("; 16 requests charged"), "{run:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_ends_it() {
    let folder = Folder::new();
    let ids = folder.write("ids", "a\nb\n");
    let options = ["fleet", "/vin", "--simulate", "--ids", &ids];
    let run = run(
        &[&options[..], &["--output", "/dev/full", "--force"]].concat(),
        &[],
    );
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(
        run.stderr.contains("error: cannot write the output"),
        "{run:?}"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new();
    let ids = folder.write("ids", "a\nb\n");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let options = ["fleet", "/vin", "--simulate", "--quiet", "--ids", &ids];
    let output = command(&options, &[]).stdout(writer).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}
