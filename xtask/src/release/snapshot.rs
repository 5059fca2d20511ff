//! A snapshot of the API in a release: names, types, optionality, units, texts.
//!
//! Invariant: only sorted maps, so that the file changes only with the API.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::api::{Api, Schema, Type, Unit};

/// Entries by name.
pub(super) type Entries = BTreeMap<String, Value>;

/// Everything that is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// By batch path.
    pub endpoints: Entries,
    /// By Rust path.
    pub types: Entries,
    /// By type and code.
    pub errors: Entries,
    /// The errors of version 3, by type and code. Older snapshots have none.
    #[serde(default)]
    pub errors_v3: Entries,
}

impl Snapshot {
    /// The snapshot of all API versions, v2.0 first. A signal is represented by its
    /// type, which is named after it.
    pub fn of(apis: &[Api]) -> Self {
        let mut snapshot = Self::default();
        for (index, api) in apis.iter().enumerate() {
            snapshot.endpoints.extend(endpoints(api));
            snapshot.types.extend(types(api));
            match index {
                0 => snapshot.errors.extend(errors(api)),
                _ => snapshot.errors_v3.extend(errors(api)),
            }
        }
        snapshot
    }

    /// The file's text.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

fn endpoints(api: &Api) -> impl Iterator<Item = (String, Value)> {
    api.endpoints.iter().map(|endpoint| {
        let operation = &endpoint.operation;
        let entry = json!({
            "type": api.type_path(&endpoint.type_name),
            "permission": endpoint.permission.as_deref().unwrap_or("none"),
            "makes": endpoint.makes,
            "text": format!("{}\n{}", operation.summary, operation.description),
        });
        (endpoint.path.clone(), entry)
    })
}

fn types(api: &Api) -> impl Iterator<Item = (String, Value)> {
    api.typed().map(|schema| {
        let mut entry = json!({ "text": schema.description });
        match &schema.kind {
            Type::Object(properties) if !properties.is_empty() => {
                entry["fields"] = properties.iter().map(field).collect();
            }
            Type::Enum(values) => entry["values"] = values.iter().cloned().collect(),
            Type::List(inner) => entry["list_of"] = inner.name().into(),
            _ => {}
        }
        (api.type_path(&schema.name), entry)
    })
}

fn field(property: &Schema) -> (String, Value) {
    let Schema {
        description,
        range,
        irregular,
        ..
    } = property;
    let mut entry = json!({
        "type": property.kind.name(),
        "optional": property.is_optional(),
        "text": format!("{description}\nrange {range:?}, read from {irregular:?}"),
    });
    if let Some(unit) = property.unit.as_ref().map(Unit::name) {
        entry["unit"] = unit.into();
    }
    (property.name.clone(), entry)
}

fn errors(api: &Api) -> impl Iterator<Item = (String, Value)> {
    api.errors.iter().map(|row| {
        let code = row.code.as_ref().map(|code| format!(" {code}"));
        let entry = json!({
            "status": row.status,
            "resolution": row.resolution,
            "retry": row.retry,
            "text": row.description,
        });
        (row.kind.clone() + &code.unwrap_or_default(), entry)
    })
}
