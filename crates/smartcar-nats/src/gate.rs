//! Whether jobs may be fetched now.
//!
//! Invariant: a pause never ends a stop, and a stop is for good.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// The first pause. It doubles with each one until something succeeds.
const FIRST: Duration = Duration::from_secs(1);

/// The longest pause, unless a longer one was asked for.
const LONGEST: Duration = Duration::from_secs(30);

/// The state of the gate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// No more jobs are fetched.
    pub(crate) stopped: bool,
    /// No jobs are fetched before this time.
    pub(crate) paused_until: Option<Instant>,
    /// Changes if the connection was replaced.
    pub(crate) connection: u64,
    step: Duration,
}

/// Decides whether jobs may be fetched.
#[derive(Debug)]
pub(crate) struct Gate(watch::Sender<State>);

impl Gate {
    /// Open. `connection` is the number of connections until now, so that the present
    /// one does not count as new.
    pub(crate) fn new(connection: u64) -> Self {
        Self(watch::Sender::new(State {
            connection,
            ..State::default()
        }))
    }

    /// Watches for changes.
    pub(crate) fn watch(&self) -> watch::Receiver<State> {
        self.0.subscribe()
    }

    /// Fetches no more jobs.
    pub(crate) fn stop(&self) {
        self.0.send_modify(|state| state.stopped = true);
    }

    /// Fetches nothing for a while, at least for `wait`. Calls during a pause that was
    /// asked for before do not make it longer, because many jobs fail for one reason.
    pub(crate) fn pause(&self, wait: Duration) {
        self.0.send_modify(|state| {
            let now = Instant::now();
            if state.paused_until.is_some_and(|until| until > now) {
                let until = now + wait;
                state.paused_until = state.paused_until.max(Some(until));
                return;
            }
            let step = if state.step.is_zero() {
                FIRST
            } else {
                state.step
            };
            state.step = (step * 2).min(LONGEST);
            state.paused_until = Some(now + step.max(wait));
        });
    }

    /// Something succeeded: the next pause is short again.
    pub(crate) fn succeeded(&self) {
        self.0.send_if_modified(|state| {
            state.step = Duration::ZERO;
            false
        });
    }

    /// The number of connections so far.
    pub(crate) fn connected(&self, count: u64) {
        self.0.send_if_modified(|state| {
            let is_new = state.connection != count;
            state.connection = count;
            is_new
        });
    }

    /// Whether fetching is paused.
    pub(crate) fn is_paused(&self) -> bool {
        let until = self.0.borrow().paused_until;
        until.is_some_and(|until| until > Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_until_something_succeeds() {
        let gate = Gate::new(1);
        let lasts = || {
            let until = gate.watch().borrow().paused_until;
            until.map_or(0, |until| (until - Instant::now()).as_secs())
        };
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            gate.pause(Duration::ZERO);
            // The other jobs fail for the same reason.
            gate.pause(Duration::ZERO);
            assert_eq!(lasts(), seconds);
            assert!(gate.is_paused());
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            assert!(!gate.is_paused());
        }
        gate.succeeded();
        gate.pause(Duration::ZERO);
        assert_eq!(lasts(), 1);
        gate.pause(Duration::from_secs(100));
        assert_eq!(lasts(), 100);
    }
}
