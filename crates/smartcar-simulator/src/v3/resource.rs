//! The resources other than signals: vehicles, connections, timestamps.
//!
//! Invariant: a resource is the spec's example with the vehicle's state filled in;
//! only URLs and the ids of connections are created here. A vehicle that is not
//! listed has a connection too, if it is answered at all.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use smartcar_model::UnitSystem;

use super::page::{Filter, Pages, Query};
use super::site::Site;
use crate::document::{self, SpecError, resolve};
use crate::errors::Refusal;
use crate::exchange::Source;
use crate::template::Template;
use crate::tokens::Grant;
use crate::world::variable::{Reading, Variable};
use crate::world::view::View;

/// The prefix of a connection's id; the vehicle's id follows.
pub(super) const CONNECTION: &str = "connection-";

/// The operations of the spec, by name.
pub(super) type Operations<'d> = BTreeMap<&'d str, &'d Value>;

/// The operation with this name.
pub(super) fn operation<'d>(
    operations: &Operations<'d>,
    name: &str,
) -> Result<&'d Value, SpecError> {
    let found = operations.get(name).copied();
    found.ok_or_else(|| SpecError::new(format!("the operation `{name}` is missing")))
}

/// The examples of the resources, with placeholders for a vehicle's state.
#[derive(Debug)]
pub(super) struct Resources {
    vehicle: Template,
    connection: Template,
    signal_meta: Template,
}

impl Resources {
    pub(super) fn read(document: &Value, operations: &Operations<'_>) -> Result<Self, SpecError> {
        let read = |name: &str, schema: &[&str], example: &str| {
            part(document, operation(operations, name)?, schema, example)
        };
        let signal_meta = ["properties", "data", "items", "properties", "meta"];
        Ok(Self {
            vehicle: read("get_vehicle", &["properties", "data"], "/data")?,
            connection: read("get_connection", &["properties", "data"], "/data")?,
            signal_meta: read("list_signals", &signal_meta, "/data/0/meta")?,
        })
    }

    /// When a signal's value was recorded, and when it was received.
    pub(super) fn signal_meta(&self, view: &View<'_>) -> Value {
        self.signal_meta.tree(|variable| view.value(variable))
    }

    /// A vehicle as a resource.
    pub(super) fn vehicle(&self, site: Site<'_>, view: &View<'_>) -> Value {
        let mut vehicle = self.included(view);
        let id = view.id.unwrap_or_default();
        vehicle["links"] = json!({"self": site.address(&["vehicles", id])});
        vehicle
    }

    /// The vehicle as included in other responses.
    pub(super) fn included(&self, view: &View<'_>) -> Value {
        let mut vehicle = self.vehicle.tree(|variable| view.value(variable));
        if let Some(members) = vehicle.as_object_mut() {
            members.remove("links");
        }
        vehicle
    }

    /// The single connection of a vehicle, with these permissions.
    pub(super) fn connection(
        &self,
        site: Site<'_>,
        view: &View<'_>,
        permissions: &Reading<'_>,
    ) -> Value {
        let mut connection = self.connection.tree(|variable| match variable {
            Variable::Permissions => Some(permissions.clone()),
            variable => view.value(variable),
        });
        let vehicle = view.id.unwrap_or_default();
        let id = format!("{CONNECTION}{vehicle}");
        connection["links"] = json!({"self": site.address(&["connections", &id])});
        connection["id"] = Value::from(id);
        connection["relationships"]["vehicle"]["data"]["id"] = Value::from(vehicle);
        connection
    }
}

/// A part of an operation's body.
fn part(
    document: &Value,
    operation: &Value,
    schema: &[&str],
    example: &str,
) -> Result<Template, SpecError> {
    let missing = || SpecError::new(format!("the example of `{example}` is missing"));
    let success = operation.pointer("/responses/200").ok_or_else(missing)?;
    let content = document::content(success)?;
    let mut found = content.schema;
    for step in schema {
        found = resolve(document, found)?.get(step).ok_or_else(missing)?;
    }
    let example = content.example.pointer(example).ok_or_else(missing)?;
    Template::read(document, found, example, &UnitSystem::Metric)
}

/// The filters, each with the member that must match. By default the API lists
/// vehicles of mode `live`, and every vehicle here has that mode, so that a client
/// reads it as it would read an owner's car.
const FILTERS: [Filter; 4] = [
    ("filter[userId]", "/relationships/user/data/id"),
    ("filter[vehicleId]", "/relationships/vehicle/data/id"),
    ("filter[vehicle.mode]", "/attributes/vehicle/mode"),
    ("filter[user.externalId]", "/attributes/user/externalId"),
];

/// The connections at one moment, as an application sees them.
pub(super) struct Connections<'r> {
    pub(super) site: Site<'r>,
    pub(super) source: Source<'r>,
    pub(super) now: Timestamp,
    pub(super) resources: &'r Resources,
    pub(super) pages: &'r Pages,
    pub(super) grant: &'r Grant,
}

impl Connections<'_> {
    /// One page of connections.
    pub(super) fn page(&self, query: &str) -> Result<Value, Refusal> {
        let query = Query::read(query);
        let mut ids: Vec<String> = self.source.world.known().map(|known| known.id).collect();
        // Any vehicle id is answered, so each has a connection.
        let asked = query.get("filter[vehicleId]");
        let asked = asked.filter(|id| !id.is_empty() && !ids.iter().any(|known| known == id));
        ids.extend(asked.map(str::to_owned));
        let views = ids.iter().filter_map(|id| self.look(id));
        let all = views.map(|view| self.of(&view)).collect();
        self.pages
            .cut(self.site, "connections", &FILTERS, &query, all)
    }

    /// One connection by its id.
    pub(super) fn one(&self, id: &str) -> Result<Value, Refusal> {
        let vehicle = id.strip_prefix(CONNECTION).filter(|id| !id.is_empty());
        let view = vehicle.and_then(|id| self.look(id));
        let view = view.ok_or_else(Refusal::no_connection)?;
        Ok(json!({"data": self.of(&view)}))
    }

    fn look<'s>(&'s self, id: &'s str) -> Option<View<'s>> {
        self.source.world.look(Some(id), self.now).ok()
    }

    fn of(&self, view: &View<'_>) -> Value {
        let permissions = view.permissions(self.grant, &self.source.spec.permissions);
        self.resources.connection(self.site, view, &permissions)
    }
}
