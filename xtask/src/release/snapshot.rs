//! The API as a release promises it: names, types, optionality, units, texts.
//!
//! Invariant: sorted maps only, so that the file changes where the API does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::api::{Api, Schema, Type, Unit};

/// Everything that is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// By batch path.
    pub endpoints: BTreeMap<String, EndpointEntry>,
    /// By Rust path.
    pub types: BTreeMap<String, TypeEntry>,
    /// By type and code.
    pub errors: BTreeMap<String, ErrorRow>,
    /// The errors of version 3, by type and code; no release before it has any.
    #[serde(default)]
    pub errors_v3: BTreeMap<String, ErrorRow>,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointEntry {
    /// Its type's Rust path.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The permission, or `none`.
    pub permission: String,
    /// The makes; empty: any.
    pub makes: Vec<String>,
    /// Summary and description.
    pub text: String,
}

/// A type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeEntry {
    /// The fields of an object.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldEntry>,
    /// The values of an enum with their texts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// The elements of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_of: Option<String>,
    /// The description.
    pub text: String,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldEntry {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether the Rust type is an `Option`.
    pub optional: bool,
    /// Its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Description, range and irregular forms.
    pub text: String,
}

/// A row of the error catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorRow {
    /// HTTP status.
    pub status: u16,
    /// `resolution.type`.
    pub resolution: Option<String>,
    /// `auto`, `wait`, `later` or `no`.
    pub retry: String,
    /// What it means.
    pub text: String,
}

impl Snapshot {
    /// Of every version of the API, v2.0 first. A signal is its type, which is
    /// named after it.
    pub fn of(apis: &[Api]) -> Self {
        let mut all = apis.iter().map(Self::of_one);
        let mut snapshot = all.next().unwrap_or_default();
        for later in all {
            snapshot.types.extend(later.types);
            snapshot.errors_v3.extend(later.errors);
        }
        snapshot
    }

    fn of_one(api: &Api) -> Self {
        Self {
            errors_v3: BTreeMap::new(),
            endpoints: api
                .endpoints
                .iter()
                .map(|endpoint| {
                    let entry = EndpointEntry {
                        type_name: api.type_path(&endpoint.type_name),
                        permission: endpoint
                            .permission
                            .clone()
                            .unwrap_or_else(|| "none".to_owned()),
                        makes: endpoint.makes.clone(),
                        text: format!(
                            "{}\n{}",
                            endpoint.operation.summary, endpoint.operation.description
                        ),
                    };
                    (endpoint.path.clone(), entry)
                })
                .collect(),
            types: api
                .typed()
                .map(|schema| {
                    let mut entry = TypeEntry {
                        text: schema.description.clone(),
                        ..TypeEntry::default()
                    };
                    match &schema.kind {
                        Type::Object(properties) => {
                            let field =
                                |property: &Schema| (property.name.clone(), field(property));
                            entry.fields = properties.iter().map(field).collect();
                        }
                        Type::Enum(values) => entry.values = values.iter().cloned().collect(),
                        Type::List(inner) => entry.list_of = Some(inner.name()),
                        _ => {}
                    }
                    (api.type_path(&schema.name), entry)
                })
                .collect(),
            errors: api
                .errors
                .iter()
                .map(|row| {
                    let key = match &row.code {
                        Some(code) => format!("{} {code}", row.kind),
                        None => row.kind.clone(),
                    };
                    let row = ErrorRow {
                        status: row.status,
                        resolution: row.resolution.clone(),
                        retry: row.retry.clone(),
                        text: row.description.clone(),
                    };
                    (key, row)
                })
                .collect(),
        }
    }

    /// The file's text.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

fn field(property: &Schema) -> FieldEntry {
    let unit = property.unit.as_ref().map(Unit::name);
    FieldEntry {
        kind: property.kind.name(),
        optional: property.is_optional(),
        unit,
        text: format!(
            "{}\nrange {:?}, read from {:?}",
            property.description, property.range, property.irregular
        ),
    }
}
