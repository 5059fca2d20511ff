//! What one request sees of a vehicle.
//!
//! Invariant: all items of a batch share one view, so they are about the same
//! moment; a reading is never younger than its fetch, and its values are those
//! of the moment that it names.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;

use super::defaults::Profile;
use super::drive::{Activity, Car, State};
use super::motion::{Battery, Store};
use super::variable::{Reading, Variable};
use crate::errors::Refusal;
use crate::operation::Offer;
use crate::tokens::Grant;

/// The names of the eight points of the compass, from north by east.
const DIRECTIONS: [&str; 8] = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];
const MILLISECONDS_IN_MINUTE: f64 = 60_000.0;
/// Volts between a phase and earth, and the most that one phase charges with.
const VOLTS: f64 = 230.0;
const ONE_PHASE_KW: f64 = 7.4;

/// A vehicle as it last reported itself, or none for what is about the account.
pub(crate) struct View<'w> {
    /// The vehicles that the list names.
    ids: &'w [String],
    now: Timestamp,
    id: Option<&'w str>,
    /// What was declared.
    profile: Option<&'w Profile>,
    drive: Option<(Car, State)>,
    /// The two moments that most answers contain, as they are written.
    fetched_at: String,
    data_age: Option<String>,
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vehicle {:?} at {}", self.id, self.now)
    }
}

impl<'w> View<'w> {
    /// For what is about no vehicle.
    pub(super) fn of_none(ids: &'w [String], now: Timestamp) -> Self {
        Self {
            ids,
            now,
            id: None,
            profile: None,
            drive: None,
            fetched_at: written(now),
            data_age: None,
        }
    }

    /// The same now of a vehicle whose last report came from this moment.
    pub(super) fn of(
        self,
        id: &'w str,
        profile: Option<&'w Profile>,
        car: Car,
        arrived: i64,
    ) -> Self {
        let state = car.reported(arrived);
        Self {
            id: Some(id),
            profile,
            data_age: Some(written(moment(state.at))),
            drive: Some((car, state)),
            ..self
        }
    }

    /// The vehicle's id; `None` for what is about the account.
    pub(crate) fn id(&self) -> Option<&'w str> {
        self.id
    }

    /// The make that was declared.
    pub(crate) fn make(&self) -> Option<&'w str> {
        self.profile.map(|profile| profile.make.as_str())
    }

    /// Whether the vehicle can answer an operation now, and may.
    pub(crate) fn check(&self, offer: &Offer) -> Result<(), Refusal> {
        self.offers(offer)?;
        self.has_state(offer)
    }

    /// Whether the vehicle has an operation, and may answer it.
    pub(crate) fn offers(&self, offer: &Offer) -> Result<(), Refusal> {
        let Some(profile) = self.profile else {
            return Ok(());
        };
        if let (Some(granted), Some(name)) = (&profile.permissions, &offer.permission)
            && !granted.contains(name)
        {
            return Err(Refusal::not_granted(name));
        }
        if let Some(makes) = &offer.makes
            && !makes.contains(&profile.make)
        {
            return Err(Refusal::other_make(&profile.make));
        }
        if let Some(powertrains) = &offer.powertrains
            && !powertrains.contains(&profile.powertrain)
        {
            return Err(Refusal::other_powertrain());
        }
        Ok(())
    }

    /// Whether the vehicle is in the state that an operation needs.
    pub(crate) fn has_state(&self, offer: &Offer) -> Result<(), Refusal> {
        match &offer.needs {
            Some(needs) if self.value(needs.variable) == Some(Reading::Flag(false)) => Err(
                Refusal::named(&needs.kind, Some(&needs.code), needs.description.as_str()),
            ),
            _ => Ok(()),
        }
    }

    /// The minutes from now until a moment of the drive.
    fn minutes_until(&self, moment: Option<i64>) -> Reading<'static> {
        let Some(moment) = moment else {
            return Reading::Nothing;
        };
        let left = moment.saturating_sub(self.now.as_millisecond()).max(0);
        #[expect(clippy::cast_precision_loss, reason = "far below 2 to the 53rd")]
        number(left as f64 / MILLISECONDS_IN_MINUTE, 4)
    }

    /// What the application may read: what the owner granted and the token has.
    pub(crate) fn permissions<'p>(
        &'p self,
        grant: &'p Grant,
        all: &'p BTreeSet<String>,
    ) -> Reading<'p> {
        let granted = self.profile.and_then(|it| it.permissions.as_ref());
        let is_granted = |name: &&String| granted.is_none_or(|granted| granted.contains(*name));
        let names = match grant {
            Grant::Everything | Grant::Application => texts(all.iter().filter(is_granted)),
            Grant::Just(names) => texts(names.iter().filter(is_granted)),
        };
        Reading::List(names)
    }

    /// What is known of a variable, in metric units.
    ///
    /// Of a vehicle that nobody declared nothing is known but its id until it
    /// reports anew: it is as the examples say. What never changes stays so.
    pub(crate) fn value(&self, variable: Variable) -> Option<Reading<'_>> {
        match variable {
            Variable::Vehicles => return Some(Reading::List(texts(self.ids.iter()))),
            Variable::VehicleId => return self.id.map(Reading::text),
            Variable::FetchedAt => return Some(Reading::Moment(&self.fetched_at)),
            _ => {}
        }
        let (car, state) = self.drive.as_ref()?;
        if variable == Variable::DataAge {
            return self.data_age.as_deref().map(Reading::Moment);
        }
        if self.profile.is_none() && state.at == car.begins {
            return None;
        }
        if variable == Variable::MinutesToComplete {
            return Some(self.minutes_until(state.charged_at));
        }
        let tank = || of_tank(car.tank.as_ref()?, state, variable);
        let battery = || of_battery(car.battery.as_ref()?, state, variable);
        let declared = || of_declared(self.profile?, car, variable);
        of_drive(state, variable)
            .or_else(tank)
            .or_else(battery)
            .or_else(declared)
    }
}

/// What every vehicle has.
fn of_drive(state: &State, variable: Variable) -> Option<Reading<'static>> {
    let is_driving = state.activity.is_driving();
    let is_home = state.activity == Activity::AtHome;
    Some(match variable {
        Variable::Odometer => number(state.odometer_km, 2),
        Variable::Latitude => number(state.latitude, 6),
        Variable::Longitude => number(state.longitude, 6),
        Variable::Heading => number(f64::from(state.point) * 22.5, 1),
        Variable::Direction => Reading::text(DIRECTIONS[usize::from(state.point / 2) % 8]),
        Variable::IsAtHome => Reading::Flag(is_home),
        Variable::Speed => number(state.speed, 1),
        Variable::Gear => Reading::text(if is_driving { "DRIVE" } else { "PARK" }),
        Variable::Status if is_driving || state.is_charging => Reading::text("ONLINE"),
        Variable::Status => Reading::text("ASLEEP"),
        Variable::IsAsleep => Reading::Flag(!is_driving && !state.is_charging),
        Variable::IsOnline => Reading::Flag(is_driving || state.is_charging),
        Variable::OilLife => number(state.oil, 4),
        Variable::TireFrontLeft => number(state.tires[0], 1),
        Variable::TireFrontRight => number(state.tires[1], 1),
        Variable::TireBackLeft => number(state.tires[2], 1),
        Variable::TireBackRight => number(state.tires[3], 1),
        Variable::ExteriorTemperature => number(state.exterior, 1),
        Variable::InteriorTemperature => number(state.interior, 1),
        Variable::IsLocked => Reading::Flag(!is_driving),
        _ => return None,
    })
}

fn of_tank(tank: &Store, state: &State, variable: Variable) -> Option<Reading<'static>> {
    Some(match variable {
        Variable::FuelFraction => number(state.fuel, 4),
        Variable::FuelAmount => number(state.fuel * tank.capacity, 2),
        Variable::FuelRange => number(state.fuel * tank.range_km, 1),
        _ => return None,
    })
}

fn of_battery(battery: &Battery, state: &State, variable: Variable) -> Option<Reading<'static>> {
    let Store {
        capacity, range_km, ..
    } = battery.store;
    let is_plugged_in = state.activity == Activity::AtHome;
    let while_charging = |value: f64| if state.is_charging { value } else { 0.0 };
    let phases = if battery.power_kw > ONE_PHASE_KW {
        3.0
    } else {
        1.0
    };
    Some(match variable {
        Variable::BatteryFraction => number(state.charge, 4),
        Variable::BatteryRange => number(state.charge * range_km, 1),
        Variable::IsPluggedIn => Reading::Flag(is_plugged_in),
        Variable::IsCharging => Reading::Flag(state.is_charging),
        Variable::ChargeState if state.is_charging => Reading::text("CHARGING"),
        Variable::ChargeState if is_plugged_in => Reading::text("FULLY_CHARGED"),
        Variable::ChargeState => Reading::text("NOT_CHARGING"),
        Variable::CompletionTime => match state.charged_at {
            Some(at) => Reading::text(written(moment(at))),
            None => Reading::Nothing,
        },
        Variable::Wattage => number(while_charging(battery.power_kw), 1),
        Variable::Voltage if is_plugged_in => number(VOLTS, 0),
        Variable::Voltage => number(0.0, 0),
        Variable::Amperage => {
            let amperes = battery.power_kw * 1000.0 / VOLTS / phases;
            number(while_charging(amperes), 1)
        }
        Variable::EnergyAdded => number(state.added * capacity, 2),
        Variable::RangeAdded => number(state.added * range_km, 1),
        Variable::ChargeRate => {
            let rate = battery.power_kw / capacity * range_km;
            number(while_charging(rate), 1)
        }
        _ => return None,
    })
}

/// What never changes.
fn of_declared<'w>(profile: &'w Profile, car: &Car, variable: Variable) -> Option<Reading<'w>> {
    Some(match variable {
        Variable::VehicleMake => Reading::text(&profile.make),
        Variable::VehicleModel => Reading::text(&profile.model),
        Variable::VehicleYear => Reading::Whole(profile.year.into()),
        Variable::VehicleVin => Reading::text(&profile.vin),
        Variable::VehiclePowertrain => Reading::text(profile.powertrain.name()),
        Variable::HomeLatitude => number(car.home.0, 6),
        Variable::HomeLongitude => number(car.home.1, 6),
        Variable::BatteryCapacity => number(car.battery?.store.capacity, 1),
        Variable::ChargeLimit => number(car.battery?.limit, 2),
        _ => return None,
    })
}

fn texts<'v>(texts: impl Iterator<Item = &'v String>) -> Vec<&'v str> {
    texts.map(String::as_str).collect()
}

/// So many decimals; a car's instruments know no more.
fn number(number: f64, decimals: u8) -> Reading<'static> {
    let scale = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6][usize::from(decimals).min(6)];
    Reading::Number((number * scale).round() / scale)
}

/// A moment of the drive; the last one that can be written for any later one.
fn moment(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
}

/// As the API writes a moment: in UTC, with milliseconds.
pub(super) fn written(moment: Timestamp) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
    PRINTER.timestamp_to_string(&moment)
}
