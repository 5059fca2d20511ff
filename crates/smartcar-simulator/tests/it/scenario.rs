//! The example scenario, and the token endpoint as a client sees it.
//!
//! Invariant: the simulator does what the example says.

use std::time::Duration;

use smartcar_simulator::{Limits, Scenario, Simulator};

use crate::http::{ask, batch, get, send};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/scenario.toml");

async fn example() -> Simulator {
    let scenario = Scenario::read(EXAMPLE).unwrap();
    Simulator::builder()
        .scenario(scenario)
        .start()
        .await
        .unwrap()
}

#[tokio::test]
async fn the_example_does_what_it_says() {
    let simulator = example().await;
    assert_eq!(simulator.now().to_string(), "2026-07-01T06:00:00Z");
    let known: Vec<_> = simulator.tokens();
    let texts: Vec<&str> = known.iter().map(|it| it.token.as_str()).collect();
    assert_eq!(texts, ["driver", "simulator-token", "visitor"]);
    assert_eq!(known[2].ends.unwrap().to_string(), "2026-07-01T08:00:00Z");
    let minute = Duration::from_secs(60);
    let limits = Limits::published()
        .vehicle_rate(10, minute)
        .upstream(100, minute);
    assert_eq!(simulator.limits(), limits);
    assert_eq!(simulator.faults().len(), 3);

    let unlucky = "GET /v2.0/vehicles/unlucky/vin";
    assert_eq!(
        ask(&simulator, unlucky, simulator.token(), "").await.status,
        502
    );
    assert_eq!(
        ask(&simulator, unlucky, simulator.token(), "").await.status,
        200
    );
    assert_eq!(ask(&simulator, unlucky, "driver", "").await.status, 403);

    let first = batch(&simulator).await.json();
    assert_eq!(first["responses"][1]["code"], 429);
    assert_eq!(first["responses"][1]["headers"]["Retry-After"], 2);
    let second = batch(&simulator).await.json();
    assert_eq!(second["responses"][1]["code"], 200);
    // The vehicle's limit is ten requests, and six are already used.
    for _ in 0..4 {
        assert_eq!(get(&simulator, "/vin").await.status, 200);
    }
    let refused = get(&simulator, "/vin").await;
    assert_eq!(refused.status, 429);
    assert!(refused.head.contains("retry-after: 6"), "{}", refused.head);

    let visitor = "GET /v2.0/vehicles/b/vin";
    assert_eq!(ask(&simulator, visitor, "visitor", "").await.status, 200);
    simulator.advance(Duration::from_secs(7_200));
    assert_eq!(ask(&simulator, visitor, "visitor", "").await.status, 401);
}

#[tokio::test]
async fn a_client_gets_a_token_and_asks_with_it() {
    let simulator = example().await;
    let code = simulator.authorization_code(["read_vin"]).unwrap();
    let form = format!("grant_type=authorization_code&code={code}&redirect_uri=x");
    // `my-app:my-secret`
    let headers = [
        ("Authorization", "Basic bXktYXBwOm15LXNlY3JldA=="),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let issued = send(&simulator, "POST /oauth/token", &headers, &form).await;
    assert_eq!(issued.status, 200, "{issued:?}");
    let token = issued.json()["access_token"].as_str().unwrap().to_owned();
    let line = "GET /v2.0/vehicles/c/vin";
    assert_eq!(ask(&simulator, line, &token, "").await.status, 200);
    simulator.advance(Duration::from_secs(7_200));
    assert_eq!(ask(&simulator, line, &token, "").await.status, 401);
    let known = simulator.tokens();
    assert!(known.iter().all(|it| it.token != token));
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_anything_is_bound() {
    use smartcar_simulator::Fault;
    let taken = Simulator::start().await.unwrap();
    let addr = taken
        .origin()
        .strip_prefix("http://")
        .unwrap()
        .parse()
        .unwrap();
    let builder = || Simulator::builder().addr(addr);
    for (builder, word) in [
        (builder().fault(Fault::error("SLEEPY", None)), "catalogue"),
        (
            builder().limits(Limits::off().application(0, 1)),
            "1 or more",
        ),
        (builder().application("a:b", "secret"), "colon"),
        (
            builder().token_for("two words", ["x"], Duration::ZERO),
            "ascii",
        ),
    ] {
        let error = builder.start().await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains(word), "{error}");
    }
    let error = builder().start().await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}
