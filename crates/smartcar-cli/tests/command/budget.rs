//! Shared budgets, without a store.
//!
//! Invariant: without the store nothing is sent, and no password is shown.

use smartcar_simulator::Simulator;

use crate::harness::{Folder, SECRET, asked, fleet, run};

/// Nothing listens there.
const AWAY: &str = "redis://hush-0f9a7c31:hush-0f9a7c31@127.0.0.1:1/0";

#[test]
fn a_budget_needs_a_url_that_can_be_used() {
    for (arguments, says) in [
        (&["budget"][..], "smartcar budget needs a shared budget"),
        (&["budget", "--json"], "SMARTCAR_BUDGET_URL"),
        (&["budget", "--budget", "127.0.0.1:6379"], "--budget"),
        (&["budget", "--budget", "http://hush-0f9a7c31@h"], "`http`"),
        (
            &["batch", "--simulate", "car", "/fuel", "--budget-name", "a"],
            "--budget-name",
        ),
        (
            &[
                "fleet",
                "--simulate",
                "/fuel",
                "--ids",
                "-",
                "--budget",
                "x",
            ],
            "--budget",
        ),
    ] {
        let refused = run(arguments, &[]);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        let said = format!("{}{}", refused.stdout, refused.stderr);
        // With `--json` the advice is not printed.
        assert!(
            said.contains(says) || arguments.contains(&"--json"),
            "{said}"
        );
    }
    let refused = run(
        &["budget"],
        &[("SMARTCAR_BUDGET_URL", "mongodb://hush-0f9a7c31@h")],
    );
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("SMARTCAR_BUDGET_URL: "),
        "{refused:?}"
    );
}

#[tokio::test]
async fn without_its_store_nothing_is_sent() {
    let simulator = Simulator::start().await.unwrap();
    let ids = Folder::new();
    let file = ids.write("ids", "car-1\ncar-2\n");
    let by_environment = [
        ("SMARTCAR_BUDGET_URL", AWAY),
        ("SMARTCAR_ACCESS_TOKEN", simulator.token()),
        ("SMARTCAR_API_ORIGIN", simulator.origin()),
    ];
    for (arguments, variables) in [
        (&["budget", "--budget", AWAY][..], &[][..]),
        (&["budget"], &by_environment[..1]),
        (&["batch", "car-1", "/odometer"], &by_environment),
        (&["fleet", "/odometer", "--ids", &file], &by_environment),
    ] {
        let away = run(arguments, variables);
        assert_eq!(away.code, Some(4), "{away:?}");
        let errors: Vec<_> = away
            .stderr
            .lines()
            .filter(|line| line.starts_with("error:"))
            .collect();
        assert_eq!(errors.len(), 1, "{away:?}");
        let says = "Valkey or Redis at redis://127.0.0.1:1 cannot be used";
        assert!(errors[0].contains(says), "{away:?}");
        assert!(away.stderr.contains("--budget"), "{away:?}");
    }
    let json = run(&["batch", "car-1", "/odometer", "--json"], &by_environment);
    assert_eq!(json.code, Some(4));
    assert_eq!(json.json()["error"]["kind"], "budget");
    assert_eq!(json.json()["vehicle"], "car-1");
    assert!(asked(&simulator).is_empty());
}

#[test]
fn input_is_checked_before_the_store() {
    let folder = Folder::new();
    let file = folder.write("ids", "car-1\n");
    let arguments = ["/odometer", "/fuel", "--ids", &file, "--budget", AWAY];
    let month = ["--per-vehicle-month", "1"];
    let refused = fleet("https://api.example", &[&arguments[..], &month].concat());
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused
            .stderr
            .contains("less than the 2 requests of one batch")
    );
    // The price is known without the store.
    let price = fleet(
        "https://api.example",
        &[&arguments[..], &["--dry-run"]].concat(),
    );
    assert_eq!(price.code, Some(0), "{price:?}");
    assert!(price.stdout.contains("2 requests"), "{price:?}");
    assert!(!price.stderr.contains(SECRET));
}
