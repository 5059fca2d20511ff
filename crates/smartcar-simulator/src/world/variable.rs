//! The names by which the description asks for a vehicle's state.
//!
//! Invariant: the description's names, and the types of the members that they
//! may feed, stand in this one table.

use crate::spec::SpecError;

/// What the simulator knows of a vehicle, or of the request about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Variable {
    Vehicles,
    Permissions,
    VehicleId,
    VehicleMake,
    VehicleModel,
    VehicleYear,
    VehicleVin,
    VehiclePowertrain,
    DataAge,
    FetchedAt,
    Odometer,
    Latitude,
    Longitude,
    Heading,
    Direction,
    IsAtHome,
    HomeLatitude,
    HomeLongitude,
    Speed,
    Gear,
    Status,
    IsAsleep,
    IsOnline,
    BatteryFraction,
    BatteryRange,
    BatteryCapacity,
    IsPluggedIn,
    IsCharging,
    ChargeState,
    ChargeLimit,
    CompletionTime,
    MinutesToComplete,
    Wattage,
    Voltage,
    Amperage,
    EnergyAdded,
    RangeAdded,
    ChargeRate,
    FuelFraction,
    FuelAmount,
    FuelRange,
    OilLife,
    TireFrontLeft,
    TireFrontRight,
    TireBackLeft,
    TireBackRight,
    /// One of the four, by its place in a list.
    TirePressure,
    ExteriorTemperature,
    InteriorTemperature,
    IsLocked,
}

/// Each variable with its name and the type of what it feeds.
pub(super) const TABLE: [(&str, Variable, &str); 50] = [
    ("vehicles", Variable::Vehicles, "array"),
    ("permissions", Variable::Permissions, "array"),
    ("vehicle.id", Variable::VehicleId, "string"),
    ("vehicle.make", Variable::VehicleMake, "string"),
    ("vehicle.model", Variable::VehicleModel, "string"),
    ("vehicle.year", Variable::VehicleYear, "integer"),
    ("vehicle.vin", Variable::VehicleVin, "string"),
    ("vehicle.powertrain", Variable::VehiclePowertrain, "string"),
    ("report.data_age", Variable::DataAge, "string"),
    ("report.fetched_at", Variable::FetchedAt, "string"),
    ("odometer.distance", Variable::Odometer, "number"),
    ("location.latitude", Variable::Latitude, "number"),
    ("location.longitude", Variable::Longitude, "number"),
    ("location.heading", Variable::Heading, "number"),
    ("location.direction", Variable::Direction, "string"),
    ("location.at_home", Variable::IsAtHome, "boolean"),
    ("home.latitude", Variable::HomeLatitude, "number"),
    ("home.longitude", Variable::HomeLongitude, "number"),
    ("drive.speed", Variable::Speed, "number"),
    ("drive.gear", Variable::Gear, "string"),
    ("drive.status", Variable::Status, "string"),
    ("drive.is_asleep", Variable::IsAsleep, "boolean"),
    ("drive.is_online", Variable::IsOnline, "boolean"),
    ("battery.fraction", Variable::BatteryFraction, "number"),
    ("battery.range", Variable::BatteryRange, "number"),
    ("battery.capacity", Variable::BatteryCapacity, "number"),
    ("charge.is_plugged_in", Variable::IsPluggedIn, "boolean"),
    ("charge.is_charging", Variable::IsCharging, "boolean"),
    ("charge.state", Variable::ChargeState, "string"),
    ("charge.limit", Variable::ChargeLimit, "number"),
    ("charge.completion_time", Variable::CompletionTime, "string"),
    (
        "charge.minutes_to_complete",
        Variable::MinutesToComplete,
        "number",
    ),
    ("charge.wattage", Variable::Wattage, "number"),
    ("charge.voltage", Variable::Voltage, "number"),
    ("charge.amperage", Variable::Amperage, "number"),
    ("charge.energy_added", Variable::EnergyAdded, "number"),
    ("charge.range_added", Variable::RangeAdded, "number"),
    ("charge.rate", Variable::ChargeRate, "number"),
    ("fuel.fraction", Variable::FuelFraction, "number"),
    ("fuel.amount", Variable::FuelAmount, "number"),
    ("fuel.range", Variable::FuelRange, "number"),
    ("oil.life", Variable::OilLife, "number"),
    ("tires.front_left", Variable::TireFrontLeft, "number"),
    ("tires.front_right", Variable::TireFrontRight, "number"),
    ("tires.back_left", Variable::TireBackLeft, "number"),
    ("tires.back_right", Variable::TireBackRight, "number"),
    ("tires.pressure", Variable::TirePressure, "number"),
    (
        "temperature.exterior",
        Variable::ExteriorTemperature,
        "number",
    ),
    (
        "temperature.interior",
        Variable::InteriorTemperature,
        "number",
    ),
    ("lock.is_locked", Variable::IsLocked, "boolean"),
];

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
