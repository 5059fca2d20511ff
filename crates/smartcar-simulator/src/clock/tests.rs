use super::*;

#[test]
fn it_starts_where_the_examples_were_fetched() {
    let clock = Clock::new(Clock::default_start(), 0.0);
    assert_eq!(clock.now().to_string(), "2026-03-14T09:27:01Z");
}

#[test]
fn it_stands_still_until_it_is_moved() {
    let clock = Clock::new(Timestamp::UNIX_EPOCH, 0.0);
    std::thread::sleep(Duration::from_millis(2));
    assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    clock.advance(Duration::from_secs(60));
    assert_eq!(clock.now().as_second(), 60);
    clock.advance(Duration::MAX);
    clock.advance(Duration::MAX);
    assert!(clock.now().as_second() > 250_000_000_000);
}

#[test]
fn a_running_clock_keeps_what_it_has_when_its_speed_changes() {
    let clock = Clock::new(Timestamp::UNIX_EPOCH, 1_000_000.0);
    std::thread::sleep(Duration::from_millis(2));
    clock.set_speed(0.0);
    let now = clock.now();
    assert!(now.as_second() >= 2_000, "{now}");
    std::thread::sleep(Duration::from_millis(2));
    assert_eq!(clock.now(), now);
}
