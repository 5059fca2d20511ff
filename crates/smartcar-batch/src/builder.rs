//! How a client is set up.
//!
//! Invariant: `build` checks everything, so that a client that exists can send.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use smartcar_client::Transport;
use smartcar_model::v3::VehicleMode;
use smartcar_model::{Error, ErrorKind, UserId};

use crate::access_token::AccessToken;
use crate::api::Api;
use crate::budget::{InProcessBudget, RateBudget};
use crate::client::Client;
use crate::clock::Clock;
use crate::environment::settings::Settings;
use crate::limits::{DEADLINE, SIGNALS_COST};
use crate::loader::table::Windows;
use crate::observe;
use crate::origin::{Origin, OriginName};
use crate::retry::RetryPolicy;
use crate::retry_quota::RetryQuota;
use crate::shared::Shared;
use crate::token_carrier::Carried;
use crate::token_source::TokenSource;
use crate::tokens::Tokens;
use crate::transport::{Carrier, Configure, Http, Origins};

/// Sets up a [`Client`].
#[must_use = "a builder does nothing before `build`"]
#[derive(Clone, Default)]
pub struct ClientBuilder {
    token: Option<AccessToken>,
    source: Option<Arc<dyn TokenSource>>,
    retry: RetryPolicy,
    budget: Option<Arc<dyn RateBudget>>,
    api: Api,
    user: Option<UserId>,
    mode: Option<VehicleMode>,
    signals_cost: Option<NonZeroU32>,
    origin: Option<String>,
    management_origin: Option<String>,
    /// What the environment said.
    env: Settings,
    plain_http: bool,
    deadline: Option<Duration>,
    body_cap: Option<usize>,
    configure_http: Option<Configure>,
    transport: Option<Arc<dyn Transport>>,
}

impl ClientBuilder {
    /// The access token that every request carries. Required, unless a
    /// [`ClientBuilder::token_source`] is given; both together are refused.
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

    /// What the builder says stands before what the environment says.
    fn tokens(&self) -> Option<Given> {
        if let Some(source) = &self.source {
            return Some(Given::Source(Arc::clone(source)));
        }
        if let Some(token) = self.token.as_ref().or(self.env.access_token.as_ref()) {
            return Some(Given::Token(token.clone()));
        }
        // Only version 3 takes an application's own token.
        let credentials = self.env.credentials.clone().filter(|_| self.api == Api::V3);
        Some(Given::Source(Arc::new(credentials?)))
    }

    /// Where access tokens come from: a source, or an `Arc` of one. A fixed
    /// [`ClientBuilder::access_token`] beside it is refused.
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

    /// What requests may be spent on: a budget, or an `Arc` of one that other
    /// clients share. Every clone of the client draws on it. Without it no rate is
    /// limited, but a vehicle or application that the API asked to wait for is
    /// waited for ([`crate::InProcessBudget::unlimited`]).
    pub fn budget(mut self, budget: impl RateBudget) -> Self {
        self.budget = Some(Arc::new(budget));
        self
    }

    /// Configures the HTTP client: root certificates, proxies, pools, DNS.
    ///
    /// It applies before this crate's own invariants, which cannot be changed: no
    /// plain http to another machine, no redirects, no retries by the HTTP
    /// library, no decompression. The connect time-out of 10 s and the idle
    /// time-out of 4 s are defaults that you can change. A proxy that you set
    /// applies to every server of the client: the API's, the one of
    /// [`ClientBuilder::management_origin`] and, with
    /// [`ClientCredentials`](crate::ClientCredentials), the token's. Called
    /// twice, the second continues what the first made. Beside a
    /// [`ClientBuilder::transport`] it is refused.
    ///
    /// It runs once for each HTTP client that is made, so the closure is `Clone`:
    /// one that takes a proxy or a certificate with it is.
    ///
    /// ```
    /// use smartcar_batch::{AccessToken, Client, reqwest};
    ///
    /// # fn example(company_root: &[u8]) -> Result<Client, Box<dyn std::error::Error>> {
    /// let proxy = reqwest::Proxy::https("http://proxy.example:3128")?;
    /// let root = reqwest::Certificate::from_pem(company_root)?;
    /// let client = Client::builder()
    ///     .access_token(AccessToken::new("from-the-vault")?)
    ///     .configure_http(|http| http.proxy(proxy).tls_certs_merge([root]))
    ///     .build()?;
    /// # Ok(client)
    /// # }
    /// ```
    pub fn configure_http(
        mut self,
        configure: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder
        + Clone
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let configure = Configure::new(configure);
        self.configure_http = Some(match self.configure_http.take() {
            None => configure,
            Some(first) => first.then(configure),
        });
        self
    }

    /// Carries requests in place of the HTTP client: a [`Transport`], or an `Arc`
    /// of one. For middleware, which wraps an
    /// [`HttpTransport`](crate::HttpTransport), and for tests without a socket.
    ///
    /// Deadlines, [`ClientBuilder::body_cap`] and retries stay the client's. A
    /// transport must bear cancelling: its future is dropped when a deadline
    /// passes. With [`ClientCredentials`](crate::ClientCredentials) the token's
    /// requests go over it too. Beside [`ClientBuilder::configure_http`] it is
    /// refused.
    ///
    /// ```
    /// use smartcar_batch::{
    ///     AccessToken, Client, Odometer, Transport, TransportFuture, VehicleId, bytes::Bytes, http,
    /// };
    ///
    /// /// Answers every request the same.
    /// struct Always(&'static str);
    ///
    /// impl Transport for Always {
    ///     fn send(&self, _: http::Request<Bytes>) -> TransportFuture<'_> {
    ///         let body = Bytes::from_static(self.0.as_bytes());
    ///         Box::pin(async { Ok(http::Response::new(body)) })
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), smartcar_batch::Error> {
    /// let client = Client::builder()
    ///     .access_token(AccessToken::new("any")?)
    ///     .transport(Always(r#"{"distance": 18250.6}"#))
    ///     .build()?;
    /// let vehicle = client.vehicle(VehicleId::new("car-1")?);
    /// let odometer = vehicle.get::<Odometer>().send().await?.data;
    /// assert_eq!(odometer.distance, 18250.6);
    /// # Ok(())
    /// # }
    /// ```
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
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
    ///     .with_user(UserId::new("8d6a2c1e-54c0-4b1f-8a57-0f1f5a0f9c11")?);
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
    /// one, eight at a time, any other asks all at once; one signal is always asked
    /// alone. It is also what budgets give for it, and what [`crate::Response::charged`] counts.
    pub fn signals_cost(mut self, requests: NonZeroU32) -> Self {
        self.signals_cost = Some(requests);
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
    /// Fails with [`ErrorKind::InvalidRequest`]
    ///
    /// - without a token and without a source of tokens, and with both;
    /// - with both [`ClientBuilder::configure_http`] and
    ///   [`ClientBuilder::transport`];
    /// - for an origin that is more than scheme, host and port, or that is plain
    ///   http to another machine;
    /// - if the HTTP client cannot be set up.
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
    pub fn build(mut self) -> Result<Client, Error> {
        let Some(given) = self.tokens() else {
            return Err(self.no_token());
        };
        if self.token.is_some() && self.source.is_some() {
            return Err(both("access_token", "token_source"));
        }
        let carrier = match (self.configure_http.take(), self.transport.take()) {
            (Some(_), Some(_)) => return Err(both("configure_http", "transport")),
            (configure, None) => Carrier::Http(configure),
            (None, Some(transport)) => Carrier::Transport(transport),
        };
        let origins = self.origins()?;
        let tokens = match given {
            Given::Token(token) => Tokens::Static(token),
            Given::Source(source) => match carrier.for_tokens(&origins.api)? {
                None => Tokens::of(source),
                Some(transport) => Tokens::of(Arc::new(Carried { source, transport })),
            },
        };
        let http = Http::new(
            self.api,
            &origins,
            self.mode.clone(),
            self.body_cap,
            carrier,
        )?;
        let budget = self.budget;
        Ok(Client {
            shared: Arc::new(Shared {
                api: self.api,
                user: self.user,
                signals_cost: self.signals_cost.unwrap_or(SIGNALS_COST),
                http,
                tokens,
                retry: self.retry,
                budget: budget.unwrap_or_else(|| Arc::new(InProcessBudget::unlimited())),
                quota: RetryQuota::new(),
                windows: Windows::default(),
                deadline: self.deadline.unwrap_or(DEADLINE),
                clock: Clock::start(),
                origin: origins.api.text(),
            }),
        })
    }

    fn no_token(&self) -> Error {
        let fix = match self.api {
            Api::V2 => "call `access_token`, or set SMARTCAR_ACCESS_TOKEN and use `from_env`",
            Api::V3 => {
                "call `token_source` with `ClientCredentials`, or set SMARTCAR_CLIENT_ID and SMARTCAR_CLIENT_SECRET and use `from_env`"
            }
        };
        Error::new(ErrorKind::InvalidRequest, format!("no access token: {fix}"))
    }

    fn origins(&self) -> Result<Origins, Error> {
        let parse = |name, origin: &str| Origin::parse(name, origin, self.plain_http);
        let api = match (&self.origin, self.env.origin(self.api)) {
            (Some(origin), _) => parse(OriginName::Api, origin)?,
            (None, Some((origin, variable))) => {
                let origin = parse(OriginName::Api, origin)?;
                // Whoever can set a variable can send the token elsewhere.
                observe::origin_from_env(&origin, variable);
                origin
            }
            (None, None) => parse(OriginName::Api, self.api.origin())?,
        };
        let management = match (&self.management_origin, &self.env.management_origin) {
            (Some(management), _) => parse(OriginName::Management, management)?,
            (None, Some(management)) if self.api == Api::V3 => {
                let management = parse(OriginName::Management, management)?;
                observe::origin_from_env(&management, "SMARTCAR_MANAGEMENT_ORIGIN");
                management
            }
            _ => api.clone(),
        };
        Ok(Origins { api, management })
    }
}

/// Where tokens come from.
enum Given {
    Token(AccessToken),
    Source(Arc<dyn TokenSource>),
}

/// Two settings that exclude each other.
fn both(one: &str, other: &str) -> Error {
    let message = format!("both `{one}` and `{other}` are set: keep one of them");
    Error::new(ErrorKind::InvalidRequest, message)
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("api", &self.api)
            .field("access_token", &self.token)
            .field("token_source", &self.source)
            .field("api_origin", &self.origin)
            .field("retry", &self.retry)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Sets up a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}
