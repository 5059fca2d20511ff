//! The resources around the signals: vehicles, connections, moments.
//!
//! Invariant: a resource is the description's example with the vehicle's state
//! in it; only addresses and the ids of connections are made here.

use serde_json::{Value, json};

use super::{Request, V3};
use crate::spec::{SpecError, resolve};
use crate::template::Template;
use crate::tokens::Grant;
use crate::units::UnitSystem;
use crate::world::variable::Variable;
use crate::world::{View, feed};

/// What the id of a connection begins with; the vehicle's id follows.
pub(super) const CONNECTION: &str = "connection-";

/// The examples of the resources, with holes for a vehicle's state.
#[derive(Debug)]
pub(super) struct Resources {
    vehicle: Template,
    connection: Template,
    signal_meta: Template,
}

impl Resources {
    pub(super) fn read(
        document: &Value,
        vehicle: &Value,
        connection: &Value,
        signals: &Value,
    ) -> Result<Self, SpecError> {
        let read = |operation: &Value, schema: &[&str], example: &str| {
            read(document, operation, schema, example)
        };
        let signal_meta = ["properties", "data", "items", "properties", "meta"];
        Ok(Self {
            vehicle: read(vehicle, &["properties", "data"], "/data")?,
            connection: read(connection, &["properties", "data"], "/data")?,
            signal_meta: read(signals, &signal_meta, "/data/0/meta")?,
        })
    }

    /// When a signal's value came about, and came here.
    pub(super) fn signal_meta(&self, view: &View<'_>) -> Value {
        self.signal_meta.tree(|variable| view.value(variable))
    }
}

/// A part of the body that an operation answers.
fn read(
    document: &Value,
    operation: &Value,
    schema: &[&str],
    example: &str,
) -> Result<Template, SpecError> {
    let content = operation.pointer("/responses/200/content/application~1json");
    let content = content.unwrap_or(&Value::Null);
    let missing = || SpecError::new(format!("no example of `{example}`"));
    let example = content.get("example").and_then(|it| it.pointer(example));
    let mut found = content.get("schema").ok_or_else(missing)?;
    for step in schema {
        found = resolve(document, found)?.get(step).ok_or_else(missing)?;
    }
    feed::check(document, found)?;
    Template::read(
        document,
        found,
        example.ok_or_else(missing)?,
        UnitSystem::Metric,
    )
}

impl V3 {
    /// A vehicle as a resource.
    pub(super) fn vehicle(&self, request: &Request<'_>, view: &View<'_>) -> Value {
        let mut vehicle = self.included(view);
        let id = view.id().unwrap_or_default();
        vehicle["links"] = json!({"self": self.address(request, &["vehicles", id])});
        vehicle
    }

    /// The same as other answers bring it along.
    pub(super) fn included(&self, view: &View<'_>) -> Value {
        let template = &self.resources.vehicle;
        let mut vehicle = template.tree(|variable| view.value(variable));
        if let Some(members) = vehicle.as_object_mut() {
            members.remove("links");
        }
        vehicle
    }

    /// The one connection that each vehicle has.
    pub(super) fn connection_of(
        &self,
        request: &Request<'_>,
        view: &View<'_>,
        grant: &Grant,
    ) -> Value {
        let permissions = request.spec.permissions.iter();
        let mut connection = self.resources.connection.tree(|variable| match variable {
            Variable::Permissions => Some(view.permissions(grant, permissions.clone())),
            variable => view.value(variable),
        });
        let vehicle = view.id().unwrap_or_default();
        let id = format!("{CONNECTION}{vehicle}");
        connection["links"] = json!({"self": self.address(request, &["connections", &id])});
        connection["id"] = Value::from(id);
        connection["relationships"]["vehicle"]["data"]["id"] = Value::from(vehicle);
        connection
    }
}
