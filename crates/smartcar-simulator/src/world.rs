//! The simulated vehicles, and the view of one at a given moment.
//!
//! Invariant: a view depends only on the seed, the vehicle and the moment. Nothing
//! is stored for an undeclared vehicle, so there is no limit on the number of ids.

mod defaults;
mod drive;
mod motion;
mod timetable;
pub(crate) mod variable;
pub(crate) mod vehicle;
pub(crate) mod view;

use std::collections::HashMap;
use std::fmt;
use std::io;

use jiff::Timestamp;

use self::drive::Car;
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
}
pub(crate) struct World {
    seed: u64,
    only_known: bool,
    /// In the order of declaration.
    ids: Vec<String>,
    declared: HashMap<String, (Profile, Car)>,
    /// The template for undeclared vehicles, without the seed.
    anyone: Car,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} declared vehicles", self.declared.len())
    }
}

impl World {
    /// Fails with `InvalidInput` for an invalid vehicle.
    pub(crate) fn new(samples: &Samples, start: Timestamp, plan: &Plan) -> io::Result<Self> {
        let invalid = |message: String| io::Error::new(io::ErrorKind::InvalidInput, message);
        // The first reading arrives exactly when the simulation starts.
        let begins = start.as_millisecond() - LAG;
        let mut world = Self {
            seed: plan.seed,
            only_known: plan.only_known,
            ids: Vec::new(),
            declared: HashMap::new(),
            anyone: defaults::undeclared(samples, begins),
        };
        for vehicle in &plan.vehicles {
            let seed = world.seed_of(&vehicle.id);
            let declared = defaults::complete(vehicle, samples, seed, begins).map_err(invalid)?;
            world.ids.push(vehicle.id.clone());
            let before = world.declared.insert(vehicle.id.clone(), declared);
            if before.is_some() {
                return Err(invalid(declared_twice(&vehicle.id)));
            }
        }
        if world.ids.is_empty() {
            world.ids = VEHICLES.map(str::to_owned).into();
        }
        Ok(world)
    }

    /// The current view of a vehicle, or of the account if there is no vehicle.
    pub(crate) fn look<'w>(
        &'w self,
        id: Option<&'w str>,
        now: Timestamp,
    ) -> Result<View<'w>, Refusal> {
        let none = View::of_none(&self.ids, now);
        let Some(id) = id else {
            return Ok(none);
        };
        let (profile, car) = match self.declared.get(id) {
            Some((profile, car)) => (Some(profile), car.clone()),
            None if self.only_known && !self.ids.iter().any(|known| known == id) => {
                return Err(Refusal::unknown_vehicle());
            }
            None => {
                let seed = self.seed_of(id);
                let car = self.anyone.clone();
                (None, Car { seed, ..car })
            }
        };
        let state = car.reported(now.as_millisecond() - LAG);
        Ok(none.of(id, profile, (car, state)))
    }

    /// The seed of the vehicles' timetables.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Whether only the listed vehicles are answered.
    pub(crate) fn is_closed(&self) -> bool {
        self.only_known
    }

    /// The listed vehicles, in order.
    pub(crate) fn known(&self) -> impl Iterator<Item = KnownVehicle> {
        self.ids.iter().map(|id| {
            let profile = self.declared.get(id).map(|(profile, _)| profile);
            let kind = profile.map(|it| (it.make.clone(), it.model.clone(), it.powertrain));
            let id = id.clone();
            KnownVehicle { id, kind }
        })
    }

    /// A vehicle's own seed, derived from the world's seed and the id (FNV-1a).
    fn seed_of(&self, id: &str) -> u64 {
        let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        random::number(self.seed ^ hash, 1)
    }
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
