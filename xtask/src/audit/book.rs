//! Both specs as strict JSON Schemas that know each item by its path.
//!
//! Invariant: what is added to a spec's own schemas are conditions; each leads
//! back into the spec, so that a validator's path is a place of the spec.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use annotate_snippets::Renderer;
use anyhow::{Context, Result, anyhow};
use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};

use super::strict;
use crate::plan::{self, SPEC, SPEC_V3};
use crate::source::{Source, escape};

/// What describes a whole answer: components of each version.
const ROOTS: [(&str, &[&str]); 2] = [
    (
        "v2",
        &["BatchResponse", "Error", "Printed", "Headers", "Anything"],
    ),
    (
        "v3",
        &[
            "SignalList",
            "SignalAnswer",
            "ConnectionList",
            "ConnectionAnswer",
            "VehicleAnswer",
            "Errors",
            "Headers",
        ],
    ),
];

/// Both specs.
#[derive(Debug)]
pub struct Book {
    /// v2.0 and version 3.
    pub sources: [Source; 2],
    /// Names and values that stand in a spec: showing them gives nothing away.
    pub words: BTreeSet<String>,
    /// By version and component, such as `v2/Error`.
    pub validators: BTreeMap<String, Validator>,
}

impl Book {
    /// Reads both specs below a root. Fails if the lint finds anything in one.
    pub fn load(root: &Path) -> Result<Self> {
        let read = |name| {
            let text = std::fs::read_to_string(root.join(name));
            let text = text.with_context(|| format!("failed to read {name}"))?;
            plan::read(name, &text)
                .map(|(source, _)| source)
                .map_err(|findings| anyhow!("{}", findings.draw(&Renderer::plain())))
        };
        let sources = [read(SPEC)?, read(SPEC_V3)?];
        let mut words = BTreeSet::new();
        let [v2, v3] = [&sources[0], &sources[1]].map(|source| {
            let mut document = source.root.to_value();
            strict::document(&mut document, &mut words);
            document
        });
        let [v2, v3] = join(v2, v3);
        let registry = Registry::new()
            .add("spec:/v2", v2)?
            .add("spec:/v3", v3)?
            .prepare()?;
        let mut validators = BTreeMap::new();
        for (version, names) in ROOTS {
            for name in names {
                let reference = format!("spec:/{version}#/components/schemas/{name}");
                let validator = jsonschema::options()
                    .with_draft(Draft::Draft202012)
                    .with_registry(&registry)
                    .should_validate_formats(true)
                    .should_ignore_unknown_formats(true)
                    .build(&json!({ "$ref": reference }));
                let failed = |error| anyhow!("no JSON Schema for {name}: {error}");
                validators.insert(format!("{version}/{name}"), validator.map_err(failed)?);
            }
        }
        Ok(Self {
            sources,
            words,
            validators,
        })
    }
}

/// Joins a path or code with the schema of what it answers, errors with the
/// documented pairs, and both specs with what the command prints.
fn join(mut v2: Value, mut v3: Value) -> [Value; 2] {
    let mut answers = Vec::new();
    let mut printed = Vec::new();
    for (url, item) in v2["paths"].as_object().into_iter().flatten() {
        let response = &item["get"]["responses"]["200"];
        let body = &response["content"]["application/json"]["schema"];
        let Some(path) = url
            .strip_prefix("/vehicles/{id}")
            .filter(|_| !body.is_null())
        else {
            continue;
        };
        let path = if path.is_empty() { "/" } else { path };
        let url = escape(url).replace('{', "%7B").replace('}', "%7D");
        let headers = format!("#/paths/{url}/get/responses/200/headers");
        let good = json!({"path": {"const": path}, "code": {"maximum": 399}});
        answers.push(when(
            good,
            json!({"body": body, "headers": {"$ref": headers}}),
        ));
        printed.push((path.to_owned(), body.clone()));
    }
    let mut signals = Vec::new();
    for (name, schema) in v3["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten()
    {
        if let Some(code) = schema["x-smartcar-signal"].as_str() {
            let local = json!({"$ref": format!("#/components/schemas/{name}")});
            let body = json!({"$ref": format!("spec:/v3#/components/schemas/{name}")});
            signals.push((code.to_owned(), local));
            printed.push((format!("/signals/{code}"), body));
        }
    }
    let failed = json!({"code": {"minimum": 400}});
    let error = json!({"$ref": "#/components/schemas/Error"});
    answers.push(when(failed, json!({"body": error})));
    let rows =
        |document: &Value| document["components"]["schemas"]["Error"]["x-smartcar-errors"].clone();
    let [own, more] =
        [rows(&v2), rows(&v3)].map(|rows| rows.as_array().cloned().unwrap_or_default());
    let paths: Vec<_> = printed.iter().map(|(path, _)| path).collect();
    let bodies: Vec<_> = printed
        .iter()
        .map(|(path, body)| when(json!({"path": {"const": path}}), json!({"body": body})))
        .collect();
    let codes: Vec<_> = signals.iter().map(|(code, _)| code).collect();
    let read: Vec<_> = signals
        .iter()
        .map(|(code, body)| when(json!({"code": {"const": code}}), json!({"body": body})))
        .collect();
    let [own, all] = [pairs(&own, false), pairs(&[own, more].concat(), true)];
    let error = json!({ "anyOf": all });

    let schemas = &mut v2["components"]["schemas"];
    schemas["BatchAnswer"]["allOf"] = answers.into();
    schemas["BatchAnswer"]["properties"]["path"]["enum"] = json!(paths);
    schemas["Error"]["anyOf"] = own;
    schemas["Printed"] = json!({"properties": {"error": error, "items": {"items": {
        "properties": {"error": error, "path": {"enum": paths}}, "allOf": bodies}}}});
    schemas["Anything"] = json!({});
    let schemas = &mut v3["components"]["schemas"];
    schemas["SignalAttributes"]["allOf"] = read.into();
    schemas["SignalAttributes"]["properties"]["code"]["enum"] = json!(codes);
    schemas["Error"]["anyOf"] = all.clone();
    schemas["SignalError"]["anyOf"] = all;
    [v2, v3]
}

fn when(known: Value, then: Value) -> Value {
    let names: Vec<_> = known
        .as_object()
        .into_iter()
        .flat_map(|map| map.keys().cloned())
        .collect();
    json!({"if": {"properties": known, "required": names}, "then": {"properties": then}})
}

/// The documented pairs of type and code; version 3 has some in lower case.
fn pairs(rows: &[Value], lower: bool) -> Value {
    let pair = |row: &Value| {
        let other = row["code"]
            .as_str()
            .filter(|_| lower)
            .map(str::to_ascii_lowercase);
        let code = json!({"enum": [row["code"], other.map_or(row["code"].clone(), Value::from)]});
        let kind = json!({"enum": [row["type"], null]});
        json!({"properties": {"type": kind, "code": code, "statusCode": {"const": row["status"]}}})
    };
    rows.iter().map(pair).collect()
}
