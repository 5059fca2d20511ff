//! A vehicle as a test declares it.
//!
//! Invariant: what is left out has a default that follows from the make, the
//! powertrain and the seed; `Debug` shows neither the VIN nor the place.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;

/// What a vehicle is driven by.
///
/// It decides which endpoints the vehicle has: one without a battery to charge
/// answers 501 `COMPATIBILITY` to `/battery` and `/charge`, one without a tank
/// to `/fuel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Powertrain {
    /// Battery-electric.
    Bev,
    /// Plug-in hybrid: a battery that is charged from outside, and a tank.
    Phev,
    /// Hybrid whose battery is charged by its engine only.
    Hev,
    /// Combustion engine only.
    Ice,
}

impl Powertrain {
    /// The powertrain that the description calls so.
    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Bev, Self::Phev, Self::Hev, Self::Ice]
            .into_iter()
            .find(|powertrain| powertrain.name() == name)
    }

    /// Its name: `BEV`, `PHEV`, `HEV` or `ICE`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bev => "BEV",
            Self::Phev => "PHEV",
            Self::Hev => "HEV",
            Self::Ice => "ICE",
        }
    }

    pub(crate) fn has_battery(self) -> bool {
        matches!(self, Self::Bev | Self::Phev)
    }

    pub(crate) fn has_tank(self) -> bool {
        self != Self::Bev
    }
}

/// Makes the vehicle, and the method that sets each member, out of one list.
macro_rules! vehicle {
    ($(#[$vehicle:meta])* pub struct SimulatedVehicle;
     $( $(#[$docs:meta])* $name:ident: $type:ty = $given:ty; )*) => {
        $(#[$vehicle])*
        pub struct SimulatedVehicle {
            pub(super) id: String,
            pub(super) permissions: Option<BTreeSet<String>>,
            pub(super) latitude: Option<f64>,
            pub(super) longitude: Option<f64>,
            $( pub(super) $name: Option<$type>, )*
        }

        impl SimulatedVehicle {
            /// A vehicle with this id, and defaults for everything else.
            #[must_use]
            pub fn new(id: impl Into<String>) -> Self {
                Self {
                    id: id.into(),
                    permissions: None,
                    latitude: None,
                    longitude: None,
                    $( $name: None, )*
                }
            }

            $( $(#[$docs])*
            #[must_use]
            pub fn $name(mut self, $name: $given) -> Self {
                self.$name = Some($name.into());
                self
            } )*
        }
    };
}

vehicle! {
    /// A vehicle that the simulator knows: what it is, and how it is when the
    /// simulation starts.
    ///
    /// It stands at home then, plugged in if it can be. From then on it drives by a
    /// timetable that follows from the seed: to a place and back once or twice a
    /// day, and it charges at home. What is left out is chosen to fit the make.
    ///
    /// With serde it is read from the names of the methods, `latitude` and
    /// `longitude` apart; any other name is an error.
    ///
    /// ```
    /// use smartcar_simulator::{Powertrain, SimulatedVehicle, Simulator};
    ///
    /// let builder = Simulator::builder()
    ///     .vehicle(
    ///         SimulatedVehicle::new("car-1")
    ///             .make("TESLA")
    ///             .battery_fraction(0.2)
    ///             .charge_limit(0.8),
    ///     )
    ///     .vehicle(
    ///         SimulatedVehicle::new("car-2")
    ///             .powertrain(Powertrain::Ice)
    ///             .location(48.137, 11.575)
    ///             .fuel_fraction(0.5)
    ///             .permissions(["read_odometer", "read_fuel"]),
    ///     );
    /// ```
    #[derive(Clone, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct SimulatedVehicle;

    /// The make as the API writes it, `LAND_ROVER`; letter case and a space
    /// instead of the underscore do not matter. By default the make of the
    /// description's example.
    ///
    /// It decides which endpoints the vehicle has: another make's answer 501
    /// `COMPATIBILITY`.
    make: String = impl Into<String>;
    /// The model. By default one that the make has with this powertrain.
    model: String = impl Into<String>;
    /// The model year. By default one from 2019 to 2025.
    year: u16 = u16;
    /// The vehicle identification number. By default 17 characters that follow
    /// from the seed.
    vin: String = impl Into<String>;
    /// What it is driven by. By default what the make's best known model has.
    powertrain: Powertrain = Powertrain;
    /// The odometer at the start, in kilometres, 0 or more. By default 5 000 to
    /// 90 000.
    odometer_km: f64 = f64;
    /// Capacity of the battery in kilowatt-hours, 1 to 1 000, of a BEV or PHEV.
    battery_capacity_kwh: f64 = f64;
    /// State of charge at the start, 0 to 1, of a BEV or PHEV. By default 0.4 to
    /// 0.8.
    battery_fraction: f64 = f64;
    /// State of charge at which charging stops, 0.5 to 1, of a BEV or PHEV. By
    /// default 0.9.
    charge_limit: f64 = f64;
    /// Size of the tank in litres, 1 to 1 000, unless it is a BEV.
    tank_litres: f64 = f64;
    /// Filling of the tank at the start, 0 to 1, unless it is a BEV. By default
    /// 0.3 to 0.9.
    fuel_fraction: f64 = f64;
}

impl fmt::Debug for SimulatedVehicle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedVehicle")
            .field("id", &self.id)
            .field("make", &self.make)
            .field("model", &self.model)
            .field("year", &self.year)
            .field("powertrain", &self.powertrain)
            .field("permissions", &self.permissions)
            .finish_non_exhaustive()
    }
}

impl SimulatedVehicle {
    /// The id that it was declared with.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What its owner granted, such as `read_odometer`; by default everything.
    /// An endpoint answers only if both the owner granted its permission and the
    /// token has it, else 403 `PERMISSION`.
    #[must_use]
    pub fn permissions(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.permissions = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Where it is at home, and stands at the start: degrees north (-90 to 90)
    /// and east (-180 to 180). By default near the description's example.
    #[must_use]
    pub fn location(mut self, latitude: f64, longitude: f64) -> Self {
        self.latitude = Some(latitude);
        self.longitude = Some(longitude);
        self
    }
}

/// What a declared vehicle is. It has no `Debug`, because of the VIN.
pub(crate) struct Profile {
    pub(crate) make: String,
    pub(crate) model: String,
    pub(crate) year: u16,
    pub(crate) vin: String,
    pub(crate) powertrain: Powertrain,
    /// `None` if the owner granted everything.
    pub(crate) permissions: Option<BTreeSet<String>>,
}

/// A vehicle that the list names.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownVehicle {
    /// Its id.
    pub id: String,
    /// Make, model and powertrain; `None` for one that nobody declared, which
    /// has every endpoint of every make.
    pub kind: Option<(String, String, Powertrain)>,
}
