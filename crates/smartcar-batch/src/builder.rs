//! How a client is set up.
//!
//! Invariant: `build` checks everything, so that a client that exists can send.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use smartcar_model::v3::VehicleMode;
use smartcar_model::{Error, ErrorKind, UserId};

use crate::access_token::AccessToken;
use crate::api::Api;
use crate::budget::{InProcessBudget, RateBudget};
use crate::client::Client;
use crate::clock::Clock;
use crate::environment::settings::Settings;
use crate::limits::{DEADLINE, SIGNALS_PRICE};
use crate::loader::table::Windows;
use crate::observe;
use crate::origin::Origin;
use crate::retry::RetryPolicy;
use crate::retry_quota::RetryQuota;
use crate::shared::Shared;
use crate::token_source::{TokenSource, Tokens};
use crate::transport::{Http, Origins};

/// Sets up a [`Client`].
#[must_use = "a builder does nothing before `build`"]
#[derive(Debug, Clone, Default)]
pub struct ClientBuilder {
    token: Option<AccessToken>,
    source: Option<Arc<dyn TokenSource>>,
    retry: RetryPolicy,
    budget: Option<Arc<dyn RateBudget>>,
    api: Api,
    user: Option<UserId>,
    mode: Option<VehicleMode>,
    signals_price: Option<NonZeroU32>,
    origin: Option<String>,
    management_origin: Option<String>,
    /// What the environment said.
    env: Settings,
    plain_http: bool,
    deadline: Option<Duration>,
    body_cap: Option<usize>,
}

impl ClientBuilder {
    /// The access token that every request carries. Required, unless a
    /// [`ClientBuilder::token_source`] is given.
    pub fn access_token(mut self, token: AccessToken) -> Self {
        self.token = Some(token);
        self
    }

    /// Whether there is a token, or a source of tokens, for the version that is
    /// set. Without one [`ClientBuilder::build`] fails.
    ///
    /// ```
    /// use smartcar_batch::{AccessToken, Client};
    ///
    /// assert!(!Client::builder().has_token());
    /// assert!(Client::builder().access_token(AccessToken::new("from-the-vault")?).has_token());
    /// # Ok::<(), smartcar_batch::Error>(())
    /// ```
    pub fn has_token(&self) -> bool {
        self.tokens().is_some()
    }

    fn tokens(&self) -> Option<Tokens> {
        // Only version 3 takes an application's own token.
        let credentials = self.env.credentials.clone().filter(|_| self.api == Api::V3);
        match (&self.source, &self.token, credentials) {
            (Some(source), _, _) => Some(Tokens::of(Arc::clone(source))),
            (None, Some(token), _) => Some(Tokens::Static(token.clone())),
            (None, None, Some(credentials)) => Some(Tokens::of(Arc::new(credentials))),
            (None, None, None) => None,
        }
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

    /// The version of the API: [`Api::V2`] without it.
    ///
    /// ```no_run
    /// use smartcar_batch::{
    ///     Api, Client, ClientCredentials, ClientSecret, Fuel, Odometer, UserId, VehicleId, signal,
    /// };
    ///
    /// # async fn example(secret: String) -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::builder()
    ///     .api(Api::V3)
    ///     .token_source(ClientCredentials::new("client_0123", ClientSecret::new(secret)?)?)
    ///     .build()?;
    /// let vehicle = client
    ///     .vehicle(VehicleId::new("36ab27d0-fd9d-4455-823a-ce30af709ffc")?)
    ///     .user(UserId::new("8d6a2c1e-54c0-4b1f-8a57-0f1f5a0f9c11")?);
    ///
    /// // The same batch as on v2.0, made of signals:
    /// let response = vehicle.batch::<(Odometer, Fuel)>().send().await?;
    /// println!("asked by {}, charged {}", response.plan, response.charged);
    /// let (odometer, fuel) = response.data;
    /// println!("{} km, fuel: {}", odometer?.distance, fuel.is_ok());
    ///
    /// // The signals themselves:
    /// let (speed,) = vehicle.signals::<(signal::motion::CurrentSpeed,)>().send().await?.data;
    /// # Ok(())
    /// # }
    /// ```
    pub fn api(mut self, api: Api) -> Self {
        self.api = api;
        self
    }

    /// The user for vehicles that name none: [`crate::Vehicle::user`] and the user of a
    /// [`crate::FleetVehicle`] stand before it. Version 3 wants to know for every
    /// signal whose vehicle it is; v2.0 has no use for it.
    pub fn user(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }

    /// Whether version 3 looks for real vehicles or for Smartcar's simulated ones
    /// where it reads connections: for [`Client::vehicles`] and `/permissions`.
    /// Without it the API looks for real ones.
    pub fn vehicle_mode(mut self, mode: VehicleMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// What one request for all signals of version 3 is assumed to be counted
    /// as, in requests: 1 without it.
    ///
    /// Whether the API counts such a request once or once for each signal is not
    /// published. A batch that needs fewer signals than this asks them one by
    /// one, any other asks all at once; one signal is always asked alone. It is
    /// also what budgets give for it, and what [`crate::Response::charged`] counts.
    pub fn signals_price(mut self, requests: NonZeroU32) -> Self {
        self.signals_price = Some(requests);
        self
    }

    /// Scheme, host and port of the server that has the connections of version 3,
    /// which `/permissions` and [`Client::vehicles`] are made of. The API's
    /// without it.
    pub fn management_origin(mut self, origin: impl Into<String>) -> Self {
        self.management_origin = Some(origin.into());
        self
    }

    /// Scheme, host and port of the API, without a version. The API's own
    /// without it; a simulator's in tests. https, or http to this machine.
    pub fn api_origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// Keeps what the environment said.
    pub(crate) fn environment(mut self, settings: Settings) -> Self {
        self.env = settings;
        self
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
        let plain = self.plain_http;
        let origin = match (&self.origin, self.env.origin(self.api)) {
            (Some(origin), _) => Origin::parse(origin, plain)?,
            (None, Some((origin, variable))) => {
                let origin = Origin::parse(origin, plain)?;
                // Whoever can set a variable can send the token elsewhere.
                observe::origin_from_env(&origin, variable);
                origin
            }
            (None, None) => Origin::parse(self.api.origin(), plain)?,
        };
        let management = match (&self.management_origin, &self.env.management_origin) {
            (Some(management), _) => Origin::parse(management, plain)?,
            (None, Some(management)) if self.api == Api::V3 => {
                let management = Origin::parse(management, plain)?;
                observe::origin_from_env(&management, "SMARTCAR_MANAGEMENT_ORIGIN");
                management
            }
            _ => origin.clone(),
        };
        let (mode, cap) = (self.mode.clone(), self.body_cap);
        let origins = Origins {
            api: origin,
            management,
        };
        let http = Http::new(self.api, &origins, mode, cap)?;
        self.build_on(http, &origins.api)
    }

    /// The version that is set.
    #[cfg(test)]
    pub(crate) fn version(&self) -> Api {
        self.api
    }

    pub(crate) fn build_on(self, http: Http, origin: &Origin) -> Result<Client, Error> {
        let Some(tokens) = self.tokens() else {
            let cure = match self.api {
                Api::V2 => "call `access_token`, or set SMARTCAR_ACCESS_TOKEN and use `from_env`",
                Api::V3 => {
                    "call `token_source` with `ClientCredentials`, or set SMARTCAR_CLIENT_ID and SMARTCAR_CLIENT_SECRET and use `from_env`"
                }
            };
            let message = format!("no access token: {cure}");
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        };
        Ok(Client {
            shared: Arc::new(Shared {
                api: self.api,
                user: self.user,
                signals_price: self.signals_price.unwrap_or(SIGNALS_PRICE),
                http,
                tokens,
                retry: self.retry,
                budget: self
                    .budget
                    .unwrap_or_else(|| Arc::new(InProcessBudget::unlimited())),
                quota: RetryQuota::new(),
                windows: Windows::default(),
                deadline: self.deadline.unwrap_or(DEADLINE),
                clock: Clock::start(),
                origin: origin.text(),
            }),
        })
    }
}

impl Client {
    /// Sets up a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}
