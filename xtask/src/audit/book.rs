//! The specs as strict JSON Schemas that select the body of an item by its path.
//!
//! Invariant: only conditions are added to a spec's schemas, and they refer back into
//! the spec, so that a validator's path is a JSON pointer into the spec.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use annotate_snippets::Renderer;
use anyhow::{Context, Result, anyhow};
use jsonschema::{Draft, Registry, Validator};
use serde_json::{Map, Value, json};

use super::strict;
use crate::api::{Api, ErrorEntry};
use crate::plan::{self, SPEC, SPEC_V3, SPEC_WEBHOOK};
use crate::source::Source;

/// The schemas of whole responses and their headers: a version and a component.
const ROOTS: &str = "
    v2/BatchResponse v2/Error v2/Printed v2/Headers v2/Anything
    v2/ListVehicles
    v3/SignalList v3/SignalAnswer v3/ConnectionList v3/ConnectionAnswer v3/VehicleAnswer
    v3/WebhookList v3/WebhookAnswer v3/SubscriptionList v3/SubscriptionAnswer
    v3/Errors v3/Headers wh/WebhookEvent wh/Headers";

/// The specs.
#[derive(Debug)]
pub struct Book {
    /// v2.0, version 3, and its webhooks.
    pub sources: [Source; 3],
    /// Names and values in the specs. They are public, so they may be shown.
    pub words: BTreeSet<String>,
    /// By version and component, such as `v2/Error`.
    pub validators: BTreeMap<&'static str, Validator>,
}

impl Book {
    /// Reads the specs below a root. Fails if the lint finds anything in one.
    pub fn load(root: &Path) -> Result<Self> {
        let read = |name| {
            let text = std::fs::read_to_string(root.join(name));
            let text = text.with_context(|| format!("failed to read {name}"))?;
            plan::read(name, &text)
                .map_err(|findings| anyhow!("{}", findings.draw(&Renderer::plain())))
        };
        let ((v2, api), (v3, signals)) = (read(SPEC)?, read(SPEC_V3)?);
        let (hooks, _) = read(SPEC_WEBHOOK)?;
        let sources = [v2, v3, hooks];
        let mut words = BTreeSet::new();
        let mut documents = sources.each_ref().map(|it| it.root.to_value());
        for document in &mut documents {
            strict::document(document, &mut words);
        }
        join(&mut documents, &api, &signals);
        let [v2, v3, hooks] = documents;
        let registry = Registry::new().add("spec:/v2", v2)?.add("spec:/v3", v3)?;
        let registry = registry.add("spec:/wh", hooks)?.prepare()?;
        let mut validators = BTreeMap::new();
        for root in ROOTS.split_whitespace() {
            let (version, name) = root.split_once('/').unwrap_or_default();
            let validator = jsonschema::options()
                .with_draft(Draft::Draft202012)
                .with_registry(&registry)
                .should_validate_formats(true)
                .should_ignore_unknown_formats(true)
                .build(&component(version, name));
            let failed = |error| anyhow!("no JSON Schema for {name}: {error}");
            validators.insert(root, validator.map_err(failed)?);
        }
        Ok(Self {
            sources,
            words,
            validators,
        })
    }
}

fn component(version: &str, name: &str) -> Value {
    json!({"$ref": format!("spec:/{version}#/components/schemas/{name}")})
}

/// Connects each path or code with its schema, errors with the documented pairs, and
/// both specs with the output of the command.
fn join([v2, v3, hooks]: &mut [Value; 3], api: &Api, signals: &Api) {
    let (mut answers, mut printed, mut read) = (Vec::new(), Vec::new(), Vec::new());
    let (mut paths, mut codes, mut delivered) = (Vec::new(), Vec::new(), Vec::new());
    for endpoint in &api.endpoints {
        let then = json!({"body": component("v2", &endpoint.type_name)});
        let mut known = json!({"path": {"const": endpoint.path}});
        printed.push(when(&known, &then));
        known["code"] = json!({"maximum": 399});
        answers.push(when(&known, &then));
        paths.push(endpoint.path.clone());
    }
    let error = json!({"body": component("v2", "Error")});
    answers.push(when(&json!({"code": {"minimum": 400}}), &error));
    for (name, signal) in signals.signals() {
        let (path, body) = (signal.path(), component("v3", name));
        let known = json!({"path": {"const": path}});
        printed.push(when(&known, &json!({ "body": body })));
        let body = json!({"body": {"if": {"type": "null"}, "else": body}});
        let attributes = json!({"attributes": {"properties": body}});
        read.push(when(&json!({"id": {"const": signal.code}}), &attributes));
        let body = json!({"body": {"if": {"type": "null"}, "else": component("v3", name)}});
        delivered.push(when(&json!({"code": {"const": signal.code}}), &body));
        paths.push(path);
        codes.push(signal.code.clone());
    }
    let all = pairs(&[&api.errors[..], &signals.errors].concat(), true);
    let error = json!({ "anyOf": all });

    let schemas = &mut v2["components"]["schemas"];
    schemas["BatchAnswer"]["allOf"] = answers.into();
    schemas["BatchAnswer"]["properties"]["path"]["enum"] = json!(paths);
    schemas["BatchAnswer"]["properties"]["headers"] = component("v2", "Headers");
    schemas["Error"]["anyOf"] = pairs(&api.errors, false);
    schemas["Printed"] = json!({"properties": {"error": error, "items": {"items": {
        "properties": {"error": error, "path": {"enum": paths}}, "allOf": printed}}}});
    schemas["Anything"] = json!({});
    let schemas = &mut hooks["components"]["schemas"];
    schemas["DeliveredSignal"]["allOf"] = delivered.into();
    schemas["DeliveredSignal"]["properties"]["code"]["enum"] = json!(codes);
    let schemas = &mut v3["components"]["schemas"];
    schemas["Signal"]["allOf"] = read.into();
    schemas["Signal"]["properties"]["id"]["enum"] = json!(codes);
    schemas["Error"]["anyOf"] = all.clone();
    schemas["SignalError"]["anyOf"] = all;
}

/// A condition: if the members have these values, the others have these schemas.
fn when(known: &Value, then: &Value) -> Value {
    let names: Vec<_> = known.as_object().into_iter().flat_map(Map::keys).collect();
    json!({"if": {"properties": known, "required": names}, "then": {"properties": then}})
}

/// The documented pairs of type and code. Version 3 has some codes in lower case.
fn pairs(rows: &[ErrorEntry], lower: bool) -> Value {
    let pair = |row: &ErrorEntry| {
        let other = row.code.as_ref().filter(|_| lower);
        let other = other.map_or_else(|| row.code.clone(), |it| Some(it.to_ascii_lowercase()));
        json!({"properties": {"type": {"enum": [row.kind, null]},
            "code": {"enum": [row.code, other]}, "statusCode": {"const": row.status}}})
    };
    rows.iter().map(pair).collect()
}
