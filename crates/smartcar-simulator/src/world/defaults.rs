//! Completes declared vehicles with defaults, and creates the undeclared one.
//!
//! Invariant: a vehicle completed here is valid. The error for an invalid one names
//! its id and the member, never a location or a VIN.

use super::drive::Car;
use super::make::{self, Kind};
use super::motion::{Battery, Store};
use super::variable::{Samples, TIRES, Variable};
use super::vehicle::Powertrain::{Bev, Ice, Phev};
use super::vehicle::{Powertrain, Profile, SimulatedVehicle};
use crate::random;

/// Consumption per kilometre, in kilowatt-hours and litres.
const KWH_PER_KM: f64 = 0.17;
const LITRES_PER_KM: f64 = 0.065;
/// The share of its distance that a plug-in hybrid drives electrically.
const ELECTRIC_SHARE: f64 = 0.6;
/// The maximum time to charge an empty battery, in hours.
const SLOWEST_CHARGE_HOURS: f64 = 8.0;
/// The characters of a VIN.
const VIN: [u8; 33] = *b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ";

/// A random number of a vehicle; the seed's numbers below 16 are for the drive.
fn draw(seed: u64, number: u64, from: f64, to: f64) -> f64 {
    from + (to - from) * random::fraction(seed, 16 + number)
}

/// Completes a declared vehicle, or reports what is wrong with it.
pub(super) fn complete(
    vehicle: &SimulatedVehicle,
    samples: &Samples,
    seed: u64,
    begins: i64,
) -> Result<(Profile, Car), String> {
    check(vehicle)?;
    let tells_battery = vehicle.battery_capacity_kwh.is_some()
        || vehicle.battery_fraction.is_some()
        || vehicle.charge_limit.is_some()
        || vehicle.plugged_in.is_some();
    let tells_tank = vehicle.tank_litres.is_some() || vehicle.fuel_fraction.is_some();
    let (make, powertrain, model) = kind(vehicle, tells_battery, tells_tank)?;
    let fits_powertrain = |is_there: bool, given: bool, what: &str| {
        if given && !is_there {
            return Err(format!(
                "vehicle `{}` is {} and has no {what}; remove the settings for it, \
                 or change the powertrain",
                vehicle.id,
                powertrain.name()
            ));
        }
        Ok(())
    };
    fits_powertrain(powertrain.has_battery(), tells_battery, "battery to charge")?;
    fits_powertrain(powertrain.has_tank(), tells_tank, "tank")?;
    let car = Car {
        seed,
        begins,
        home: home(vehicle, samples, seed),
        odometer_km: vehicle
            .odometer_km
            .unwrap_or_else(|| draw(seed, 0, 5_000.0, 90_000.0).round()),
        battery: powertrain
            .has_battery()
            .then(|| battery(vehicle, powertrain, seed)),
        tank: powertrain
            .has_tank()
            .then(|| tank(vehicle, powertrain, seed)),
        oil: draw(seed, 1, 0.2, 1.0),
        tires: [2, 3, 4, 5].map(|number| draw(seed, number, 225.0, 245.0)),
        unplugged: vehicle.plugged_in == Some(false),
        asleep: (vehicle.asleep == Some(true)).then_some(begins),
    };
    let profile = Profile {
        model: vehicle.model.clone().map_or(model.into(), Into::into),
        make: make.into(),
        year: vehicle.year.unwrap_or_else(|| {
            let offset = u16::try_from(random::number(seed, 22) % 7).unwrap_or(0);
            2019 + offset
        }),
        vin: vehicle.vin.clone().unwrap_or_else(|| vin(seed)),
        powertrain,
        permissions: vehicle.permissions.clone(),
    };
    Ok((profile, car))
}

/// The make, the powertrain and the model of a declared vehicle.
fn kind(vehicle: &SimulatedVehicle, tells_battery: bool, tells_tank: bool) -> Result<Kind, String> {
    let Some(make) = &vehicle.make else {
        let fits = |powertrain: Powertrain| {
            vehicle.powertrain.is_none_or(|given| given == powertrain)
                && (!tells_battery || powertrain.has_battery())
                && (!tells_tank || powertrain.has_tank())
        };
        // If nothing fits all of it, the message is about the given powertrain.
        let kind = make::kind_of(&vehicle.id, fits).or_else(|| {
            make::kind_of(&vehicle.id, |it| {
                vehicle.powertrain.is_none_or(|given| given == it)
            })
        });
        return kind.ok_or_else(|| format!("vehicle `{}`: no make fits", vehicle.id));
    };
    let make = make::read(make).map_err(|hint| {
        format!(
            "vehicle `{}`: the make `{make}` is not known{hint}",
            vehicle.id
        )
    })?;
    let models = make::models(make);
    let best = models.first().map_or(Ice, |(powertrain, _)| *powertrain);
    let powertrain = vehicle.powertrain.unwrap_or(best);
    let model = models.iter().find(|(of, _)| *of == powertrain);
    Ok((make, powertrain, model.map_or("Sedan", |(_, model)| model)))
}

/// One of the vehicles that are listed if none is declared. The first one is that of the
/// spec's examples, as far as they describe a car that can exist: it is electric, and has
/// no fuel.
pub(super) fn listed(
    place: usize,
    id: &str,
    samples: &Samples,
    seed: u64,
    begins: i64,
) -> Result<(Profile, Car), String> {
    let vehicle = SimulatedVehicle::new(id);
    let vehicle = match place {
        0 => vehicle.make("KIA").powertrain(Bev).year(2024),
        1 => vehicle.make("FORD").powertrain(Phev),
        _ => vehicle.make("VOLKSWAGEN").powertrain(Ice),
    };
    let (mut profile, mut car) = complete(&vehicle, samples, seed, begins)?;
    if place == 0 {
        let example = example(samples, begins);
        car = Car {
            seed,
            tank: None,
            ..example
        };
        let vin = samples.text(Variable::VehicleVin);
        profile.vin = vin.map_or(profile.vin, str::to_owned);
    }
    Ok((profile, car))
}

/// The vehicle of the spec's examples. It has a battery and a tank, because it answers
/// every endpoint.
pub(super) fn example(samples: &Samples, begins: i64) -> Car {
    let sample = |variable, otherwise| samples.number(variable).unwrap_or(otherwise);
    let store = |capacity: f64, filling: f64, range: f64| Store {
        capacity,
        filling,
        range_km: range / filling.max(0.01),
        share: 1.0,
    };
    let filling = sample(Variable::FuelFraction, 0.5);
    let litres = sample(Variable::FuelAmount, 25.0) / filling.max(0.01);
    Car {
        seed: 0,
        begins,
        home: place(samples),
        odometer_km: sample(Variable::Odometer, 20_000.0),
        battery: Some(with_charger(
            store(
                sample(Variable::BatteryCapacity, 60.0),
                sample(Variable::BatteryFraction, 0.7),
                sample(Variable::BatteryRange, 250.0),
            ),
            sample(Variable::ChargeLimit, 0.9),
            11.0,
        )),
        tank: Some(store(litres, filling, sample(Variable::FuelRange, 400.0))),
        oil: sample(Variable::OilLife, 0.5),
        tires: TIRES.map(|tire| sample(tire, 235.0)),
        unplugged: false,
        asleep: None,
    }
}

fn place(samples: &Samples) -> (f64, f64) {
    let sample = |variable| samples.number(variable).unwrap_or(0.0);
    (sample(Variable::Latitude), sample(Variable::Longitude))
}

fn home(vehicle: &SimulatedVehicle, samples: &Samples, seed: u64) -> (f64, f64) {
    let (latitude, longitude) = place(samples);
    let near = |number| draw(seed, number, -0.1, 0.1);
    (
        vehicle.latitude.unwrap_or(latitude + near(7)),
        vehicle.longitude.unwrap_or(longitude + near(8)),
    )
}

fn battery(vehicle: &SimulatedVehicle, powertrain: Powertrain, seed: u64) -> Battery {
    let is_hybrid = powertrain == Phev;
    let capacity = if is_hybrid { 14.0 } else { 72.0 };
    let capacity = vehicle.battery_capacity_kwh.unwrap_or(capacity);
    let store = Store {
        capacity,
        filling: vehicle
            .battery_fraction
            .unwrap_or_else(|| draw(seed, 9, 0.4, 0.8)),
        range_km: capacity / KWH_PER_KM,
        share: if is_hybrid { ELECTRIC_SHARE } else { 1.0 },
    };
    let power = if is_hybrid { 3.7 } else { 11.0 };
    with_charger(store, vehicle.charge_limit.unwrap_or(0.9), power)
}

/// A charger that can fill the battery overnight.
fn with_charger(store: Store, limit: f64, power_kw: f64) -> Battery {
    Battery {
        store,
        limit,
        power_kw: power_kw.max(store.capacity / SLOWEST_CHARGE_HOURS),
    }
}

fn tank(vehicle: &SimulatedVehicle, powertrain: Powertrain, seed: u64) -> Store {
    let capacity = vehicle.tank_litres.unwrap_or(50.0);
    let is_hybrid = powertrain == Phev;
    Store {
        capacity,
        filling: vehicle
            .fuel_fraction
            .unwrap_or_else(|| draw(seed, 10, 0.3, 0.9)),
        range_km: capacity / LITRES_PER_KM,
        share: if is_hybrid { 1.0 - ELECTRIC_SHARE } else { 1.0 },
    }
}

fn vin(seed: u64) -> String {
    let seed = random::number(seed, 23);
    let character = |place| {
        let number = random::number(seed, place) % VIN.len() as u64;
        char::from(VIN[usize::try_from(number).unwrap_or(0)])
    };
    (0..17).map(character).collect()
}

/// Rejects impossible values.
fn check(vehicle: &SimulatedVehicle) -> Result<(), String> {
    if vehicle.id.is_empty() {
        return Err("a vehicle's id must not be empty".to_owned());
    }
    for (name, number, least, most) in [
        ("odometer_km", vehicle.odometer_km, 0.0, 10_000_000.0),
        ("latitude", vehicle.latitude, -90.0, 90.0),
        ("longitude", vehicle.longitude, -180.0, 180.0),
        (
            "battery_capacity_kwh",
            vehicle.battery_capacity_kwh,
            1.0,
            1_000.0,
        ),
        ("battery_fraction", vehicle.battery_fraction, 0.0, 1.0),
        ("charge_limit", vehicle.charge_limit, 0.5, 1.0),
        ("tank_litres", vehicle.tank_litres, 1.0, 1_000.0),
        ("fuel_fraction", vehicle.fuel_fraction, 0.0, 1.0),
    ] {
        if number.is_some_and(|number| !(least..=most).contains(&number)) {
            return Err(format!(
                "vehicle `{}`: {name} must be from {least} to {most}",
                vehicle.id
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
