//! Checks that the API's limits follow the contract.
//!
//! Invariant: the allowed requests are computed here, from the limit's numbers and
//! the elapsed time. The server's clock is moved; a test never waits for it.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::contract::Contract;
use crate::items::{Reading, Violation, items, misnamed};
use crate::origin::{Case, Origin};

/// One of the four limits, with its number.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) limit: Limit,
    pub(crate) most: u32,
    pub(crate) per_seconds: u32,
    /// The numbers of paths per batch, repeated until a request is rejected.
    pub(crate) sizes: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Application,
    VehicleRate,
    VehicleMonthly,
    Upstream,
}

/// All four limits.
pub(crate) const LIMITS: [Limit; 4] = [
    Limit::Application,
    Limit::VehicleRate,
    Limit::VehicleMonthly,
    Limit::Upstream,
];

/// What is allowed, before and after the rejection.
const LAW: &str = "limit-law";
/// The error of the rejection.
const ERROR: &str = "limit-error";
/// How long the rejection says to wait.
const WAIT: &str = "retry-after";
/// The names of this module's checks.
pub(crate) const CHECKS: [&str; 3] = [LAW, ERROR, WAIT];

/// Three endpoints that every vehicle supports.
const PATHS: [&str; 3] = ["/vin", "/odometer", "/location"];

impl Limit {
    /// The documented error.
    fn error(self) -> (&'static str, &'static str) {
        match self {
            Self::Application => ("RATE_LIMIT", "SMARTCAR_API"),
            Self::VehicleRate => ("RATE_LIMIT", "VEHICLE"),
            Self::VehicleMonthly => ("BILLING", "VEHICLE_REQUEST_LIMIT"),
            Self::Upstream => ("UPSTREAM", "RATE_LIMIT"),
        }
    }
}

impl Plan {
    fn setting(&self) -> Value {
        let rate = json!({"requests": self.most, "per_seconds": self.per_seconds});
        match self.limit {
            Limit::Application => json!({"application": {"bucket": self.most, "per_minute": 1}}),
            Limit::VehicleRate => json!({"vehicle_rate": rate}),
            Limit::VehicleMonthly => json!({"vehicle_monthly": self.most}),
            Limit::Upstream => json!({"upstream": rate}),
        }
    }

    /// After this many seconds at least one more request is allowed.
    fn recovery_seconds(&self) -> u32 {
        match self.limit {
            Limit::Application => 60 * self.most,
            Limit::VehicleRate | Limit::Upstream => self.per_seconds,
            Limit::VehicleMonthly => 32 * 86_400,
        }
    }
}

/// Any limit with small numbers.
pub(crate) fn plans() -> impl Strategy<Value = Plan> {
    let sizes = prop::collection::vec(1..=PATHS.len(), 1..4);
    (
        prop::sample::select(&LIMITS[..]),
        1_u32..8,
        1_u32..600,
        sizes,
    )
        .prop_map(|(limit, most, per_seconds, sizes)| Plan {
            limit,
            most: most.max(3),
            per_seconds,
            sizes,
        })
}

/// Sets a limit, sends requests until one is rejected, and checks the error and the
/// wait.
pub(crate) async fn check(contract: &Contract, origin: &Origin, plan: &Plan) -> Vec<Violation> {
    origin.drive("limits", &plan.setting()).await;
    let mut found = Vec::new();
    let mut answered = 0;
    let mut refused = None;
    // One round more than the number of requests, in case each asks for one path.
    for size in plan.sizes.iter().cycle().take(plan.most as usize + 2) {
        let mut readings = ask(origin, *size).await;
        let cost = match plan.limit {
            // The batch is rejected as a whole, before it takes anything.
            Limit::Application => *size,
            _ => 1,
        };
        refused = readings.iter().position(|reading| reading.code != 200);
        answered += refused.unwrap_or(readings.len());
        let left = (plan.most as usize).checked_sub(answered);
        match (left, refused) {
            (None, _) => {
                found.push((LAW, format!("{answered} of {}", plan.most)));
                break;
            }
            (Some(left), Some(index)) => {
                if cost <= left {
                    let what = format!("rejected after {answered} of {}", plan.most);
                    found.push((LAW, what));
                }
                let reading = readings.swap_remove(index);
                found.extend(refusal(contract, plan.limit, &reading));
                found.extend(recovery(origin, plan, &reading).await);
                break;
            }
            (Some(_), None) => {}
        }
    }
    if refused.is_none() && found.is_empty() {
        found.push((LAW, format!("{answered} requests and no rejection")));
    }
    origin.drive("limits", &json!({})).await;
    found
}

/// Sends a batch of the first paths; a batch rejected as a whole counts as one
/// reading.
async fn ask(origin: &Origin, size: usize) -> Vec<Reading> {
    let case = Case {
        vehicle: origin.vehicles[0].clone(),
        paths: PATHS[..size].iter().map(|&path| path.to_owned()).collect(),
        is_guest: false,
    };
    let batch = origin.batch(&case, "metric").await;
    if batch.status == 200 {
        return items(&batch).iter().map(Reading::of_item).collect();
    }
    vec![Reading {
        code: u64::from(batch.status),
        headers: batch.headers.clone(),
        body: batch.body.unwrap_or_default(),
    }]
}

/// Checks for the documented error, and that only this error says how long to wait.
fn refusal(contract: &Contract, limit: Limit, reading: &Reading) -> Option<Violation> {
    let (kind, code) = limit.error();
    if reading.body["type"] != kind || reading.body["code"] != code {
        let (kind, code) = (&reading.body["type"], &reading.body["code"]);
        return Some((ERROR, format!("{limit:?}: {kind} {code}")));
    }
    if let Some(what) = misnamed(contract, reading) {
        return Some((ERROR, what));
    }
    let has_wait = reading.headers.contains_key("retry-after");
    let should = limit == Limit::VehicleRate;
    (has_wait != should).then(|| (WAIT, format!("{limit:?}: retry-after present: {has_wait}")))
}

/// Checks that it answers again after the stated wait, and not one second earlier.
async fn recovery(origin: &Origin, plan: &Plan, reading: &Reading) -> Option<Violation> {
    let wait = reading.headers.get("retry-after");
    let wait: Option<u32> = wait.and_then(|wait| wait.parse().ok());
    let seconds = wait.unwrap_or(plan.recovery_seconds());
    let code = async || ask(origin, 1).await.first().map(|reading| reading.code);
    if wait.is_some() {
        let nearly = json!({"advance_seconds": seconds.saturating_sub(1)});
        origin.drive("clock", &nearly).await;
        if code().await == Some(200) {
            return Some((WAIT, format!("it answers earlier than after {seconds} s")));
        }
        origin.drive("clock", &json!({"advance_seconds": 1})).await;
    } else {
        origin
            .drive("clock", &json!({"advance_seconds": seconds}))
            .await;
    }
    let check = if wait.is_some() { WAIT } else { LAW };
    let again = code().await;
    (again != Some(200)).then(|| (check, format!("still {again:?} after {seconds} s")))
}
