//! A model test: random faults, a paused clock, and invariants that must always hold.

use proptest::prelude::*;

use super::{
    NO_PERMISSION, NO_RESPONSE, Script, Step, VEHICLE_LIMIT, builder, exact, seconds, vehicle_of,
};
use crate::{Fuel, Location, Odometer, Vin};

const PATHS: [&str; 4] = ["/odometer", "/location", "/fuel", "/vin"];

fn item() -> impl Strategy<Value = (&'static str, u16, &'static str, &'static str)> {
    let outcome = prop_oneof![
        Just((502, "{}", NO_RESPONSE)),
        Just((429, r#"{"Retry-After": "4"}"#, VEHICLE_LIMIT)),
        Just((429, r#"{"retry-after": 1e9}"#, VEHICLE_LIMIT)),
        Just((403, "null", NO_PERMISSION)),
        Just((500, "{}", "null")),
        Just((200, "{}", "[]")),
        Just((200, "3", r#"{"distance": 1e400}"#)),
        Just((0, "{}", "{}")),
        Just((99, "{}", "{}")),
    ];
    (prop::sample::select(&PATHS[..]), outcome)
        .prop_map(|(path, (code, headers, body))| (path, code, headers, body))
}

fn step() -> impl Strategy<Value = Step> {
    let status = prop::sample::select(vec![
        200, 204, 302, 400, 401, 403, 404, 409, 429, 430, 500, 501, 502, 503,
    ]);
    let body = prop::sample::select(vec![
        "",
        "null",
        "<html>",
        "{}",
        NO_RESPONSE,
        VEHICLE_LIMIT,
        "{\"responses\": []}",
    ]);
    let wait = prop::option::of(prop::sample::select(vec![
        "0",
        "2",
        "-1",
        "99999999999999999999",
        "soon",
    ]));
    let answer = (status, body, wait).prop_map(|(status, body, wait)| {
        let headers = wait.map(|wait| ("Retry-After", wait.to_owned()));
        Step::Answer(status, headers.into_iter().collect(), body.to_owned())
    });
    let answered = prop_oneof![
        4 => prop::collection::vec(item(), 0..4).prop_map(Step::Items),
        2 => answer,
        1 => Just(Step::Lose),
        1 => Just(Step::Hang),
    ];
    let later = (answered, prop::option::of(0..200_u64)).prop_map(|(step, wait)| match wait {
        Some(wait) => Step::After(seconds(wait), Box::new(step)),
        None => step,
    });
    // A failed connection is reported at once. If a deadline cuts off a request, the
    // call cannot know whether it was sent, and counts it as sent.
    prop_oneof![7 => later, 1 => Just(Step::Refuse)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_happens(steps in prop::collection::vec(step(), 0..8), attempts in 1..6_u32) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let script = Script::of(steps);
            let vehicle = vehicle_of(builder().retry(exact().attempts(attempts)), &script);
            let start = tokio::time::Instant::now();
            let outcome = vehicle.batch::<(Odometer, Location, Fuel, Vin)>().send().await;

            // Bounded in time and number.
            assert!(start.elapsed() <= seconds(310));
            let sent = script.sent();
            assert!(sent.len() <= attempts as usize);
            // The units that were sent are charged, and a good result is never
            // requested again.
            let (charged, counted, shown) = match &outcome {
                Ok(answered) => {
                    // Each path has exactly one outcome.
                    let (odometer, location, fuel, vin) = &answered.data;
                    let failed: Vec<_> = [
                        odometer.as_ref().err(),
                        location.as_ref().err(),
                        fuel.as_ref().err(),
                        vin.as_ref().err(),
                    ].into_iter().zip(PATHS).filter_map(|(error, path)| error.map(|error| (path, error))).collect();
                    let listed: Vec<_> = answered.failures().iter().map(|failure| (failure.path.as_str(), &failure.error)).collect();
                    assert_eq!(failed, listed);
                    assert_eq!(answered.all_ok(), failed.is_empty());
                    for path in PATHS {
                        let opened = sent.iter().filter(|sent| sent.opened && sent.paths.iter().any(|asked| asked == path));
                        assert_eq!(answered.attempts_of(path), Some(u32::try_from(opened.count()).unwrap()), "{path}");
                    }
                    (answered.charged, answered.attempts, format!("{:?} {:?}", answered.stop_reason, answered.failures()))
                }
                Err(error) => (error.charged(), error.attempts(), format!("{error} {error:?}")),
            };
            assert_eq!(script.units(), charged as usize);
            assert_eq!(sent.len(), counted as usize);
            // No token and no location anywhere.
            assert!(!shown.contains("s3cr3t") && !shown.contains("KNAC") && !shown.contains("2.5"), "{shown}");
        });
    }
}
