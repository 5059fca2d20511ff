//! A token source whose refresh tokens are good for one use.
//!
//! Invariant: a fetch that was dropped in the middle has lost the refresh token, as
//! the real server does it.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use smartcar_batch::{AccessToken, IssuedToken, TokenError, TokenFuture, TokenSource};

use crate::draw::{millis, one_in, rng};

/// What all sources of a soak have in common.
#[derive(Debug, Default)]
pub(crate) struct Refreshes {
    pub(crate) done: AtomicU64,
    pub(crate) failed: AtomicU64,
    /// Fetches that found their refresh token used up: none may.
    pub(crate) lost: AtomicU64,
}

/// The tokens of one client.
#[derive(Debug)]
pub(crate) struct OneUse {
    seed: u64,
    refresh_token: Mutex<Option<u64>>,
    fetches: AtomicU64,
    counts: Arc<Refreshes>,
}

impl OneUse {
    pub(crate) fn new(seed: u64, counts: Arc<Refreshes>) -> Self {
        Self {
            seed,
            refresh_token: Mutex::new(Some(1)),
            fetches: AtomicU64::new(0),
            counts,
        }
    }

    fn refresh_token(&self) -> std::sync::MutexGuard<'_, Option<u64>> {
        self.refresh_token
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenSource for OneUse {
    fn fetch(&self) -> TokenFuture<'_> {
        Box::pin(async move {
            let mut rng = rng(self.seed, 3, self.fetches.fetch_add(1, SeqCst));
            let Some(refresh_token) = self.refresh_token().take() else {
                self.counts.lost.fetch_add(1, SeqCst);
                return Err(TokenError::new("the refresh token was used before"));
            };
            tokio::time::sleep(millis(&mut rng, 1..40)).await;
            if one_in(&mut rng, 12) {
                // Refused unused, as by a server that is down.
                *self.refresh_token() = Some(refresh_token);
                self.counts.failed.fetch_add(1, SeqCst);
                let error = TokenError::new("the token server is down").retryable();
                return Err(match rng.u32(0..2) {
                    0 => error,
                    _ => error.retry_after(Duration::from_millis(30)),
                });
            }
            *self.refresh_token() = Some(refresh_token + 1);
            self.counts.done.fetch_add(1, SeqCst);
            let token = AccessToken::new(format!("soak-{refresh_token}"))
                .map_err(|_| TokenError::new("not a token"))?;
            // Half of it is the margin.
            Ok(IssuedToken::new(token).with_lifetime(millis(&mut rng, 400..4000)))
        })
    }
}
