//! The quota of retries that all clones of a client share.
//!
//! A retry takes tokens, and returns them if it succeeds. Time, and calls that needed
//! no retry, add tokens. When there are not enough, the call fails at once.
//!
//! Invariant: in `T` seconds without a success, retries cost at most [`RETRY_QUOTA`]
//! + `T` tokens. So `C` calls to an API that is down send at most `C + (500 + T) /
//! 14` requests, and to an API that only responds with 429 at most `C + (500 + T) /
//! 5`, regardless of the attempts per call.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::limits::{
    RETRY_COST_THROTTLED, RETRY_COST_TRANSIENT, RETRY_GAIN, RETRY_QUOTA, RETRY_REFILL,
};
use crate::retry::Cause;

impl Cause {
    /// The cost of a retry.
    fn tokens(self) -> u32 {
        match self {
            Self::Transient => RETRY_COST_TRANSIENT,
            Self::Throttled => RETRY_COST_THROTTLED,
        }
    }
}

/// The token bucket. The lock is never held across an `await`.
#[derive(Debug)]
pub(crate) struct RetryQuota {
    level: Mutex<Level>,
}

#[derive(Debug, Clone, Copy)]
struct Level {
    tokens: u32,
    /// The time up to which elapsed time was converted to tokens.
    counted: Instant,
}

impl RetryQuota {
    /// A full quota.
    pub(crate) fn new() -> Self {
        Self {
            level: Mutex::new(Level {
                tokens: RETRY_QUOTA,
                counted: Instant::now(),
            }),
        }
    }

    /// Takes the cost of a retry, if there are enough tokens.
    pub(crate) fn try_take(&self, cost: Cause) -> bool {
        let mut level = self.filled();
        match level.tokens.checked_sub(cost.tokens()) {
            Some(left) => {
                level.tokens = left;
                true
            }
            None => false,
        }
    }

    /// Records a successful call; `last` is the cause of its last retry, if any.
    pub(crate) fn succeeded(&self, last: Option<Cause>) {
        let mut level = self.level();
        if level.tokens == RETRY_QUOTA {
            // Time cannot add to it either.
            return;
        }
        level.fill();
        let gain = last.map_or(RETRY_GAIN, Cause::tokens);
        level.tokens = level.tokens.saturating_add(gain).min(RETRY_QUOTA);
    }

    /// The number of tokens left.
    #[cfg(test)]
    pub(crate) fn available(&self) -> u32 {
        self.filled().tokens
    }

    fn filled(&self) -> MutexGuard<'_, Level> {
        let mut level = self.level();
        level.fill();
        level
    }

    fn level(&self) -> MutexGuard<'_, Level> {
        // Two plain numbers, so a panic leaves nothing half-written.
        self.level.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Level {
    /// Adds what time brought.
    fn fill(&mut self) {
        let now = Instant::now();
        let passed = now.saturating_duration_since(self.counted);
        let gain = u32::try_from(passed.as_nanos() / RETRY_REFILL.as_nanos()).unwrap_or(u32::MAX);
        let room = RETRY_QUOTA - self.tokens;
        if gain >= room {
            // The bucket filled up in between; drop the overflow.
            self.tokens = RETRY_QUOTA;
            self.counted = now;
        } else {
            self.tokens += gain;
            self.counted += RETRY_REFILL * gain;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn drain(quota: &RetryQuota, cost: Cause) -> u32 {
        let mut taken = 0;
        while quota.try_take(cost) {
            taken += 1;
        }
        taken
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_quota_fails_at_once_and_time_fills_it() {
        let quota = RetryQuota::new();
        assert_eq!(drain(&quota, Cause::Transient), 35);
        assert_eq!(quota.available(), 500 - 35 * 14);
        assert_eq!(drain(&quota, Cause::Throttled), 2);
        assert_eq!(quota.available(), 0);
        tokio::time::advance(Duration::from_millis(13_999)).await;
        assert!(!quota.try_take(Cause::Transient));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(quota.try_take(Cause::Transient));
        tokio::time::advance(Duration::from_secs(1_000_000)).await;
        assert_eq!(quota.available(), RETRY_QUOTA);
    }

    #[tokio::test(start_paused = true)]
    async fn asking_often_does_not_lose_parts_of_a_token() {
        let quota = RetryQuota::new();
        drain(&quota, Cause::Throttled);
        for _ in 0..50 {
            tokio::time::advance(Duration::from_millis(100)).await;
            quota.available();
        }
        assert_eq!(quota.available(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn success_gives_back_the_last_retry_and_never_more_than_all() {
        let quota = RetryQuota::new();
        quota.succeeded(None);
        assert_eq!(quota.available(), RETRY_QUOTA);
        for (cost, tokens) in [(Cause::Transient, 14), (Cause::Throttled, 5)] {
            assert!(quota.try_take(cost));
            assert_eq!(quota.available(), RETRY_QUOTA - tokens);
            quota.succeeded(Some(cost));
            assert_eq!(quota.available(), RETRY_QUOTA);
        }
        assert!(quota.try_take(Cause::Throttled));
        quota.succeeded(None);
        assert_eq!(quota.available(), RETRY_QUOTA - 4);
    }

    #[tokio::test(start_paused = true)]
    async fn an_hour_of_outage_costs_little_more_than_its_calls() {
        const CALLS: u32 = 36_000;
        let quota = RetryQuota::new();
        let mut requests = 0;
        for _ in 0..CALLS {
            requests += 1;
            for _ in 0..2 {
                requests += u32::from(quota.try_take(Cause::Transient));
            }
            tokio::time::advance(Duration::from_millis(100)).await;
        }
        let most = CALLS + (500 + 3600) / 14;
        assert!(requests <= most && requests + 1 >= most, "{requests}");
    }

    #[test]
    fn threads_share_what_there_is() {
        let quota = Arc::new(RetryQuota::new());
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let quota = Arc::clone(&quota);
                std::thread::spawn(move || drain(&quota, Cause::Transient))
            })
            .collect();
        let taken: u32 = threads.into_iter().map(|one| one.join().unwrap()).sum();
        assert!((35..=36).contains(&taken), "{taken}");
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Wait(u64),
        Retry(Cause),
        Success(Option<Cause>),
    }

    fn step() -> impl Strategy<Value = Step> {
        let cost = || prop_oneof![Just(Cause::Transient), Just(Cause::Throttled)];
        prop_oneof![
            2 => (0..30_000_u64).prop_map(Step::Wait),
            6 => cost().prop_map(Step::Retry),
            1 => prop::option::of(cost()).prop_map(Step::Success),
        ]
    }

    proptest! {
        // The bound holds for any stretch of time, not only from the start.
        #[test]
        fn retries_cost_no_more_than_quota_time_and_successes(
            steps in prop::collection::vec(step(), 1..300),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .unwrap();
            runtime.block_on(async {
                let quota = RetryQuota::new();
                let (mut waited, mut gained, mut spent) = (0, 0, 0);
                // The minimum of `spent - gained - waited` so far.
                let mut lowest = 0_i64;
                for step in steps {
                    match step {
                        Step::Wait(millis) => {
                            tokio::time::advance(Duration::from_millis(millis)).await;
                            waited += i64::try_from(millis).unwrap();
                        }
                        Step::Retry(cost) => {
                            if quota.try_take(cost) {
                                spent += i64::from(cost.tokens());
                            }
                        }
                        Step::Success(last) => {
                            quota.succeeded(last);
                            gained += i64::from(last.map_or(RETRY_GAIN, Cause::tokens));
                        }
                    }
                    prop_assert!(quota.available() <= RETRY_QUOTA);
                    // In thousandths of a token; one is a millisecond.
                    let net = (spent - gained) * 1000 - waited;
                    lowest = lowest.min(net);
                    // One more for the token that was partly refilled before the
                    // stretch.
                    prop_assert!(net - lowest <= i64::from(RETRY_QUOTA + 1) * 1000);
                }
                Ok(())
            })?;
        }
    }
}
