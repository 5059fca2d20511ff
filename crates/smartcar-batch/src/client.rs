//! The client and how it is set up.
//!
//! Invariant: `build` checks everything, so that a client that exists can send.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::budget::{InProcessBudget, RateBudget};
use crate::clock::Clock;
use crate::limits::DEADLINE;
use crate::loader::Windows;
use crate::origin::{self, Origin, Server};
use crate::retry_quota::RetryQuota;
use crate::token_source::Tokens;
use crate::transport::{HttpTransport, Transport};
use crate::{AccessToken, Error, ErrorKind, RetryPolicy, TokenSource, Vehicle, VehicleId, observe};

/// A client of the Smartcar API. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) tokens: Tokens,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Arc<dyn RateBudget>,
    pub(crate) quota: RetryQuota,
    pub(crate) deadline: Duration,
    pub(crate) clock: Clock,
    pub(crate) server: Server,
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

    /// A vehicle to ask. Nothing is sent yet.
    pub fn vehicle(&self, id: VehicleId) -> Vehicle {
        Vehicle {
            client: self.clone(),
            id,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("api_origin", &self.inner.origin)
            .field("tokens", &self.inner.tokens)
            .field("retry", &self.inner.retry)
            .field("budget", &self.inner.budget)
            .field("deadline", &self.inner.deadline)
            .finish_non_exhaustive()
    }
}

/// Sets up a [`Client`].
#[must_use = "a builder does nothing before `build`"]
#[derive(Debug, Clone, Default)]
pub struct ClientBuilder {
    token: Option<AccessToken>,
    source: Option<Arc<dyn TokenSource>>,
    retry: RetryPolicy,
    budget: Option<Arc<dyn RateBudget>>,
    origin: Option<String>,
    /// Whether the origin came from the environment: then it is logged.
    origin_from_env: bool,
    plain_http: bool,
    deadline: Option<Duration>,
    body_cap: Option<usize>,
}

impl ClientBuilder {
    /// A builder filled from environment variables:
    ///
    /// | Variable | Meaning |
    /// |---|---|
    /// | `SMARTCAR_ACCESS_TOKEN` | the access token |
    /// | `SMARTCAR_API_ORIGIN` | origin without version; `https://api.smartcar.com` if not set |
    /// | `SMARTCAR_API` | API version: `v2`, which is also the default |
    ///
    /// An empty variable counts as not set. They are read here, once, and never
    /// per call. An origin from here is logged (feature `tracing`) when the
    /// client is made, since it decides who gets the token.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] for a token that a header cannot
    /// carry, an API version that is not known, and a value that is not UTF-8. The
    /// error names the variable and not its value.
    pub fn from_env() -> Result<Self, Error> {
        crate::environment::read(|name| std::env::var_os(name))
    }

    /// The access token that every request carries. Required, unless a
    /// [`ClientBuilder::token_source`] is given.
    pub fn access_token(mut self, token: AccessToken) -> Self {
        self.token = Some(token);
        self
    }

    /// Where access tokens come from; it stands before a fixed token.
    pub fn token_source(mut self, source: impl TokenSource) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// When calls ask again: [`RetryPolicy::standard`] without it. Each call
    /// can set its own.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// What requests may be spent on, shared by every clone of the client, and
    /// by other clients that are given the same. Without it no rate is limited,
    /// but a vehicle or application that the API asked to wait for is waited
    /// for ([`crate::InProcessBudget::unlimited`]).
    pub fn budget(mut self, budget: Arc<dyn RateBudget>) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Scheme, host and port of the API, without a version. The API's own
    /// without it; a simulator's in tests. https, or http to this machine.
    pub fn api_origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self.origin_from_env = false;
        self
    }

    pub(crate) fn origin_from_env(self, origin: String) -> Self {
        Self {
            origin_from_env: true,
            ..self.api_origin(origin)
        }
    }

    /// Allows plain http to another machine, such as a mock on a private
    /// network. The network then sees the token.
    pub fn allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// How long a call may take in all: 310 s without it, since the API may
    /// take 300. Each call can set its own.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Largest answer that is read, in bytes after decompression: 8 MiB without it.
    /// A larger one fails the call.
    pub fn body_cap(mut self, bytes: usize) -> Self {
        self.body_cap = Some(bytes);
        self
    }

    /// Checks the settings and makes the client. Nothing is sent.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] if there is neither a token nor a
    /// source of tokens, if the origin is more than scheme, host and port, or if it
    /// is plain http to another machine.
    ///
    /// ```
    /// use smartcar_batch::{AccessToken, Client};
    ///
    /// let token = AccessToken::new("from-the-vault")?;
    /// let client = Client::builder().access_token(token).build()?;
    ///
    /// let error = Client::builder().build().unwrap_err();
    /// assert!(error.is_invalid_request());
    /// # Ok::<(), smartcar_batch::Error>(())
    /// ```
    pub fn build(self) -> Result<Client, Error> {
        let origin = self.origin.as_deref().unwrap_or(origin::DEFAULT);
        let origin = Origin::parse(origin, self.plain_http)?;
        if self.origin_from_env {
            // Whoever can set a variable can send the token elsewhere.
            observe::origin_from_env(&origin);
        }
        let transport = HttpTransport::new(&origin, self.body_cap)?;
        self.build_on(transport, &origin)
    }

    /// A client over any transport: tests bring their own.
    pub(crate) fn build_on(
        self,
        transport: impl Transport,
        origin: &Origin,
    ) -> Result<Client, Error> {
        let tokens = match (self.source, self.token) {
            (Some(source), _) => Tokens::of(source),
            (None, Some(token)) => Tokens::Static(token),
            (None, None) => {
                return Err(Error::new(
                    ErrorKind::InvalidRequest,
                    "no access token: call `access_token`, or set SMARTCAR_ACCESS_TOKEN and use `from_env`",
                ));
            }
        };
        Ok(Client {
            inner: Arc::new(Inner {
                transport: Box::new(transport),
                tokens,
                retry: self.retry,
                budget: self
                    .budget
                    .unwrap_or_else(|| Arc::new(InProcessBudget::unlimited())),
                quota: RetryQuota::new(),
                server: origin.server(),
                windows: Windows::default(),
                deadline: self.deadline.unwrap_or(DEADLINE),
                clock: Clock::start(),
                origin: origin.text(),
            }),
        })
    }
}
