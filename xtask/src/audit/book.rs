//! Both specs as strict JSON Schemas that know each item by its path.
//!
//! Invariant: what is added to a spec's own schemas are conditions; each leads
//! back into the spec, so that a validator's path is a place of the spec.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use annotate_snippets::Renderer;
use anyhow::{Context, Result, anyhow};
use jsonschema::{Draft, Registry, Validator};
use serde_json::{Map, Value, json};

use super::strict;
use crate::api::{Api, ErrorEntry};
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
                .map_err(|findings| anyhow!("{}", findings.draw(&Renderer::plain())))
        };
        let ((v2, api), (v3, signals)) = (read(SPEC)?, read(SPEC_V3)?);
        let sources = [v2, v3];
        let mut words = BTreeSet::new();
        let mut documents = [&sources[0], &sources[1]].map(|source| {
            let mut document = source.root.to_value();
            strict::document(&mut document, &mut words);
            document
        });
        join(&mut documents, &api, &signals);
        let [v2, v3] = documents;
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

/// Joins each path or code with the schema of what it answers, errors with the
/// documented pairs, and both specs with what the command prints.
fn join([v2, v3]: &mut [Value; 2], api: &Api, signals: &Api) {
    let body = |version: &str, name: &str| json!({"$ref": format!("spec:/{version}#/components/schemas/{name}")});
    let (mut answers, mut printed, mut read) = (Vec::new(), Vec::new(), Vec::new());
    let (mut paths, mut codes) = (Vec::new(), Vec::new());
    for endpoint in &api.endpoints {
        let url = format!("/vehicles/%7Bid%7D{}", endpoint.path.trim_end_matches('/'));
        let headers = format!("#/paths/{}/get/responses/200/headers", escape(&url));
        let then = json!({"body": body("v2", &endpoint.type_name), "headers": {"$ref": headers}});
        let mut known = json!({"path": {"const": endpoint.path}});
        printed.push(when(&known, &then));
        known["code"] = json!({"maximum": 399});
        answers.push(when(&known, &then));
        paths.push(endpoint.path.clone());
    }
    let failed = json!({"code": {"minimum": 400}});
    answers.push(when(&failed, &json!({"body": body("v2", "Error")})));
    for (name, signal) in signals.signals() {
        let path = format!("/signals/{}", signal.code);
        let then = body("v3", name);
        printed.push(when(
            &json!({"path": {"const": path}}),
            &json!({ "body": then }),
        ));
        let body = json!({"body": {"if": {"type": "null"}, "else": then}});
        let attributes = json!({"attributes": {"properties": body}});
        read.push(when(&json!({"id": {"const": signal.code}}), &attributes));
        paths.push(path);
        codes.push(signal.code.clone());
    }
    let own = pairs(&api.errors, false);
    let all = pairs(&[api.errors.clone(), signals.errors.clone()].concat(), true);
    let error = json!({ "anyOf": all });

    let schemas = &mut v2["components"]["schemas"];
    schemas["BatchAnswer"]["allOf"] = answers.into();
    schemas["BatchAnswer"]["properties"]["path"]["enum"] = json!(paths);
    schemas["Error"]["anyOf"] = own;
    schemas["Printed"] = json!({"properties": {"error": error, "items": {"items": {
        "properties": {"error": error, "path": {"enum": paths}}, "allOf": printed}}}});
    schemas["Anything"] = json!({});
    let schemas = &mut v3["components"]["schemas"];
    schemas["Signal"]["allOf"] = read.into();
    schemas["Signal"]["properties"]["id"]["enum"] = json!(codes);
    schemas["Error"]["anyOf"] = all.clone();
    schemas["SignalError"]["anyOf"] = all;
}

/// Where the members are as known, others are as the schemas say.
fn when(known: &Value, then: &Value) -> Value {
    let names: Vec<_> = known.as_object().into_iter().flat_map(Map::keys).collect();
    json!({"if": {"properties": known, "required": names}, "then": {"properties": then}})
}

/// The documented pairs of type and code; version 3 has some in lower case.
fn pairs(rows: &[ErrorEntry], lower: bool) -> Value {
    let pair = |row: &ErrorEntry| {
        let other = row
            .code
            .as_ref()
            .filter(|_| lower)
            .map(|code| code.to_ascii_lowercase());
        let code = json!({"enum": [row.code, other.or(row.code.clone())]});
        let kind = json!({"enum": [row.kind, null]});
        json!({"properties": {"type": kind, "code": code, "statusCode": {"const": row.status}}})
    };
    rows.iter().map(pair).collect()
}
