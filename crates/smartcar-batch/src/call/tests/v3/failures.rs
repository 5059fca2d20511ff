//! v3 with failed requests or signals: what is retried, and what is reported.

use super::*;

/// A store with a fuel level, and a range that failed.
fn half_a_tank(kind: &str, word: &str) -> String {
    let failed = signal_error("internalcombustionengine-range", kind, word);
    format!(
        r#"{{"data": [{failed}, {{"id": "internalcombustionengine-fuellevel",
            "attributes": {{"body": {{"value": 50, "unit": "percent"}}}}}}]}}"#
    )
}

#[tokio::test(start_paused = true)]
async fn a_failed_request_costs_only_who_needs_it_and_is_repeated_alone() {
    for failure in [
        error(500, "SERVER", "INTERNAL"),
        error(502, "UPSTREAM", "NO_RESPONSE"),
        Step::Refuse,
        Step::Lose,
    ] {
        let script = Script::of([ok(ODOMETER), failure.clone(), ok(SPEED)]);
        let answered = one_by_one(&script).signals::<Two>().send().await.unwrap();
        assert_eq!(
            script.asked()[2..],
            [["/signals/motion-currentspeed"]],
            "{failure:?}"
        );
        assert!(
            answered.all_ok() && answered.stop_reason.is_none(),
            "{failure:?}"
        );
        assert_eq!(script.waits()[1], seconds(1));
        assert_eq!(answered.attempts, 2);
        assert_eq!(
            answered.attempts_of("/signals/odometer-traveleddistance"),
            Some(1)
        );
        assert_eq!(answered.charged as usize, script.units(), "{failure:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_signal_that_failed_in_the_list_is_asked_again_by_itself() {
    let failed = signal_error("motion-currentspeed", "UPSTREAM", "NO_RESPONSE");
    let store = STORE.replacen("[\n", &format!("[{failed},"), 1);
    let script = Script::of([ok(&store), ok(SPEED)]);
    let answered = of(v3(), &script).signals::<Two>().send().await.unwrap();
    assert_eq!(
        script.asked(),
        [["/signals"], ["/signals/motion-currentspeed"]]
    );
    assert!(answered.all_ok());
    assert_eq!((answered.plan, answered.charged), (Plan::Signals, 2));

    let refused = signal_error("motion-currentspeed", "PERMISSION", "UNKNOWN");
    let store = STORE.replacen("[\n", &format!("[{refused},"), 1);
    let script = Script::of([ok(&store)]);
    let answered = of(v3(), &script).signals::<Two>().send().await.unwrap();
    assert_eq!(script.sent().len(), 1);
    let error = answered.failures()[0].error.api_error().unwrap();
    assert_eq!(error.error_type.as_deref(), Some("PERMISSION"));
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_whole_call_is_the_calls() {
    for (kind, code, status) in [
        ("VALIDATION", "MISSING_PARAMETER", 400),
        ("RESOURCE_NOT_FOUND", "VEHICLE_NOT_FOUND", 404),
    ] {
        for vehicle in [|s: &Script| of(v3(), s), |s: &Script| one_by_one(s)] {
            let script = Script::of(vec![error(status, kind, code); 4]);
            let failed = vehicle(&script).signals::<Two>().send().await.unwrap_err();
            assert_eq!(failed.kind(), ErrorKind::Api);
            assert_eq!(failed.api_error().unwrap().code.as_deref(), Some(code));
            assert!(script.sent().len() <= 2, "requested once");
            assert_eq!(failed.charged() as usize, script.units());
        }
    }
    let script = Script::of([error(500, "SERVER", "INTERNAL"), Step::Lose]);
    let answered = of(v3(), &script).signals::<(TraveledDistance, CurrentSpeed)>();
    let answered = answered.send().await.unwrap();
    assert_eq!((answered.attempts, answered.charged), (3, 3));
    assert_eq!(script.waits(), [seconds(1), seconds(2)]);
}

#[tokio::test(start_paused = true)]
async fn what_stays_failed_says_why_and_the_good_one_is_kept() {
    let steps = [ok(ODOMETER), Step::Refuse, Step::Refuse, Step::Refuse];
    let script = Script::of(steps);
    let answered = one_by_one(&script).signals::<Two>().send().await.unwrap();
    assert!(matches!(&answered.stop_reason, Some(StopReason::Failed(_))));
    assert!(answered.data.0.is_ok());
    assert_eq!(answered.data.1.unwrap_err(), ItemError::Missing);
    assert_eq!(answered.charged, 1, "the others were never sent");
}

#[tokio::test(start_paused = true)]
async fn a_stated_wait_is_waited_for_and_parks_the_vehicle() {
    let limit = |status| {
        let Step::Answer(_, _, body) = error(status, "RATE_LIMIT", "VEHICLE") else {
            unreachable!("an answer");
        };
        Step::Answer(status, vec![("retry-after", "7".to_owned())], body)
    };
    // As the error of the whole call, and as that of one of several requests.
    let script = Script::of([limit(429)]);
    let answered = of(v3(), &script).signals::<Two>().send().await.unwrap();
    assert_eq!((answered.attempts, script.waits()), (2, vec![seconds(17)]));
    let script = Script::of([ok(ODOMETER), limit(429), ok(SPEED)]);
    let answered = one_by_one(&script).signals::<Two>().send().await.unwrap();
    assert!(answered.all_ok());
    assert_eq!(script.waits()[1], seconds(17));
    // Other calls for this vehicle wait too.
    let script = Script::of([limit(429)]);
    let vehicle = of(v3().retry(crate::RetryPolicy::none()), &script);
    vehicle.signals::<Two>().send().await.unwrap_err();
    vehicle.signals::<Two>().send().await.unwrap();
    assert!(script.waits()[0] >= seconds(7), "{:?}", script.waits());
}

#[tokio::test(start_paused = true)]
async fn a_member_whose_signal_failed_is_asked_again_or_named() {
    let range = r#"{"data": {"id": "internalcombustionengine-range",
        "attributes": {"body": {"value": 300, "unit": "kilometers"}}}}"#;
    let script = Script::of([ok(&half_a_tank("UPSTREAM", "NO_RESPONSE")), ok(range)]);
    let answered = of(v3(), &script).batch::<(Fuel,)>().send().await.unwrap();
    assert_eq!(
        script.asked()[1],
        ["/signals/internalcombustionengine-range"]
    );
    assert!(answered.member_errors().is_empty() && answered.all_ok());
    assert_eq!(answered.data.0.unwrap().range, Some(300.0));

    let script = Script::of([ok(&half_a_tank("PERMISSION", "UNKNOWN"))]);
    let answered = of(v3(), &script).batch::<(Fuel,)>().send().await.unwrap();
    assert_eq!(script.sent().len(), 1);
    let missing = &answered.member_errors()[0];
    assert_eq!(
        (missing.path.as_str(), missing.member.as_str()),
        ("/fuel", "/range")
    );
    let fuel = answered.data.0.unwrap();
    assert_eq!((fuel.percent_remaining, fuel.range), (Some(0.5), None));
}
