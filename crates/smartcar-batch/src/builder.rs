//! The builder of a client.
//!
//! Invariant: `build` checks everything, so a client that exists can send.

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
use crate::limits::{DEADLINE, LOADER_BATCHES, SIGNALS_COST};
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

/// The live server for webhooks and subscriptions.
const MANAGEMENT: &str = "https://management.api.smartcar.com";

/// Builds a [`Client`]: [`Client::builder`] or [`ClientBuilder::from_env`].
///
/// Every method replaces what an earlier call or the environment set, except
/// [`ClientBuilder::configure_http`], which adds to it.
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
    loader_batches: Option<usize>,
    origin: Option<String>,
    management_origin: Option<String>,
    /// The settings from the environment.
    env: Settings,
    plain_http: bool,
    deadline: Option<Duration>,
    body_cap: Option<usize>,
    configure_http: Option<Configure>,
    transport: Option<Arc<dyn Transport>>,
}

impl ClientBuilder {
    /// The access token that every request carries. Required unless
    /// [`ClientBuilder::token_source`] is set; setting both is an error in
    /// [`ClientBuilder::build`].
    pub fn access_token(mut self, token: AccessToken) -> Self {
        self.token = Some(token);
        self
    }

    /// Whether there is a token or a token source for the selected version. Without
    /// one, [`ClientBuilder::build`] fails.
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

    /// Settings of the builder take precedence over those of the environment.
    fn tokens(&self) -> Option<Given> {
        if let Some(source) = &self.source {
            return Some(Given::Source(Arc::clone(source)));
        }
        if let Some(token) = self.token.as_ref().or(self.env.access_token.as_ref()) {
            return Some(Given::Token(token.clone()));
        }
        // Only v3 accepts the application's own token.
        let credentials = self.env.credentials.clone().filter(|_| self.api == Api::V3);
        Some(Given::Source(Arc::new(credentials?)))
    }

    /// Sets where access tokens come from: a source, or an `Arc` of one. Setting
    /// [`ClientBuilder::access_token`] too is an error in [`ClientBuilder::build`].
    pub fn token_source(mut self, source: impl TokenSource) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// The retry policy of all calls; the default is [`RetryPolicy::standard`]. A
    /// call can override it.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The budget that every request draws on: a budget, or an `Arc` of one that
    /// several clients share. All clones of the client share it. Without one there
    /// are no rate limits, but the client still respects a `Retry-After` of the API,
    /// for the vehicle or the application ([`crate::InProcessBudget::unlimited`]).
    pub fn budget(mut self, budget: impl RateBudget) -> Self {
        self.budget = Some(Arc::new(budget));
        self
    }

    /// Configures the HTTP client: root certificates, proxies, pools, DNS.
    ///
    /// This crate's own settings are applied afterwards and cannot be changed: no
    /// plain HTTP to another machine, no redirects, no retries by the HTTP library,
    /// no decompression. The connect timeout of 10 s and the idle timeout of 4 s are
    /// defaults that you can change. A proxy that you set is used for every server of
    /// the client: the API, the [`ClientBuilder::management_origin`] and, with
    /// [`ClientCredentials`](crate::ClientCredentials), the token server. A second
    /// call continues with the result of the first. It cannot be combined with
    /// [`ClientBuilder::transport`].
    ///
    /// The closure runs once for each HTTP client that is built, so it must be
    /// `Clone`. A closure that captures a proxy or a certificate is.
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

    /// Sends requests in place of the HTTP client: a [`Transport`], or an `Arc` of
    /// one. Use it for middleware around an [`HttpTransport`](crate::HttpTransport),
    /// and for tests without a socket.
    ///
    /// The client still applies deadlines, [`ClientBuilder::body_cap`] and retries. A
    /// transport must be cancel-safe: its future is dropped when a deadline passes.
    /// With [`ClientCredentials`](crate::ClientCredentials) the token requests use it
    /// too. It cannot be combined with [`ClientBuilder::configure_http`].
    ///
    /// ```
    /// use smartcar_batch::{
    ///     AccessToken, Client, Odometer, Transport, TransportFuture, VehicleId, bytes::Bytes, http,
    /// };
    ///
    /// /// Returns the same response to every request.
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

    /// The API version; the default is [`Api::V2`].
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
    /// // The same batch as on v2.0, built from signals:
    /// let response = vehicle.batch::<(Odometer, Fuel)>().send().await?;
    /// println!("plan: {}, charged: {}", response.plan, response.charged);
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

    /// The default user, for vehicles without a user of their own.
    /// [`crate::Vehicle::with_user`] and the user of a [`crate::FleetVehicle`] take
    /// precedence. v3 needs a user for every signal; v2.0 ignores it.
    pub fn user(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }

    /// Whether v3 reads the connections of real vehicles or of Smartcar's simulated
    /// vehicles, for [`Client::vehicles`] and `/permissions`. Without it the API
    /// returns real vehicles. v2.0 ignores it.
    pub fn vehicle_mode(mut self, mode: VehicleMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// The assumed price of one v3 request for all signals, in counted requests; the
    /// default is 1.
    ///
    /// Smartcar does not publish whether it counts such a request once or once per
    /// signal. A batch that needs fewer signals than this requests them one by one,
    /// eight at a time. Any other batch requests all signals at once. A single signal
    /// is always requested alone. Budgets are charged this price, and
    /// [`crate::Response::charged`] reports it. v2.0 ignores it.
    pub fn signals_cost(mut self, requests: NonZeroU32) -> Self {
        self.signals_cost = Some(requests);
        self
    }

    /// The number of batches that the [loaders](crate::Loader) of the client and its
    /// clones have under way at the same time; the default is 64, the minimum 1.
    ///
    /// While all are under way, windows stay open, so that a batch that has to wait
    /// takes more endpoints. The wait counts towards the deadline of the batch.
    pub fn loader_batches(mut self, batches: usize) -> Self {
        self.loader_batches = Some(batches.max(1));
        self
    }

    /// The origin (scheme, host and port) of the server for the connections of v3,
    /// which `/permissions` and [`Client::vehicles`] read, and for its webhooks and
    /// subscriptions. The default is the origin of the API; for the webhooks and
    /// subscriptions of the live API it is `https://management.api.smartcar.com`.
    pub fn management_origin(mut self, origin: impl Into<String>) -> Self {
        self.management_origin = Some(origin.into());
        self
    }

    /// The origin (scheme, host and port) of the API, without a version. The default
    /// is the live API of the selected version; set it to a simulator in tests. It
    /// must be `https`, or `http` to this machine;
    /// [`ClientBuilder::allow_plain_http`] allows more.
    pub fn api_origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// Sets the settings from the environment.
    pub(crate) fn environment(mut self, settings: Settings) -> Self {
        self.env = settings;
        self
    }

    /// Allows plain HTTP to another machine, such as a mock on a private network. The
    /// network can then see the token.
    pub fn allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// The time limit of a call, including all attempts and waits. The default is 310
    /// s, because the API may take 300 s. A call can override it.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The maximum size of a response body, in bytes after decompression; the default
    /// is 8 MiB. A larger response fails the call.
    pub fn body_cap(mut self, bytes: usize) -> Self {
        self.body_cap = Some(bytes);
        self
    }

    /// Checks the settings and builds the client. Sends nothing.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] if
    ///
    /// - there is neither a token nor a token source, or both are set;
    /// - both [`ClientBuilder::configure_http`] and [`ClientBuilder::transport`] are
    ///   set;
    /// - an origin has more than scheme, host and port, or is plain HTTP to another
    ///   machine;
    /// - the HTTP client cannot be set up.
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
                windows: Windows::new(self.loader_batches.unwrap_or(LOADER_BATCHES)),
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
                // Whoever sets the variable decides where the token goes.
                observe::origin_from_env(&origin, variable);
                origin
            }
            (None, None) => parse(OriginName::Api, self.api.origin())?,
        };
        let management = match (&self.management_origin, &self.env.management_origin) {
            (Some(management), _) => Some(parse(OriginName::Management, management)?),
            (None, Some(management)) if self.api == Api::V3 => {
                let management = parse(OriginName::Management, management)?;
                observe::origin_from_env(&management, "SMARTCAR_MANAGEMENT_ORIGIN");
                Some(management)
            }
            _ => None,
        };
        let is_live = api == parse(OriginName::Api, Api::V3.origin())?;
        let webhooks = match &management {
            Some(management) => management.clone(),
            None if is_live => parse(OriginName::Management, MANAGEMENT)?,
            None => api.clone(),
        };
        Ok(Origins {
            connections: management.unwrap_or_else(|| api.clone()),
            webhooks,
            api,
        })
    }
}

/// The source of tokens.
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
    /// A builder with default settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}
