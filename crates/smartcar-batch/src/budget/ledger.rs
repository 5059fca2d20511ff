//! The accounts of all keys.
//!
//! A vehicle's key is a hash of its ID with 96 bits, in a B-tree: a table of a million
//! IDs takes twice the memory, and half as much again while it grows. The hash is
//! random in each process, so nobody can choose IDs that share an account, and among
//! ten million vehicles two share one by chance once in 10^15 processes.
//!
//! Invariant: after a sweep, every vehicle in the table still matters, and the next
//! sweep happens after as many changes as vehicles remained. So the table holds at
//! most about twice as many vehicles as matter.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use smartcar_model::VehicleId;

use super::account::{Account, Now};
use super::rate_budget::BudgetKey;
use crate::limits::BUDGET_SWEEP_FLOOR;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    application: Account,
    vehicles: BTreeMap<Hash, Account>,
    hashers: [RandomState; 2],
    changes_until_sweep: usize,
}

/// Three parts, since a `u64` beside a `u32` takes the space of two.
type Hash = [u32; 3];

impl Ledger {
    #[allow(clippy::cast_possible_truncation, reason = "each part is 32 bits")]
    fn hash(&self, id: &VehicleId) -> Hash {
        let [first, second] = &self.hashers;
        let (first, second) = (first.hash_one(id), second.hash_one(id));
        [first as u32, (first >> 32) as u32, second as u32]
    }

    /// The account of a key, or a new one if it is not in the table.
    pub(super) fn account(&self, key: &BudgetKey) -> Account {
        match key {
            BudgetKey::Application => self.application,
            BudgetKey::Vehicle(id) => {
                let kept = self.vehicles.get(&self.hash(id));
                kept.copied().unwrap_or_default()
            }
        }
    }

    /// Stores an account.
    pub(super) fn set(&mut self, key: &BudgetKey, account: Account, now: &Now) {
        let id = match key {
            BudgetKey::Application => {
                self.application = account;
                return;
            }
            BudgetKey::Vehicle(id) => id,
        };
        // Sweep before inserting, so that the table does not grow for accounts that
        // are about to be evicted.
        if self.changes_until_sweep == 0 {
            self.sweep(now);
        }
        self.changes_until_sweep -= 1;
        self.vehicles.insert(self.hash(id), account);
    }

    /// Evicts idle vehicles. The cost is spread over the changes between two sweeps:
    /// about two account checks per change.
    fn sweep(&mut self, now: &Now) {
        self.vehicles.retain(|_, account| !account.is_idle(now));
        self.changes_until_sweep = self.vehicles.len().max(BUDGET_SWEEP_FLOOR);
    }

    /// Whether every account is like a new one. False if that is not known.
    pub(super) fn is_empty(&self) -> bool {
        self.vehicles.is_empty() && self.application == Account::default()
    }

    /// The number of vehicles in the table.
    pub(super) fn len(&self) -> usize {
        self.vehicles.len()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use super::*;
    use crate::budget::Rate;
    use crate::budget::account::Terms;

    const SECOND: u64 = 1_000_000_000;

    fn vehicle(number: u64) -> BudgetKey {
        let id = format!("36ab27d0-fd9d-4455-823a-{number:012}");
        BudgetKey::Vehicle(VehicleId::new(id).unwrap())
    }

    fn at(nanos: u64) -> Now {
        Now::new(nanos, jiff::Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_million_vehicles_pass_by_and_those_within_their_window_stay() {
        // A thousand vehicles per second, each of which matters for one minute.
        const LIVE: usize = 60_000;
        let cost = NonZeroU32::MIN;
        let terms = Terms {
            rate: Some(Rate::new(cost, Duration::from_secs(60))),
            ..Terms::default()
        };
        let (mut ledger, mut largest) = (Ledger::default(), 0);
        for number in 0..1_000_000 {
            let (now, key) = (at(number * SECOND / 1000), vehicle(number));
            let account = ledger.account(&key).take(&terms, &now, cost).unwrap();
            ledger.set(&key, account, &now);
            largest = largest.max(ledger.len());
        }
        assert!((LIVE..=2 * LIVE).contains(&largest), "{largest}");

        // None from the last minute was evicted.
        let now = at(1_000_000 * SECOND / 1000);
        for number in 1_000_000 - LIVE as u64 + 1..1_000_000 {
            let account = ledger.account(&vehicle(number));
            assert!(account.take(&terms, &now, cost).is_err(), "{number}");
        }
    }

    #[test]
    fn each_part_of_a_hash_tells_vehicles_apart() {
        let ledger = Ledger::default();
        let hashes: Vec<_> = (0..100)
            .map(|number| match vehicle(number) {
                BudgetKey::Vehicle(id) => ledger.hash(&id),
                BudgetKey::Application => unreachable!(),
            })
            .collect();
        for part in 0..3 {
            let parts = hashes.iter().map(|hash| hash[part]);
            let apart: std::collections::BTreeSet<_> = parts.collect();
            assert!(apart.len() > 90, "{part}: {}", apart.len());
        }
    }

    #[test]
    fn a_fleet_that_left_is_forgotten_by_those_who_stay() {
        let mut ledger = Ledger::default();
        let now = at(0);
        let parked = Account::default().park(&now, Duration::from_secs(60));
        for number in 0..100_000 {
            ledger.set(&vehicle(number), parked, &now);
        }
        assert_eq!(ledger.len(), 100_000);
        let later = at(61 * SECOND);
        for _ in 0..2 * 100_000 {
            let account = ledger.account(&vehicle(7)).park(&later, Duration::MAX);
            ledger.set(&vehicle(7), account, &later);
        }
        assert_eq!(ledger.len(), 1);
    }
}
