//! The lint: finds all faults of a spec in one run, before the generators run.
//!
//! Invariant: a spec without findings cannot make progenitor panic, and generators
//! may rely on every check. A check skips what another check reports, so that each
//! fault gives one finding.

mod bodies;
mod document;
mod errors;
mod examples;
mod ground;
mod mapping;
mod members;
mod operations;
mod parameters;
mod paths;
mod personal;
mod reach;
mod schemas;
mod shape;
mod shared;
mod signals;
mod simulated;
mod unit_system;
mod values;
pub(crate) mod vocabulary;

use crate::finding::Finding;
use crate::source::Source;
use ground::Lint;

/// Lints a spec by itself.
pub fn lint(source: &Source) -> Vec<Finding> {
    lint_beside(source, None)
}

/// Lints a spec together with the other version's: the mapping between them, and the
/// components and errors that they share.
pub fn lint_beside(source: &Source, other: Option<&Source>) -> Vec<Finding> {
    let mut lint = Lint {
        source,
        findings: source.faults.clone(),
    };
    document::version(&mut lint);
    shape::check(&mut lint);
    paths::check(&mut lint);
    operations::check(&mut lint);
    schemas::check(&mut lint);
    personal::check(&mut lint);
    errors::check(&mut lint);
    signals::check(&mut lint);
    if let Some(other) = other {
        mapping::check(&mut lint, other);
        shared::check(&mut lint, other);
    }
    reach::check(&mut lint);
    examples::check(&mut lint);
    document::types(&mut lint);
    lint.findings
}
