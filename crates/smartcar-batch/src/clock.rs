//! What time it is, by tokio's clock.
//!
//! Invariant: waits are measured on the monotonic clock; a moment for people is
//! that clock's reading added to the time of day at the start, so that a paused
//! clock in tests moves both.

use jiff::Timestamp;
use tokio::time::Instant;

/// A pair of readings taken together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    instant: Instant,
    moment: Timestamp,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let instant = Instant::now();
        Self {
            instant,
            moment: time_of_day(instant),
        }
    }

    /// The moment it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.moment_of(Instant::now())
    }

    /// The instant of a moment; `None` for one beyond what the clock can hold.
    /// One that has passed is the start.
    pub(crate) fn instant_of(&self, moment: Timestamp) -> Option<Instant> {
        let after = moment.duration_since(self.moment);
        let after = std::time::Duration::try_from(after).unwrap_or_default();
        self.instant.checked_add(after)
    }

    /// The moment of an instant.
    pub(crate) fn moment_of(&self, instant: Instant) -> Timestamp {
        let passed = instant.saturating_duration_since(self.instant);
        self.moment.saturating_add(passed).unwrap_or(self.moment)
    }
}

#[cfg(not(test))]
fn time_of_day(_: Instant) -> Timestamp {
    Timestamp::now()
}

/// A paused clock stands still between the start of two of these, but the time
/// of day does not: the first one of a test says it for all that follow.
#[cfg(test)]
fn time_of_day(instant: Instant) -> Timestamp {
    thread_local! {
        static FIRST: std::cell::OnceCell<Clock> = const { std::cell::OnceCell::new() };
    }
    FIRST.with(|first| {
        let moment = Timestamp::now();
        first
            .get_or_init(|| Clock { instant, moment })
            .moment_of(instant)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn clocks_that_start_one_after_the_other_agree() {
        let one = Clock::start();
        std::thread::sleep(std::time::Duration::from_millis(3));
        let other = Clock::start();
        assert_eq!(one.now(), other.now());
        let later = Instant::now() + std::time::Duration::from_secs(60);
        assert_eq!(other.instant_of(one.moment_of(later)), Some(later));
    }
}
