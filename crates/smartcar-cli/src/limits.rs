//! The options that limit what is sent, and the budget built from them.
//!
//! Invariant: a shared budget is checked before anything is sent, and its URL is shown
//! without user name and password.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use smartcar_batch::{InProcessBudget, Rate, RateBudget};
use smartcar_redis::{RedisBudget, RedisBudgetError};
use tokio::task::JoinHandle;

use crate::asking::one_or_more;
use crate::environment::{self, Refusal};
use crate::output;
use crate::report::failed::Failed;

/// How often an outage of the store is looked for, to report it.
const WATCHED: Duration = Duration::from_secs(1);

// No doc comment: it would replace the command's.
#[derive(Debug, clap::Args)]
pub(crate) struct Limits {
    #[command(flatten)]
    store: Store,
    /// Send at most N requests per minute, evenly spread. Each path is one request
    #[arg(long, value_name = "N", value_parser = one_or_more)]
    per_minute: Option<NonZeroU32>,
    /// Send at most N requests per vehicle and calendar month. Without --budget, each run counts from 0
    #[arg(long, value_name = "N", value_parser = one_or_more)]
    per_vehicle_month: Option<NonZeroU32>,
}

// No doc comment: it would replace the command's.
#[derive(Debug, clap::Args)]
pub(crate) struct Store {
    /// Share limits and waits with other processes on Valkey or Redis, such as redis://127.0.0.1:6379
    #[arg(long = "budget", value_name = "URL")]
    url: Option<String>,
    /// Name of the shared budget [default: SMARTCAR_CLIENT_ID, else `default`]
    #[arg(long = "budget-name", value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    name: Option<String>,
}

/// A budget for a client.
pub(crate) struct Budget {
    pub(crate) budget: Arc<dyn RateBudget>,
    shared: Option<Arc<RedisBudget>>,
    is_limited: bool,
}

/// Reports outages of a shared budget until it is dropped.
pub(crate) struct Watch(Option<JoinHandle<()>>);

impl Store {
    /// The shared budget, without limits. `None` if there is no URL.
    pub(crate) fn open(&self) -> Result<Option<RedisBudget>, Refusal> {
        let (url, origin) = match &self.url {
            Some(url) => (url.clone(), "--budget"),
            None => match environment::budget_url()? {
                Some(url) => (url, environment::BUDGET_URL),
                None if self.name.is_some() => return Err(no_url("--budget-name")),
                None => return Ok(None),
            },
        };
        let budget = RedisBudget::connect(&url).map_err(|error| Refusal {
            message: format!("{origin}: {error}"),
            cure: Some("the URL is redis://HOST:PORT, or rediss:// with TLS"),
        })?;
        let name = self.name.clone().or_else(environment::client_id);
        Ok(Some(match name {
            Some(name) => budget.name(name),
            None => budget,
        }))
    }
}

/// An option that means nothing without a URL.
pub(crate) fn no_url(option: &str) -> Refusal {
    Refusal {
        message: format!("{option} needs a shared budget"),
        cure: Some("pass --budget or set SMARTCAR_BUDGET_URL"),
    }
}

impl Limits {
    /// The rate of the application, if it is limited.
    pub(crate) fn per_minute(&self) -> Option<NonZeroU32> {
        self.per_minute
    }

    /// The budget for batches of this many paths. Nothing is sent yet.
    pub(crate) fn open(&self, paths: usize) -> Result<Budget, Refusal> {
        let rate = self.per_minute.map(|rate| {
            // The burst is one batch, which cannot be split, or one second's
            // worth: timers are too coarse for shorter waits.
            let batch = u32::try_from(paths).unwrap_or(u32::MAX);
            let burst = NonZeroU32::new(batch.max(rate.get() / 60));
            let burst = burst.unwrap_or(NonZeroU32::MIN);
            Rate::new(burst, Duration::from_secs(60) / rate.get())
        });
        // Both have the same setters, but not a trait with them.
        macro_rules! limited {
            ($budget:expr) => {{
                let mut budget = $budget;
                if let Some(rate) = rate {
                    budget = budget.per_application(rate);
                }
                if let Some(requests) = self.per_vehicle_month {
                    budget = budget.per_vehicle_and_month(requests);
                }
                Arc::new(budget)
            }};
        }
        let is_limited = rate.is_some() || self.per_vehicle_month.is_some();
        Ok(match self.store.open()? {
            Some(budget) => {
                let shared = limited!(budget);
                let budget = Arc::clone(&shared) as Arc<dyn RateBudget>;
                let shared = Some(shared);
                Budget {
                    budget,
                    shared,
                    is_limited,
                }
            }
            None => Budget {
                budget: limited!(InProcessBudget::unlimited()),
                shared: None,
                is_limited,
            },
        })
    }

    /// Rejects a monthly limit that no batch fits into.
    pub(crate) fn check_month(&self, cost: u32) -> Result<(), Refusal> {
        match self.per_vehicle_month {
            Some(limit) if cost > limit.get() => Err(Refusal {
                message: format!(
                    "--per-vehicle-month {limit} is less than the {cost} requests of one batch"
                ),
                cure: Some("request fewer paths, or raise the limit to the number of paths"),
            }),
            _ => Ok(()),
        }
    }
}

impl Budget {
    /// Whether other processes share it.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Fails if the store of a shared budget cannot be used.
    pub(crate) async fn check(&self, vehicle: Option<&str>) -> Result<(), Failed> {
        match &self.shared {
            Some(shared) => shared.check().await.map_err(|error| away(vehicle, &error)),
            None => Ok(()),
        }
    }

    /// What is left of the application's rate, in words. Only a shared budget knows.
    pub(crate) async fn left(&self) -> String {
        let left = match &self.shared {
            Some(shared) => {
                let status = shared.status().await.ok();
                let application = status.and_then(|status| status.application);
                application.map(|application| application.left.to_string())
            }
            None if !self.is_limited => Some("unlimited".to_owned()),
            None => None,
        };
        left.unwrap_or_else(|| "unknown".to_owned())
    }

    /// Prints when the store of a shared budget goes away, and when it is back.
    pub(crate) fn watch(&self) -> Watch {
        Watch(self.shared.clone().map(|shared| {
            tokio::spawn(async move {
                let mut was_away = false;
                loop {
                    tokio::time::sleep(WATCHED).await;
                    let outage = shared.outage();
                    match &outage {
                        Some(why) if !was_away => {
                            output::complain("warning", &format!("{why}; waiting for it"));
                        }
                        None if was_away => {
                            let back = format!("{} can be used again", shared.shown_url());
                            output::complain("warning", &back);
                        }
                        _ => {}
                    }
                    was_away = outage.is_some();
                }
            })
        }))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// The store cannot be used.
pub(crate) fn away(vehicle: Option<&str>, error: &RedisBudgetError) -> Failed {
    let source = std::error::Error::source(error);
    let source = source.map(|source| format!(": {source}"));
    Failed::no_budget(vehicle, format!("{error}{}", source.unwrap_or_default()))
}
