//! What every generated file must say.
//!
//! Invariant: pure. The same spec gives the same plan; writing, checking and
//! the plain test all start from it.

use std::collections::BTreeMap;

use crate::api::Api;
use crate::emit;
use crate::finding::{Finding, Findings, Rule};
use crate::lint;
use crate::source::Source;

/// The spec of v2.0, from the workspace root.
pub const SPEC: &str = "spec/smartcar-v2.yaml";

/// Folders that hold generated files only: what is in them and not planned is orphaned.
pub const GENERATED: [&str; 3] = [
    "crates/smartcar-model/src/generated",
    "crates/smartcar-client/src/generated",
    "crates/smartcar-simulator/src/generated",
];

/// Path from the workspace root to text.
pub type Plan = BTreeMap<String, String>;

/// Reads and lints a spec.
pub fn read(name: &str, text: &str) -> Result<(Source, Api), Findings> {
    let source =
        Source::parse(name, text).map_err(|findings| Findings::new(name, text, findings))?;
    let findings = lint::lint(&source);
    if !findings.is_empty() {
        return Err(Findings::new(name, text, findings));
    }
    let api = Api::read(&source);
    Ok((source, api))
}

/// Plans every generated file from the spec's text.
pub fn plan(name: &str, text: &str) -> Result<Plan, Findings> {
    plan_with_api(name, text).map(|(_, plan)| plan)
}

/// The same, with the API that the files were planned from.
pub fn plan_with_api(name: &str, text: &str) -> Result<(Api, Plan), Findings> {
    let (source, api) = read(name, text)?;
    let model = "crates/smartcar-model";
    let client = "crates/smartcar-client/src/generated";
    let files = [
        (
            format!("{model}/src/generated/mod.rs"),
            emit::endpoints::emit_module(&api),
        ),
        (
            format!("{model}/src/generated/types.rs"),
            emit::types::emit(&api),
        ),
        (
            format!("{model}/src/generated/enums.rs"),
            emit::enums::emit(&api),
        ),
        (
            format!("{model}/src/generated/endpoints.rs"),
            emit::endpoints::emit(&api),
        ),
        (
            format!("{model}/src/generated/errors.rs"),
            emit::errors::emit(&api),
        ),
        (
            format!("{model}/src/generated/quantities.rs"),
            emit::quantities::emit(&api),
        ),
        (
            format!("{model}/src/generated/schemas.rs"),
            emit::schemas::emit(&api),
        ),
        (
            format!("{model}/ENDPOINTS.md"),
            Ok(emit::reference::emit(&api)),
        ),
        (
            format!("{client}/mod.rs"),
            emit::requests::emit_module(&api),
        ),
        (format!("{client}/requests.rs"), emit::requests::emit(&api)),
        (format!("{client}/get.rs"), emit::requests::emit_get(&api)),
        (
            "crates/smartcar-simulator/src/generated/smartcar-v2.json".to_owned(),
            emit::simulator::emit(&source),
        ),
    ];
    let mut plan = Plan::new();
    for (path, outcome) in files {
        match outcome {
            Ok(text) => {
                plan.insert(path, text);
            }
            Err(error) => {
                let finding = Finding::new(
                    Rule::Generator,
                    "",
                    0..0,
                    format!("the generator of {path} failed: {error}"),
                    "a fault that the lint should have found first: please report it with the spec",
                );
                return Err(Findings::new(name, text, vec![finding]));
            }
        }
    }
    Ok((api, plan))
}
