//! What every generated file must say.
//!
//! Invariant: pure. The same specs give the same plan; writing, checking and
//! the plain test all start from it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::api::Api;
use crate::emit;
use crate::finding::{Finding, Findings, Rule};
use crate::lint;
use crate::source::Source;

/// The spec of v2.0, from the workspace root.
pub const SPEC: &str = "spec/smartcar-v2.yaml";

/// The spec of version 3, from the workspace root.
pub const SPEC_V3: &str = "spec/smartcar-v3.yaml";

/// Folders that hold generated files only: what is in them and not planned is orphaned.
pub const GENERATED: [&str; 3] = [
    "crates/smartcar-model/src/generated",
    "crates/smartcar-client/src/generated",
    "crates/smartcar-simulator/src/generated",
];

const MODEL: &str = "crates/smartcar-model";
const CLIENT: &str = "crates/smartcar-client/src/generated";
const SIMULATOR: &str = "crates/smartcar-simulator/src/generated";

/// Path from the workspace root to text.
pub type Plan = BTreeMap<String, String>;

/// The texts of both specs.
#[derive(Debug, Clone)]
pub struct Specs {
    /// Of v2.0.
    pub v2: String,
    /// Of version 3.
    pub v3: String,
}

/// Both APIs and every file that follows from them.
#[derive(Debug)]
pub struct Planned {
    /// v2.0.
    pub v2: Api,
    /// Version 3.
    pub v3: Api,
    /// The files.
    pub plan: Plan,
}

/// A planned file: where it goes, and its text or why there is none.
type File = (String, Result<String, String>);

impl Specs {
    /// Reads both files below a root; the error names the one that fails.
    pub fn load(root: &Path) -> Result<Self, (&'static str, std::io::Error)> {
        let read = |name: &'static str| {
            std::fs::read_to_string(root.join(name)).map_err(|error| (name, error))
        };
        Ok(Self {
            v2: read(SPEC)?,
            v3: read(SPEC_V3)?,
        })
    }
}

/// Reads and lints a spec by itself.
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

/// Reads and lints both specs, each beside the other: the findings of both
/// come in one run.
pub fn read_both(v2: (&str, &str), v3: (&str, &str)) -> Result<[(Source, Api); 2], Vec<Findings>> {
    let parsed = [v2, v3].map(|(name, text)| Source::parse(name, text));
    let beside = [parsed[1].as_ref().ok(), parsed[0].as_ref().ok()];
    let mut faulty = Vec::new();
    for ((name, text), (parsed, other)) in [v2, v3].into_iter().zip(parsed.iter().zip(beside)) {
        let findings = match parsed {
            Ok(source) => lint::lint_beside(source, other),
            Err(findings) => findings.clone(),
        };
        if !findings.is_empty() {
            faulty.push(Findings::new(name, text, findings));
        }
    }
    match parsed {
        [Ok(v2), Ok(v3)] if faulty.is_empty() => Ok([v2, v3].map(|source| {
            let api = Api::read(&source);
            (source, api)
        })),
        _ => Err(faulty),
    }
}

/// Plans every generated file from the texts of both specs.
pub fn plan_both(specs: &Specs) -> Result<Planned, Vec<Findings>> {
    let [(source_v2, v2), (source_v3, v3)] = read_both((SPEC, &specs.v2), (SPEC_V3, &specs.v3))?;
    let mut plan =
        collect(SPEC, &specs.v2, endpoints(&source_v2, &v2)).map_err(|findings| vec![findings])?;
    let signals = collect(SPEC_V3, &specs.v3, signals(&source_v3, &v3, &v2));
    plan.extend(signals.map_err(|findings| vec![findings])?);
    Ok(Planned { v2, v3, plan })
}

/// Plans the files that follow from a spec of endpoints by itself.
pub fn plan(name: &str, text: &str) -> Result<Plan, Findings> {
    let (source, api) = read(name, text)?;
    collect(name, text, endpoints(&source, &api))
}

fn endpoints(source: &Source, api: &Api) -> Vec<File> {
    let model = |name: &str| format!("{MODEL}/src/generated/{name}.rs");
    let client = |name: &str| format!("{CLIENT}/{name}.rs");
    vec![
        (model("mod"), emit::endpoints::emit_module(api)),
        (model("types"), emit::types::emit(api)),
        (model("enums"), emit::enums::emit(api)),
        (model("endpoints"), emit::endpoints::emit(api)),
        (model("errors"), emit::errors::emit(api)),
        (model("quantities"), emit::quantities::emit(api)),
        (model("schemas"), emit::schemas::emit(api)),
        (
            format!("{MODEL}/ENDPOINTS.md"),
            Ok(emit::reference::emit(api)),
        ),
        (client("mod"), emit::requests::emit_module(api)),
        (client("requests"), emit::requests::emit(api)),
        (client("get"), emit::requests::emit_get(api)),
        (document(source), emit::simulator::emit(source)),
    ]
}

fn signals(source: &Source, api: &Api, v2: &Api) -> Vec<File> {
    let model = |name: &str| format!("{MODEL}/src/generated/v3/{name}.rs");
    let client = |name: &str| format!("{CLIENT}/v3/{name}.rs");
    vec![
        (model("mod"), emit::signals::emit_module(api)),
        (model("types"), emit::types::emit(api)),
        (model("enums"), emit::enums::emit(api)),
        (model("signals"), emit::signals::emit(api, v2)),
        (model("errors"), emit::errors::emit(api)),
        (model("schemas"), emit::schemas::emit(api)),
        (model("mapping"), emit::mapping::emit(v2)),
        (
            format!("{MODEL}/MIGRATION.md"),
            Ok(emit::migration::emit(v2, api)),
        ),
        (client("mod"), emit::requests::emit_signals_module(api)),
        (client("requests"), emit::requests::emit(api)),
        (document(source), emit::simulator::emit(source)),
    ]
}

/// The spec as JSON, named as the spec.
fn document(source: &Source) -> String {
    let name = source.name.rsplit('/').next().unwrap_or_default();
    let name = name.strip_suffix(".yaml").unwrap_or(name);
    format!("{SIMULATOR}/{name}.json")
}

fn collect(name: &str, text: &str, files: Vec<File>) -> Result<Plan, Findings> {
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
    Ok(plan)
}
