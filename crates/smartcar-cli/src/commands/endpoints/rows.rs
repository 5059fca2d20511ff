//! Endpoints and signals as JSON.
//!
//! Invariant: members may be added, but never renamed or removed.

use serde::Serialize;
use smartcar_batch::EndpointInfo;
use smartcar_batch::model::v3::SignalInfo;
use smartcar_batch::model::{FieldInfo, UnitInfo};

use super::signal::is_documented;

/// An endpoint as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    path: &'static str,
    #[serde(rename = "type")]
    type_name: &'static str,
    summary: &'static str,
    permission: Option<&'static str>,
    makes: &'static [&'static str],
    fields: Vec<Field>,
}

#[derive(Debug, Serialize)]
struct Field {
    name: &'static str,
    kind: &'static str,
    optional: bool,
    unit: Option<Unit>,
}

#[derive(Debug, Serialize)]
struct Unit {
    metric: &'static str,
    imperial: &'static str,
}

impl Row {
    pub(super) fn of(info: &EndpointInfo) -> Self {
        Self {
            path: info.path,
            type_name: info.type_name,
            summary: info.summary,
            permission: info.permission,
            makes: info.makes,
            fields: info.fields.iter().map(Field::of).collect(),
        }
    }
}

impl Field {
    fn of(field: &FieldInfo) -> Self {
        Self {
            name: field.name,
            kind: field.kind,
            optional: field.optional,
            unit: field.unit.map(Unit::of),
        }
    }
}

impl Unit {
    fn of(unit: UnitInfo) -> Self {
        Self {
            metric: unit.metric,
            imperial: unit.imperial,
        }
    }
}

/// A signal of version 3 as JSON.
#[derive(Debug, Serialize)]
pub(super) struct SignalRow {
    path: &'static str,
    code: &'static str,
    #[serde(rename = "type")]
    type_name: &'static str,
    summary: &'static str,
    group: &'static str,
    unit: Option<Unit>,
    documented: bool,
    used_by: &'static [&'static str],
}

impl SignalRow {
    pub(super) fn of(info: &SignalInfo) -> Self {
        Self {
            path: info.path,
            code: info.code,
            type_name: info.type_name,
            summary: info.name,
            group: info.group,
            unit: info.unit.map(Unit::of),
            documented: is_documented(info),
            used_by: info.used_by,
        }
    }
}
