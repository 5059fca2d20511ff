//! Which requests a fault is for.
//!
//! Invariant: the count of a fault's requests decides alone; no clock and no
//! randomness of the machine, so every run is the same.

use serde::Serialize;

use crate::random;

/// For which of the requests that it concerns a fault strikes.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(crate) struct When {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vehicle: Option<String>,
    /// The number of the one request, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<u64>,
    #[serde(flatten)]
    pub(super) chance: Option<Chance>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Chance {
    pub(super) probability: f64,
    pub(super) seed: u64,
}

impl When {
    /// Whether it strikes the `count`-th request.
    pub(super) fn is_due(&self, count: u64) -> bool {
        let is_hit = |chance: Chance| random::fraction(chance.seed, count) < chance.probability;
        self.request.is_none_or(|request| request == count) && self.chance.is_none_or(is_hit)
    }

    /// Whether it cannot strike again after `count` requests, of which it struck some.
    pub(super) fn is_spent(&self, count: u64, struck: u64) -> bool {
        self.request.is_some_and(|request| request <= count)
            || self.times.is_some_and(|times| times <= struck)
    }
}

#[cfg(test)]
#[path = "when_tests.rs"]
mod tests;
