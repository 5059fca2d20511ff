//! Time, based on tokio's clock.
//!
//! Invariant: waits use the monotonic clock. A timestamp is the time of day at the
//! start plus the monotonic time since then, so a paused clock in tests moves both.
//!
//! On Linux and macOS the monotonic clock stops while the machine sleeps. The time of
//! day shows the sleep: if it is more than a minute ahead, it is used instead. So
//! months, timestamps and deadlines include sleep. A wait during which the machine
//! sleeps lasts longer than requested, never shorter. Setting the time of day back
//! has no effect.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tokio::time::Instant;

/// How far the time of day may run ahead without counting as sleep: clocks are
/// adjusted, and a test with a paused clock takes real time.
const ADJUSTED: Duration = Duration::from_secs(60);

/// A monotonic and a wall-clock reading, taken together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    instant: Instant,
    /// Not a timestamp, because every call compares it, and conversions take longer.
    wall: SystemTime,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let instant = Instant::now();
        Self {
            instant,
            wall: time_of_day(instant),
        }
    }

    /// The current timestamp.
    pub(crate) fn now(&self) -> Timestamp {
        self.moment_of(Instant::now())
    }

    /// The instant of a timestamp; `None` if the clock cannot represent it. A
    /// timestamp before the start becomes the start.
    pub(crate) fn instant_of(&self, moment: Timestamp) -> Option<Instant> {
        let after = Duration::try_from(moment.duration_since(timestamp(self.wall)));
        let slept = self.slept(Instant::now());
        let awake = after.unwrap_or_default().saturating_sub(slept);
        self.instant.checked_add(awake)
    }

    /// The timestamp of an instant.
    pub(crate) fn moment_of(&self, instant: Instant) -> Timestamp {
        let slept = self.slept(Instant::now());
        let wall = self.awake(instant);
        timestamp(wall.checked_add(slept).unwrap_or(wall))
    }

    /// How long the machine has slept from the start until now.
    pub(crate) fn slept(&self, now: Instant) -> Duration {
        let ahead = time_of_day(now).duration_since(self.awake(now));
        ahead
            .ok()
            .filter(|ahead| *ahead > ADJUSTED)
            .unwrap_or_default()
    }

    /// The time of day at an instant if the machine has not slept.
    fn awake(&self, instant: Instant) -> SystemTime {
        let passed = instant.saturating_duration_since(self.instant);
        self.wall.checked_add(passed).unwrap_or(self.wall)
    }
}

/// A time of day as a timestamp; the last timestamp if it is later.
fn timestamp(wall: SystemTime) -> Timestamp {
    Timestamp::try_from(wall).unwrap_or(Timestamp::MAX)
}

#[cfg(not(test))]
fn time_of_day(_: Instant) -> SystemTime {
    SystemTime::now()
}

/// A paused clock does not move between the creation of two `Clock`s, but the time of
/// day does. So the first one of a test sets the time of day for all later ones.
/// Tests can simulate sleep.
#[cfg(test)]
fn time_of_day(instant: Instant) -> SystemTime {
    FIRST.with(|first| {
        let wall = SystemTime::now();
        let first = first.get_or_init(|| Clock { instant, wall });
        first.awake(instant) + SLEPT.get()
    })
}

#[cfg(test)]
thread_local! {
    static FIRST: std::cell::OnceCell<Clock> = const { std::cell::OnceCell::new() };
    static SLEPT: std::cell::Cell<Duration> = const { std::cell::Cell::new(Duration::ZERO) };
}

/// Simulates sleep: the time of day moves on, the monotonic clock does not.
#[cfg(test)]
pub(crate) fn machine_sleeps(duration: Duration) {
    SLEPT.set(SLEPT.get() + duration);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn clocks_that_start_one_after_the_other_agree() {
        let one = Clock::start();
        std::thread::sleep(Duration::from_millis(3));
        let other = Clock::start();
        assert_eq!(one.now(), other.now());
        let later = Instant::now() + Duration::from_secs(60);
        assert_eq!(other.instant_of(one.moment_of(later)), Some(later));
    }

    #[tokio::test(start_paused = true)]
    async fn moments_take_in_that_the_machine_slept() {
        let clock = Clock::start();
        let before = clock.now();
        let in_an_hour = clock.moment_of(Instant::now() + Duration::from_secs(3600));
        machine_sleeps(Duration::from_secs(50));
        assert_eq!(clock.now(), before, "an adjustment is not sleep");
        machine_sleeps(Duration::from_secs(1750));
        assert_eq!(clock.now(), before + Duration::from_secs(1800));
        let at = clock.instant_of(in_an_hour).unwrap();
        assert_eq!(at - Instant::now(), Duration::from_secs(1800));
        assert_eq!(clock.moment_of(at), in_an_hour);
    }
}
