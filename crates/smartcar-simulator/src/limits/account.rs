//! What is remembered of each vehicle, or of each make.
//!
//! Invariant: no more than [`MOST`] are remembered; whom time has made equal to
//! a newcomer is forgotten first, then whoever was not asked for longest.

use std::collections::HashMap;

/// How many vehicles are remembered at most: 5 to 8 MB with ids as the API has them.
pub(super) const MOST: usize = 50_000;

/// A vehicle's, or a make's, state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Account {
    /// When the bucket is full again, in the meter's nanoseconds.
    pub(super) full_at: u64,
    /// The month of which `used` speaks.
    pub(super) month: i32,
    pub(super) used: u32,
    /// The how-manieth look at any account was the last at this one.
    looked: u64,
}

impl Account {
    /// The billable requests of a month.
    pub(super) fn used_in(&self, month: i32) -> u32 {
        if self.month == month { self.used } else { 0 }
    }

    fn is_idle(&self, now: u64, month: i32) -> bool {
        self.full_at <= now && self.used_in(month) == 0
    }
}

/// All accounts, by name.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    known: HashMap<String, Account>,
    looks: u64,
}

impl Accounts {
    /// The account of a name, a new one if there is none.
    pub(super) fn of(&mut self, name: &str, now: u64, month: i32) -> &mut Account {
        self.looks += 1;
        if self.known.len() >= MOST && !self.known.contains_key(name) {
            self.forget(now, month);
        }
        let account = self.known.entry(name.to_owned()).or_default();
        account.looked = self.looks;
        account
    }

    /// Makes room for many, so that this is seldom done.
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
mod tests {
    use super::*;

    #[test]
    fn the_idle_are_forgotten_first_and_the_longest_unasked_next() {
        let mut accounts = Accounts::default();
        for number in 0..MOST {
            let account = accounts.of(&number.to_string(), 0, 1);
            // The last ten have nothing that is worth remembering.
            account.full_at = if number < MOST - 10 { 5 } else { 0 };
        }
        accounts.of("0", 0, 1);
        accounts.of("new", 0, 1);
        assert_eq!(accounts.known.len(), MOST / 2 + 1);
        assert!(accounts.known.contains_key("0"), "it was asked again");
        assert!(!accounts.known.contains_key("1"));
        assert!(!accounts.known.contains_key(&(MOST - 1).to_string()));
        assert!(accounts.known.contains_key(&(MOST - 11).to_string()));
        let time_passed = 5;
        accounts.forget(time_passed, 1);
        assert_eq!(accounts.known.len(), 0);
    }

    #[test]
    fn an_account_counts_in_its_own_month_only() {
        let account = Account {
            month: 7,
            used: 3,
            ..Account::default()
        };
        assert_eq!((account.used_in(7), account.used_in(8)), (3, 0));
        assert!(!account.is_idle(0, 7) && account.is_idle(0, 8));
    }
}
