//! The client: what all its calls share.
//!
//! Invariant: nothing of it changes once it is there but what its calls learn.

mod builder;

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::budget::RateBudget;
use crate::clock::Clock;
use crate::loader::Windows;
use crate::origin::Server;
use crate::retry_quota::RetryQuota;
use crate::token_source::Tokens;
use crate::transport::Transport;
use crate::{Api, Error, RetryPolicy, UserId, Vehicle, VehicleId};

pub use builder::ClientBuilder;

/// A client of the Smartcar API. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) api: Api,
    pub(crate) signals_price: NonZeroU32,
    /// Whose the vehicles are that name no one.
    pub(crate) user: Option<UserId>,
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) tokens: Tokens,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Arc<dyn RateBudget>,
    pub(crate) quota: RetryQuota,
    pub(crate) deadline: Duration,
    pub(crate) clock: Clock,
    pub(crate) server: Server,
    /// Where version 3 has its connections.
    pub(crate) management: Server,
    /// What loaders gather.
    pub(crate) windows: Windows,
    origin: String,
}

impl Client {
    /// Sets up a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client set up by the environment alone: [`ClientBuilder::from_env`].
    ///
    /// Fails as that and [`ClientBuilder::build`] do.
    ///
    /// ```no_run
    /// let client = smartcar_batch::Client::from_env()?;
    /// # Ok::<(), smartcar_batch::Error>(())
    /// ```
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }

    /// A vehicle to ask. Nothing is sent yet. Its user is the client's
    /// ([`ClientBuilder::user`]) until it names its own.
    pub fn vehicle(&self, id: VehicleId) -> Vehicle {
        Vehicle {
            client: self.clone(),
            id,
            user: self.inner.user.clone(),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api", &self.inner.api)
            .field("api_origin", &self.inner.origin)
            .field("tokens", &self.inner.tokens)
            .field("retry", &self.inner.retry)
            .field("budget", &self.inner.budget)
            .field("deadline", &self.inner.deadline)
            .finish_non_exhaustive()
    }
}
