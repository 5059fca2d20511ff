//! Changes of a vehicle while the simulation runs.
//!
//! Invariant: a change that cannot be made changes nothing. After a change of its values
//! a vehicle continues from its state of that moment, at home.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::drive::{Activity, Car};
use super::vehicle::Profile;

/// What to change; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Change {
    odometer_km: Option<f64>,
    battery_fraction: Option<f64>,
    fuel_fraction: Option<f64>,
    /// Whether its cable is plugged in while it is at home.
    plugged_in: Option<bool>,
    /// Whether it reports nothing new.
    asleep: Option<bool>,
    /// All permissions that its owner grants.
    pub(crate) permissions: Option<BTreeSet<String>>,
    /// A permission that its owner takes back.
    pub(crate) revoke: Option<String>,
    /// A permission that its owner grants again.
    pub(crate) grant: Option<String>,
}

impl Change {
    /// The permissions that it names.
    pub(crate) fn named(&self) -> impl Iterator<Item = &String> {
        let names = self.permissions.iter().flatten();
        names.chain(&self.revoke).chain(&self.grant)
    }

    /// Makes the change at a moment, in milliseconds since 1970.
    pub(super) fn apply(
        &self,
        profile: &mut Profile,
        car: &mut Car,
        all: &BTreeSet<String>,
        at: i64,
    ) -> Result<(), String> {
        for (name, number, most) in [
            ("odometer_km", self.odometer_km, 10_000_000.0),
            ("battery_fraction", self.battery_fraction, 1.0),
            ("fuel_fraction", self.fuel_fraction, 1.0),
        ] {
            if number.is_some_and(|number| !(0.0..=most).contains(&number)) {
                return Err(format!("`{name}` must be from 0 to {most}"));
            }
        }
        if car.battery.is_none() && (self.battery_fraction.is_some() || self.plugged_in.is_some()) {
            return Err("the vehicle has no battery to charge".to_owned());
        }
        if car.tank.is_none() && self.fuel_fraction.is_some() {
            return Err("the vehicle has no tank".to_owned());
        }
        let state = car.reported(at);
        if self.plugged_in.is_some() && state.activity != Activity::AtHome {
            return Err("the vehicle is not at home, where its cable is".to_owned());
        }
        let numbers = [self.odometer_km, self.battery_fraction, self.fuel_fraction];
        if self.plugged_in.is_some() || numbers.iter().any(Option::is_some) {
            car.begins = state.at;
            car.odometer_km = self.odometer_km.unwrap_or(state.odometer_km);
            car.oil = state.oil;
            if let Some(battery) = &mut car.battery {
                battery.store.filling = self.battery_fraction.unwrap_or(state.charge);
            }
            if let Some(tank) = &mut car.tank {
                tank.filling = self.fuel_fraction.unwrap_or(state.fuel);
            }
        }
        if let Some(plugged_in) = self.plugged_in {
            car.unplugged = !plugged_in;
        }
        match self.asleep {
            Some(true) if car.asleep.is_none() => car.asleep = Some(state.at),
            Some(false) => car.asleep = None,
            _ => {}
        }
        if let Some(permissions) = &self.permissions {
            profile.permissions = Some(permissions.clone());
        }
        if self.revoke.is_some() || self.grant.is_some() {
            let granted = profile.permissions.get_or_insert_with(|| all.clone());
            if let Some(name) = &self.revoke {
                granted.remove(name);
            }
            granted.extend(self.grant.clone());
        }
        Ok(())
    }
}
