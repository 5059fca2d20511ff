use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::app::App;
use crate::limits::{BatchTakes, Limits};
use crate::testing::{Ask, app, app_seeded, batch_of, items};
use crate::tokens::NewToken;
use crate::world::vehicle::SimulatedVehicle;

fn limited(limits: Limits) -> App {
    let app = app();
    limits.check().unwrap();
    app.set_limits(limits);
    app
}

fn per_minute(n: u32) -> Limits {
    Limits::off().vehicle_rate(n, Duration::from_secs(60))
}

fn advance(app: &App, seconds: u64) {
    app.clock.advance(Duration::from_secs(seconds));
}

/// The codes of a batch's items.
async fn codes(app: &App, paths: &[&str]) -> Vec<u64> {
    let reply = batch_of(paths.iter().copied()).send(app).await;
    let codes = items(&reply)
        .iter()
        .map(|item| item["code"].as_u64().unwrap());
    codes.collect()
}

async fn status(app: &App, path: &str) -> u16 {
    Ask::get(path).send(app).await.status.as_u16()
}

#[tokio::test]
async fn an_empty_application_bucket_refuses_the_whole_answer() {
    let app = limited(Limits::off().application(2, 2));
    assert_eq!(status(&app, "/vehicles").await, 200);
    assert_eq!(status(&app, "/vehicles/a/vin").await, 200);
    for ask in [Ask::get("/vehicles"), Ask::read("/vin"), batch_of(["/vin"])] {
        let reply = ask.send(&app).await;
        assert_eq!(reply.error(), ("RATE_LIMIT", Some("SMARTCAR_API"), 429));
        assert_eq!(reply.header("retry-after"), None);
    }
    advance(&app, 29);
    assert_eq!(status(&app, "/vehicles/a/vin").await, 429);
    advance(&app, 1);
    assert_eq!(status(&app, "/vehicles/b/vin").await, 200);
    assert_eq!(status(&app, "/vehicles/b/vin").await, 429);
}

#[tokio::test]
async fn a_batch_takes_one_a_path_or_one() {
    let three = ["/vin", "/fuel", "/odometer"];
    for (takes, batches) in [(BatchTakes::Paths, 2), (BatchTakes::Request, 6)] {
        let app = limited(Limits::off().application(6, 1).batch_takes(takes));
        let mut granted = 0;
        while batch_of(three).send(&app).await.status == 200 {
            granted += 1;
        }
        assert_eq!(granted, batches, "{takes:?}");
    }
    // A request with more paths than the bucket holds takes a full bucket.
    let app = limited(Limits::off().application(2, 2));
    assert_eq!(codes(&app, &three).await, [200; 3]);
    assert_eq!(batch_of(three).send(&app).await.status, 429);
    advance(&app, 60);
    assert_eq!(codes(&app, &three).await, [200; 3]);
}

#[tokio::test]
async fn a_vehicle_is_refused_by_item_with_the_seconds_to_wait() {
    let app = limited(per_minute(2));
    let reply = batch_of(["/vin", "/fuel", "/odometer"]).send(&app).await;
    let refused = &items(&reply)[2];
    assert_eq!(items(&reply)[1]["code"], 200);
    assert_eq!(refused["code"], 429);
    assert_eq!(refused["body"]["type"], "RATE_LIMIT");
    assert_eq!(refused["body"]["code"], "VEHICLE");
    let headers = json!({"Retry-After": "30", "content-type": "application/json"});
    assert_eq!(refused["headers"], headers);

    advance(&app, 5);
    let alone = Ask::read("/odometer").send(&app).await;
    assert_eq!(alone.error(), ("RATE_LIMIT", Some("VEHICLE"), 429));
    assert_eq!(alone.header("retry-after"), Some("25"));
    assert_eq!(status(&app, "/vehicles/other/vin").await, 200);
}

#[tokio::test]
async fn only_successful_reads_of_a_vehicle_are_billed() {
    let app = limited(Limits::off().vehicle_monthly(2));
    let narrow = NewToken::new("narrow", ["read_vin"], None);
    app.add_token(narrow).unwrap();
    let ask = batch_of(["/fuel", "/permissions", "/vin"]);
    let reply = ask
        .header("host", "localhost")
        .token("narrow")
        .send_bare(&app)
        .await;
    let found: Vec<&Value> = items(&reply).iter().map(|item| &item["code"]).collect();
    assert_eq!(found, [403, 200, 200]);
    assert_eq!(
        codes(&app, &["/vin", "/fuel", "/permissions"]).await,
        [200, 430, 200]
    );
    let refused = Ask::read("/vin").send(&app).await;
    assert_eq!(
        refused.error(),
        ("BILLING", Some("VEHICLE_REQUEST_LIMIT"), 430)
    );
    assert_eq!(status(&app, "/vehicles").await, 200);
    assert_eq!(status(&app, "/vehicles/other/vin").await, 200);
    // A rejected request costs nothing.
    for _ in 0..3 {
        let reply = Ask::get("/vehicles/third/vin").header("sc-unit-system", "nautical");
        assert_eq!(reply.send(&app).await.status, 400);
    }
    assert_eq!(status(&app, "/vehicles/third/vin").await, 200);
}

#[tokio::test]
async fn a_month_ends_with_the_calendars() {
    let app = limited(Limits::off().vehicle_monthly(1));
    assert_eq!(codes(&app, &["/vin", "/vin"]).await, [200, 430]);
    // It is 2026-03-14T09:27:01Z.
    advance(&app, (17 * 24 + 14) * 3_600 + 32 * 60 + 58);
    assert_eq!(app.clock.now().to_string(), "2026-03-31T23:59:59Z");
    assert_eq!(codes(&app, &["/vin"]).await, [430]);
    advance(&app, 1);
    assert_eq!(codes(&app, &["/vin", "/vin"]).await, [200, 430]);
}

#[tokio::test]
async fn vehicles_without_a_make_share_the_car_makers_limit() {
    let app = limited(Limits::off().upstream(2, Duration::from_secs(60)));
    assert_eq!(status(&app, "/vehicles/a/vin").await, 200);
    assert_eq!(status(&app, "/vehicles/b/vin").await, 200);
    let refused = Ask::read("/vin").send(&app).await;
    assert_eq!(refused.error(), ("UPSTREAM", Some("RATE_LIMIT"), 502));
    assert_eq!(refused.header("retry-after"), None);
    advance(&app, 30);
    assert_eq!(codes(&app, &["/vin", "/fuel"]).await, [200, 502]);
}

#[tokio::test]
async fn each_make_has_its_own_upstream_limit() {
    let makes = [("a", "TESLA"), ("b", "TESLA"), ("c", "FORD")];
    let app = app_seeded(
        1,
        makes.map(|(id, make)| SimulatedVehicle::new(id).make(make)),
    );
    app.set_limits(Limits::off().upstream(1, Duration::from_secs(60)));
    let mut read = Vec::new();
    for vehicle in ["a", "b", "c", "d", "e"] {
        read.push(status(&app, &format!("/vehicles/{vehicle}/vin")).await);
    }
    assert_eq!(read, [200, 502, 200, 200, 502]);
}

#[tokio::test]
async fn what_a_vehicle_was_refused_costs_the_month_nothing() {
    let app = limited(per_minute(1).vehicle_monthly(2));
    assert_eq!(
        codes(&app, &["/vin", "/vin", "/vin"]).await,
        [200, 429, 429]
    );
    advance(&app, 60);
    assert_eq!(codes(&app, &["/vin"]).await, [200]);
    advance(&app, 60);
    assert_eq!(
        codes(&app, &["/vin"]).await,
        [430],
        "and not 429, because waiting would not help"
    );
}

#[tokio::test]
async fn new_limits_start_full_and_off_is_off() {
    let app = limited(Limits::off().vehicle_monthly(0));
    assert_eq!(codes(&app, &["/vin"]).await, [430]);
    app.set_limits(Limits::off().vehicle_monthly(1));
    assert_eq!(codes(&app, &["/vin", "/vin"]).await, [200, 430]);
    app.set_limits(Limits::off());
    assert_eq!(codes(&app, &["/vin"; 50]).await, [200; 50]);
}

#[tokio::test]
async fn the_published_numbers() {
    let app = limited(Limits::published());
    let mut granted = 0;
    while status(&app, "/vehicles").await == 200 {
        granted += 1;
    }
    assert_eq!(granted, 120);
    app.set_limits(Limits::published());
    assert_eq!(codes(&app, &["/vin"; 120]).await, [200; 120]);
    app.set_limits(Limits::published().application(1_000, 1));
    let codes = codes(&app, &["/vin"; 501]).await;
    assert_eq!(codes.iter().filter(|code| **code == 200).count(), 500);
    assert_eq!(codes[500], 430);
}

#[tokio::test]
async fn requests_without_a_right_take_from_no_limit() {
    let app = limited(Limits::off().application(1, 1));
    for _ in 0..3 {
        let ask = Ask::read("/vin")
            .header("host", "localhost")
            .token("unknown");
        assert_eq!(ask.send_bare(&app).await.status, 401);
        assert_eq!(Ask::read("/nothing").send(&app).await.status, 404);
        assert_eq!(Ask::batch("{}".to_owned()).send(&app).await.status, 400);
    }
    assert_eq!(status(&app, "/vehicles").await, 200);
    assert_eq!(status(&app, "/vehicles").await, 429);
}

/// A sequence of events: some seconds pass, then a batch with this many paths is
/// sent.
fn steps() -> impl Strategy<Value = Vec<(u64, usize)>> {
    prop::collection::vec((0..40_u64, 1..6_usize), 1..25)
}

fn run<F: Future>(work: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// In any period a vehicle gets at most a full bucket plus the refill, and at
    /// least one request per interval.
    #[test]
    fn no_stretch_gives_more_than_the_law(n in 1..6_u32, per in 1..120_u64, steps in steps()) {
        let limits = Limits::off().vehicle_rate(n, Duration::from_secs(per));
        let granted = run(async {
            let app = limited(limits);
            let mut time = 0;
            let mut granted = Vec::new();
            for (wait, paths) in steps {
                advance(&app, wait);
                time += wait;
                let codes = codes(&app, &vec!["/vin"; paths]).await;
                granted.push((time, codes.iter().filter(|code| **code == 200).count() as u64));
            }
            granted
        });
        for (place, (from, _)) in granted.iter().enumerate() {
            let mut sum = 0;
            for (until, count) in &granted[place..] {
                sum += count;
                // The refill is one request per `per / n` seconds. The interval is
                // truncated to whole nanoseconds, which is negligible in this
                // period.
                let back = (until - from) * u64::from(n) / per;
                prop_assert!(sum <= u64::from(n) + back, "{granted:?}");
            }
        }
    }

    /// A vehicle answers right after the seconds of `Retry-After`, and not one
    /// second earlier.
    #[test]
    fn retry_after_is_the_truth(n in 1..6_u32, per in 1..500_u64, steps in steps()) {
        let limits = Limits::off().vehicle_rate(n, Duration::from_secs(per));
        run(async {
            let app = limited(limits);
            for (wait, paths) in steps {
                advance(&app, wait);
                let reply = batch_of(vec!["/vin"; paths]).send(&app).await;
                let last = items(&reply).last().unwrap();
                if last["code"] == 200 {
                    continue;
                }
                let seconds = last["headers"]["Retry-After"].as_str().unwrap();
                let seconds: u64 = seconds.parse().unwrap();
                prop_assert!(seconds >= 1);
                advance(&app, seconds - 1);
                prop_assert_eq!(codes(&app, &["/vin"]).await, [429]);
                advance(&app, 1);
                prop_assert_eq!(codes(&app, &["/vin"]).await, [200]);
            }
            Ok(())
        })?;
    }

    /// The same for the application, whose rejected requests cost nothing.
    #[test]
    fn the_application_gets_its_bucket(bucket in 1..20_u32, refill in 1..60_u32, steps in steps()) {
        run(async {
            let app = limited(Limits::off().application(bucket, refill));
            let (mut time, mut granted) = (0, 0_u64);
            for (wait, paths) in steps {
                advance(&app, wait);
                time += wait;
                let reply = batch_of(vec!["/vin"; paths]).send(&app).await;
                if reply.status == 200 {
                    granted += (paths as u64).min(u64::from(bucket));
                }
                let back = time * u64::from(refill) / 60;
                prop_assert!(granted <= u64::from(bucket) + back);
            }
            Ok(())
        })?;
    }
}
