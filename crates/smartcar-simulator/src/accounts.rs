//! What is remembered of each vehicle, or of each make.
//!
//! Invariant: no more than [`MOST`] are remembered. Idle accounts are evicted
//! first, then the least recently used.

use std::collections::HashMap;

/// How many vehicles are remembered at most: 5 to 8 MB with ids as the API has them.
pub(crate) const MOST: usize = 50_000;

/// A vehicle's, or a make's, state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Account {
    /// When the bucket is full again, in the meter's nanoseconds.
    pub(crate) full_at: u64,
    /// The month of which `used` speaks.
    pub(crate) month: i32,
    pub(crate) used: u32,
    /// Value of the look-up counter when this account was last used.
    looked: u64,
}

impl Account {
    /// The billable requests of a month.
    pub(crate) fn used_in(&self, month: i32) -> u32 {
        if self.month == month { self.used } else { 0 }
    }

    fn is_idle(&self, now: u64, month: i32) -> bool {
        self.full_at <= now && self.used_in(month) == 0
    }
}

/// All accounts, by name.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    known: HashMap<String, Account>,
    looks: u64,
}

impl Accounts {
    /// The account of a name, a new one if there is none.
    pub(crate) fn of(&mut self, name: &str, now: u64, month: i32) -> &mut Account {
        self.looks += 1;
        if self.known.len() >= MOST && !self.known.contains_key(name) {
            self.forget(now, month);
        }
        let account = self.known.entry(name.to_owned()).or_default();
        account.looked = self.looks;
        account
    }

    /// Makes room for many, so that this is rarely done.
    fn forget(&mut self, now: u64, month: i32) {
        self.known.retain(|_, account| !account.is_idle(now, month));
        let surplus = self.known.len().saturating_sub(MOST / 2);
        if surplus > 0 {
            let mut looks: Vec<u64> = self.known.values().map(|account| account.looked).collect();
            let (_, last, _) = looks.select_nth_unstable(surplus - 1);
            let last = *last;
            self.known.retain(|_, account| account.looked > last);
        }
    }
}

#[cfg(test)]
mod tests;
