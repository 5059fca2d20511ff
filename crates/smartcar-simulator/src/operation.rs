//! One operation of the spec: a method of a path, and the vehicles that support it.
//!
//! Invariant: an operation that cannot be served correctly (no example, an unknown
//! unit, powertrain or state, an error missing from the catalogue) cannot be read.

use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;

use crate::catalogue::Catalogue;
use crate::document::{self, SpecError, resolve, text_at, texts_at};
use crate::errors::Refusal;
use crate::item::{self, DeclaredHeader};
use crate::query::QueryParameter;
use crate::template::{Bodies, Template};
use crate::units::UNIT_SYSTEM;
use crate::world::variable::{Reading, Variable};
use crate::world::vehicle::Powertrain;
use crate::world::view::View;

/// The prefix of a vehicle's URLs, below the version.
const VEHICLE: &str = "/vehicles/{id}";

/// One method of one path.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    /// The path as in the spec, such as `/vehicles/{id}/odometer`.
    pub(crate) path: String,
    /// The path below the vehicle, such as `/odometer`; `/` is the vehicle itself.
    pub(crate) vehicle_path: Option<String>,
    /// Whether a batch may contain it.
    pub(crate) batchable: bool,
    pub(crate) offer: Offer,
    /// The signals that replace it in version 3.
    pub(crate) signals: BTreeSet<String>,
    pub(crate) bodies: Bodies,
    /// The batch items with these bodies; `None` if a batch cannot contain it.
    pub(crate) items: Option<Bodies>,
    /// The response's headers except the request id, sorted by name.
    pub(crate) headers: Vec<DeclaredHeader>,
    /// Whether the request may choose the unit system.
    pub(crate) takes_units: bool,
    pub(crate) query: Vec<QueryParameter>,
}

impl Operation {
    pub(crate) fn read(
        document: &Value,
        catalogue: &Catalogue,
        path: &str,
        method: &str,
        operation: &Value,
    ) -> Result<Self, SpecError> {
        let vehicle_path = path.strip_prefix(VEHICLE).and_then(|rest| match rest {
            "" => Some("/".to_owned()),
            rest if rest.starts_with('/') => Some(rest.to_owned()),
            _ => None,
        });
        let mut query = Vec::new();
        let mut takes_units = false;
        for parameter in document::parameters(document, operation) {
            let parameter = parameter?;
            match text_at(parameter, "/in")? {
                "query" => query.push(QueryParameter::read(document, parameter)?),
                "header" if text_at(parameter, "/name")? == UNIT_SYSTEM => takes_units = true,
                _ => {}
            }
        }
        let batchable = method == "get"
            && vehicle_path.is_some()
            && operation.get("x-smartcar-batchable") != Some(&Value::Bool(false))
            && !query.iter().any(|parameter| parameter.required);
        let success = operation
            .pointer("/responses/200")
            .ok_or_else(|| SpecError::new("the response 200 is missing"))?;
        let success = resolve(document, success)?;
        let content = document::content(success)?;
        let mapping = resolve(document, content.schema)?.get("x-smartcar-v3");
        let mut signals = BTreeSet::new();
        signals_of(mapping.unwrap_or(&Value::Null), &mut signals);
        let headers = item::read(document, success)?;
        let bodies = |units: &_| Template::read(document, content.schema, content.example, units);
        let items = |path: &str| {
            Bodies::read(|units| {
                let (schema, example) = item::described(path, &content, &headers, units);
                Template::read(document, &schema, &example, units)
            })
        };
        let item_path = vehicle_path.as_deref().filter(|_| batchable);
        Ok(Self {
            id: text_at(operation, "/operationId")?.to_owned(),
            method: Method::from_bytes(method.to_uppercase().as_bytes())
                .map_err(|error| SpecError::new(error.to_string()))?,
            path: path.to_owned(),
            offer: Offer::read(operation, catalogue, vehicle_path.as_deref())?,
            signals,
            bodies: Bodies::read(bodies)?,
            items: item_path.map(items).transpose()?,
            vehicle_path,
            batchable,
            headers,
            takes_units,
            query,
        })
    }
}

/// Collects every signal named in a mapping.
fn signals_of(mapping: &Value, found: &mut BTreeSet<String>) {
    match mapping {
        Value::Object(members) => {
            let code = members.get("signal").and_then(Value::as_str);
            found.extend(code.map(str::to_owned));
            members.values().for_each(|inner| signals_of(inner, found));
        }
        Value::Array(entries) => entries.iter().for_each(|entry| signals_of(entry, found)),
        _ => {}
    }
}

/// The conditions under which an operation is answered.
#[derive(Debug)]
pub(crate) struct Offer {
    /// The permission that a token needs, if any.
    pub(crate) permission: Option<String>,
    /// The makes that support it; `None` if every make does.
    pub(crate) makes: Option<Vec<String>>,
    /// The powertrains that support it; `None` if every powertrain does.
    pub(crate) powertrains: Option<Vec<Powertrain>>,
    pub(crate) needs: Option<Needs>,
}

/// A state that an operation requires, and its error otherwise.
#[derive(Debug)]
pub(crate) struct Needs {
    pub(crate) variable: Variable,
    pub(crate) refusal: Refusal,
}

impl Offer {
    pub(crate) fn read(
        operation: &Value,
        catalogue: &Catalogue,
        vehicle_path: Option<&str>,
    ) -> Result<Self, SpecError> {
        let permission = text_at(operation, "/x-smartcar-permission")?;
        Ok(Self {
            permission: (permission != "none").then(|| permission.to_owned()),
            makes: makes(operation, vehicle_path),
            powertrains: powertrains(operation)?,
            needs: needs(operation, catalogue)?,
        })
    }

    /// Checks whether a vehicle can and may answer the operation now.
    pub(crate) fn check(&self, view: &View<'_>) -> Result<(), Refusal> {
        self.is_had(view)?;
        self.has_state(view)
    }

    /// Checks whether a vehicle supports the operation, and may answer it.
    pub(crate) fn is_had(&self, view: &View<'_>) -> Result<(), Refusal> {
        let Some(profile) = view.profile() else {
            return Ok(());
        };
        if let (Some(granted), Some(name)) = (&profile.permissions, &self.permission)
            && !granted.contains(name)
        {
            return Err(Refusal::not_granted(name));
        }
        let makes = self.makes.as_ref();
        if makes.is_some_and(|makes| !makes.iter().any(|make| *make == profile.make)) {
            return Err(Refusal::other_make(&profile.make));
        }
        let powertrains = self.powertrains.as_ref();
        if powertrains.is_some_and(|them| !them.contains(&profile.powertrain)) {
            return Err(Refusal::other_powertrain());
        }
        Ok(())
    }

    /// Checks whether a vehicle is in the state that the operation needs.
    pub(crate) fn has_state(&self, view: &View<'_>) -> Result<(), Refusal> {
        match &self.needs {
            Some(needs) if view.value(needs.variable) == Some(Reading::Flag(false)) => {
                Err(needs.refusal.clone())
            }
            _ => Ok(()),
        }
    }
}

/// The makes that the spec lists, else the make in the path.
fn makes(operation: &Value, vehicle_path: Option<&str>) -> Option<Vec<String>> {
    if let Some(makes) = texts_at(operation, "x-smartcar-makes") {
        return Some(makes.map(str::to_owned).collect());
    }
    let first = vehicle_path?.split('/').nth(1)?;
    let is_tag = texts_at(operation, "tags")?.any(|tag| tag == first);
    is_tag.then(|| vec![first.to_uppercase()])
}

fn powertrains(operation: &Value) -> Result<Option<Vec<Powertrain>>, SpecError> {
    let read = |name: &str| {
        Powertrain::of(name)
            .ok_or_else(|| SpecError::new(format!("the powertrain `{name}` is not simulated")))
    };
    texts_at(operation, "x-smartcar-powertrains")
        .map(|names| names.map(read).collect())
        .transpose()
}

fn needs(operation: &Value, catalogue: &Catalogue) -> Result<Option<Needs>, SpecError> {
    let Some(needs) = operation.get("x-smartcar-needs") else {
        return Ok(None);
    };
    let (kind, code) = (text_at(needs, "/type")?, text_at(needs, "/code")?);
    let refusal = catalogue.refusal(kind, Some(code));
    Ok(Some(Needs {
        variable: Variable::read(text_at(needs, "/state")?, "boolean")?,
        refusal: refusal
            .ok_or_else(|| SpecError::new(format!("no error {kind} with code {code}")))?,
    }))
}
