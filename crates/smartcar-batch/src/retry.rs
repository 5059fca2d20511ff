//! How often and how patiently a call is repeated, as a plain value.
//!
//! Invariant: a policy only bounds and times; what may be repeated at all is
//! the API's catalogue's to say.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use crate::limits;

/// When a call asks again.
///
/// After an answer, only the items that failed and that the catalogue marks as
/// worth repeating are asked again; the good ones are kept and never paid for
/// twice.
///
/// ```
/// use std::time::Duration;
/// use smartcar_batch::RetryPolicy;
///
/// let patient = RetryPolicy::standard().attempts(5).attempt_timeout(Duration::from_secs(60));
/// assert_eq!(patient.max_attempts(), 5);
/// assert_eq!(RetryPolicy::none().max_attempts(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RetryPolicy {
    attempts: u32,
    attempt_timeout: Option<Duration>,
    transient: Duration,
    throttled: Duration,
    ceiling: Duration,
    jitter: bool,
}

/// What a repeat follows; the two wait differently and cost differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A fault that may be gone at once.
    Transient,
    /// A limit that fills up with time.
    Throttled,
}

impl RetryPolicy {
    /// Three attempts, exponential back-off with jitter: from 200 ms after a
    /// fault, from 1 s after a limit, at most 30 s.
    pub fn standard() -> Self {
        Self {
            attempts: limits::ATTEMPTS,
            attempt_timeout: None,
            transient: limits::TRANSIENT_BACKOFF,
            throttled: limits::THROTTLED_BACKOFF,
            ceiling: limits::BACKOFF_CEILING,
            jitter: true,
        }
    }

    /// One attempt.
    pub fn none() -> Self {
        Self::standard().attempts(1)
    }

    /// How many attempts a call may make: 3 without it, and zero counts as one. On
    /// version 3 an attempt can be several HTTP requests. One that is repeated
    /// because its token was refreshed comes on top, once.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// How long one request may take. Without it only the call's deadline
    /// counts: the API may need 300 s, and what is cut short is charged.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// The first wait after a fault, the first after a limit, and the longest.
    #[must_use]
    pub fn backoff(mut self, transient: Duration, throttled: Duration, ceiling: Duration) -> Self {
        self.transient = transient;
        self.throttled = throttled;
        self.ceiling = ceiling;
        self
    }

    /// Waits exactly as long as the schedule says, for tests.
    #[must_use]
    pub fn without_jitter(mut self) -> Self {
        self.jitter = false;
        self
    }

    /// How many attempts a call may make.
    pub fn max_attempts(&self) -> u32 {
        self.attempts
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.attempt_timeout
    }

    pub(crate) fn schedule(&self) -> Schedule {
        let from = |base: Duration| {
            let builder = ExponentialBuilder::new()
                .with_min_delay(base.min(self.ceiling))
                .with_max_delay(self.ceiling)
                .without_max_times();
            if self.jitter {
                builder.with_jitter()
            } else {
                builder
            }
            .build()
        };
        Schedule {
            transient: from(self.transient),
            throttled: from(self.throttled),
            ceiling: self.ceiling,
        }
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::standard()
    }
}

/// The waits of one call.
#[derive(Debug)]
pub(crate) struct Schedule {
    transient: ExponentialBackoff,
    throttled: ExponentialBackoff,
    ceiling: Duration,
}

impl Schedule {
    /// The next wait: the back-off, added to what the server asked for.
    pub(crate) fn next(&mut self, cause: Cause, asked: Option<Duration>) -> Duration {
        let schedule = match cause {
            Cause::Transient => &mut self.transient,
            Cause::Throttled => &mut self.throttled,
        };
        // The schedule multiplies in single precision: its nanoseconds are noise.
        let backoff = schedule.next().unwrap_or(self.ceiling).as_millis();
        let backoff = Duration::from_millis(u64::try_from(backoff).unwrap_or(u64::MAX));
        asked.unwrap_or_default().saturating_add(backoff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_ceiling_and_a_servers_wait_is_a_lower_bound() {
        let (base, ceiling) = (Duration::from_millis(100), Duration::from_millis(350));
        let policy = RetryPolicy::standard()
            .backoff(base, base * 10, ceiling)
            .without_jitter();
        let mut schedule = policy.schedule();
        let waits: Vec<_> = (0..4)
            .map(|_| schedule.next(Cause::Transient, None))
            .collect();
        assert_eq!(waits, [base, base * 2, ceiling, ceiling]);
        let asked = Duration::from_secs(7);
        assert_eq!(
            schedule.next(Cause::Throttled, Some(asked)),
            asked + ceiling
        );
        let mut jittered = RetryPolicy::standard().schedule();
        assert!(jittered.next(Cause::Throttled, Some(asked)) > asked);
        assert!(jittered.next(Cause::Throttled, Some(Duration::ZERO)) >= limits::THROTTLED_BACKOFF);
        assert_eq!(
            jittered.next(Cause::Transient, Some(Duration::MAX)),
            Duration::MAX
        );
    }
}
