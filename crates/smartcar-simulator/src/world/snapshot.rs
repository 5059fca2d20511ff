//! A vehicle as it is shown to a person and saved in a scenario.
//!
//! Invariant: what is shown is what the next request would read.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::drive::Activity;
use super::variable::{moment, written};
use super::{LAG, World};

impl World {
    /// A vehicle as one object; `None` if its values are those of the spec's examples.
    pub(crate) fn snapshot(&self, id: &str, now: Timestamp) -> Option<Value> {
        let (profile, car) = self.declared.get(id)?;
        let state = car.reported(now.as_millisecond() - LAG);
        let is_home = state.activity == Activity::AtHome;
        Some(json!({
            "id": id,
            "make": profile.make,
            "model": profile.model,
            "year": profile.year,
            "powertrain": profile.powertrain.name(),
            "permissions": profile.permissions,
            "odometer_km": rounded(state.odometer_km, 100.0),
            "battery_fraction": car.battery.map(|_| rounded(state.charge, 1e4)),
            "fuel_fraction": car.tank.map(|_| rounded(state.fuel, 1e4)),
            "latitude": rounded(state.latitude, 1e6),
            "longitude": rounded(state.longitude, 1e6),
            "home": [rounded(car.home.0, 1e6), rounded(car.home.1, 1e6)],
            "speed": rounded(state.speed, 10.0),
            "activity": match state.activity {
                Activity::AtHome => "at home",
                Activity::DrivingOut => "driving out",
                Activity::Away => "away",
                Activity::DrivingHome => "driving home",
            },
            "is_charging": state.is_charging,
            "plugged_in": car.battery.map(|_| is_home && !car.unplugged),
            "asleep": car.asleep.is_some(),
            "reported": written(moment(state.at)),
        }))
    }

    /// The listed vehicles in the keys of a scenario, each as its keys and values.
    pub(crate) fn declarations(&self, now: Timestamp) -> Vec<Value> {
        let all = self.ids.iter().filter_map(|id| {
            let (profile, car) = self.declared.get(id)?;
            let mut shown = self.snapshot(id, now)?;
            let members = shown.as_object_mut()?;
            let home = members.remove("home")?;
            for other in [
                "speed",
                "activity",
                "is_charging",
                "plugged_in",
                "asleep",
                "reported",
            ] {
                members.remove(other);
            }
            members.insert("latitude".to_owned(), home[0].clone());
            members.insert("longitude".to_owned(), home[1].clone());
            members.insert("vin".to_owned(), profile.vin.clone().into());
            if let Some(battery) = &car.battery {
                members.insert(
                    "battery_capacity_kwh".to_owned(),
                    battery.store.capacity.into(),
                );
                members.insert("charge_limit".to_owned(), battery.limit.into());
            }
            if let Some(tank) = &car.tank {
                members.insert("tank_litres".to_owned(), tank.capacity.into());
            }
            if car.unplugged {
                members.insert("plugged_in".to_owned(), false.into());
            }
            if car.asleep.is_some() {
                members.insert("asleep".to_owned(), true.into());
            }
            members.retain(|_, value| !value.is_null());
            Some(shown)
        });
        all.collect()
    }
}

fn rounded(number: f64, scale: f64) -> f64 {
    (number * scale).round() / scale
}
