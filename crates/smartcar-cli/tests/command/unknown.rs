//! Paths that are not in the spec, and unreadable entries of a list.
//!
//! Invariant: neither affects other paths or vehicles.

use smartcar_simulator::{Fault, Simulator};

use crate::harness::{Folder, SECRET, VEHICLE, asked, batch, fleet, run, served};

const NOBODY: &str = "http://127.0.0.1:1";

async fn simulator() -> Simulator {
    let builder = Simulator::builder().token(SECRET, ["read_odometer"]);
    builder.start().await.expect("it starts")
}

fn cars(count: usize) -> String {
    let cars: Vec<_> = (0..count).map(|number| format!("car-{number}")).collect();
    cars.join("\n")
}

#[test]
fn a_fleet_refuses_an_unknown_path_and_names_the_nearest() {
    let folder = Folder::new();
    let ids = folder.write("ids", "a\n");
    for (path, near) in [
        ("/odomter", "/odometer"),
        ("/tires/presure", "/tires/pressure"),
    ] {
        let run = fleet(NOBODY, &["/fuel", path, "--ids", &ids]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
        let said = format!("{path} is not a known path: did you mean {near}?");
        assert!(run.stderr.contains(&said), "{run:?}");
        assert!(run.stderr.contains("--allow-unknown-paths"), "{run:?}");
    }
    let run = fleet(NOBODY, &["/wiper/fluid", "--ids", &ids]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("`smartcar endpoints`"), "{run:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_path_is_sent_if_that_is_allowed() {
    let simulator = simulator().await;
    let folder = Folder::new();
    let ids = folder.write("ids", "a\n");
    let options = ["/odomter", "--ids", &ids, "--allow-unknown-paths"];
    let run = fleet(simulator.origin(), &options);
    assert_eq!(run.code, Some(4), "{run:?}");
    assert_eq!(asked(&simulator), ["a"]);
    assert!(run.stdout.contains("did you mean /odometer?"), "{run:?}");
    // A signal may be newer than the spec.
    let signal = [
        "/signals/odometer-new",
        "--api",
        "v3",
        "--simulate",
        "--ids",
        &ids,
    ];
    let run = crate::harness::run(&[&["fleet"][..], &signal].concat(), &[]);
    assert_eq!(run.code, Some(3), "{run:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_sends_it_and_its_error_names_the_nearest_and_the_detail() {
    let simulator = simulator().await;
    for format in [&[][..], &["--json"]] {
        let run = batch(
            simulator.origin(),
            &[&["/odometer", "/odomter"], format].concat(),
        );
        assert_eq!(run.code, Some(4), "{run:?}");
        let said = run.stdout + &run.stderr;
        assert!(
            said.contains("/odomter is not a known path: did you mean /odometer?"),
            "{said}"
        );
        // The message refers to the detail, which must be shown.
        assert!(said.contains("is not a path of the api"), "{said}");
    }
    assert_eq!(asked(&simulator).len(), 2);
}

#[test]
fn an_unknown_signal_is_sent_and_its_error_names_the_nearest() {
    let arguments = [
        "batch",
        VEHICLE,
        "/signals/odometer-travelleddistance",
        "/odometer",
        "--simulate",
        "--api",
        "v3",
        "--json",
    ];
    let run = run(&arguments, &[]);
    assert_eq!(run.code, Some(3), "{run:?}");
    let items = &run.json()["items"];
    let said = items[0]["error"]["description"].as_str().unwrap();
    assert!(
        said.contains("did you mean /signals/odometer-traveleddistance?"),
        "{said}"
    );
    assert_eq!(items[1]["ok"], true);
    let table = self::run(&arguments[..arguments.len() - 1], &[]);
    assert_eq!(table.stdout.matches("did you mean").count(), 1, "{table:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_stops_after_ten_rejected_batches_unless_one_was_answered() {
    let simulator = simulator().await;
    let folder = Folder::new();
    let ids = folder.write("ids", &cars(40));
    let options = [
        "/wiper",
        "--allow-unknown-paths",
        "--ids",
        &ids,
        "--concurrency",
        "1",
    ];
    let run = fleet(simulator.origin(), &options);
    assert_eq!(run.code, Some(4), "{run:?}");
    let records = run.stdout.lines().count();
    assert!((10..=11).contains(&records), "{run:?}");
    assert!(
        run.stderr
            .contains("stopped: the API rejected the first 10 batches and accepted none"),
        "{run:?}"
    );
    assert!(run.stderr.contains("is not a path of the api"), "{run:?}");

    // One vehicle has it, so the run continues although the others do not.
    simulator.clear_requests();
    let rejected = |car: String| Fault::error("VALIDATION", None).on_vehicle(car);
    for number in 1..40 {
        simulator.fault(rejected(format!("car-{number}"))).unwrap();
    }
    let options = ["/odometer", "--ids", &ids, "--concurrency", "1"];
    let run = fleet(simulator.origin(), &options);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(asked(&simulator).len(), 40);
}

const CONNECTIONS: &str = r#"{"data": [
    {"id": "c1", "type": "connection", "attributes": {"user": {"id": "user-1"}},
     "relationships": {"user": {"data": {"id": "user-1", "type": "user"}}}},
    {"id": "c2", "type": "connection", "attributes": {"user": {"id": "user-2"}},
     "relationships": {"user": {"data": {"id": "user-2", "type": "user"}},
                       "vehicle": {"data": {"id": "car-2", "type": "vehicle"}}}}],
    "meta": {"pageNumber": 1, "pageSize": 50, "totalCount": 2}, "links": {"next": null}}"#;

const SIGNAL: &str = r#"{"data": {"id": "odometer-traveleddistance", "type": "signal",
    "attributes": {"code": "odometer-traveleddistance", "name": "Traveleddistance",
        "group": "Odometer", "status": {"value": "SUCCESS"},
        "body": {"value": 10, "unit": "km"}},
    "meta": {"oemUpdatedAt": "2026-03-07T09:51:30.000Z"}}}"#;

#[test]
fn a_connection_without_a_vehicle_is_skipped_and_told() {
    let origin = served(&[
        ("/v3/connections", CONNECTIONS),
        ("/v3/vehicles/car-2/signals", SIGNAL),
    ]);
    let ask = |more: &[&str]| {
        let variables = [
            ("SMARTCAR_ACCESS_TOKEN", SECRET),
            ("SMARTCAR_API_ORIGIN", origin.as_str()),
            ("SMARTCAR_MANAGEMENT_ORIGIN", origin.as_str()),
        ];
        let options = ["fleet", "/odometer", "--account", "--api", "v3"];
        run(&[&options[..], more].concat(), &variables)
    };
    let told = "skipped 1 entry of the account's list: the list of vehicles has a connection without a vehicle";
    let read = ask(&[]);
    // Not everything has a result.
    assert_eq!(read.code, Some(3), "{read:?}");
    assert_eq!(read.json()["vehicle"], "car-2");
    assert!(read.stderr.contains(told), "{read:?}");
    let dry = ask(&["--dry-run", "--quiet"]);
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert!(
        dry.stdout.starts_with("1 vehicle, 1 path: 1 request,"),
        "{dry:?}"
    );
    assert!(dry.stderr.contains(told), "{dry:?}");
}
