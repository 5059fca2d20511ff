//! The names of keys.
//!
//! Invariant: all keys of an application have the same hash tag, so that a cluster keeps
//! them on one node and one script can change several.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use smartcar_batch::{BudgetKey, VehicleId};

use crate::month::Month;

/// What would end the hash tag early, or could not be reversed.
const ENCODED: &AsciiSet = &CONTROLS.add(b'{').add(b'}').add(b'%');

/// The names of one application's keys.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    tag: String,
}

/// What a key is about, read back from its name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Named<'k> {
    /// The wait of a vehicle.
    Wait(&'k str),
    /// What a vehicle used in a month, such as `2026-11`.
    Month(&'k str, &'k str),
}

impl Keys {
    pub(crate) fn new(name: &str) -> Self {
        let name = utf8_percent_encode(name, ENCODED);
        let tag = format!("{{smartcar:{name}}}");
        Self { tag }
    }

    /// When the bucket is full again.
    pub(crate) fn bucket(&self, key: &BudgetKey) -> String {
        match key {
            BudgetKey::Vehicle(id) => format!("{}:vehicle:{id}", self.tag),
            _ => format!("{}:application", self.tag),
        }
    }

    /// Until when the API wants to have no requests.
    pub(crate) fn wait(&self, key: &BudgetKey) -> String {
        match key {
            BudgetKey::Vehicle(id) => format!("{}:wait:{id}", self.tag),
            _ => format!("{}:wait", self.tag),
        }
    }

    /// The requests of a month.
    pub(crate) fn month(&self, key: &BudgetKey, month: Month) -> String {
        match key {
            BudgetKey::Vehicle(id) => format!("{}:month:{month}:{id}", self.tag),
            _ => format!("{}:month:{month}", self.tag),
        }
    }

    /// The limits that the processes were started with.
    pub(crate) fn limits(&self) -> String {
        format!("{}:limits", self.tag)
    }

    /// A pattern for the keys of all vehicles that begin with this word.
    pub(crate) fn pattern(&self, word: &str) -> String {
        let mut pattern = String::new();
        for symbol in self.tag.chars() {
            if matches!(symbol, '*' | '?' | '[' | ']' | '\\' | '^') {
                pattern.push('\\');
            }
            pattern.push(symbol);
        }
        format!("{pattern}:{word}:*")
    }

    /// What a key found by [`pattern`](Self::pattern) is about.
    pub(crate) fn named<'k>(&self, key: &'k str) -> Option<Named<'k>> {
        let (word, rest) = key
            .strip_prefix(&self.tag)?
            .strip_prefix(':')?
            .split_once(':')?;
        match word {
            "wait" => Some(Named::Wait(rest)),
            "month" => rest
                .split_once(':')
                .map(|(month, id)| Named::Month(month, id)),
            _ => None,
        }
    }
}

/// The keys without duplicates, the application's last: of equal waits, the last counts.
pub(crate) fn distinct(keys: &[BudgetKey]) -> Vec<&BudgetKey> {
    let mut distinct = Vec::with_capacity(keys.len());
    let of_vehicle = |key: &&BudgetKey| **key != BudgetKey::Application;
    let vehicles = keys.iter().filter(of_vehicle);
    for key in vehicles.chain(keys.iter().filter(|key| !of_vehicle(key))) {
        if !distinct.contains(&key) {
            distinct.push(key);
        }
    }
    distinct
}

/// A vehicle's ID, as it was in a key.
pub(crate) fn vehicle(id: &str) -> Option<VehicleId> {
    VehicleId::new(id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_keeps_the_keys_together() {
        for name in ["fleet", "a}b", "{a", "50%", "a:b", "ä\n"] {
            let keys = Keys::new(name);
            let car = BudgetKey::Vehicle(VehicleId::new("car-1").unwrap());
            for key in [
                keys.bucket(&car),
                keys.wait(&BudgetKey::Application),
                keys.month(&car, Month::of(0)),
                keys.limits(),
            ] {
                let tag = key.split_once('{').unwrap().1.split_once('}').unwrap().0;
                assert_eq!(format!("{{{tag}}}"), keys.tag, "{key}");
            }
        }
        assert_ne!(Keys::new("a%7D").tag, Keys::new("a}").tag);
    }

    #[test]
    fn names_are_read_back() {
        let keys = Keys::new("fleet");
        let car = BudgetKey::Vehicle(VehicleId::new("car-1").unwrap());
        assert_eq!(keys.named(&keys.wait(&car)), Some(Named::Wait("car-1")));
        let month = keys.month(&car, Month::of(0));
        assert_eq!(keys.named(&month), Some(Named::Month("1970-01", "car-1")));
        assert_eq!(keys.named("{smartcar:other}:wait:car"), None);
        assert_eq!(keys.pattern("wait"), "{smartcar:fleet}:wait:*");
        assert_eq!(Keys::new("a*").pattern("wait"), r"{smartcar:a\*}:wait:*");
    }
}
