//! The clock of the simulated vehicles, tokens and limits.
//!
//! Invariant: only this clock reads the machine's time. A clock that does not run
//! gives the same responses on any day.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// The default start of a simulation, in milliseconds since 1970:
/// 2026-03-14T09:27:01Z, when the spec's examples were fetched.
const START_MILLISECONDS: i64 = 1_773_480_421_000;

/// The simulated time. It changes only when moved, or runs at a given speed.
#[derive(Debug)]
pub(crate) struct Clock(Mutex<State>);

#[derive(Debug, Clone, Copy)]
struct State {
    /// The simulated time at `since`.
    at: Timestamp,
    since: Instant,
    /// Simulated seconds per real second.
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

    /// The simulated time, in whole milliseconds as the API writes it.
    pub(crate) fn now(&self) -> Timestamp {
        let now = self.state().now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Moves the clock forward, at most to the last moment that can be represented.
    pub(crate) fn advance(&self, duration: Duration) {
        let mut state = self.state();
        state.at = later(state.now(), duration);
        state.since = Instant::now();
    }

    /// Sets the time.
    pub(crate) fn set(&self, at: Timestamp) {
        let mut state = self.state();
        state.at = at;
        state.since = Instant::now();
    }

    /// Sets the speed in simulated seconds per real second; 0 stops the clock.
    pub(crate) fn set_speed(&self, speed: f64) {
        let mut state = self.state();
        state.at = state.now();
        state.since = Instant::now();
        state.speed = speed;
    }

    /// Simulated seconds per real second.
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

/// Checks that time does not run backwards. `key` names the speed in the message.
pub(crate) fn check_speed(key: &str, speed: f64) -> io::Result<()> {
    if speed.is_finite() && speed >= 0.0 {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("`{key}` must be 0 or more, and finite: {speed}"),
    ))
}

/// The moment after a duration, or the last one that can be represented.
pub(crate) fn later(at: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration)
        .ok()
        .and_then(|duration| at.checked_add(duration).ok())
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
