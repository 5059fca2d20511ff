//! A fleet that is interrupted, and goes on.
//!
//! Invariant: what the file has is never asked again, and what an interrupted
//! run and its continuation give is what one run gives.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use smartcar_simulator::{Fault, Simulator};

use crate::harness::{Folder, Run, SECRET, asked, command, fleet, poll};

/// Longer than any test.
const NEVER: Duration = Duration::from_secs(3600);
const CARS: usize = 40;
/// Where the first run hangs.
const STUCK: &str = "car-23";

fn cars() -> Vec<String> {
    (0..CARS).map(|number| format!("car-{number}")).collect()
}

async fn simulator() -> Simulator {
    let permissions = ["read_odometer", "read_location"];
    let builder = Simulator::builder().token(SECRET, permissions);
    builder.start().await.expect("it starts")
}

/// Without the request ids, which number the requests.
fn set(text: &str) -> BTreeSet<String> {
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let set: BTreeSet<_> = lines
        .iter()
        .map(|line| {
            let Ok(mut json) = serde_json::from_str::<Value>(line) else {
                return line.clone();
            };
            // What the run took is its own.
            for member in ["request_id", "charged"] {
                json[member].take();
            }
            json.to_string()
        })
        .collect();
    assert_eq!(set.len(), lines.len(), "nothing is there twice");
    set
}

fn start(origin: &str, options: &[&str]) -> Child {
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", SECRET),
        ("SMARTCAR_API_ORIGIN", origin),
    ];
    let all = [&["fleet"], options].concat();
    let mut command = command(&all, &variables);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the command starts")
}

fn end(process: Child) -> Run {
    Run::of(process.wait_with_output().expect("it ends"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_and_resumed_run_gives_the_same_set() {
    for format in ["ndjson", "csv"] {
        let simulator = simulator().await;
        let folder = Folder::new();
        let ids = folder.write("ids", &cars().join("\n"));
        let (whole, parts) = (folder.path("whole"), folder.path("parts"));
        let options = ["/odometer", "/location", "--ids", &ids, "--format", format];
        let to = |file, more: &[&'static str]| -> Vec<String> {
            let all = options.iter().copied().chain(["--output", file]);
            all.chain(more.iter().copied()).map(str::to_owned).collect()
        };
        let go = |options: &[String]| {
            let options: Vec<_> = options.iter().map(String::as_str).collect();
            fleet(simulator.origin(), &options)
        };
        let run = go(&to(&whole, &[]));
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run:?}");
        simulator.clear_requests();

        // Four at a time: one hangs, the others go on until they hang too.
        let hangs = [STUCK, "car-30", "car-31", "car-32"];
        let faults = hangs.map(|car| {
            simulator
                .fault(Fault::latency(NEVER).on_vehicle(car))
                .unwrap()
        });
        let options = to(&parts, &["--concurrency", "4"]);
        let options: Vec<_> = options.iter().map(String::as_str).collect();
        let mut killed = start(simulator.origin(), &options);
        // The last of them is asked when the 29 others are written.
        poll(|| asked(&simulator).len() == 33);
        killed.kill().unwrap();
        killed.wait().unwrap();
        for fault in faults {
            simulator.clear_fault(fault);
        }
        // The kill came in the middle of a line.
        let text = folder.read("parts");
        let mut cut = text.clone();
        cut.push_str(&text.lines().last().unwrap()[..20]);
        folder.write("parts", &cut);
        let before: BTreeSet<_> = asked(&simulator).into_iter().collect();
        assert_eq!(before.len(), 33);
        simulator.clear_requests();

        let run = go(&to(&parts, &["--resume"]));
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stderr.contains("parts was cut off"), "{run:?}");
        assert!(
            run.stderr.contains("29 vehicles of before not asked again"),
            "{run:?}"
        );
        assert_eq!(set(&folder.read("parts")), set(&folder.read("whole")));
        let mut expected: Vec<_> = cars()[33..].to_vec();
        expected.extend(hangs.map(str::to_owned));
        let again = asked(&simulator);
        assert_eq!(again.len(), expected.len(), "none is asked twice");
        assert_eq!(BTreeSet::from_iter(again), BTreeSet::from_iter(expected));

        // Nothing is left to ask.
        simulator.clear_requests();
        let run = go(&to(&parts, &["--resume"]));
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(!run.stderr.contains("cut off"), "{run:?}");
        assert!(asked(&simulator).is_empty());
        assert_eq!(set(&folder.read("parts")), set(&folder.read("whole")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_that_failed_or_wait_are_asked_again_and_stand_there_once() {
    let simulator = simulator().await;
    let limited = Fault::item_error("/odometer", "RATE_LIMIT", Some("VEHICLE"))
        .item_header("Retry-After", json!(600))
        .on_vehicle("waits");
    simulator.fault(limited).unwrap();
    simulator
        .fault(Fault::html(502).on_vehicle("fails"))
        .unwrap();
    let folder = Folder::new();
    let ids = folder.write("ids", "good\nwaits\nfails\n");
    let output = folder.path("output");
    // No permission for the second: an answer too, and none to ask for again.
    let options = [
        "/odometer",
        "/vin",
        "--ids",
        &ids,
        "--output",
        &output,
        "--attempts",
        "1",
    ];
    let run = fleet(simulator.origin(), &options);
    assert_eq!(run.code, Some(3), "{run:?}");
    let counts = "3 vehicles: 0 ok, 1 partly, 1 waiting, 1 failed;";
    assert!(run.stderr.starts_with(counts), "{run:?}");
    assert!(run.stderr.contains("the first wait ends at "), "{run:?}");
    assert!(run.stderr.contains("with --resume"), "{run:?}");

    simulator.clear_faults();
    simulator.clear_requests();
    let run = fleet(simulator.origin(), &[&options[..], &["--resume"]].concat());
    // Two are there, and what is kept counts for the exit code too.
    assert_eq!(run.code, Some(3), "{run:?}");
    // They are asked at once, so that either may come first.
    let mut again = asked(&simulator);
    again.sort_unstable();
    assert_eq!(again, ["fails", "waits"]);
    let text = folder.read("output");
    let items: BTreeMap<_, _> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|json| (json["vehicle"].to_string(), json["items"].clone()))
        .collect();
    assert_eq!((items.len(), text.lines().count()), (3, 3), "{text}");
    assert!(items.values().all(|items| items[0]["ok"] == true), "{text}");
}

/// What was asked of each vehicle, in the order of the requests.
fn paths(simulator: &Simulator) -> Vec<(String, Vec<String>)> {
    let requests = simulator.requests().into_iter();
    let batches = requests.filter(|request| !request.batch_paths.is_empty());
    batches
        .filter_map(|request| Some((request.vehicle?, request.batch_paths)))
        .collect()
}

#[test]
fn a_file_of_others_is_refused_and_left_alone() {
    let folder = Folder::new();
    let ids = folder.write("ids", "a\nb");
    let nobody = "http://127.0.0.1:1";
    for (name, text, format) in [
        ("ids", "a\nb", "ndjson"),
        ("f.json", r#"{"precious": [1, 2, 3]}"#, "ndjson"),
        ("one", "a", "ndjson"),
        ("f.csv", "vehicle,plate", "csv"),
    ] {
        let file = folder.write(name, text);
        let options = [
            "/odometer",
            "--ids",
            &ids,
            "--output",
            &file,
            "--format",
            format,
        ];
        for more in [&["--resume"][..], &["--resume", "--dry-run"]] {
            let run = fleet(nobody, &[&options[..], more].concat());
            assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
            let said = format!("{name}:1: not a record of a fleet");
            assert!(run.stderr.contains(&said), "{run:?}");
            assert_eq!(folder.read(name), text);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_last_record_that_lacks_its_line_end_is_kept() {
    for format in ["ndjson", "csv"] {
        let simulator = simulator().await;
        let folder = Folder::new();
        let ids = folder.write("ids", "a\n");
        let output = folder.path("output");
        let options = [
            "/odometer",
            "--ids",
            &ids,
            "--output",
            &output,
            "--format",
            format,
        ];
        assert_eq!(fleet(simulator.origin(), &options).code, Some(0));
        let whole = folder.read("output");
        folder.write("output", whole.trim_end());
        folder.write("ids", "a\nb\n");
        simulator.clear_requests();
        let run = fleet(simulator.origin(), &[&options[..], &["--resume"]].concat());
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(!run.stderr.contains("cut off"), "{run:?}");
        assert_eq!(asked(&simulator), ["b"]);
        let text = folder.read("output");
        assert!(text.starts_with(&whole), "{text}");
        assert_eq!(text.lines().count(), whole.lines().count() + 1, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_items_are_kept_and_only_the_others_are_asked_again() {
    for format in ["ndjson", "csv"] {
        let simulator = simulator().await;
        let limited = |path: &str, car: &str| {
            let fault = Fault::item_error(path, "RATE_LIMIT", Some("VEHICLE"));
            let fault = fault.item_header("Retry-After", json!(3600));
            simulator.fault(fault.on_vehicle(car)).unwrap();
        };
        limited("/location", "a");
        limited("/odometer", "b");
        simulator.fault(Fault::html(502).on_vehicle("c")).unwrap();
        let folder = Folder::new();
        let ids = folder.write("ids", "a\nb\nc\nd\n");
        let output = folder.path("output");
        let options = [
            "/odometer",
            "/location",
            "--ids",
            &ids,
            "--output",
            &output,
            "--format",
            format,
            "--attempts",
            "1",
            "--concurrency",
            "1",
        ];
        let run = fleet(simulator.origin(), &options);
        assert_eq!(run.code, Some(3), "{run:?}");
        let before = folder.read("output");

        // What was good fails from now on.
        simulator.clear_faults();
        simulator.clear_requests();
        for (path, car) in [("/odometer", "a"), ("/location", "b")] {
            let fault = Fault::item_error(path, "COMPATIBILITY", Some("VEHICLE_NOT_CAPABLE"));
            simulator.fault(fault.on_vehicle(car)).unwrap();
        }
        let resumed = [&options[..], &["--resume"]].concat();
        let dry = fleet(simulator.origin(), &[&resumed[..], &["--dry-run"]].concat());
        assert!(
            dry.stdout.starts_with("3 vehicles, 2 paths: 4 requests,"),
            "{dry:?}"
        );
        assert_eq!(folder.read("output"), before);

        let run = fleet(simulator.origin(), &resumed);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stderr.contains("4 requests charged"), "{run:?}");
        let own = |car: &str, paths: &[&str]| {
            let paths = paths.iter().map(|path| (*path).to_owned());
            (car.to_owned(), paths.collect::<Vec<_>>())
        };
        let expected = [
            own("a", &["/location"]),
            own("b", &["/odometer"]),
            own("c", &["/odometer", "/location"]),
        ];
        assert_eq!(paths(&simulator), expected);

        // The records are those of a run without a fault.
        simulator.clear_faults();
        let whole = folder.path("whole");
        let options = [
            "/odometer",
            "/location",
            "--ids",
            &ids,
            "--output",
            &whole,
            "--format",
            format,
        ];
        assert_eq!(fleet(simulator.origin(), &options).code, Some(0));
        assert_eq!(set(&folder.read("output")), set(&folder.read("whole")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_into_the_same_file_is_kept_out() {
    let simulator = simulator().await;
    simulator
        .fault(Fault::latency(NEVER).on_vehicle("b"))
        .unwrap();
    let folder = Folder::new();
    let ids = folder.write("ids", "a\nb\n");
    let output = folder.path("output");
    let options = [
        "/odometer",
        "--ids",
        &ids,
        "--output",
        &output,
        "--concurrency",
        "1",
    ];
    let mut first = start(simulator.origin(), &options);
    poll(|| asked(&simulator) == ["a", "b"]);
    let before = folder.read("output");
    for more in ["--resume", "--force"] {
        let second = fleet(simulator.origin(), &[&options[..], &[more]].concat());
        assert_eq!(second.code, Some(2), "{second:?}");
        assert!(
            second.stderr.contains("is being written by another run"),
            "{second:?}"
        );
        assert_eq!(folder.read("output"), before);
    }
    assert_eq!(asked(&simulator), ["a", "b"]);
    first.kill().unwrap();
    first.wait().unwrap();
    simulator.clear_faults();
    // The lock ends with its run.
    let third = fleet(simulator.origin(), &[&options[..], &["--resume"]].concat());
    assert_eq!(third.code, Some(0), "{third:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overwriting_is_asked_for() {
    let simulator = simulator().await;
    let folder = Folder::new();
    let ids = folder.write("ids", "a\n");
    let output = folder.write("output", "something else\n");
    let options = ["/odometer", "--ids", &ids, "--output", &output, "--force"];
    assert_eq!(fleet(simulator.origin(), &options).code, Some(0));
    let text = folder.read("output");
    assert!(text.starts_with(r#"{"vehicle":"a","#) && text.lines().count() == 1);
}

#[cfg(unix)]
fn interrupt(process: &Child) {
    let id = process.id().to_string();
    let mut kill = std::process::Command::new("kill");
    let sent = kill.args(["-INT", &id]).stderr(Stdio::null()).status();
    sent.expect("kill runs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg(unix)]
async fn after_an_interrupt_those_on_the_way_end_and_no_more_are_asked() {
    let simulator = simulator().await;
    let slow = Fault::latency(Duration::from_secs(2)).on_vehicle(STUCK);
    simulator.fault(slow).unwrap();
    let folder = Folder::new();
    let ids = folder.write("ids", &cars().join("\n"));
    let output = folder.path("output");
    let options = [
        "/odometer",
        "--ids",
        &ids,
        "--output",
        &output,
        "--concurrency",
        "1",
    ];
    let process = start(simulator.origin(), &options);
    poll(|| asked(&simulator).last().is_some_and(|car| car == STUCK));
    interrupt(&process);
    let run = end(process);
    assert_eq!(run.code, Some(130), "{run:?}");
    assert!(run.stderr.starts_with("24 vehicles: 24 ok,"), "{run:?}");
    assert!(run.stderr.contains("with --resume"), "{run:?}");
    assert_eq!(asked(&simulator), cars()[..24]);

    let run = fleet(simulator.origin(), &[&options[..], &["--resume"]].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(asked(&simulator), cars());
    assert_eq!(folder.read("output").lines().count(), CARS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg(unix)]
async fn an_interrupt_ends_a_fleet_whose_stdin_stays_open() {
    let simulator = simulator().await;
    let variables = [
        ("SMARTCAR_ACCESS_TOKEN", SECRET),
        ("SMARTCAR_API_ORIGIN", simulator.origin()),
    ];
    let mut command = command(&["fleet", "/odometer", "--ids", "-"], &variables);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = process.stdin.take().unwrap();
    stdin.write_all(b"a\n").unwrap();
    poll(|| asked(&simulator) == ["a"]);
    interrupt(&process);
    let run = end(process);
    drop(stdin);
    assert_eq!(run.code, Some(130), "{run:?}");
    assert_eq!(run.stdout.lines().count(), 1, "{run:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg(unix)]
async fn a_second_interrupt_ends_it_at_once() {
    let simulator = simulator().await;
    simulator
        .fault(Fault::latency(NEVER).on_vehicle("b"))
        .unwrap();
    let folder = Folder::new();
    let ids = folder.write("ids", "a\nb\nc\n");
    let options = ["/odometer", "--ids", &ids, "--concurrency", "1"];
    let mut process = start(simulator.origin(), &options);
    poll(|| asked(&simulator).len() == 2);
    poll(|| {
        // Signals that come together are one.
        interrupt(&process);
        process.try_wait().unwrap().is_some()
    });
    let run = end(process);
    assert_eq!(run.code, Some(130), "{run:?}");
    assert_eq!(run.stdout.lines().count(), 1);
    assert!(run.stderr.contains("1 on the way given up"), "{run:?}");
    // What was sent for the one on the way is counted.
    assert!(run.stderr.contains("; 2 requests charged"), "{run:?}");
    assert!(run.stderr.contains("with --output FILE"), "{run:?}");
}
