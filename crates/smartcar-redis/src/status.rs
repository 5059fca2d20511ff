//! What is left of a budget, and who has to wait until when.
//!
//! Invariant: reading changes nothing.

use std::collections::HashMap;

use jiff::Timestamp;
use redis::Cmd;
use smartcar_batch::{BudgetKey, VehicleId};

use crate::budget::RedisBudget;
use crate::clock::moment;
use crate::error::RedisBudgetError;
use crate::keys::{Named, vehicle};
use crate::link::{Call, Lua, Repeat};
use crate::month::Month;

/// Keys per step of a walk: a step takes about a millisecond.
const STEP: usize = 1000;

/// The state of a budget: [`RedisBudget::status`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetStatus {
    /// When it was read.
    pub at: Timestamp,
    /// The application's rate. `None` if no process stored one.
    pub application: Option<ApplicationStatus>,
    /// Until when the API wants to have no requests of the application.
    pub application_waits_until: Option<Timestamp>,
    /// The vehicles that have to wait, the longest wait first.
    pub waiting: Vec<(VehicleId, Timestamp)>,
    /// The requests of this calendar month in UTC.
    pub month: MonthStatus,
    /// What endangers the counts, in words: no persistence, or eviction of keys.
    pub warnings: Vec<String>,
}

/// What is left of the application's rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApplicationStatus {
    /// The units that can be used now.
    pub left: u32,
    /// The maximum.
    pub burst: u32,
    /// The units of it that are kept for interactive requests.
    pub reserve: u32,
    /// When all are there again, if nothing is sent.
    pub full_at: Timestamp,
}

/// The requests of a calendar month.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MonthStatus {
    /// `2026-11`.
    pub month: String,
    /// When it ends.
    pub ends_at: Timestamp,
    /// The limit per vehicle. `None` if no process stored one.
    pub limit: Option<u32>,
    /// The vehicles that sent something, if months are counted.
    pub vehicles: u64,
    /// Their requests.
    pub used: u64,
    /// The vehicles at their limit.
    pub spent: u64,
}

type State = (i64, i64, i64, HashMap<String, u64>, String);

impl RedisBudget {
    /// Reads what is left and who has to wait. It walks over the keys of all vehicles in
    /// small steps, about a second for a million.
    ///
    /// The limits are those that a process stored with [`check`](Self::check), and not
    /// the limits of this value.
    pub async fn status(&self) -> Result<BudgetStatus, RedisBudgetError> {
        let application = BudgetKey::Application;
        let call = Call {
            script: &Lua::new(include_str!("lua/state.lua")),
            keys: vec![
                self.keys.bucket(&application),
                self.keys.wait(&application),
                self.keys.limits(),
            ],
            arguments: Vec::new(),
        };
        let state: State = self.link.run(&call, Repeat::Allowed).await?;
        let (now, full_at, wait, limits, info) = state;
        let limit = |name: &str| limits.get(name).copied().filter(|limit| *limit > 0);
        let units = |limit: u64| u32::try_from(limit).unwrap_or(u32::MAX);
        let until = |at: i64| (at > now).then(|| moment(now, at));

        let mut waiting = Vec::new();
        for (key, at) in self.walk("wait").await? {
            if let (Some(Named::Wait(id)), Some(until)) = (self.keys.named(&key), until(at)) {
                waiting.extend(vehicle(id).map(|id| (id, until)));
            }
        }
        waiting.sort_by(|(a, until_a), (b, until_b)| {
            until_b
                .cmp(until_a)
                .then_with(|| a.as_str().cmp(b.as_str()))
        });

        let month = Month::of(now);
        let mut months = MonthStatus {
            month: month.to_string(),
            ends_at: moment(now, month.ends()),
            limit: limit("monthly").map(units),
            vehicles: 0,
            used: 0,
            spent: 0,
        };
        for (key, used) in self.walk(&format!("month:{month}")).await? {
            let used = used.unsigned_abs();
            if matches!(self.keys.named(&key), Some(Named::Month(..))) && used > 0 {
                months.vehicles += 1;
                months.used += used;
                let is_spent = months.limit.is_some_and(|limit| used >= limit.into());
                months.spent += u64::from(is_spent);
            }
        }
        Ok(BudgetStatus {
            at: Timestamp::now(),
            application: limit("burst").zip(limit("every")).map(|(burst, every)| {
                let missing = full_at.saturating_sub(now).max(0).unsigned_abs();
                ApplicationStatus {
                    left: units(burst.saturating_sub(missing.div_ceil(every))),
                    burst: units(burst),
                    reserve: units(limit("reserve").unwrap_or(0)),
                    full_at: moment(now, full_at.max(now)),
                }
            }),
            application_waits_until: until(wait),
            waiting,
            warnings: warnings(&info, months.limit.is_some() || months.vehicles > 0),
            month: months,
        })
    }

    /// The command that stores the limits, if there are any.
    pub(crate) fn store_limits(&self) -> Option<Cmd> {
        let (application, vehicle) = (&self.limits.application, &self.limits.vehicle);
        if application.rate.is_none() && vehicle.rate.is_none() && vehicle.monthly.is_none() {
            return None;
        }
        let burst = |rate: Option<smartcar_batch::Rate>| rate.map_or(0, |rate| rate.burst().get());
        let mut command = redis::cmd("HSET");
        command
            .arg(self.keys.limits())
            .arg(&[
                ("every", application.every()),
                ("vehicle_every", vehicle.every()),
            ])
            .arg(&[
                ("burst", burst(application.rate)),
                ("reserve", application.reserve),
                ("vehicle_burst", burst(vehicle.rate)),
                ("monthly", vehicle.monthly_units()),
            ]);
        Some(command)
    }

    /// The keys whose name begins with this word, and their values.
    async fn walk(&self, word: &str) -> Result<HashMap<String, i64>, RedisBudgetError> {
        let script = Lua::new(include_str!("lua/scan.lua"));
        let mut found = HashMap::new();
        let mut cursor = "0".to_owned();
        loop {
            let call = Call {
                script: &script,
                keys: vec![self.keys.limits()],
                arguments: vec![cursor, self.keys.pattern(word), STEP.to_string()],
            };
            let step: (String, Vec<(String, i64)>) = self.link.run(&call, Repeat::Allowed).await?;
            let (next, keys) = step;
            // A walk may return a key twice.
            found.extend(keys);
            if next == "0" {
                return Ok(found);
            }
            cursor = next;
        }
    }
}

/// What the server says about itself that endangers the counts.
fn warnings(info: &str, counts_months: bool) -> Vec<String> {
    let value = |name: &str| {
        let mut lines = info.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
    };
    let mut warnings = Vec::new();
    if counts_months && value("aof_enabled") == Some("0") {
        warnings.push(
            "the server has no append-only file: if it is restarted, months may count from an \
             older snapshot or from 0"
                .to_owned(),
        );
    }
    if let Some(policy) = value("maxmemory_policy")
        && policy != "noeviction"
        && value("maxmemory").is_some_and(|most| most != "0")
    {
        warnings.push(format!(
            "the server may evict keys when its memory is full (maxmemory-policy {policy}): use \
             noeviction"
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_may_forget_is_named() {
        let kept = "# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\naof_enabled:1\r\n";
        assert!(warnings(kept, true).is_empty());
        assert!(warnings("", true).is_empty());
        let lost = "maxmemory:1000\r\nmaxmemory_policy:volatile-lru\r\naof_enabled:0\r\n";
        let found = warnings(lost, true);
        assert!(found[0].contains("append-only"), "{found:?}");
        assert!(found[1].contains("volatile-lru"), "{found:?}");
        assert_eq!(warnings(lost, false).len(), 1);
    }
}
