//! One page of the list: vehicles on v2.0, connections on version 3.
//!
//! Invariant: an entry that cannot be read is an error of its own, and costs no
//! other.

use smartcar_model::decode::ItemResponse;
use smartcar_model::v3::{self, Connection};
use smartcar_model::{Error, ErrorKind, ItemError, ListVehicles, UserId, VehicleId};

use crate::fleet_vehicle::FleetVehicle;
use crate::transport::Reply;

/// What a page says.
#[derive(Debug)]
pub(crate) struct Page {
    /// Each vehicle, or what is wrong with its entry.
    pub(super) entries: Vec<Result<FleetVehicle, Error>>,
    /// How many entries all pages have, if the answer says so.
    pub(super) total: Option<u64>,
    /// Whether the answer names a next page.
    pub(super) has_next: bool,
}

impl Page {
    pub(super) fn of_v2(reply: &Reply, text: &str) -> Result<Self, ItemError> {
        let request_id = reply.request_id.as_deref();
        let item = ItemResponse::of_endpoint(reply.status, reply.headers.clone(), text, request_id);
        let list = item.read::<ListVehicles>()?.into_body();
        let count = list.paging.and_then(|paging| paging.count);
        let entries = list.vehicles.into_iter();
        Ok(Self {
            entries: entries.map(|id| Ok(vehicle(&id)?.into())).collect(),
            total: count.and_then(|count| u64::try_from(count).ok()),
            has_next: false,
        })
    }

    pub(super) fn of_v3(_: &Reply, text: &str) -> Result<Self, ItemError> {
        let (connections, page) = v3::connections(text).map_err(ItemError::Malformed)?;
        let entry = |read: Result<Connection, _>| {
            let unreadable =
                |error| wrong("has a connection that cannot be read").with_source(error);
            connected(&read.map_err(unreadable)?)
        };
        Ok(Self {
            entries: connections.into_iter().map(entry).collect(),
            total: page.total,
            has_next: page.has_next,
        })
    }
}

/// The vehicle of a connection, with its user.
fn connected(connection: &Connection) -> Result<FleetVehicle, Error> {
    let id = connection.vehicle_id();
    let id = vehicle(id.ok_or_else(|| wrong("has a connection without a vehicle"))?)?;
    let user = connection.user_id().map(UserId::new).transpose();
    let user =
        user.map_err(|error| wrong("has an id that cannot be a user's").with_source(error))?;
    Ok((id, user).into())
}

fn vehicle(id: &str) -> Result<VehicleId, Error> {
    let refused = |error| wrong("has an id that cannot be a vehicle's").with_source(error);
    VehicleId::new(id).map_err(refused)
}

pub(super) fn wrong(fault: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the list of vehicles {fault}"))
}
