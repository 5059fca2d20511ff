//! A vehicle of a fleet, with its user.
//!
//! Invariant: a valid ID, and the user if one is known.

use std::fmt;

use smartcar_model::{UserId, VehicleId};

/// A vehicle of a fleet, with its user if known: an entry of
/// [`Client::vehicles`](crate::Client::vehicles), a [`VehicleId`], or a pair of a
/// [`VehicleId`] and a [`UserId`].
///
/// v3 returns signals only for a given user. Without one here, the client's user is
/// used ([`crate::ClientBuilder::user`]). The type is ordered, so that it can be a
/// key in a queue, and its `Display` is the vehicle ID.
///
/// With the feature `serde` it is the JSON object `{"vehicle", "user"}`. `user` is
/// null, or may be absent, if it is not known.
#[cfg_attr(
    feature = "serde",
    doc = r##"
```
use smartcar_batch::FleetVehicle;

let vehicle: FleetVehicle = serde_json::from_str(r#"{"vehicle": "36ab27d0"}"#)?;
assert_eq!(vehicle.user(), None);
assert_eq!(serde_json::to_string(&vehicle)?, r#"{"vehicle":"36ab27d0","user":null}"#);
# Ok::<(), serde_json::Error>(())
```
"##
)]
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "json::Object", into = "json::Object")
)]
pub struct FleetVehicle {
    pub(crate) id: VehicleId,
    pub(crate) user: Option<UserId>,
}

impl FleetVehicle {
    /// The vehicle's ID.
    pub fn id(&self) -> &VehicleId {
        &self.id
    }

    /// The user who connected the vehicle; `None` if unknown.
    pub fn user(&self) -> Option<&UserId> {
        self.user.as_ref()
    }
}

impl fmt::Display for FleetVehicle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}

impl From<VehicleId> for FleetVehicle {
    fn from(id: VehicleId) -> Self {
        Self { id, user: None }
    }
}

impl From<(VehicleId, UserId)> for FleetVehicle {
    fn from((id, user): (VehicleId, UserId)) -> Self {
        (id, Some(user)).into()
    }
}

impl From<(VehicleId, Option<UserId>)> for FleetVehicle {
    fn from((id, user): (VehicleId, Option<UserId>)) -> Self {
        Self { id, user }
    }
}

impl From<FleetVehicle> for VehicleId {
    fn from(vehicle: FleetVehicle) -> Self {
        vehicle.id
    }
}

#[cfg(feature = "serde")]
mod json {
    use serde::{Deserialize, Serialize};
    use smartcar_model::{Error, UserId, VehicleId};

    /// The serialized form.
    #[derive(Serialize, Deserialize)]
    pub(super) struct Object {
        vehicle: String,
        user: Option<String>,
    }

    impl From<super::FleetVehicle> for Object {
        fn from(vehicle: super::FleetVehicle) -> Self {
            Self {
                vehicle: vehicle.id.to_string(),
                user: vehicle.user.map(|user| user.to_string()),
            }
        }
    }

    impl TryFrom<Object> for super::FleetVehicle {
        type Error = Error;

        fn try_from(object: Object) -> Result<Self, Error> {
            Ok(Self {
                id: VehicleId::new(object.vehicle)?,
                user: object.user.map(UserId::new).transpose()?,
            })
        }
    }
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;

    #[test]
    fn a_vehicle_comes_back_with_and_without_its_user() {
        let id = VehicleId::new("36ab27d0").unwrap();
        let user = UserId::new("8d6a2c1e").unwrap();
        for vehicle in [
            FleetVehicle::from(id.clone()),
            FleetVehicle::from((id, user)),
        ] {
            let text = serde_json::to_string(&vehicle).unwrap();
            let back: FleetVehicle = serde_json::from_str(&text).unwrap();
            assert_eq!(back, vehicle, "{text}");
        }
        for bad in [r#"{"vehicle": ".."}"#, r#"{"vehicle": "a", "user": "b c"}"#] {
            assert!(serde_json::from_str::<FleetVehicle>(bad).is_err(), "{bad}");
        }
    }
}
