//! The tokens of a client, and the one fetch that its tasks share.
//!
//! Invariant: at most one fetch runs, in its own task. No waiter can cancel it, and
//! its result is kept even if nobody waits any more.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{FutureExt, Shared};
use smartcar_model::Error;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use crate::access_token::AccessToken;
use crate::limits::{TOKEN_FETCH_TIMEOUT, TOKEN_MARGIN, TOKEN_PARK};
use crate::token_error::TokenError;
use crate::token_source::{IssuedToken, TokenSource};
use crate::transport::BoxFuture;

/// The tokens of a client and its clones.
#[derive(Debug)]
pub(crate) enum Tokens {
    /// One token for the lifetime of the client.
    Static(AccessToken),
    /// A source and its last token.
    Source(Refreshed),
}

/// A source and its last token. Dropping it aborts a running fetch.
pub(crate) struct Refreshed {
    source: Arc<dyn TokenSource>,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    current: Option<Lease>,
    /// Counts fetches, so that a task can see whether the rejected token is still the
    /// current one.
    generation: u64,
    running: Option<Running>,
    /// The last error that stated a wait, and the end of the wait.
    parked: Option<(Instant, Error)>,
}

/// A running fetch. The outcome is `None` if its runtime shut down first.
#[derive(Clone)]
struct Running {
    outcome: Shared<BoxFuture<'static, Option<Result<Lease, Error>>>>,
    task: AbortHandle,
}

/// A token and the number of its fetch.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    pub(crate) token: AccessToken,
    generation: u64,
    renew_at: Option<Instant>,
}

impl Lease {
    /// The token of a client without a source.
    fn of(token: &AccessToken) -> Self {
        Self {
            token: token.clone(),
            generation: 0,
            renew_at: None,
        }
    }

    fn is_good(&self) -> bool {
        self.renew_at.is_none_or(|at| Instant::now() < at)
    }
}

impl Tokens {
    pub(crate) fn of(source: Arc<dyn TokenSource>) -> Self {
        Self::Source(Refreshed {
            source,
            kept: Arc::default(),
        })
    }

    /// The token to send now, if it is there without a wait.
    pub(crate) fn ready(&self) -> Option<Lease> {
        match self {
            Self::Static(token) => Some(Lease::of(token)),
            Self::Source(source) => source.kept().current.clone().filter(Lease::is_good),
        }
    }

    /// The token to send now.
    pub(crate) async fn current(&self) -> Result<Lease, Error> {
        match self {
            Self::Static(token) => Ok(Lease::of(token)),
            Self::Source(source) => source.lease(Lease::is_good).await,
        }
    }

    /// Another token after the API rejected one; `None` if there is no source.
    pub(crate) async fn after_refusal(&self, refused: &Lease) -> Option<Result<Lease, Error>> {
        let Self::Source(source) = self else {
            return None;
        };
        // Another task may have fetched since.
        let is_other = |lease: &Lease| lease.generation != refused.generation && lease.is_good();
        Some(source.lease(is_other).await)
    }
}

impl Refreshed {
    /// The last token if it is acceptable, else the result of the next fetch.
    async fn lease(&self, will_do: impl Fn(&Lease) -> bool) -> Result<Lease, Error> {
        // Twice, because the runtime of the first fetch may have shut down.
        for _ in 0..2 {
            let running = {
                let mut kept = self.kept();
                match &kept.current {
                    Some(lease) if will_do(lease) => return Ok(lease.clone()),
                    _ => kept.join(&self.source, &self.kept)?,
                }
            };
            if let Some(outcome) = running.outcome.await {
                return outcome;
            }
        }
        let message = "the runtime shut down during the token fetch";
        Err(TokenError::new(message).retryable().into_error())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        lock(&self.kept)
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    // Nothing panics in the middle of a change.
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Kept {
    /// The running fetch, or a new one. Fails while a stated wait lasts.
    fn join(
        &mut self,
        source: &Arc<dyn TokenSource>,
        kept: &Arc<Mutex<Self>>,
    ) -> Result<Running, Error> {
        if let Some(running) = &self.running
            && !running.task.is_finished()
        {
            return Ok(running.clone());
        }
        if let Some((until, error)) = &self.parked {
            let left = until.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                return Err(error.clone().retryable_after(Some(left)));
            }
        }
        let task = tokio::spawn(fetch(Arc::clone(source), Arc::clone(kept)));
        let running = Running {
            task: task.abort_handle(),
            outcome: task
                .map(|ended| match ended {
                    Ok(outcome) => Some(outcome),
                    Err(error) if error.is_panic() => Some(Err(TokenError::new(
                        "the token source panicked",
                    )
                    .into_error())),
                    Err(_) => None,
                })
                .boxed()
                .shared(),
        };
        self.running = Some(running.clone());
        Ok(running)
    }

    /// Stores the result of a fetch.
    fn take(&mut self, fetched: Result<IssuedToken, Error>) -> Result<Lease, Error> {
        self.running = None;
        self.parked = None;
        match fetched {
            Ok(IssuedToken { token, lifetime }) => {
                self.generation += 1;
                let lease = Lease {
                    token,
                    generation: self.generation,
                    // A short lifetime is halved, so that the margin does not consume
                    // all of it.
                    renew_at: lifetime.and_then(|lifetime| {
                        let margin = TOKEN_MARGIN.min(lifetime / 2);
                        Instant::now().checked_add(lifetime.saturating_sub(margin))
                    }),
                };
                self.current = Some(lease.clone());
                Ok(lease)
            }
            Err(error) => {
                self.parked = error
                    .retry_after()
                    .map(|wait| (Instant::now() + wait.min(TOKEN_PARK), error.clone()));
                Err(error)
            }
        }
    }
}

/// Runs to completion, even if nobody waits.
async fn fetch(source: Arc<dyn TokenSource>, kept: Arc<Mutex<Kept>>) -> Result<Lease, Error> {
    let fetched = timeout(TOKEN_FETCH_TIMEOUT, source.fetch()).await;
    let fetched = fetched.unwrap_or_else(|_| {
        let limit = TOKEN_FETCH_TIMEOUT.as_secs();
        let message = format!("the token source returned no token within {limit} s");
        Err(TokenError::new(message).retryable())
    });
    let fetched = fetched.map_err(TokenError::into_error);
    lock(&kept).take(fetched)
}

impl Drop for Refreshed {
    fn drop(&mut self) {
        if let Some(running) = self.kept().running.take() {
            running.task.abort();
        }
    }
}

impl fmt::Debug for Refreshed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.source).finish()
    }
}

#[cfg(test)]
mod tests;
