use super::*;

fn rate(bucket: u32, refill: u32, per: Duration) -> Result<Gcra, String> {
    super::rate("vehicle_rate", bucket, refill, per).map_err(|error| error.to_string())
}

#[test]
fn rates_that_cannot_be_kept_are_refused() {
    let second = Duration::from_secs(1);
    for (bucket, refill, per, expected) in [
        (0, 1, second, "must be 1 or more"),
        (1, 0, second, "must be 1 or more"),
        (1, 1, Duration::ZERO, "one nanosecond"),
        (1, 2, Duration::from_nanos(1), "one nanosecond"),
        (u32::MAX, 1, second, "within a year"),
        (1, 1, Duration::MAX, "within a year"),
    ] {
        let error = rate(bucket, refill, per).unwrap_err();
        assert!(error.starts_with("the limit `vehicle_rate` "), "{error}");
        assert!(error.contains(expected), "{error}");
    }
    assert!(rate(u32::MAX, u32::MAX, Duration::from_secs(60)).is_ok());
}

#[test]
fn a_bucket_gives_what_it_holds_and_says_when_more_is_there() {
    let rate = rate(2, 1, Duration::from_secs(10)).unwrap();
    // More than the bucket holds counts as a full bucket.
    let cost = |cost| NonZeroU32::new(cost).unwrap().min(rate.burst());
    let take = |full_at, now, units| rate.take(full_at, now, cost(units));
    const TEN: u64 = 10_000_000_000;
    let one = take(0, 0, 1).unwrap();
    let two = take(one, 0, 1).unwrap();
    assert_eq!(two, 2 * TEN);
    assert_eq!(take(two, 0, 1), Err(TEN));
    assert_eq!(take(two, TEN - 1, 1), Err(TEN));
    assert_eq!(take(two, TEN, 1), Ok(3 * TEN));
    assert_eq!(take(0, 0, 100), Ok(2 * TEN));
    assert_eq!(take(one, 0, 100), Err(TEN));
    // The maximum time does not overflow.
    assert!(take(u64::MAX, u64::MAX, 2).is_ok());
}
