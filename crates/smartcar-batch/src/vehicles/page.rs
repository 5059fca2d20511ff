//! One page of the list: vehicles on v2.0, connections on v3.
//!
//! Invariant: an unreadable entry is an error of its own and does not affect other
//! entries.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use smartcar_model::decode::ItemResponse;
use smartcar_model::v3::{self, Connection};
use smartcar_model::{Error, ErrorKind, ItemError, ListVehicles, UserId, VehicleId};

use crate::fleet_vehicle::FleetVehicle;
use crate::transport::Reply;

/// The contents of a page.
#[derive(Debug)]
pub(crate) struct Page {
    /// Each vehicle, or the error of its entry.
    pub(super) entries: Vec<Result<FleetVehicle, Error>>,
    /// The number of entries of all pages; `None` if the response does not state it.
    pub(super) total: Option<u64>,
    /// Whether the response links to a next page.
    pub(super) has_next: bool,
    /// A hash of the text of the page.
    pub(super) fingerprint: u64,
}

impl Page {
    pub(super) fn of_v2(reply: &Reply, text: &str) -> Result<Self, ItemError> {
        let request_id = reply.request_id.as_deref();
        let item = ItemResponse::of_endpoint(reply.status, reply.headers.clone(), text, request_id);
        // Not decoded into the generated type directly: one invalid ID would fail the
        // page.
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
            let unreadable = |error| entry_error("has an unreadable connection").with_source(error);
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

/// A vehicle of v2.0. Its entry must be a string.
fn listed(id: Option<&str>) -> Result<FleetVehicle, Error> {
    let id = id.ok_or_else(|| entry_error("has an entry that is not a vehicle id"))?;
    Ok(vehicle(id)?.into())
}

/// The vehicle of a connection, with its user.
fn connected(connection: &Connection) -> Result<FleetVehicle, Error> {
    let id = connection.vehicle_id();
    let id = vehicle(id.ok_or_else(|| entry_error("has a connection without a vehicle"))?)?;
    let user = connection.user_id().map(UserId::new).transpose();
    let user = user.map_err(|error| entry_error("has an invalid user id").with_source(error))?;
    Ok((id, user).into())
}

fn vehicle(id: &str) -> Result<VehicleId, Error> {
    let refused = |error| entry_error("has an invalid vehicle id").with_source(error);
    VehicleId::new(id).map_err(refused)
}

/// The error of one entry; the list continues.
fn entry_error(fault: &str) -> Error {
    wrong(fault).of_list_entry()
}

/// The error of the list; it ends.
pub(super) fn wrong(fault: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the list of vehicles {fault}"))
}
