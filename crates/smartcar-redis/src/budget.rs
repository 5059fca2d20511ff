//! The budget.
//!
//! Invariant: every decision is one script on the server's clock. What is not known to
//! be granted is denied.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use smartcar_batch::{
    BudgetDenied, BudgetFuture, BudgetKey, BudgetRequest, Grant, Rate, RateBudget, ServerLimit,
};

use crate::address::Address;
use crate::clock::{ServerClock, moment};
use crate::error::RedisBudgetError;
use crate::keys::{Keys, distinct};
use crate::limits::{Limits, micros};
use crate::link::{Call, Link, Lua, Repeat};
use crate::month::Month;

/// The stamp of a grant by the fallback, which no script made: the server's clock reaches
/// it in half a million years.
const OF_FALLBACK: u64 = u64::MAX;

/// How often a script is sent if the month has changed in between.
const MONTHS_TRIED: usize = 3;

/// Longest wait that one response can impose, as for the in-process budget.
const LONGEST_WAIT: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// How long a stated wait is kept for a store that is away.
const REPORT_TIMEOUT: Duration = Duration::from_secs(30);

/// A rate budget on Valkey or Redis that processes share.
///
/// ```
/// use smartcar_batch::Rate;
/// use smartcar_redis::RedisBudget;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let budget = RedisBudget::connect("redis://127.0.0.1:6379")?
///     .name("fleet")
///     .per_application(Rate::documented_application())
///     .per_vehicle_and_month(500.try_into()?)
///     .reserve(20);
/// // budget.check().await?;
/// // Client::builder().budget(budget)
/// # Ok(())
/// # }
/// ```
///
/// Processes share a budget if they have the same [`name`](Self::name). Give all of them
/// the same limits.
///
/// If the store is away, nothing is sent: requests are denied with
/// [`BudgetDenied::Unavailable`], unless [`fall_back_to`](Self::fall_back_to) says
/// otherwise. The connection is opened by the first request, and again after it broke.
pub struct RedisBudget {
    pub(crate) link: Link,
    pub(crate) name: String,
    pub(crate) keys: Keys,
    pub(crate) limits: Limits,
    fallback: Option<Arc<dyn RateBudget>>,
    scripts: Scripts,
    clock: ServerClock,
}

#[derive(Debug)]
struct Scripts {
    acquire: Lua,
    release: Lua,
    observe: Lua,
}

/// What a script answers: see the scripts.
type Reply = (i64, i64, i64, usize);

impl RedisBudget {
    /// A budget without limits of its own: it shares the waits that the API stated.
    ///
    /// The URL is `redis://[user:password@]host[:port][/database]`; `rediss` is with TLS
    /// (feature `rustls`), `redis+cluster` and `rediss+cluster` are a cluster, by one of
    /// its nodes (feature `cluster`). Nothing is sent yet; see [`check`](Self::check).
    ///
    /// Fails if the URL cannot be used.
    pub fn connect(url: &str) -> Result<Self, RedisBudgetError> {
        let name = "default".to_owned();
        Ok(Self {
            link: Link::new(Address::parse(url)?),
            keys: Keys::new(&name),
            name,
            limits: Limits::default(),
            fallback: None,
            scripts: Scripts {
                acquire: Lua::new(include_str!("lua/acquire.lua")),
                release: Lua::new(include_str!("lua/release.lua")),
                observe: Lua::new(include_str!("lua/observe.lua")),
            },
            clock: ServerClock::default(),
        })
    }

    /// The name of the budget, for example the application's client ID; the default is
    /// `default`. Processes with the same name share it. All its keys begin with
    /// `{smartcar:NAME}`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self.keys = Keys::new(&self.name);
        self
    }

    /// Limits the rate per vehicle.
    #[must_use]
    pub fn per_vehicle(mut self, rate: Rate) -> Self {
        self.limits.vehicle.rate = Some(rate);
        self
    }

    /// Limits the rate of all vehicles together, for example to
    /// [`Rate::documented_application`].
    #[must_use]
    pub fn per_application(mut self, rate: Rate) -> Self {
        self.limits.application.rate = Some(rate);
        self
    }

    /// Limits the number of requests per vehicle and calendar month in UTC. The counters
    /// survive a restart of the server if it persists its data.
    #[must_use]
    pub fn per_vehicle_and_month(mut self, requests: NonZeroU32) -> Self {
        self.limits.vehicle.monthly = Some(requests);
        self
    }

    /// Keeps units of the application's burst for requests that a person waits for
    /// ([`Request::interactive`](smartcar_batch::Request::interactive)). Background
    /// requests leave at least this many. No effect without
    /// [`per_application`](Self::per_application).
    #[must_use]
    pub fn reserve(mut self, units: u32) -> Self {
        self.limits.application.reserve = units;
        self
    }

    /// While the store is away, lets this budget decide, in each process by itself, in
    /// place of denying everything. With
    /// [`InProcessBudget::unlimited`](smartcar_batch::InProcessBudget::unlimited),
    /// everything is sent then, except during a wait that the API stated.
    ///
    /// What it grants is not counted in the store, so that all processes together may
    /// exceed the limits.
    #[must_use]
    pub fn fall_back_to(mut self, budget: impl RateBudget) -> Self {
        self.fallback = Some(Arc::new(budget));
        self
    }

    /// The name that [`name`](Self::name) set.
    pub fn shown_name(&self) -> &str {
        &self.name
    }

    /// The URL without user name and password.
    pub fn shown_url(&self) -> String {
        self.link.address().to_string()
    }

    /// Why the store could not be used the last time. `None` if it could be, or was not
    /// used yet.
    pub fn outage(&self) -> Option<String> {
        self.link.outage().clone()
    }

    /// Checks that the store can be used: it answers, lets us in, and runs scripts. Also
    /// stores the limits, if there are any, so that `smartcar budget` can show what is
    /// left. Call it when a service starts.
    pub async fn check(&self) -> Result<(), RedisBudgetError> {
        let call = Call {
            script: &self.scripts.acquire,
            keys: Vec::new(),
            arguments: vec!["1".to_owned(), "0".to_owned(), i64::MAX.to_string()],
        };
        let (_, now, ..): Reply = self.link.run(&call, Repeat::Allowed).await?;
        self.clock.learn(now);
        match self.store_limits() {
            Some(command) => self.link.ask(&command).await,
            None => Ok(()),
        }
    }

    async fn take(&self, request: BudgetRequest<'_>) -> Result<Grant, BudgetDenied> {
        let BudgetRequest { cost, priority, .. } = request;
        let accounts = distinct(request.keys);
        let fits = |key: &&BudgetKey| self.limits.of(key).fit(cost, priority);
        if !accounts.iter().all(fits) {
            return Err(BudgetDenied::NeverFits);
        }
        let reply = self.in_month(|month| {
            let mut keys = Vec::with_capacity(3 * accounts.len());
            let mut arguments = vec![
                cost.to_string(),
                month.starts().to_string(),
                month.ends().to_string(),
            ];
            for key in &accounts {
                let terms = self.limits.of(key);
                keys.extend([
                    self.keys.bucket(key),
                    self.keys.wait(key),
                    self.keys.month(key, month),
                ]);
                arguments.extend([
                    terms.every().to_string(),
                    terms.usable(priority).to_string(),
                    terms.monthly_units().to_string(),
                ]);
            }
            Call {
                script: &self.scripts.acquire,
                keys,
                arguments,
            }
        });
        match (reply.await, &self.fallback) {
            (Ok((1, now, ..)), _) => Ok(Grant::new(now.unsigned_abs())),
            (Ok((_, now, from, account)), _) => {
                let moment = moment(now, from);
                let denied = accounts.get(account.wrapping_sub(1));
                Err(match denied {
                    Some(BudgetKey::Application) => BudgetDenied::ApplicationRetryAt(moment),
                    _ => BudgetDenied::RetryAt(moment),
                })
            }
            (Err(_), Some(fallback)) => {
                let granted = fallback.acquire(request).await;
                granted.map(|_| Grant::new(OF_FALLBACK))
            }
            (Err(_), None) => Err(BudgetDenied::Unavailable),
        }
    }

    async fn see(&self, key: &BudgetKey, limit: ServerLimit) {
        if let Some(fallback) = &self.fallback {
            fallback.observe(key, limit).await;
        }
        let start = tokio::time::Instant::now();
        let mut pause = Duration::from_millis(100);
        loop {
            let wait = match limit {
                // What has passed of the wait since the response.
                ServerLimit::RetryAfter(wait) => {
                    let left = wait.min(LONGEST_WAIT).saturating_sub(start.elapsed());
                    micros(left).max(1)
                }
                // Until the month ends.
                _ => 0,
            };
            let reply = self.in_month(|month| Call {
                script: &self.scripts.observe,
                keys: vec![self.keys.wait(key), self.keys.month(key, month)],
                arguments: vec![
                    wait.to_string(),
                    month.starts().to_string(),
                    month.ends().to_string(),
                    self.limits.of(key).monthly_units().to_string(),
                ],
            });
            if reply.await.is_ok() || start.elapsed() + pause > REPORT_TIMEOUT {
                return;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    async fn put_back(&self, unused: BudgetRequest<'_>, grant: &Grant) {
        let stamp = grant.stamp();
        if stamp == OF_FALLBACK {
            return;
        }
        let taken = Month::of(i64::try_from(stamp).unwrap_or(i64::MAX));
        let mut keys = Vec::new();
        let mut arguments = vec![unused.cost.to_string(), stamp.to_string()];
        for key in distinct(unused.keys) {
            let terms = self.limits.of(key);
            if terms.rate.is_some() || terms.monthly.is_some() {
                keys.extend([self.keys.bucket(key), self.keys.month(key, taken)]);
                arguments.extend([
                    terms.every().to_string(),
                    u8::from(terms.monthly.is_some()).to_string(),
                ]);
            }
        }
        if keys.is_empty() {
            return;
        }
        let call = Call {
            script: &self.scripts.release,
            keys,
            arguments,
        };
        // Not repeated: what was released twice would be granted twice. If it fails, the
        // units stay spent.
        let _ = self.link.run::<Reply>(&call, Repeat::Never).await;
    }

    /// Runs a script whose keys depend on the month of the server's clock.
    async fn in_month<'c>(
        &self,
        call: impl Fn(Month) -> Call<'c>,
    ) -> Result<Reply, RedisBudgetError> {
        for _ in 0..MONTHS_TRIED {
            let call = call(self.clock.month());
            // Running it twice grants fewer requests, never more.
            let reply: Reply = self.link.run(&call, Repeat::Allowed).await?;
            self.clock.learn(reply.1);
            if reply.0 >= 0 {
                return Ok(reply);
            }
        }
        Err(RedisBudgetError::new("the server's clock jumps", None))
    }
}

impl fmt::Debug for RedisBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisBudget")
            .field("url", self.link.address())
            .field("name", &self.name)
            .field("limits", &self.limits)
            .field("fallback", &self.fallback)
            .finish_non_exhaustive()
    }
}

impl RateBudget for RedisBudget {
    fn acquire<'a>(
        &'a self,
        request: BudgetRequest<'a>,
    ) -> BudgetFuture<'a, Result<Grant, BudgetDenied>> {
        Box::pin(self.take(request))
    }

    fn observe<'a>(&'a self, key: &'a BudgetKey, limit: ServerLimit) -> BudgetFuture<'a, ()> {
        Box::pin(self.see(key, limit))
    }

    fn release<'a>(&'a self, unused: BudgetRequest<'a>, grant: Grant) -> BudgetFuture<'a, ()> {
        Box::pin(async move { self.put_back(unused, &grant).await })
    }
}
