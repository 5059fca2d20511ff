//! `smartcar enqueue`.

use crate::harness::{Bench, bare, run};

const MULTI: &str = "vehicle-1\n# a comment\n\nvehicle-2\nvehicle-1\n";

#[tokio::test]
async fn vehicles_are_enqueued_once_counted_and_removed() {
    let bench = Bench::new().await;
    let file = bench.file("ids.txt", MULTI);
    for last in [
        "2 vehicles enqueued, 0 already in the queue, 0 waiting; 1 duplicate ID ignored",
        "0 vehicles enqueued, 2 already in the queue, 0 waiting; 1 duplicate ID ignored",
    ] {
        let run = bench.run(&["enqueue", "--ids", &file]).await;
        assert_eq!((run.code, run.last_line()), (Some(0), last));
        assert_eq!(run.stdout, "");
    }
    let jobs = bench.stored("SMARTCAR_VEHICLES").await;
    let subjects: Vec<_> = jobs.iter().map(|(subject, _)| subject.as_str()).collect();
    assert_eq!(subjects.len(), 2);
    assert!(
        subjects.contains(&"smartcar.vehicles.vehicle-1"),
        "{subjects:?}"
    );
    for last in [
        "2 vehicles removed, 0 not in the queue; 1 duplicate ID ignored",
        "0 vehicles removed, 2 not in the queue; 1 duplicate ID ignored",
    ] {
        let run = bench.run(&["enqueue", "--ids", &file, "--remove"]).await;
        assert_eq!((run.code, run.last_line()), (Some(0), last));
    }
    assert!(bench.stored("SMARTCAR_VEHICLES").await.is_empty());

    // The user is part of the job.
    let run = bench
        .run(&["enqueue", "--ids", &file, "--user", "user-9"])
        .await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let jobs = bench.stored("SMARTCAR_VEHICLES").await;
    assert!(
        jobs.iter().all(|(_, job)| job["user"] == "user-9"),
        "{jobs:?}"
    );
}

#[tokio::test]
async fn a_bad_line_is_named_and_nothing_is_enqueued() {
    let bench = Bench::new().await;
    let file = bench.file("ids.txt", "vehicle-1\nvehicle 2\n");
    let run = bench.run(&["enqueue", "--ids", &file]).await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains(&format!("{file}:2: ")), "{run:?}");
    // Not even a stream was made.
    let empty = bench.file("empty.txt", "\n# nothing\n");
    let run = bench.run(&["enqueue", "--ids", &empty]).await;
    let none = "0 vehicles enqueued, 0 already in the queue, 0 waiting";
    assert_eq!((run.code, run.last_line()), (Some(0), none));
    assert!(bench.stored("SMARTCAR_VEHICLES").await.is_empty());
}

#[tokio::test]
async fn the_account_is_enqueued_with_its_vehicles() {
    let bench = Bench::new().await;
    let run = bench.run(&["enqueue", "--account"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let jobs = bench.stored("SMARTCAR_VEHICLES").await;
    assert!(!jobs.is_empty());
    let count = format!("{} vehicle", jobs.len());
    assert!(run.last_line().starts_with(&count), "{run:?}");
}

#[tokio::test]
async fn what_is_wrong_is_one_line_without_the_password() {
    let bench = Bench::new().await;
    let file = bench.file("ids.txt", MULTI);
    for (url, code, words) in [
        (
            "nats://me:hush@127.0.0.1:1",
            4,
            "--nats nats://127.0.0.1:1: the NATS server cannot be reached",
        ),
        ("hush", 2, "--nats: the NATS URL is not valid"),
        (
            "https://me:hush@127.0.0.1",
            2,
            "expected nats:// or tls://, found https://",
        ),
        ("", 2, "--nats"),
    ] {
        let mut command = bare(&["enqueue", "--ids", &file]);
        command.env("SMARTCAR_NATS_URL", url);
        let run = run(command).await;
        assert_eq!(run.code, Some(code), "{run:?}");
        assert!(run.stderr.contains(words), "{run:?}");
        assert!(!run.stderr.contains("hush"), "{run:?}");
        let errors = run.stderr.lines().filter(|line| line.starts_with("error:"));
        assert_eq!(errors.count(), 1, "{run:?}");
    }
    let missing = run(bare(&["enqueue", "--ids", &file])).await;
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("--nats <URL>"), "{missing:?}");
}
