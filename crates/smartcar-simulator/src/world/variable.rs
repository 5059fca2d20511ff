//! The variables by which the spec refers to a vehicle's state.
//!
//! Invariant: this one table has the spec's names and the types of the members that
//! they can feed. A reading is in metric units until a template converts it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::Serialize;
use serde_json::Value;

use super::drive::{Activity, Car, State};
use super::motion::{Battery, real};
use super::timetable::MINUTE;
use super::vehicle::Profile;
use crate::document::SpecError;

/// The names of the eight compass points, clockwise from north.
const DIRECTIONS: [&str; 8] = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];
/// The voltage between a phase and earth, and the maximum power of a single phase.
const VOLTS: f64 = 230.0;
const ONE_PHASE_KW: f64 = 7.4;

/// The source of a variable; what is absent here is unknown.
pub(super) struct Seen<'v> {
    pub(super) profile: Option<&'v Profile>,
    pub(super) car: &'v Car,
    pub(super) state: &'v State,
    pub(super) now: Timestamp,
}

impl Seen<'_> {
    fn is_home(&self) -> bool {
        self.state.activity == Activity::AtHome
    }

    fn is_plugged_in(&self) -> bool {
        self.is_home() && !self.car.unplugged
    }

    fn is_driving(&self) -> bool {
        self.state.activity.is_driving()
    }

    fn is_awake(&self) -> bool {
        self.car.asleep.is_none() && (self.is_driving() || self.state.is_charging)
    }

    fn while_charging(&self, value: impl Fn(Battery) -> f64) -> Option<Reading<'static>> {
        let value = value(self.car.battery?);
        number(if self.state.is_charging { value } else { 0.0 }, 1)
    }
}

/// Generates the enum and the table of variables from one list.
macro_rules! variables {
    ($( $name:literal feeds $kind:literal: $variable:ident = $read:expr, )*) => {
        /// A value that the simulator knows about a vehicle, or about the request.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Variable {
            $( $variable, )*
        }

        /// Each variable with its name, the type of the member it feeds, and how to
        /// read it in metric units, in the order of the enum.
        const TABLE: &[Row] = &[$( ($name, Variable::$variable, $kind, $read), )*];
    };
}

type Row = (
    &'static str,
    Variable,
    &'static str,
    for<'v> fn(&Seen<'v>) -> Option<Reading<'v>>,
);

// The view itself provides those of the account and of the report.
variables! {
    "vehicles" feeds "array": Vehicles = |_| None,
    "permissions" feeds "array": Permissions = |_| None,
    "vehicle.id" feeds "string": VehicleId = |_| None,
    "report.data_age" feeds "string": DataAge = |_| None,
    "report.fetched_at" feeds "string": FetchedAt = |_| None,
    "vehicle.make" feeds "string": VehicleMake = |it| Some(Reading::text(&*it.profile?.make)),
    "vehicle.model" feeds "string": VehicleModel = |it| Some(Reading::text(&*it.profile?.model)),
    "vehicle.year" feeds "integer": VehicleYear =
        |it| Some(Reading::Whole(it.profile?.year.into())),
    "vehicle.vin" feeds "string": VehicleVin = |it| Some(Reading::text(&*it.profile?.vin)),
    "vehicle.powertrain" feeds "string": VehiclePowertrain =
        |it| Some(Reading::text(it.profile?.powertrain.name())),
    "odometer.distance" feeds "number": Odometer = |it| number(it.state.odometer_km, 2),
    "location.latitude" feeds "number": Latitude = |it| number(it.state.latitude, 6),
    "location.longitude" feeds "number": Longitude = |it| number(it.state.longitude, 6),
    "location.heading" feeds "number": Heading = |it| number(f64::from(it.state.point) * 22.5, 1),
    "location.direction" feeds "string": Direction =
        |it| text(DIRECTIONS[usize::from(it.state.point / 2) % 8]),
    "location.at_home" feeds "boolean": IsAtHome = |it| flag(it.is_home()),
    "home.latitude" feeds "number": HomeLatitude =
        |it| it.profile.and_then(|_| number(it.car.home.0, 6)),
    "home.longitude" feeds "number": HomeLongitude =
        |it| it.profile.and_then(|_| number(it.car.home.1, 6)),
    "drive.speed" feeds "number": Speed = |it| number(it.state.speed, 1),
    "drive.gear" feeds "string": Gear =
        |it| text(if it.is_driving() { "DRIVE" } else { "PARK" }),
    "drive.status" feeds "string": Status =
        |it| text(if it.is_awake() { "ONLINE" } else { "ASLEEP" }),
    "drive.is_asleep" feeds "boolean": IsAsleep = |it| flag(!it.is_awake()),
    "drive.is_online" feeds "boolean": IsOnline = |it| flag(it.is_awake()),
    "battery.fraction" feeds "number": BatteryFraction =
        |it| it.car.battery.and_then(|_| number(it.state.charge, 4)),
    "battery.range" feeds "number": BatteryRange =
        |it| number(it.state.charge * it.car.battery?.store.range_km, 1),
    "battery.capacity" feeds "number": BatteryCapacity =
        |it| it.profile.and_then(|_| number(it.car.battery?.store.capacity, 1)),
    "charge.is_plugged_in" feeds "boolean": IsPluggedIn =
        |it| it.car.battery.and_then(|_| flag(it.is_plugged_in())),
    "charge.is_charging" feeds "boolean": IsCharging =
        |it| it.car.battery.and_then(|_| flag(it.state.is_charging)),
    "charge.state" feeds "string": ChargeState = |it| {
        it.car.battery?;
        text(match (it.state.is_charging, it.is_plugged_in()) {
            (true, _) => "CHARGING",
            (false, true) => "FULLY_CHARGED",
            (false, false) => "NOT_CHARGING",
        })
    },
    "charge.limit" feeds "number": ChargeLimit =
        |it| it.profile.and_then(|_| number(it.car.battery?.limit, 2)),
    "charge.completion_time" feeds "string": CompletionTime = |it| {
        it.car.battery?;
        let at = it.state.charged_at;
        Some(at.map_or(Reading::Nothing, |at| Reading::text(written(moment(at)))))
    },
    "charge.minutes_to_complete" feeds "number": MinutesToComplete = |it| {
        let Some(at) = it.state.charged_at else {
            return Some(Reading::Nothing);
        };
        let left = at.saturating_sub(it.now.as_millisecond()).max(0);
        number(real(left) / real(MINUTE), 4)
    },
    "charge.wattage" feeds "number": Wattage = |it| it.while_charging(|it| it.power_kw),
    "charge.voltage" feeds "number": Voltage = |it| {
        it.car.battery?;
        number(if it.is_plugged_in() { VOLTS } else { 0.0 }, 0)
    },
    "charge.amperage" feeds "number": Amperage = |it| it.while_charging(|it| {
        let phases = if it.power_kw > ONE_PHASE_KW { 3.0 } else { 1.0 };
        it.power_kw * 1000.0 / VOLTS / phases
    }),
    "charge.energy_added" feeds "number": EnergyAdded =
        |it| number(it.state.added * it.car.battery?.store.capacity, 2),
    "charge.range_added" feeds "number": RangeAdded =
        |it| number(it.state.added * it.car.battery?.store.range_km, 1),
    "charge.rate" feeds "number": ChargeRate =
        |it| it.while_charging(|it| it.power_kw / it.store.capacity * it.store.range_km),
    "fuel.fraction" feeds "number": FuelFraction =
        |it| it.car.tank.and_then(|_| number(it.state.fuel, 4)),
    "fuel.amount" feeds "number": FuelAmount =
        |it| number(it.state.fuel * it.car.tank?.capacity, 2),
    "fuel.range" feeds "number": FuelRange =
        |it| number(it.state.fuel * it.car.tank?.range_km, 1),
    "oil.life" feeds "number": OilLife = |it| number(it.state.oil, 4),
    "tires.front_left" feeds "number": TireFrontLeft = |it| number(it.state.tires[0], 1),
    "tires.front_right" feeds "number": TireFrontRight = |it| number(it.state.tires[1], 1),
    "tires.back_left" feeds "number": TireBackLeft = |it| number(it.state.tires[2], 1),
    "tires.back_right" feeds "number": TireBackRight = |it| number(it.state.tires[3], 1),
    // One of the four, by its index in the list.
    "tires.pressure" feeds "number": TirePressure = |_| None,
    "temperature.exterior" feeds "number": ExteriorTemperature = |it| number(it.state.exterior, 1),
    "temperature.interior" feeds "number": InteriorTemperature = |it| number(it.state.interior, 1),
    "lock.is_locked" feeds "boolean": IsLocked = |it| flag(!it.is_driving()),
}

/// Front left and right, back left and right.
pub(super) const TIRES: [Variable; 4] = [
    Variable::TireFrontLeft,
    Variable::TireFrontRight,
    Variable::TireBackLeft,
    Variable::TireBackRight,
];

impl Variable {
    /// The variable for the list entry at this index.
    pub(crate) fn at(self, place: usize) -> Self {
        match self {
            Self::TirePressure => TIRES.get(place).copied().unwrap_or(self),
            variable => variable,
        }
    }

    /// The metric unit of its readings, if a member may have a different unit.
    pub(crate) fn unit(self) -> Option<&'static str> {
        Some(match self {
            Self::BatteryFraction | Self::ChargeLimit | Self::FuelFraction | Self::OilLife => {
                "fraction"
            }
            Self::Wattage => "kW",
            tire if TIRES.contains(&tire) => "kPa",
            _ => return None,
        })
    }

    /// Its reading, in metric units.
    pub(super) fn seen<'v>(self, seen: &Seen<'v>) -> Option<Reading<'v>> {
        let (.., read) = TABLE[self as usize];
        read(seen)
    }

    /// The variable with this name, if the member it feeds is of its type.
    pub(crate) fn read(name: &str, kind: &str) -> Result<Self, SpecError> {
        let known = TABLE.iter().find(|(known, ..)| *known == name);
        let Some((_, variable, wanted, _)) = known else {
            return Err(SpecError::new(format!(
                "the simulated vehicles do not have the state `{name}`"
            )));
        };
        if *wanted != kind {
            return Err(SpecError::new(format!(
                "the state `{name}` is of the type `{wanted}` and cannot feed `{kind}`"
            )));
        }
        Ok(*variable)
    }
}

/// The schema key that names its variable.
const STATE: &str = "x-smartcar-state";

/// The variable that feeds a schema's value.
pub(crate) fn fed(schema: &Value) -> Result<Option<Variable>, SpecError> {
    let Some(name) = schema.get(STATE) else {
        return Ok(None);
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = schema.get("type").map(text).unwrap_or_default();
    Variable::read(&text(name), &kind).map(Some)
}

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Reading<'v> {
    Nothing,
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(Cow<'v, str>),
    List(Vec<&'v str>),
}

impl<'v> Reading<'v> {
    pub(crate) fn text(text: impl Into<Cow<'v, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn as_number(&self) -> Option<f64> {
        match *self {
            Self::Number(number) => Some(number),
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            Self::Whole(number) => Some(number as f64),
            _ => None,
        }
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "all rows of the table need the same type"
)]
fn flag(flag: bool) -> Option<Reading<'static>> {
    Some(Reading::Flag(flag))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "all rows of the table need the same type"
)]
fn text(text: &'static str) -> Option<Reading<'static>> {
    Some(Reading::text(text))
}

/// Rounds to this many decimals; car instruments are not more precise.
#[expect(
    clippy::unnecessary_wraps,
    reason = "all rows of the table need the same type"
)]
fn number(number: f64, decimals: u8) -> Option<Reading<'static>> {
    let scale = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6][usize::from(decimals).min(6)];
    Some(Reading::Number((number * scale).round() / scale))
}

/// A moment of the drive, at most the last one that can be represented.
pub(super) fn moment(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
}

/// Formats a moment as the API does: in UTC, with milliseconds.
pub(super) fn written(moment: Timestamp) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
    PRINTER.timestamp_to_string(&moment)
}

/// The example of each variable; if there are several, the first one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(BTreeMap<Variable, Value>);

impl Samples {
    /// Reads each variable's example from its JSON text.
    pub(crate) fn read<'t>(examples: impl Iterator<Item = (Variable, &'t str)>) -> Self {
        let mut samples = BTreeMap::new();
        for (variable, example) in examples {
            let example = serde_json::from_str(example).unwrap_or_default();
            samples.entry(variable).or_insert(example);
        }
        Self(samples)
    }

    pub(crate) fn number(&self, variable: Variable) -> Option<f64> {
        self.0.get(&variable)?.as_f64()
    }

    pub(crate) fn text(&self, variable: Variable) -> Option<&str> {
        self.0.get(&variable)?.as_str()
    }
}
