//! The retry policy, as a plain value.
//!
//! Invariant: a policy only limits the number of retries and their timing. Which
//! errors are retryable is decided by the API's error catalogue.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::limits;

/// How often a call is retried, and how long it waits before each retry.
///
/// After a response, only failed items that the error catalogue marks as retryable
/// are requested again. Good items are kept and never paid for twice.
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

/// The cause of a retry. The two causes have different waits and costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A transient failure.
    Transient,
    /// A rate limit.
    Throttled,
}

impl RetryPolicy {
    /// Three attempts, and exponential back-off with jitter: starting at 200 ms after
    /// a transient failure and at 1 s after a rate limit, up to 30 s.
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

    /// One attempt, no retries.
    pub fn none() -> Self {
        Self::standard().attempts(1)
    }

    /// The maximum number of attempts; the default is 3, and zero counts as one. On
    /// v3 an attempt can be several HTTP requests. A retry after a token refresh
    /// comes in addition, at most once.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The time limit of one attempt. Without it, only the call's deadline applies:
    /// the API may take 300 s, and a request that is cut off is charged.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// The first wait after a transient failure, the first wait after a rate limit,
    /// and the longest wait.
    #[must_use]
    pub fn backoff(mut self, transient: Duration, throttled: Duration, ceiling: Duration) -> Self {
        self.transient = transient;
        self.throttled = throttled;
        self.ceiling = ceiling;
        self
    }

    /// Disables jitter: waits are exactly those of the schedule. For tests.
    #[must_use]
    pub fn without_jitter(mut self) -> Self {
        self.jitter = false;
        self
    }

    /// The maximum number of attempts.
    pub fn max_attempts(&self) -> u32 {
        self.attempts
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.attempt_timeout
    }

    pub(crate) fn schedule(&self) -> Schedule {
        Schedule {
            transient: self.transient,
            throttled: self.throttled,
            ceiling: self.ceiling,
            jitter: self.jitter,
        }
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::standard()
    }
}

/// The waits of one call: each is twice the one before, up to the ceiling.
#[derive(Debug)]
pub(crate) struct Schedule {
    transient: Duration,
    throttled: Duration,
    ceiling: Duration,
    jitter: bool,
}

impl Schedule {
    /// The next wait: the back-off plus the wait that the server stated.
    pub(crate) fn next(&mut self, cause: Cause, asked: Option<Duration>) -> Duration {
        let next = match cause {
            Cause::Transient => &mut self.transient,
            Cause::Throttled => &mut self.throttled,
        };
        let backoff = (*next).min(self.ceiling);
        *next = backoff.saturating_mul(2);
        let jitter = if self.jitter {
            backoff / PARTS * random()
        } else {
            Duration::ZERO
        };
        let wait = asked.unwrap_or_default().saturating_add(backoff);
        wait.saturating_add(jitter)
    }
}

/// Jitter is a number of these parts of a wait.
const PARTS: u32 = 1 << 16;

/// A random number below [`PARTS`].
fn random() -> u32 {
    // The keys of a new state are random.
    let bits = RandomState::new().hash_one(0) % u64::from(PARTS);
    u32::try_from(bits).unwrap_or_default()
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
        // Jitter is at most as long as the wait, and differs.
        let wait = || {
            RetryPolicy::standard()
                .schedule()
                .next(Cause::Throttled, None)
        };
        let waits: std::collections::BTreeSet<_> = (0..100).map(|_| wait()).collect();
        let longest = limits::THROTTLED_BACKOFF * 2;
        assert!(waits.len() > 90 && waits.iter().all(|wait| *wait <= longest));
        let endless = RetryPolicy::standard().backoff(Duration::MAX, base, Duration::MAX);
        let mut endless = endless.schedule();
        assert_eq!(endless.next(Cause::Transient, None), Duration::MAX);
    }
}
