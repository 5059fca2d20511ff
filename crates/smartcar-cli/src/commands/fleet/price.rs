//! What a fleet would cost, and what was asked less often than it was named.
//!
//! Invariant: nothing is sent here, and what a file has already costs nothing.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use smartcar_batch::{Client, VehicleId};

use super::ids::Ids;
use super::kept::Kept;
use super::options::Fleet;
use crate::asking::Session;
use crate::exit::Exit;
use crate::text::count;
use crate::{age, output};

/// The price of a fleet, vehicle by vehicle.
pub(super) struct Price<'a> {
    client: &'a Client,
    options: &'a Fleet,
    kept: Option<&'a Kept>,
    /// By the paths that are asked: few vehicles lack the same ones.
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

    /// Vehicles that are named once, and how many were named again.
    pub(super) fn add_all(&mut self, ids: &Ids) {
        for vehicle in &ids.vehicles {
            self.add_new(vehicle.id());
        }
        self.repeated = ids.repeated;
    }

    /// A vehicle that may have been named before.
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
            // They are of those that were checked.
            let fleet = self.client.fleet_paths(paths);
            fleet.map_or(0, |fleet| fleet.cost())
        });
        if self.vehicles == 0 {
            self.first = cost;
        }
        self.vehicles += 1;
        self.requests += u64::from(cost);
    }

    /// Prints it.
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
        if let Some(rate) = self.options.per_minute {
            // The first batch waits for nothing.
            let waited = requests.saturating_sub(u64::from(self.first));
            let least = Duration::from_secs(waited * 60 / u64::from(rate.get()));
            price.push_str(&format!("; {} at {rate} a minute", age::span(least)));
        }
        if self.repeated > 0 {
            let repeated = count(self.repeated as u64, "repeated id");
            price.push_str(&format!("; {repeated} left aside"));
        }
        output::print(&price, Exit::Good)
    }
}
