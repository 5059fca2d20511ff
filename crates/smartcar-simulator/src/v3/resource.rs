//! The resources around the signals: vehicles, connections, moments.
//!
//! Invariant: a resource is the description's example with the vehicle's state
//! in it; only addresses and the ids of connections are made here.

use std::collections::BTreeMap;

use http::header::HOST;
use http::request::Parts;
use serde_json::{Value, json};
use smartcar_model::UnitSystem;

use crate::document::{self, SpecError, resolve};
use crate::template::Template;
use crate::world::variable::{Reading, Variable};
use crate::world::view::View;

/// Where the client found the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'r> {
    version: &'r str,
    host: &'r str,
}

impl<'r> Site<'r> {
    pub(super) fn new(version: &'r str, parts: &'r Parts) -> Self {
        let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        Self {
            version,
            host: host.unwrap_or_default(),
        }
    }

    /// The address of a resource.
    pub(super) fn address(&self, segments: &[&str]) -> String {
        let mut address = format!("http://{}/{}", self.host, self.version);
        for segment in segments {
            let escaped = form_urlencoded::byte_serialize(segment.as_bytes());
            address.push('/');
            address.push_str(&escaped.collect::<String>().replace('+', "%20"));
        }
        address
    }
}

/// What the id of a connection begins with; the vehicle's id follows.
pub(super) const CONNECTION: &str = "connection-";

/// The operations of the description, by their names.
pub(super) type Operations<'d> = BTreeMap<&'d str, &'d Value>;

/// The operation of a name.
pub(super) fn operation<'d>(
    operations: &Operations<'d>,
    name: &str,
) -> Result<&'d Value, SpecError> {
    let found = operations.get(name).copied();
    found.ok_or_else(|| SpecError::new(format!("no operation `{name}`")))
}

/// The examples of the resources, with holes for a vehicle's state.
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

    /// When a signal's value came about, and came here.
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

    /// The same as other answers bring it along.
    pub(super) fn included(&self, view: &View<'_>) -> Value {
        let mut vehicle = self.vehicle.tree(|variable| view.value(variable));
        if let Some(members) = vehicle.as_object_mut() {
            members.remove("links");
        }
        vehicle
    }

    /// The one connection that each vehicle has, with these permissions.
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

/// A part of the body that an operation answers.
fn part(
    document: &Value,
    operation: &Value,
    schema: &[&str],
    example: &str,
) -> Result<Template, SpecError> {
    let missing = || SpecError::new(format!("no example of `{example}`"));
    let success = operation.pointer("/responses/200").ok_or_else(missing)?;
    let content = document::content(success)?;
    let mut found = content.schema;
    for step in schema {
        found = resolve(document, found)?.get(step).ok_or_else(missing)?;
    }
    let example = content.example.pointer(example).ok_or_else(missing)?;
    Template::read(document, found, example, &UnitSystem::Metric)
}
