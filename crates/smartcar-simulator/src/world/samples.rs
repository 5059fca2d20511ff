//! What the description's examples say of a vehicle's state.
//!
//! Invariant: of several examples of a variable the first one counts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::variable::Variable;
use crate::template::Template;

/// What the examples say of each variable.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(BTreeMap<Variable, Value>);

impl Samples {
    pub(crate) fn read<'t>(bodies: impl Iterator<Item = &'t Template>) -> Self {
        let mut samples = BTreeMap::new();
        for (variable, example) in bodies.flat_map(Template::examples) {
            let example = serde_json::from_str(example).unwrap_or_default();
            samples.entry(variable).or_insert(example);
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
