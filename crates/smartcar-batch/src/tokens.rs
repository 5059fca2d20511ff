//! The tokens of a client, and the one fetch that all its tasks share.
//!
//! Invariant: at most one fetch runs, in a task of its own. No waiter can end it;
//! its outcome is kept whether or not anyone still waits.

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
    /// One token for the client's life.
    Static(AccessToken),
    /// A source and what it gave last.
    Source(Refreshed),
}

/// A source and what it gave last. Dropping it ends a fetch that runs.
pub(crate) struct Refreshed {
    source: Arc<dyn TokenSource>,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    current: Option<Lease>,
    /// Counts fetches, so that a task can tell whether the token that was
    /// refused is still the current one.
    generation: u64,
    running: Option<Running>,
    /// The last failure that stated a wait, and when that ends.
    parked: Option<(Instant, Error)>,
}

/// A fetch on its way. `None` where its runtime ended before it did.
#[derive(Clone)]
struct Running {
    outcome: Shared<BoxFuture<'static, Option<Result<Lease, Error>>>>,
    task: AbortHandle,
}

/// A token and which fetch it came from.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    pub(crate) token: AccessToken,
    generation: u64,
    renew_at: Option<Instant>,
}

impl Lease {
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

    /// The token to send now.
    pub(crate) async fn current(&self) -> Result<Lease, Error> {
        match self {
            Self::Static(token) => Ok(Lease {
                token: token.clone(),
                generation: 0,
                renew_at: None,
            }),
            Self::Source(source) => source.lease(Lease::is_good).await,
        }
    }

    /// Another token after the API refused one; `None` where there is no other.
    pub(crate) async fn after_refusal(&self, refused: &Lease) -> Option<Result<Lease, Error>> {
        let Self::Source(source) = self else {
            return None;
        };
        // Someone else may have fetched since.
        let is_other = |lease: &Lease| lease.generation != refused.generation && lease.is_good();
        Some(source.lease(is_other).await)
    }
}

impl Refreshed {
    /// The last token, if it will do; else what the next fetch gives.
    async fn lease(&self, will_do: impl Fn(&Lease) -> bool) -> Result<Lease, Error> {
        // Once more for a fetch whose runtime ended in the middle.
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
        let message = "the runtime of the fetch ended before it did";
        Err(TokenError::new(message).retryable().into_error())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        lock(&self.kept)
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    // Nothing panics while it is half changed.
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Kept {
    /// The fetch that runs, or a new one. Fails while a stated wait lasts.
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

    /// Keeps what a fetch gave.
    fn take(&mut self, fetched: Result<IssuedToken, Error>) -> Result<Lease, Error> {
        self.running = None;
        self.parked = None;
        match fetched {
            Ok(IssuedToken { token, lifetime }) => {
                self.generation += 1;
                let lease = Lease {
                    token,
                    generation: self.generation,
                    // A short lifetime is halved rather than used up by the margin.
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

/// Runs to its end, whoever waits.
async fn fetch(source: Arc<dyn TokenSource>, kept: Arc<Mutex<Kept>>) -> Result<Lease, Error> {
    let fetched = timeout(TOKEN_FETCH_TIMEOUT, source.fetch()).await;
    let fetched = fetched.unwrap_or_else(|_| {
        let limit = TOKEN_FETCH_TIMEOUT.as_secs();
        let message = format!("the token source gave none within {limit} s");
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
