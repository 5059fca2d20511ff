//! The cost of a fleet run, and the number of duplicate IDs.
//!
//! Invariant: nothing is sent here, and items kept from an earlier run cost nothing.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use smartcar_batch::{Client, VehicleId};

use super::kept::Kept;
use super::options::Fleet;
use crate::asking::Session;
use crate::exit::Exit;
use crate::ids::Ids;
use crate::text::count;
use crate::{age, output};

/// The cost of a fleet run, summed per vehicle.
pub(super) struct Price<'a> {
    client: &'a Client,
    options: &'a Fleet,
    kept: Option<&'a Kept>,
    /// Cached by the requested paths, which are mostly the same for many vehicles.
    costs: HashMap<Vec<String>, u32>,
    seen: HashSet<VehicleId>,
    repeated: usize,
    vehicles: u64,
    requests: u64,
    first: u32,
}

impl<'a> Price<'a> {
    pub(super) fn of(session: &'a Session, options: &'a Fleet, kept: Option<&'a Kept>) -> Self {
        Self {
            client: &session.client,
            options,
            kept,
            costs: HashMap::new(),
            seen: HashSet::new(),
            repeated: 0,
            vehicles: 0,
            requests: 0,
            first: 0,
        }
    }

    /// Adds a list without duplicates, and takes over its count of duplicates.
    pub(super) fn add_all(&mut self, ids: &Ids) {
        for vehicle in &ids.vehicles {
            self.add_new(vehicle.id());
        }
        self.repeated = ids.repeated;
    }

    /// Adds a vehicle that may be a duplicate.
    pub(super) fn add(&mut self, vehicle: VehicleId) {
        let is_kept = self.kept.is_some_and(|kept| kept.has(vehicle.as_str()));
        if self.seen.contains(&vehicle) {
            self.repeated += usize::from(!is_kept);
            return;
        }
        self.add_new(&vehicle);
        self.seen.insert(vehicle);
    }

    fn add_new(&mut self, vehicle: &VehicleId) {
        let paths = match self.kept {
            Some(kept) => kept.asks(vehicle.as_str()),
            None => self.options.paths.clone(),
        };
        if paths.is_empty() {
            return;
        }
        let cost = *self.costs.entry(paths).or_insert_with_key(|paths| {
            // Cannot fail: these are some of the paths checked before.
            let fleet = self.client.fleet_paths(paths);
            fleet.map_or(0, |fleet| fleet.cost())
        });
        if self.vehicles == 0 {
            self.first = cost;
        }
        self.vehicles += 1;
        self.requests += u64::from(cost);
    }

    /// Prints the cost.
    pub(super) fn print(&self) -> Exit {
        let requests = self.requests;
        let attempts = self.options.asking.attempts();
        let mut price = format!(
            "{}, {}: {}, and at most {} with {}",
            count(self.vehicles, "vehicle"),
            count(self.options.paths.len() as u64, "path"),
            count(requests, "request"),
            requests * u64::from(attempts),
            count(u64::from(attempts), "attempt"),
        );
        if let Some(rate) = self.options.limits.per_minute() {
            // The first batch does not wait.
            let waited = requests.saturating_sub(u64::from(self.first));
            let least = Duration::from_secs(waited * 60 / u64::from(rate.get()));
            price.push_str(&format!("; {} at {rate} per minute", age::span(least)));
        }
        if self.repeated > 0 {
            let repeated = count(self.repeated as u64, "duplicate ID");
            price.push_str(&format!("; {repeated} ignored"));
        }
        output::print(&price, Exit::Good)
    }
}
