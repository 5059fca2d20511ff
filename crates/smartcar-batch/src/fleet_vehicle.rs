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
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
