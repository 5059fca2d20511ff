//! The names by which the description asks for a vehicle's state.
//!
//! Invariant: the description's names, and the types of the members that they
//! may feed, are in this one table; a reading is in metric units until a template
//! converts it.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use crate::document::{SpecError, each_schema};

/// Makes the enum and the table of names out of one list.
macro_rules! variables {
    ($( $name:literal feeds $kind:literal: $variable:ident, )*) => {
        /// What the simulator knows of a vehicle, or of the request about it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Variable {
            $( $variable, )*
        }

        /// Each variable with its name and the type of what it feeds.
        pub(super) const TABLE: &[(&str, Variable, &str)] =
            &[$( ($name, Variable::$variable, $kind), )*];
    };
}

variables! {
    "vehicles" feeds "array": Vehicles,
    "permissions" feeds "array": Permissions,
    "vehicle.id" feeds "string": VehicleId,
    "vehicle.make" feeds "string": VehicleMake,
    "vehicle.model" feeds "string": VehicleModel,
    "vehicle.year" feeds "integer": VehicleYear,
    "vehicle.vin" feeds "string": VehicleVin,
    "vehicle.powertrain" feeds "string": VehiclePowertrain,
    "report.data_age" feeds "string": DataAge,
    "report.fetched_at" feeds "string": FetchedAt,
    "odometer.distance" feeds "number": Odometer,
    "location.latitude" feeds "number": Latitude,
    "location.longitude" feeds "number": Longitude,
    "location.heading" feeds "number": Heading,
    "location.direction" feeds "string": Direction,
    "location.at_home" feeds "boolean": IsAtHome,
    "home.latitude" feeds "number": HomeLatitude,
    "home.longitude" feeds "number": HomeLongitude,
    "drive.speed" feeds "number": Speed,
    "drive.gear" feeds "string": Gear,
    "drive.status" feeds "string": Status,
    "drive.is_asleep" feeds "boolean": IsAsleep,
    "drive.is_online" feeds "boolean": IsOnline,
    "battery.fraction" feeds "number": BatteryFraction,
    "battery.range" feeds "number": BatteryRange,
    "battery.capacity" feeds "number": BatteryCapacity,
    "charge.is_plugged_in" feeds "boolean": IsPluggedIn,
    "charge.is_charging" feeds "boolean": IsCharging,
    "charge.state" feeds "string": ChargeState,
    "charge.limit" feeds "number": ChargeLimit,
    "charge.completion_time" feeds "string": CompletionTime,
    "charge.minutes_to_complete" feeds "number": MinutesToComplete,
    "charge.wattage" feeds "number": Wattage,
    "charge.voltage" feeds "number": Voltage,
    "charge.amperage" feeds "number": Amperage,
    "charge.energy_added" feeds "number": EnergyAdded,
    "charge.range_added" feeds "number": RangeAdded,
    "charge.rate" feeds "number": ChargeRate,
    "fuel.fraction" feeds "number": FuelFraction,
    "fuel.amount" feeds "number": FuelAmount,
    "fuel.range" feeds "number": FuelRange,
    "oil.life" feeds "number": OilLife,
    "tires.front_left" feeds "number": TireFrontLeft,
    "tires.front_right" feeds "number": TireFrontRight,
    "tires.back_left" feeds "number": TireBackLeft,
    "tires.back_right" feeds "number": TireBackRight,
    // One of the four, by its place in a list.
    "tires.pressure" feeds "number": TirePressure,
    "temperature.exterior" feeds "number": ExteriorTemperature,
    "temperature.interior" feeds "number": InteriorTemperature,
    "lock.is_locked" feeds "boolean": IsLocked,
}

impl Variable {
    /// What it means in the list's entry at this place.
    pub(crate) fn at(self, place: usize) -> Self {
        const TIRES: [Variable; 4] = [
            Variable::TireFrontLeft,
            Variable::TireFrontRight,
            Variable::TireBackLeft,
            Variable::TireBackRight,
        ];
        match self {
            Self::TirePressure => TIRES.get(place).copied().unwrap_or(self),
            variable => variable,
        }
    }

    /// The metric unit of its readings, where a member may have another one.
    pub(crate) fn unit(self) -> Option<&'static str> {
        Some(match self {
            Self::BatteryFraction | Self::ChargeLimit | Self::FuelFraction | Self::OilLife => {
                "fraction"
            }
            Self::Wattage => "kW",
            Self::TireFrontLeft
            | Self::TireFrontRight
            | Self::TireBackLeft
            | Self::TireBackRight => "kPa",
            _ => return None,
        })
    }

    /// The variable that the description means, if what it feeds is of its type.
    pub(crate) fn read(name: &str, kind: &str) -> Result<Self, SpecError> {
        let known = TABLE.iter().find(|(known, ..)| *known == name);
        let Some((_, variable, wanted)) = known else {
            return Err(SpecError::new(format!(
                "the simulated vehicles have no state `{name}`"
            )));
        };
        if *wanted != kind {
            return Err(SpecError::new(format!(
                "the state `{name}` cannot feed the type `{kind}`, it is `{wanted}`"
            )));
        }
        Ok(*variable)
    }
}

/// The key of a schema that names its variable.
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

/// Finds every variable below a schema and fails on the first that is unknown.
pub(crate) fn check_fed(document: &Value, schema: &Value) -> Result<(), SpecError> {
    each_schema(document, schema, &mut |schema| fed(schema).map(drop))
}

/// What is known of a variable.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Reading<'v> {
    Nothing,
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(Cow<'v, str>),
    /// A text of which json escapes no character, as every answer has two.
    Moment(&'v str),
    List(Vec<&'v str>),
}

impl<'v> Reading<'v> {
    pub(crate) fn text(text: impl Into<Cow<'v, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn as_number(&self) -> Option<f64> {
        match *self {
            Self::Number(number) => Some(number),
            #[expect(clippy::cast_precision_loss, reason = "far below 2 to the 53rd")]
            Self::Whole(number) => Some(number as f64),
            _ => None,
        }
    }
}
