//! A vehicle of a fleet, with its user.
//!
//! Invariant: an id, with the user it is asked for where one is known.

use std::fmt;

use smartcar_model::{UserId, VehicleId};

/// A vehicle for a fleet to ask, and whose it is, if that is known: an entry of
/// [`Client::vehicles`](crate::Client::vehicles), a [`VehicleId`], or the pair of that and a [`UserId`].
///
/// Version 3 reads signals for a user only; where none is here it is the
/// client's ([`crate::ClientBuilder::user`]). It is ordered, so that it can
/// stand in a queue, and shown as its id.
///
/// With the feature `serde` it is the JSON object `{"vehicle", "user"}`, where
/// `user` is null, or may be absent, if none is known.
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
    /// The vehicle's id.
    pub fn id(&self) -> &VehicleId {
        &self.id
    }

    /// The user who connected it, if one was named.
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

    /// As it is written.
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
