//! A vehicle as a test declares it.
//!
//! Invariant: defaults depend on the id, the make, the powertrain and the seed. `Debug`
//! shows neither the VIN nor the location.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;

/// A vehicle's powertrain.
///
/// It decides which endpoints the vehicle supports. A vehicle without a
/// rechargeable battery returns 501 `COMPATIBILITY` for `/battery` and `/charge`,
/// and one without a tank for `/fuel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Powertrain {
    /// Battery-electric.
    Bev,
    /// Plug-in hybrid: a battery that can be plugged in to charge, and a tank.
    Phev,
    /// Hybrid whose battery is charged only by its engine.
    Hev,
    /// Combustion engine only.
    Ice,
}

impl Powertrain {
    /// The powertrain with this name in the spec.
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

/// Generates the vehicle, and the method that sets each member, from one list.
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
            /// Creates a vehicle with this id, and defaults for everything else.
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
    /// A vehicle that the simulator knows: its attributes, and its state when the
    /// simulation starts.
    ///
    /// At the start it is parked at home, plugged in if possible. From then on it
    /// follows a timetable that depends on the seed: it drives to a place and back
    /// once or twice a day, and charges at home. Defaults are chosen to fit the
    /// make.
    ///
    /// With serde it is read from the names of the methods, with `latitude` and
    /// `longitude` as separate keys; any other name is an error.
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

    /// The make as the API writes it, such as `LAND_ROVER`. Letter case does not
    /// matter, and a space can replace the underscore. The default follows from the
    /// id.
    ///
    /// It decides which endpoints the vehicle supports; those of other makes return
    /// 501 `COMPATIBILITY`.
    make: String = impl Into<String>;
    /// The model. The default is a model of the make with this powertrain.
    model: String = impl Into<String>;
    /// The model year. The default is from 2019 to 2025.
    year: u16 = u16;
    /// The vehicle identification number. The default has 17 characters that depend
    /// on the seed.
    vin: String = impl Into<String>;
    /// The powertrain. The default is that of the make's best-known model; without a
    /// make it follows from the id.
    powertrain: Powertrain = Powertrain;
    /// The odometer at the start, in kilometres, 0 or more. The default is from 5
    /// 000 to 90 000.
    odometer_km: f64 = f64;
    /// Capacity of the battery in kilowatt-hours, 1 to 1 000; BEV or PHEV only.
    battery_capacity_kwh: f64 = f64;
    /// State of charge at the start, 0 to 1; BEV or PHEV only. The default is from
    /// 0.4 to 0.8.
    battery_fraction: f64 = f64;
    /// State of charge at which charging stops, 0.5 to 1; BEV or PHEV only. The
    /// default is 0.9.
    charge_limit: f64 = f64;
    /// Size of the tank in litres, 1 to 1 000; not for a BEV.
    tank_litres: f64 = f64;
    /// Fuel level at the start, 0 to 1; not for a BEV. The default is from 0.3 to
    /// 0.9.
    fuel_fraction: f64 = f64;
    /// Whether its cable is plugged in while it is at home; BEV or PHEV only. The default
    /// is true. Without the cable it does not charge.
    plugged_in: bool = bool;
    /// Whether it reports nothing new from the start on. The default is false.
    asleep: bool = bool;
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
    /// The declared id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The permissions that its owner granted, if they were listed.
    pub(crate) fn granted(&self) -> impl Iterator<Item = &String> {
        self.permissions.iter().flatten()
    }

    /// The permissions that its owner granted, such as `read_odometer`; by default
    /// all. An endpoint answers only if the owner granted its permission and the
    /// token has it too, else it returns 403 `PERMISSION`.
    #[must_use]
    pub fn permissions(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.permissions = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// The home location, where the vehicle is at the start: degrees north (-90 to
    /// 90) and east (-180 to 180). The default is near the location of the spec's
    /// example.
    #[must_use]
    pub fn location(mut self, latitude: f64, longitude: f64) -> Self {
        self.latitude = Some(latitude);
        self.longitude = Some(longitude);
        self
    }
}

/// The attributes of a vehicle. No `Debug`, because of the VIN.
#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) make: Cow<'static, str>,
    pub(crate) model: Cow<'static, str>,
    pub(crate) year: u16,
    pub(crate) vin: String,
    pub(crate) powertrain: Powertrain,
    /// `None` if the owner granted everything.
    pub(crate) permissions: Option<BTreeSet<String>>,
}

/// A listed vehicle.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownVehicle {
    /// Its id.
    pub id: String,
    /// Make, model and powertrain; `None` for an undeclared vehicle, which supports
    /// every endpoint of every make.
    pub kind: Option<(String, String, Powertrain)>,
}
