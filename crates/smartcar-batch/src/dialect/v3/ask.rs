//! The requests of a v3 batch.
//!
//! Invariant: each request is for one vehicle.

use std::num::NonZeroU32;

use smartcar_model::{Error, UserId, VehicleId};

use crate::dialect::{self, Route, Sent};
use crate::transport::{Role, Wire};

/// One request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ask<'a> {
    /// All signals of the store, at the assumed price.
    Signals {
        vehicle: &'a VehicleId,
        user: &'a UserId,
        price: NonZeroU32,
    },
    /// One signal.
    Signal {
        vehicle: &'a VehicleId,
        user: &'a UserId,
        code: &'a str,
    },
    /// The vehicle itself: make, model and so on.
    Vehicle(&'a VehicleId),
    /// The connections of the vehicle.
    Connections {
        vehicle: &'a VehicleId,
        user: Option<&'a UserId>,
    },
}

impl Ask<'_> {
    /// Whether an error means that the store does not have the signal.
    pub(super) fn is_absent(&self, error: &Error) -> bool {
        let code = error.api_error().and_then(|api| api.code.as_deref());
        matches!(self, Self::Signal { .. })
            && error.status() == Some(404)
            && code.is_some_and(|code| code.eq_ignore_ascii_case("SIGNAL_NOT_FOUND"))
    }
}

impl dialect::Ask for Ask<'_> {
    fn cost(&self) -> u32 {
        match self {
            Self::Signals { price, .. } => price.get(),
            _ => 1,
        }
    }

    fn route(&self) -> Route<'_> {
        match self {
            Self::Signals { .. } => Route::get("/v3/vehicles/{id}/signals"),
            Self::Signal { .. } => Route::get("/v3/vehicles/{id}/signals/{code}"),
            Self::Vehicle(_) => Route::get("/v3/vehicles/{id}"),
            Self::Connections { .. } => Route::get("/v3/connections").at(Role::Connections),
        }
    }

    async fn send(&self, wire: &Wire<'_>) -> Sent {
        let units = wire.units;
        match self {
            Self::Signals { vehicle, user, .. } => {
                let (vehicle, user) = (vehicle.as_str(), user.as_str());
                wire.v3().list_signals(vehicle, units, user).await
            }
            Self::Signal {
                vehicle,
                user,
                code,
            } => {
                let (vehicle, user) = (vehicle.as_str(), user.as_str());
                wire.v3().get_signal(vehicle, code, units, user).await
            }
            Self::Vehicle(vehicle) => wire.v3().get_vehicle(vehicle.as_str()).await,
            Self::Connections { vehicle, user } => {
                let (vehicle, user) = (Some(vehicle.as_str()), user.map(UserId::as_str));
                wire.v3()
                    .list_connections(None, user, wire.mode(), vehicle, None, None)
                    .await
            }
        }
    }
}
