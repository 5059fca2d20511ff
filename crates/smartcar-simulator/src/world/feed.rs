//! Which variables of a vehicle's state the description names, and where.
//!
//! Invariant: every variable that is named is known once the start-up check passed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::variable::Variable;
use crate::spec::{Operation, SpecError, each_schema};
use crate::units::UnitSystem;

/// The key of a schema that names its variable.
const STATE: &str = "x-smartcar-state";

/// The variable that feeds a schema's value.
pub(crate) fn variable(schema: &Value) -> Result<Option<Variable>, SpecError> {
    let Some(name) = schema.get(STATE) else {
        return Ok(None);
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = schema.get("type").map(text).unwrap_or_default();
    Variable::read(&text(name), &kind).map(Some)
}

/// Finds every variable below a schema and fails on the first that is unknown.
pub(crate) fn check(document: &Value, schema: &Value) -> Result<(), SpecError> {
    each_schema(document, schema, &mut |schema| variable(schema).map(drop))
}

/// What the examples say of each variable.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(BTreeMap<Variable, Value>);

impl Samples {
    /// Of several examples the first one counts, endpoints of every make first.
    pub(crate) fn read(operations: &[Operation]) -> Self {
        let mut samples = BTreeMap::new();
        let (own, common): (Vec<_>, Vec<_>) = operations
            .iter()
            .partition(|operation| operation.makes.is_some());
        for operation in common.into_iter().chain(own) {
            for (variable, example) in operation.body(UnitSystem::Metric).examples() {
                let example = serde_json::from_str(example).unwrap_or_default();
                samples.entry(variable).or_insert(example);
            }
        }
        Self(samples)
    }

    pub(super) fn number(&self, variable: Variable) -> Option<f64> {
        self.0.get(&variable)?.as_f64()
    }

    pub(super) fn text(&self, variable: Variable) -> Option<&str> {
        self.0.get(&variable)?.as_str()
    }
}
