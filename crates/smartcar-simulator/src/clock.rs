//! What time it is for the simulated vehicles, tokens and limits.
//!
//! Invariant: nothing in this crate asks the machine what time it is but this
//! clock, and a clock that stands still gives the same answers on any day.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// When a simulation begins unless it says otherwise, in milliseconds since
/// 1970: 2026-03-14T09:27:01Z, when the description's examples were fetched.
const START_MILLISECONDS: i64 = 1_773_480_421_000;

/// The simulated time. It stands still until it is moved, or runs at a speed.
#[derive(Debug)]
pub(crate) struct Clock(Mutex<State>);

#[derive(Debug, Clone, Copy)]
struct State {
    /// The simulated moment at `since`.
    at: Timestamp,
    since: Instant,
    /// Simulated seconds in a real one.
    speed: f64,
}

impl Clock {
    pub(crate) fn new(at: Timestamp, speed: f64) -> Self {
        Self(Mutex::new(State {
            at,
            since: Instant::now(),
            speed,
        }))
    }
    pub(crate) fn default_start() -> Timestamp {
        Timestamp::from_millisecond(START_MILLISECONDS).expect("a moment of 2026 is in range")
    }

    /// The simulated moment, in whole milliseconds as the API writes them.
    pub(crate) fn now(&self) -> Timestamp {
        let now = self.state().now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Moves on by a duration; never beyond the last moment that can be written.
    pub(crate) fn advance(&self, duration: Duration) {
        let mut state = self.state();
        state.at = later(state.now(), duration);
        state.since = Instant::now();
    }

    /// Lets it run at so many simulated seconds in a real one; 0 makes it stand still.
    pub(crate) fn set_speed(&self, speed: f64) {
        let mut state = self.state();
        state.at = state.now();
        state.since = Instant::now();
        state.speed = speed;
    }

    /// Simulated seconds in a real one.
    pub(crate) fn speed(&self) -> f64 {
        self.state().speed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn now(&self) -> Timestamp {
        if self.speed == 0.0 {
            return self.at;
        }
        let passed = self.since.elapsed().as_secs_f64() * self.speed;
        let passed = Duration::try_from_secs_f64(passed).unwrap_or(Duration::MAX);
        later(self.at, passed)
    }
}

/// Time does not run backwards.
pub(crate) fn check_speed(speed: f64) -> io::Result<()> {
    if speed.is_finite() && speed >= 0.0 {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("the clock's speed must be 0 or more, and finite: {speed}"),
    ))
}

/// The moment after a duration, or the last one that can be written.
pub(crate) fn later(at: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration)
        .ok()
        .and_then(|duration| at.checked_add(duration).ok())
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
