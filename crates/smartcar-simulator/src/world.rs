//! The simulated vehicles, and the view of one at a given moment.
//!
//! Invariant: a view depends only on the seed, the vehicle and the moment. Nothing has to
//! be stored for an undeclared vehicle, so there is no limit on the number of ids. No two
//! vehicles of a world are equal, unless both are declared as such.

pub(crate) mod change;
mod defaults;
mod drive;
mod looked;
pub(crate) mod make;
mod motion;
mod snapshot;
mod timetable;
pub(crate) mod variable;
pub(crate) mod vehicle;
pub(crate) mod view;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::io;
use std::sync::Arc;

use jiff::Timestamp;

use self::change::Change;
use self::drive::Car;
use self::looked::{Kept, Looked, Looks};
use self::timetable::SECOND;
use self::variable::Samples;
use self::vehicle::{KnownVehicle, Profile, SimulatedVehicle};
use self::view::View;
use crate::errors::Refusal;
use crate::random;

/// The vehicles on the list if none was declared; the spec's example comes first.
/// Any other id is answered too.
const VEHICLES: [&str; 3] = [
    "3f1c9a52-6d0e-4b8f-9c37-5e2a7d40b611",
    "8a25d7e0-41f3-4c69-b0de-17c2f95a3b84",
    "c94e0b6f-7d18-4a2c-85f1-e03b6a9d2470",
];

/// The delay from a reading to its fetch, as in the examples.
const LAG: i64 = 8 * SECOND;

/// The vehicles that a test sets up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) vehicles: Vec<SimulatedVehicle>,
    pub(crate) only_known: bool,
    /// Whether an undeclared vehicle is the one of the spec's examples.
    pub(crate) example_values: bool,
}

/// The vehicles with everything that was declared about them.
#[derive(Clone)]
pub(crate) struct World {
    seed: u64,
    only_known: bool,
    /// When the simulation starts, in milliseconds since 1970.
    begins: i64,
    samples: &'static Samples,
    /// In the order of declaration.
    ids: Vec<String>,
    declared: HashMap<String, (Arc<Profile>, Arc<Car>)>,
    looks: Looks,
    /// The template for undeclared vehicles, without the seed, if all are the one of the
    /// spec's examples.
    anyone: Option<Car>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} declared vehicles", self.declared.len())
    }
}

impl World {
    /// Fails with `InvalidInput` for an invalid vehicle.
    pub(crate) fn new(
        samples: &'static Samples,
        start: Timestamp,
        plan: &Plan,
    ) -> io::Result<Self> {
        // The first reading arrives exactly when the simulation starts.
        let begins = start.as_millisecond() - LAG;
        let mut world = Self {
            seed: plan.seed,
            only_known: plan.only_known,
            begins,
            samples,
            ids: Vec::new(),
            declared: HashMap::new(),
            looks: Looks::default(),
            anyone: plan
                .example_values
                .then(|| defaults::example(samples, begins)),
        };
        for vehicle in &plan.vehicles {
            world.add(vehicle, begins).map_err(invalid)?;
        }
        if world.ids.is_empty() {
            world.ids = VEHICLES.map(str::to_owned).into();
            if !plan.example_values {
                for (place, id) in VEHICLES.iter().enumerate() {
                    let listed = defaults::listed(place, id, samples, world.seed_of(id), begins);
                    let (profile, car) = listed.map_err(invalid)?;
                    let listed = (Arc::new(profile), Arc::new(car));
                    world.declared.insert((*id).to_owned(), listed);
                }
            }
        }
        Ok(world)
    }

    /// Declares a vehicle that starts at this moment.
    fn add(&mut self, vehicle: &SimulatedVehicle, begins: i64) -> Result<(), String> {
        let id = vehicle.id();
        if self.ids.iter().any(|known| known == id) {
            return Err(declared_twice(id));
        }
        let (profile, car) = defaults::complete(vehicle, self.samples, self.seed_of(id), begins)?;
        self.looks = Looks::default();
        self.ids.push(id.to_owned());
        self.declared
            .insert(id.to_owned(), (Arc::new(profile), Arc::new(car)));
        Ok(())
    }

    /// Declares a vehicle that starts now.
    pub(crate) fn add_at(&mut self, new: &SimulatedVehicle, now: Timestamp) -> Result<(), String> {
        self.add(new, now.as_millisecond() - LAG)
    }

    /// Changes a vehicle now. `all` are the permissions of an owner who granted all.
    pub(crate) fn change(
        &mut self,
        id: &str,
        change: &Change,
        all: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<(), String> {
        let (Some(profile), car) = self.kept(id) else {
            return Err(format!("vehicle `{id}` is not declared: add it first"));
        };
        let (mut profile, mut car) = (Profile::clone(&profile), Car::clone(&car));
        change.apply(&mut profile, &mut car, all, now.as_millisecond() - LAG)?;
        self.looks = Looks::default();
        self.declared
            .insert(id.to_owned(), (Arc::new(profile), Arc::new(car)));
        if !self.ids.iter().any(|known| known == id) {
            self.ids.push(id.to_owned());
        }
        Ok(())
    }

    /// Removes a vehicle from the list. Returns whether it was listed.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let before = self.ids.len();
        self.looks = Looks::default();
        self.ids.retain(|known| known != id);
        self.declared.remove(id);
        self.ids.len() < before
    }

    /// The ids of the listed vehicles, in order.
    pub(crate) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The current view of a vehicle, or of the account if there is no vehicle.
    pub(crate) fn look<'w>(
        &'w self,
        id: Option<&'w str>,
        now: Timestamp,
    ) -> Result<View<'w>, Refusal> {
        let Some(id) = id else {
            return Ok(View::of_none(&self.ids, now));
        };
        let before = self.looks.get(id);
        if let Some(looked) = before.as_ref().filter(|looked| looked.now == now) {
            return Ok(View::of(&self.ids, id, Arc::clone(looked)));
        }
        if self.only_known && !self.ids.iter().any(|known| known == id) {
            return Err(Refusal::unknown_vehicle());
        }
        let kept = before.map_or_else(|| self.kept(id), |looked| looked.kept());
        let looked = Arc::new(Looked::new(kept, now, now.as_millisecond() - LAG));
        self.looks.keep(id, &looked);
        Ok(View::of(&self.ids, id, looked))
    }

    /// A vehicle as it was declared, or about which everything follows from its id.
    fn kept(&self, id: &str) -> Kept {
        if let Some((profile, car)) = self.declared.get(id) {
            return (Some(Arc::clone(profile)), Arc::clone(car));
        }
        let seed = self.seed_of(id);
        let vehicle = SimulatedVehicle::new(id);
        let complete = || defaults::complete(&vehicle, self.samples, seed, self.begins).ok();
        if let Some((profile, car)) = self.anyone.is_none().then(complete).flatten() {
            return (Some(Arc::new(profile)), Arc::new(car));
        }
        let example = || defaults::example(self.samples, self.begins);
        let anyone = self.anyone.clone().unwrap_or_else(example);
        (None, Arc::new(Car { seed, ..anyone }))
    }

    /// The seed of the vehicles' timetables.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Whether an undeclared vehicle has the values of the spec's examples.
    pub(crate) fn has_example_values(&self) -> bool {
        self.anyone.is_some()
    }

    /// Whether only the listed vehicles are answered.
    pub(crate) fn is_closed(&self) -> bool {
        self.only_known
    }

    /// The listed vehicles, in order.
    pub(crate) fn known(&self) -> impl Iterator<Item = KnownVehicle> {
        self.ids.iter().map(|id| {
            let profile = self.declared.get(id).map(|declared| &declared.0);
            let kind = profile.map(|it| {
                let (make, model) = (it.make.clone(), it.model.clone());
                (make.into_owned(), model.into_owned(), it.powertrain)
            });
            let id = id.clone();
            KnownVehicle { id, kind }
        })
    }

    /// A vehicle's own seed, derived from the world's seed and the id (FNV-1a).
    fn seed_of(&self, id: &str) -> u64 {
        random::number(self.seed ^ random::hash(id), 1)
    }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

/// Checks a vehicle, before anything is set up.
pub(crate) fn check(vehicle: &SimulatedVehicle, samples: &Samples) -> Result<(), String> {
    defaults::complete(vehicle, samples, 0, 0).map(drop)
}

pub(crate) fn declared_twice(id: &str) -> String {
    format!("vehicle `{id}` is declared twice; use a unique id for each vehicle")
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod time_tests;
