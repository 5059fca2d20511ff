//! The body of an operation: its example's text, with holes where a vehicle's
//! state goes.
//!
//! Invariant: a body is changed only where the schema beside it names a variable
//! or, for imperial units, declares a pair of units; what is not known stays as
//! the example says. What both ask of the schema is looked up once, at start-up.

use serde_json::Value;

use crate::json;
use crate::spec::{SpecError, resolve};
use crate::units::{self, Conversion, UnitSystem};
use crate::world::feed;
use crate::world::reading::Reading;
use crate::world::variable::Variable;

/// How much longer than its example a value may be before memory is asked twice.
const SPARE: usize = 16;

/// A json text that lacks the values of its variables.
#[derive(Debug, Default)]
pub(crate) struct Template {
    holes: Vec<Hole>,
    /// What follows the last hole.
    rest: String,
    /// About how long a body is, in bytes.
    length: usize,
}

#[derive(Debug)]
struct Hole {
    /// What stands between the hole before and this one.
    before: String,
    variable: Variable,
    /// From the variable's unit to the member's, where they differ.
    factor: Option<f64>,
    conversion: Option<Conversion>,
    /// What the example has here, in the template's units.
    example: String,
}

impl Template {
    /// Reads an example in metric units and the schema beside it.
    pub(crate) fn read(
        document: &Value,
        schema: &Value,
        example: &Value,
        units: UnitSystem,
    ) -> Result<Self, SpecError> {
        let mut template = Self::default();
        template.add(document, Some(schema), (example, 0), units)?;
        template.length = example.to_string().len() + SPARE * template.holes.len();
        Ok(template)
    }

    fn add(
        &mut self,
        document: &Value,
        schema: Option<&Value>,
        // With its place in the nearest list.
        (example, place): (&Value, usize),
        units: UnitSystem,
    ) -> Result<(), SpecError> {
        let schema = match schema {
            Some(schema) => resolve(document, schema)?,
            None => &Value::Null,
        };
        let variable = feed::variable(schema)?.map(|variable| variable.at(place));
        let unit = variable.and_then(Variable::unit);
        let conversion = match units {
            UnitSystem::Metric => None,
            UnitSystem::Imperial => {
                Conversion::declared(schema).or_else(|| Conversion::undeclared(schema, unit))
            }
        };
        let converted = || match (conversion, example.as_f64()) {
            (Some(conversion), Some(metric)) => json::written(&conversion.apply(metric)),
            _ => example.to_string(),
        };
        if let Some(variable) = variable {
            self.holes.push(Hole {
                before: std::mem::take(&mut self.rest),
                variable,
                factor: unit.and_then(|unit| units::factor(unit, schema)),
                conversion,
                example: converted(),
            });
            return Ok(());
        }
        match example {
            Value::Object(members) => {
                let mut before = '{';
                for (name, member) in members {
                    let declared = schema.get("properties").and_then(|known| known.get(name));
                    let inner = declared.or_else(|| schema.get("additionalProperties"));
                    self.rest.push(before);
                    self.rest.push_str(&Value::from(name.as_str()).to_string());
                    self.rest.push(':');
                    self.add(document, inner, (member, place), units)?;
                    before = ',';
                }
                self.rest
                    .push_str(if members.is_empty() { "{}" } else { "}" });
            }
            Value::Array(entries) => {
                let mut before = '[';
                for (place, entry) in entries.iter().enumerate() {
                    self.rest.push(before);
                    self.add(document, schema.get("items"), (entry, place), units)?;
                    before = ',';
                }
                self.rest
                    .push_str(if entries.is_empty() { "[]" } else { "]" });
            }
            _ => self.rest.push_str(&converted()),
        }
        Ok(())
    }

    /// Appends the body, with what is known of each variable in metric units.
    pub(crate) fn append<'v>(
        &self,
        text: &mut Vec<u8>,
        value: impl Fn(Variable) -> Option<Reading<'v>>,
    ) {
        for hole in &self.holes {
            text.extend_from_slice(hole.before.as_bytes());
            let Some(reading) = value(hole.variable) else {
                text.extend_from_slice(hole.example.as_bytes());
                continue;
            };
            let reading = match (hole.factor, reading.as_number()) {
                (Some(factor), Some(number)) => units::scaled(number, factor),
                _ => reading,
            };
            match (&reading, hole.conversion, reading.as_number()) {
                (_, Some(conversion), Some(metric)) => {
                    json::append(text, &conversion.apply(metric));
                }
                (Reading::Moment(moment), ..) => json::append_plain(text, moment),
                _ => json::append(text, &reading),
            }
        }
        text.extend_from_slice(self.rest.as_bytes());
    }

    /// About how long a body is, in bytes; longer ones are rare.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// The body alone.
    pub(crate) fn fill<'v>(&self, value: impl Fn(Variable) -> Option<Reading<'v>>) -> String {
        let mut text = Vec::with_capacity(self.length);
        self.append(&mut text, value);
        json::finish(text)
    }

    /// The same body, to be looked into.
    pub(crate) fn tree<'v>(&self, value: impl Fn(Variable) -> Option<Reading<'v>>) -> Value {
        serde_json::from_str(&self.fill(value)).expect("a template writes json")
    }

    /// What the example has of each variable.
    pub(crate) fn examples(&self) -> impl Iterator<Item = (Variable, &str)> {
        let holes = self.holes.iter();
        holes.map(|hole| (hole.variable, hole.example.as_str()))
    }
}
