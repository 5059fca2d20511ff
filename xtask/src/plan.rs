//! The specs, and the planned text of every generated file.
//!
//! Invariant: pure functions. The same specs give the same plan, which writing, checking
//! and the plain test all use.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use crate::api::Api;
use crate::emit;
use crate::finding::{Finding, Findings, Rule};
use crate::lint;
use crate::parallel::each;
use crate::source::Source;

/// The spec of v2.0, from the workspace root.
pub const SPEC: &str = "spec/smartcar-v2.yaml";

/// The spec of version 3, from the workspace root.
pub const SPEC_V3: &str = "spec/smartcar-v3.yaml";

/// The spec of what webhooks post, from the workspace root.
pub const SPEC_WEBHOOK: &str = "spec/smartcar-webhook.yaml";

/// Folders with only generated files. Unplanned files in them are orphaned.
pub fn generated() -> impl Iterator<Item = &'static str> {
    let folders = SPECS.iter().flat_map(|spec| spec.folders);
    folders
        .map(|(folder, _)| *folder)
        .filter(|folder| folder.ends_with("/generated"))
}

/// Maps paths from the workspace root to texts.
pub type Plan = BTreeMap<String, String>;

/// A spec of this workspace.
#[derive(Debug)]
pub struct Spec {
    /// Its path from the workspace root.
    pub name: &'static str,
    /// The index of the spec that it is linted with.
    beside: usize,
    /// Its generated files, by folder.
    folders: &'static [(&'static str, Files)],
}

/// A folder's files and their emitters.
type Files = &'static [(&'static str, Emit)];

/// Returns the text of a file, or an error message.
type Emit = fn(&Input<'_>) -> Result<String, String>;

/// The input of an emitter.
#[derive(Debug)]
struct Input<'a> {
    source: &'a Source,
    api: &'a Api,
    /// The API of v2.0; for v2.0 itself, the same one.
    v2: &'a Api,
}

/// All specs, v2.0 first.
pub const SPECS: &[Spec] = &[
    Spec {
        name: SPEC,
        beside: 1,
        folders: &[
            (
                "crates/smartcar-batch/src/generated",
                &[("mod.rs", |it| emit::modules::batch(it.api))],
            ),
            (
                "crates/smartcar-client/src/generated",
                &[
                    ("get.rs", |it| emit::requests::emit_get(it.api)),
                    ("mod.rs", |it| emit::modules::client(it.api)),
                    ("requests.rs", |it| emit::requests::emit(it.api)),
                ],
            ),
            (
                "crates/smartcar-model",
                &[("ENDPOINTS.md", |it| Ok(emit::reference::emit(it.api)))],
            ),
            (
                "crates/smartcar-model/src/generated",
                &[
                    ("endpoints.rs", |it| emit::endpoints::emit(it.api)),
                    ("enums.rs", |it| emit::enums::emit(it.api)),
                    ("errors.rs", |it| emit::errors::emit(it.api)),
                    ("mod.rs", |it| emit::modules::model(it.api)),
                    ("quantities.rs", |it| emit::quantities::emit(it.api)),
                    ("schemas.rs", |it| emit::schemas::emit(it.api)),
                    ("types.rs", |it| emit::types::emit(it.api)),
                ],
            ),
            (
                "crates/smartcar-simulator/src/generated",
                &[("smartcar-v2.json", |it| emit::simulator::emit(it.source))],
            ),
            (
                "crates/smartcar-webhook/src/generated",
                &[("mod.rs", |it| emit::modules::batch(it.api))],
            ),
        ],
    },
    Spec {
        name: SPEC_V3,
        beside: 0,
        folders: &[
            (
                "crates/smartcar-client/src/generated/v3",
                &[
                    ("mod.rs", |it| emit::modules::client_v3(it.api)),
                    ("requests.rs", |it| emit::requests::emit(it.api)),
                ],
            ),
            (
                "crates/smartcar-model",
                &[("MIGRATION.md", |it| {
                    Ok(emit::migration::emit(it.v2, it.api))
                })],
            ),
            (
                "crates/smartcar-model/src/generated/v3",
                &[
                    ("enums.rs", |it| emit::enums::emit(it.api)),
                    ("errors.rs", |it| emit::errors::emit(it.api)),
                    ("mapping.rs", |it| emit::mapping::emit(it.v2)),
                    ("mod.rs", |it| emit::modules::model_v3(it.api)),
                    ("schemas.rs", |it| emit::schemas::emit(it.api)),
                    ("signals.rs", |it| emit::signals::emit(it.api, it.v2)),
                    ("types.rs", |it| emit::types::emit(it.api)),
                ],
            ),
            (
                "crates/smartcar-simulator/src/generated",
                &[("smartcar-v3.json", |it| emit::simulator::emit(it.source))],
            ),
        ],
    },
    Spec {
        name: SPEC_WEBHOOK,
        beside: 1,
        folders: &[(
            "crates/smartcar-model/src/generated/webhook",
            &[
                ("enums.rs", |it| emit::enums::emit(it.api)),
                ("mod.rs", |it| emit::modules::model_webhook(it.api)),
                ("types.rs", |it| emit::types::emit(it.api)),
            ],
        )],
    },
];

/// The APIs in the order of [`SPECS`], and all generated files.
#[derive(Debug)]
pub struct Planned {
    /// The APIs.
    pub apis: Vec<Api>,
    /// The files.
    pub plan: Plan,
}

/// Reads the texts of [`SPECS`] in a workspace.
pub fn load(root: &Path) -> Result<Vec<String>> {
    let read = |spec: &Spec| {
        let name = spec.name;
        std::fs::read_to_string(root.join(name)).with_context(|| format!("failed to read {name}"))
    };
    SPECS.iter().map(read).collect()
}

/// Reads and lints a single spec.
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

/// Reads and lints specs, given as name and text in the order of [`SPECS`]. Returns the
/// findings of all.
pub fn read_all(specs: &[(&str, &str)]) -> Result<Vec<(Source, Api)>, Vec<Findings>> {
    let parsed = each(specs, |(name, text)| Source::parse(name, text));
    let pairs: Vec<_> = SPECS.iter().zip(specs).zip(&parsed).collect();
    let faulty = each(&pairs, |((spec, (name, text)), source)| {
        let findings = match source {
            Ok(source) => {
                let beside = parsed.get(spec.beside).and_then(|it| it.as_ref().ok());
                lint::lint_beside(source, beside)
            }
            Err(findings) => findings.clone(),
        };
        (!findings.is_empty()).then(|| Findings::new(name, text, findings))
    });
    let faulty: Vec<_> = faulty.into_iter().flatten().collect();
    if !faulty.is_empty() {
        return Err(faulty);
    }
    let read = parsed.into_iter().flatten().map(|source| {
        let api = Api::read(&source);
        (source, api)
    });
    Ok(read.collect())
}

/// Plans every generated file from the texts of [`SPECS`].
pub fn plan_all(texts: &[String]) -> Result<Planned, Vec<Findings>> {
    let specs = SPECS.iter().zip(texts);
    let specs: Vec<_> = specs
        .map(|(spec, text)| (spec.name, text.as_str()))
        .collect();
    let read = read_all(&specs)?;
    let v2 = &read[0].1;
    let pairs: Vec<_> = SPECS.iter().zip(&read).collect();
    let plans = each(&pairs, |(spec, (source, api))| {
        collect(spec, &Input { source, api, v2 })
    });
    let mut plan = Plan::new();
    for files in plans {
        plan.extend(files.map_err(|findings| vec![findings])?);
    }
    let apis = read.into_iter().map(|(_, api)| api).collect();
    Ok(Planned { apis, plan })
}

/// Plans the files that are generated from a single spec like v2.0's.
pub fn plan(name: &str, text: &str) -> Result<Plan, Findings> {
    let (source, api) = &read(name, text)?;
    let v2 = api;
    collect(&SPECS[0], &Input { source, api, v2 })
}

fn collect(spec: &Spec, input: &Input<'_>) -> Result<Plan, Findings> {
    let files = spec.folders.iter().flat_map(|(folder, files)| {
        let path = move |name: &str| format!("{folder}/{name}");
        let files = files.iter();
        files.map(move |(name, emit)| (path(name), *emit))
    });
    let files: Vec<_> = files.collect();
    let texts = each(&files, |(path, emit)| {
        let text = emit(input).map_err(|error| {
            let finding = Finding::new(
                Rule::Generator,
                "",
                0..0,
                format!("the generator of {path} failed: {error}"),
                "the lint should have found this fault first: please report this bug with the spec",
            );
            Findings::new(&input.source.name, &input.source.text, vec![finding])
        });
        Ok((path.clone(), text?))
    });
    texts.into_iter().collect()
}
