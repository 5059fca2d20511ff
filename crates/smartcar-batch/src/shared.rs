//! The state that all clones of a client share.
//!
//! Invariant: immutable after `build`; only tokens, budgets, the retry quota and
//! the loaders' windows change.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use smartcar_model::UserId;

use crate::api::Api;
use crate::budget::RateBudget;
use crate::clock::Clock;
use crate::loader::table::Windows;
use crate::retry::RetryPolicy;
use crate::retry_quota::RetryQuota;
use crate::tokens::Tokens;
use crate::transport::Http;

pub(crate) struct Shared {
    pub(crate) api: Api,
    pub(crate) signals_cost: NonZeroU32,
    /// Default user for vehicles without their own.
    pub(crate) user: Option<UserId>,
    pub(crate) http: Http,
    pub(crate) tokens: Tokens,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Arc<dyn RateBudget>,
    pub(crate) quota: RetryQuota,
    pub(crate) deadline: Duration,
    pub(crate) clock: Clock,
    /// The open windows of loaders.
    pub(crate) windows: Windows,
    pub(crate) origin: String,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.api)
            .field("api_origin", &self.origin)
            .field("tokens", &self.tokens)
            .field("retry", &self.retry)
            .field("budget", &self.budget)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
