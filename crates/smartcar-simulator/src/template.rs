//! The body of an operation: the text of its example, with placeholders for a
//! vehicle's state.
//!
//! Invariant: a body is changed only where the schema names a variable or, for
//! imperial units, declares a pair of units; unknown values stay as in the example.
//! Both are looked up in the schema once, at start-up.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use smartcar_model::UnitSystem;

use crate::document::{SpecError, each_schema, resolve};
use crate::json;
use crate::units::{self, Conversion};
use crate::world::variable::{Reading, Variable, fed};

/// How much longer than its example a value can be before the buffer has to grow.
const SPARE: usize = 16;

/// A JSON text without the values of its variables.
#[derive(Debug, Default)]
pub(crate) struct Template {
    /// Different for each template that was read.
    number: usize,
    holes: Vec<Hole>,
    /// The text after the last placeholder.
    rest: String,
    /// Approximate length of a body, in bytes.
    length: usize,
}

#[derive(Debug)]
struct Hole {
    /// The text between the previous placeholder and this one.
    before: String,
    variable: Variable,
    /// From the variable's unit to the member's, if they differ.
    factor: Option<f64>,
    conversion: Option<Conversion>,
    /// The example's value here, in the template's units.
    example: String,
}

impl Template {
    /// Reads an example in metric units together with its schema. Fails if a unit
    /// or variable of the schema is unknown.
    pub(crate) fn read(
        document: &Value,
        schema: &Value,
        example: &Value,
        units: &UnitSystem,
    ) -> Result<Self, SpecError> {
        if *units == UnitSystem::Metric {
            each_schema(document, schema, &mut |schema| {
                units::check(schema)?;
                fed(schema).map(drop)
            })?;
        }
        static READ: AtomicUsize = AtomicUsize::new(0);
        let mut template = Self {
            number: READ.fetch_add(1, Ordering::Relaxed),
            ..Self::default()
        };
        let reader = Reader { document, units };
        reader.add(&mut template, Some(schema), example, 0)?;
        template.length = example.to_string().len() + SPARE * template.holes.len();
        Ok(template)
    }

    /// Appends the body, with the known values of the variables in metric units.
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
            let number = reading.as_number();
            let scaled = number
                .zip(hole.factor)
                .map(|(it, by)| units::scaled(it, by));
            let reading = scaled.unwrap_or(reading);
            match reading.as_number().zip(hole.conversion) {
                Some((metric, conversion)) => json::append(text, &conversion.apply(metric)),
                None => json::append(text, &reading),
            }
        }
        text.extend_from_slice(self.rest.as_bytes());
    }

    /// Its number, if its text depends on the view of a vehicle alone, and not on who asks.
    pub(crate) fn number(&self) -> Option<usize> {
        let mut holes = self.holes.iter();
        let is_of_view = !holes.any(|hole| hole.variable == Variable::Permissions);
        is_of_view.then_some(self.number)
    }

    /// Approximate length of a body, in bytes; longer ones are rare.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// Returns the body alone.
    pub(crate) fn fill<'v>(&self, value: impl Fn(Variable) -> Option<Reading<'v>>) -> String {
        let mut text = Vec::with_capacity(self.length);
        self.append(&mut text, value);
        json::finish(text)
    }

    /// Returns the same body as a parsed value.
    pub(crate) fn tree<'v>(&self, value: impl Fn(Variable) -> Option<Reading<'v>>) -> Value {
        serde_json::from_str(&self.fill(value)).expect("a template writes json")
    }

    /// The example's value of each variable.
    pub(crate) fn examples(&self) -> impl Iterator<Item = (Variable, &str)> {
        let holes = self.holes.iter();
        holes.map(|hole| (hole.variable, hole.example.as_str()))
    }
}

/// Reads examples into templates.
struct Reader<'d> {
    document: &'d Value,
    units: &'d UnitSystem,
}

impl Reader<'_> {
    /// Adds an example's value, at an index of the innermost list.
    fn add(
        &self,
        template: &mut Template,
        schema: Option<&Value>,
        example: &Value,
        place: usize,
    ) -> Result<(), SpecError> {
        let schema = resolve(self.document, schema.unwrap_or(&Value::Null))?;
        let variable = fed(schema)?.map(|variable| variable.at(place));
        let unit = variable.and_then(Variable::unit);
        let conversion = if *self.units == UnitSystem::Imperial {
            Conversion::declared(schema).or_else(|| Conversion::undeclared(schema, unit))
        } else {
            None
        };
        let converted = || match (conversion, example.as_f64()) {
            (Some(conversion), Some(metric)) => json::written(&conversion.apply(metric)),
            _ => example.to_string(),
        };
        if let Some(variable) = variable {
            template.holes.push(Hole {
                before: std::mem::take(&mut template.rest),
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
                    template.rest.push(before);
                    template
                        .rest
                        .push_str(&Value::from(name.as_str()).to_string());
                    template.rest.push(':');
                    self.add(template, inner, member, place)?;
                    before = ',';
                }
                template
                    .rest
                    .push_str(if members.is_empty() { "{}" } else { "}" });
            }
            Value::Array(entries) => {
                let mut before = '[';
                for (place, entry) in entries.iter().enumerate() {
                    template.rest.push(before);
                    self.add(template, schema.get("items"), entry, place)?;
                    before = ',';
                }
                template
                    .rest
                    .push_str(if entries.is_empty() { "[]" } else { "]" });
            }
            _ => template.rest.push_str(&converted()),
        }
        Ok(())
    }
}

/// A body in each unit system.
#[derive(Debug)]
pub(crate) struct Bodies {
    metric: Template,
    imperial: Template,
}

impl Bodies {
    /// Calls a function for each unit system.
    pub(crate) fn read(
        read: impl Fn(&UnitSystem) -> Result<Template, SpecError>,
    ) -> Result<Self, SpecError> {
        Ok(Self {
            metric: read(&UnitSystem::Metric)?,
            imperial: read(&UnitSystem::Imperial)?,
        })
    }

    pub(crate) fn of(&self, units: &UnitSystem) -> &Template {
        match units {
            UnitSystem::Imperial => &self.imperial,
            _ => &self.metric,
        }
    }
}
