//! The token of a call.
//!
//! Invariant: a retryable failure is retried within the attempts and the deadline of
//! the call. In a fleet, a stated wait applies to all calls, and the deadline is
//! extended.

use smartcar_model::Error;
use tokio::time::{Instant, sleep, sleep_until};

use super::end::{End, in_time};
use super::judge::{Judge, Moment, Repeat};
use crate::limits::TOKEN_PARK;
use crate::observe;
use crate::options::Options;
use crate::shared::Shared;
use crate::tokens::Lease;

/// Gets the tokens for one call.
pub(super) struct CallTokens<'a> {
    client: &'a Shared,
    options: &'a Options,
    /// The number of failed fetches; each counts as an attempt.
    pub(super) failures: u32,
}

impl<'a> CallTokens<'a> {
    pub(super) fn of(client: &'a Shared, options: &'a Options) -> Self {
        Self {
            client,
            options,
            failures: 0,
        }
    }

    /// The token that is there, which needs no timer.
    pub(super) fn ready(&self) -> Option<Lease> {
        self.client.tokens.ready()
    }

    /// The token to send now. `None` if there is none in time: then an old one is sent
    /// anyway, and the API decides.
    pub(super) async fn current(&self, deadline: Instant) -> Option<Lease> {
        let current = in_time(deadline, self.client.tokens.current()).await;
        current.ok()?.ok()
    }

    /// Waits for a token to send: another one than the rejected token, if there is one.
    /// `attempts` is the number of earlier attempts.
    pub(super) async fn lease(
        &mut self,
        judge: &mut Judge,
        refused: Option<(Lease, Error)>,
        attempts: u32,
        deadline: &mut Instant,
    ) -> Result<Lease, End> {
        let tokens = &self.client.tokens;
        loop {
            let fetched = match &refused {
                None => in_time(*deadline, tokens.current()).await?,
                Some((lease, error)) => {
                    let other = in_time(*deadline, tokens.after_refusal(lease)).await?;
                    other.ok_or_else(|| End::failed(error.clone()))?
                }
            };
            let error = match fetched {
                Ok(lease) => return Ok(lease),
                Err(error) => error,
            };
            self.failures += 1;
            let at = Moment {
                attempts: attempts.saturating_add(self.failures),
                instant: Instant::now(),
                time: self.client.clock.now(),
                deadline: *deadline,
            };
            let Repeat {
                cause,
                wait,
                otherwise,
            } = judge.no_token(&error, at)?;
            if !self.client.quota.try_take(cause) {
                return Err(otherwise);
            }
            if let (Some(patience), Some(stated)) = (&self.options.patience, error.retry_after()) {
                let _turn = patience.line.lock().await;
                sleep_until(at.instant + stated.min(TOKEN_PARK)).await;
                *deadline += at.instant.elapsed();
            }
            observe::repeat(cause, wait, 0);
            sleep(wait).await;
        }
    }
}
