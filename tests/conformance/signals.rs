//! Checks version 3 against its spec: the list of signals, each single signal, and
//! the rejected requests.
//!
//! Invariant: the codes and bodies come from the spec; only the two errors caused
//! by a URL or a header are named here.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;
use serde_json::Value;
use xtask::plan::SPEC_V3;

use crate::contract::{component, document, schemas, validator};
use crate::items::Violation;
use crate::origin::{Answer, Origin};

/// The names of the checks.
pub(crate) const CHECKS: [&str; 6] = [
    "list",
    "each-once",
    "signal-body",
    "alone",
    "user-required",
    "unknown-signal",
];

/// Broken simulators, each with the check that must catch it.
pub(crate) const BROKEN: [(&str, &str); 9] = [
    (r#"path = "/signals", raw_body = '{"data": 7}'"#, "list"),
    (
        r#"path = "/signals", raw_body = '{"data": [], "meta": {"pageNumber": 1, "pageSize": 0, "totalCount": 5}}'"#,
        "list",
    ),
    (
        r#"item = "/signals/odometer-traveleddistance", missing = true"#,
        "each-once",
    ),
    (
        r#"item = "/signals/odometer-traveleddistance", duplicated = true"#,
        "each-once",
    ),
    (r#"unasked = "/signals/nobody-knows""#, "each-once"),
    (
        r#"item = "/signals/odometer-traveleddistance", body = {value = "far"}"#,
        "signal-body",
    ),
    (
        r#"item = "/signals/odometer-traveleddistance", replaced = {id = "odometer-traveleddistance"}"#,
        "alone",
    ),
    (r"unchanged = true, status = 200", "user-required"),
    (r"unchanged = true, status = 200", "unknown-signal"),
];

const VEHICLE: &str = "/vehicles/any-vehicle";
const USER: &str = "any-user";

/// The contract of version 3.
pub(crate) struct Contract {
    list: Validator,
    one: Validator,
    errors: Validator,
    /// The validator of each signal's body, by code.
    bodies: BTreeMap<String, Validator>,
}

impl Contract {
    /// Reads the spec of this workspace.
    pub(crate) fn read() -> Self {
        let document = document(SPEC_V3);
        let schemas = schemas(&document);
        let of = |name: &str| validator(&schemas, &component(name));
        let components = document["components"]["schemas"].as_object().unwrap();
        let signals = components.iter().filter_map(|(name, schema)| {
            let code = schema.get("x-smartcar-signal")?.as_str()?;
            Some((code.to_owned(), of(name)))
        });
        Self {
            list: of("SignalList"),
            one: of("SignalAnswer"),
            errors: of("Errors"),
            bodies: signals.collect(),
        }
    }

    /// Whether a response is this error.
    fn is_error(&self, answer: &Answer, status: u16, kind: &str, code: &str) -> bool {
        let Ok(body) = &answer.body else { return false };
        let error = &body["errors"][0];
        answer.status == status
            && self.errors.is_valid(body)
            && error["status"].as_str().and_then(|it| it.parse().ok()) == Some(status)
            && error["type"] == kind
            && error["code"] == code
    }
}

/// Checks a server's version 3 and returns the violations.
pub(crate) async fn check(contract: &Contract, origin: &Origin) -> Vec<Violation> {
    let mut found = Vec::new();
    let all = format!("{VEHICLE}/signals");
    let list = origin.get_v3(&all, Some(USER)).await;
    let signals = listed(contract, &list, &mut found);
    let mut codes = BTreeSet::new();
    for signal in &signals {
        let code = signal["id"].as_str().unwrap_or_default();
        if !contract.bodies.contains_key(code) || !codes.insert(code) {
            found.push(("each-once", format!("`{code}` is unknown or a duplicate")));
        }
    }
    for (code, body) in &contract.bodies {
        let Some(signal) = signals.iter().find(|signal| signal["id"] == **code) else {
            found.push(("each-once", format!("`{code}` is missing")));
            continue;
        };
        let attributes = &signal["attributes"];
        if let Some(told) = attributes.get("body")
            && !body.is_valid(told)
        {
            found.push(("signal-body", format!("{code}: {told}")));
        }
        let alone = origin.get_v3(&format!("{all}/{code}"), Some(USER)).await;
        let is_same = alone.status == 200
            && alone
                .body
                .is_ok_and(|body| contract.one.is_valid(&body) && body["data"] == *signal);
        if !is_same {
            found.push((
                "alone",
                format!("{code}: the response differs, {}", alone.status),
            ));
        }
    }
    for path in [all.clone(), format!("{all}/odometer-traveleddistance")] {
        let answer = origin.get_v3(&path, None).await;
        if !contract.is_error(&answer, 400, "VALIDATION", "MISSING_PARAMETER") {
            found.push(("user-required", format!("{path}: {}", answer.status)));
        }
    }
    let unknown = format!("{all}/nobody-knows");
    let unknown = origin.get_v3(&unknown, Some(USER)).await;
    if !contract.is_error(&unknown, 404, "RESOURCE_NOT_FOUND", "SIGNAL_NOT_FOUND") {
        found.push(("unknown-signal", format!("status {}", unknown.status)));
    }
    found
}

/// The signals of the list, which must match the spec and its own counts.
fn listed(contract: &Contract, answer: &Answer, found: &mut Vec<Violation>) -> Vec<Value> {
    let body = answer.body.clone().unwrap_or_default();
    let signals = body["data"].as_array().cloned().unwrap_or_default();
    let counts = ["pageSize", "totalCount"].map(|name| &body["meta"][name]);
    if answer.status != 200
        || !contract.list.is_valid(&body)
        || counts.iter().any(|count| **count != signals.len())
    {
        found.push(("list", format!("status {}", answer.status)));
    }
    signals
}
