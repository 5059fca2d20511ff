//! One page of the list: vehicles on v2.0, connections on version 3.
//!
//! Invariant: an entry that cannot be read is an error of its own, and costs no
//! other.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
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
    /// The same for pages of the same text.
    pub(super) fingerprint: u64,
}

impl Page {
    pub(super) fn of_v2(reply: &Reply, text: &str) -> Result<Self, ItemError> {
        let request_id = reply.request_id.as_deref();
        let item = ItemResponse::of_endpoint(reply.status, reply.headers.clone(), text, request_id);
        // Not into the generated type at once: one bad id would cost the page.
        let page = item.read::<Value>()?.into_body();
        let entries = if let Some(ids) = page.get("vehicles").and_then(Value::as_array) {
            ids.iter().map(|id| listed(id.as_str())).collect()
        } else {
            let list = item.read::<ListVehicles>()?.into_body();
            let ids = list.vehicles.iter();
            ids.map(|id| listed(Some(id))).collect()
        };
        Ok(Self {
            entries,
            total: page.pointer("/paging/count").and_then(Value::as_u64),
            has_next: false,
            fingerprint: fingerprint(text),
        })
    }

    pub(super) fn of_v3(_: &Reply, text: &str) -> Result<Self, ItemError> {
        let (connections, page) = v3::connections(text).map_err(ItemError::Malformed)?;
        let entry = |read: Result<Connection, _>| {
            let unreadable =
                |error| entry_error("has a connection that cannot be read").with_source(error);
            connected(&read.map_err(unreadable)?)
        };
        Ok(Self {
            entries: connections.into_iter().map(entry).collect(),
            total: page.total,
            has_next: page.has_next,
            fingerprint: fingerprint(text),
        })
    }
}

fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// A vehicle of v2.0, where its entry is a text.
fn listed(id: Option<&str>) -> Result<FleetVehicle, Error> {
    let id = id.ok_or_else(|| entry_error("has an entry that is not a vehicle id"))?;
    Ok(vehicle(id)?.into())
}

/// The vehicle of a connection, with its user.
fn connected(connection: &Connection) -> Result<FleetVehicle, Error> {
    let id = connection.vehicle_id();
    let id = vehicle(id.ok_or_else(|| entry_error("has a connection without a vehicle"))?)?;
    let user = connection.user_id().map(UserId::new).transpose();
    let user =
        user.map_err(|error| entry_error("has an id that cannot be a user's").with_source(error))?;
    Ok((id, user).into())
}

fn vehicle(id: &str) -> Result<VehicleId, Error> {
    let refused = |error| entry_error("has an id that cannot be a vehicle's").with_source(error);
    VehicleId::new(id).map_err(refused)
}

/// What is wrong with one entry; the list goes on.
fn entry_error(fault: &str) -> Error {
    wrong(fault).of_list_entry()
}

/// What is wrong with the list; it ends.
pub(super) fn wrong(fault: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the list of vehicles {fault}"))
}
