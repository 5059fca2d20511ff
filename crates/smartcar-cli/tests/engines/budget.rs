//! `--budget` and `smartcar budget` on a real Valkey.
//!
//! Invariant: the simulator counts what was sent.

use std::time::{Duration, Instant};

use smartcar_simulator::Simulator;
use smartcar_tests::Engine;

use crate::harness::{end, json, run, start};

fn ids(count: usize) -> tempfile::NamedTempFile {
    let lines = (0..count).map(|number| format!("car-{number}\n"));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), lines.collect::<String>()).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_spend_one_month() {
    let (engine, simulator) = (
        Engine::valkey().await.unwrap(),
        Simulator::start().await.unwrap(),
    );
    let (url, file) = (engine.url(), ids(5));
    let file = file.path().to_str().unwrap();
    let fleet = ["fleet", "/odometer", "--ids", file, "--budget", &url];
    let limits = [
        "--budget-name",
        "ours",
        "--per-vehicle-month",
        "2",
        "--per-minute",
        "6000",
    ];
    let fleet = [&fleet[..], &limits].concat();
    for round in 0..3 {
        let (code, lines, said) = run(&simulator, &fleet).await;
        assert_eq!(code, if round < 2 { 0 } else { 4 }, "{lines}{said}");
        for line in lines.lines() {
            let record = json(line);
            if round < 2 {
                assert_eq!(record["items"][0]["ok"], true, "{record}");
            } else {
                assert_eq!(record["error"]["kind"], "budget", "{record}");
                let at = record["retry_at"].as_str().unwrap();
                assert!(at.ends_with("-01T00:00:00Z"), "{record}");
            }
        }
        assert_eq!(lines.lines().count(), 5);
    }
    assert_eq!(simulator.requests().len(), 10);

    let show = ["budget", "--budget", &url, "--budget-name", "ours"];
    let (code, shown, _) = run(&simulator, &[&show[..], &["--json"]].concat()).await;
    assert_eq!(code, 0);
    let shown = json(&shown);
    assert_eq!(
        (&shown["budget"], &shown["url"]),
        (&"ours".into(), &url.clone().into())
    );
    let month = &shown["month"];
    assert_eq!(
        (&month["limit"], &month["vehicles"]),
        (&2.into(), &5.into())
    );
    assert_eq!((&month["used"], &month["spent"]), (&10.into(), &5.into()));
    assert_eq!(shown["application"]["burst"], 100);
    let (code, table, warnings) = run(&simulator, &show).await;
    assert_eq!((code, warnings.as_str()), (0, ""));
    assert!(
        table.contains("10 requests, 5 vehicles, 5 at the limit of 2 until"),
        "{table}"
    );
    assert!(table.contains("of 100") && table.contains(&url), "{table}");
    // Another name is another budget.
    let (_, other, _) = run(&simulator, &["budget", "--budget", &url, "--json"]).await;
    assert_eq!(json(&other)["month"]["used"], 0);
    assert!(json(&other)["application"].is_null());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_that_the_api_states_holds_for_another_process() {
    let (engine, simulator) = (
        Engine::valkey().await.unwrap(),
        Simulator::start().await.unwrap(),
    );
    let url = engine.url();
    let fault = smartcar_simulator::Fault::error("RATE_LIMIT", Some("VEHICLE"));
    simulator
        .fault(fault.header("retry-after", "900").on_vehicle("car-7"))
        .unwrap();
    let batch = |vehicle| {
        [
            "batch",
            vehicle,
            "/odometer",
            "--budget",
            &url,
            "--deadline",
            "5",
        ]
    };
    let (code, ..) = run(&simulator, &batch("car-7")).await;
    assert_eq!(code, 4);
    let sent = simulator.requests().len();
    simulator.clear_faults();
    let (code, _, said) = run(&simulator, &batch("car-7")).await;
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("the rate budget is used up until"), "{said}");
    assert_eq!(simulator.requests().len(), sent);
    let (code, ..) = run(&simulator, &batch("car-8")).await;
    assert_eq!(code, 0);
    let (_, table, _) = run(&simulator, &["budget", "--budget", &url]).await;
    assert!(
        table.contains("car-7") && !table.contains("car-8"),
        "{table}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_waits_while_the_store_is_away() {
    const VEHICLES: usize = 60;
    let (mut engine, simulator) = (
        Engine::valkey().await.unwrap(),
        Simulator::start().await.unwrap(),
    );
    let (url, file) = (engine.url(), ids(VEHICLES));
    let file = file.path().to_str().unwrap();
    let fleet = ["fleet", "/odometer", "--ids", file, "--budget", &url];
    let fleet = [&fleet[..], &["--per-minute", "1200", "--deadline", "3"]].concat();
    let fleet = start(&simulator, &fleet);
    let since = Instant::now();
    while simulator.requests().len() < 10 {
        assert!(since.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    engine.kill();
    // What was granted before may still be sent.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let sent = simulator.requests().len();
    assert!(sent < VEHICLES, "{sent}");
    // Longer than the deadline of a vehicle.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(simulator.requests().len(), sent);
    engine.restart().await.unwrap();
    let (code, lines, said) = end(fleet).await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(lines.lines().count(), VEHICLES);
    assert_eq!(simulator.requests().len(), VEHICLES);
    assert!(
        said.contains("cannot be used") && said.contains("can be used again"),
        "{said}"
    );
}
