use proptest::prelude::*;

use super::*;

fn units(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

fn gcra(burst: u32, every: u64) -> Gcra {
    Gcra::new(units(burst), Duration::from_nanos(every))
}

#[test]
fn a_bucket_gives_what_it_holds_and_says_when_more_is_there() {
    let bucket = gcra(2, 10);
    assert_eq!(bucket.take(0, 0, units(1)), Ok(10));
    assert_eq!(bucket.take(10, 0, units(1)), Ok(20));
    assert_eq!(bucket.take(20, 0, units(1)), Err(10));
    assert_eq!(bucket.take(20, 9, units(1)), Err(10));
    assert_eq!(bucket.take(20, 10, units(1)), Ok(30));
    assert_eq!(bucket.take(0, 0, units(3)), Err(u64::MAX));
}

#[test]
fn what_time_has_filled_is_not_given_back_again() {
    let bucket = gcra(5, 10);
    let taken = bucket.take(0, 0, units(5)).unwrap();
    assert_eq!(bucket.put_back(taken, 0, units(5), 0), 0);
    // After four intervals, one of the five units is still missing.
    let more = bucket.take(taken, 40, units(4)).unwrap();
    assert_eq!(more, 90);
    assert_eq!(bucket.put_back(more, 40, units(5), 0), 80);
    assert_eq!(bucket.put_back(more, 60, units(5), 0), 90);
}

#[test]
fn the_ends_of_the_number_line_do_not_panic() {
    for (burst, every) in [(1, 0), (u32::MAX, u64::MAX), (u32::MAX, 1), (1, u64::MAX)] {
        let bucket = gcra(burst, every);
        for time in [0, u64::MAX] {
            assert!(bucket.take(time, time, units(1)).is_ok());
            assert_eq!(bucket.put_back(time, time, units(burst), 0), time);
        }
    }
    assert_eq!(gcra(1, 0).every(), Duration::from_nanos(1));
    assert_eq!(nanos(Duration::MAX), u64::MAX);
}

#[test]
fn months_are_those_of_the_calendar() {
    let month = |text: &str| month_of(text.parse().unwrap());
    let january = month("2026-01-31T23:59:59Z");
    assert_eq!(january, 2026 * 12);
    assert_eq!(month("2026-02-01T00:00:00Z"), january + 1);
    assert_eq!(month("2025-12-31T23:30:00-01:00"), january);
}

proptest! {
    // The reference is a token bucket that counts fractions of a unit: another
    // algorithm with the same guarantee.
    #[test]
    fn it_agrees_with_a_token_bucket(
        burst in 1..9_u32,
        every in 1..50_u64,
        steps in prop::collection::vec((0..120_u64, 1..12_u32), 1..60),
    ) {
        let bucket = gcra(burst, every);
        let capacity = u64::from(burst) * every;
        let (mut full_at, mut level, mut now) = (0, capacity, 0);
        for (pause, cost) in steps {
            now += pause;
            level = (level + pause).min(capacity);
            let price = u64::from(cost) * every;
            match bucket.take(full_at, now, units(cost)) {
                Ok(next) => {
                    prop_assert!(level >= price);
                    level -= price;
                    full_at = next;
                }
                Err(from) if cost > burst => prop_assert_eq!(from, u64::MAX),
                Err(from) => {
                    prop_assert!(level < price);
                    prop_assert_eq!(from, now + price - level);
                    prop_assert!(bucket.take(full_at, from, units(cost)).is_ok());
                }
            }
            prop_assert_eq!(full_at.saturating_sub(now), capacity - level);
        }
    }
}
