//! A signal: its body from the description, and whether a vehicle has it.
//!
//! Invariant: a signal is there where an endpoint of v2.0 that is made of it is;
//! one that no endpoint is made of goes with its group, and one whose group has
//! none either is every vehicle's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Request, V3};
use crate::errors::Refusal;
use crate::spec::{Operation, SpecError, text_at};
use crate::template::Template;
use crate::units::{self, UnitSystem};
use crate::world::{View, feed};

/// One signal of the description.
#[derive(Debug)]
pub(super) struct Signal {
    pub(super) code: String,
    /// `/signals/` and the code.
    pub(super) path: String,
    name: String,
    group: String,
    bodies: [Template; 2],
    /// The places of the operations of v2.0 that are made of it, or of its group.
    operations: Vec<usize>,
    /// Whether they are its group's: then the state that they need is not its own.
    is_of_group: bool,
}

pub(super) fn read(document: &Value, operations: &[Operation]) -> Result<Vec<Signal>, SpecError> {
    let schemas = document.pointer("/components/schemas");
    let schemas = schemas.and_then(Value::as_object).into_iter().flatten();
    let mut signals = Vec::new();
    for (_, schema) in schemas.filter(|(_, schema)| schema.get("x-smartcar-signal").is_some()) {
        let code = text_at(schema, "/x-smartcar-signal")?;
        let signal = read_one(document, schema, code, operations);
        signals.push(signal.map_err(|error| error.at(code))?);
    }
    let mut groups: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for signal in &signals {
        let group = groups.entry(signal.group.clone()).or_default();
        group.extend(&signal.operations);
    }
    for signal in signals.iter_mut().filter(|it| it.operations.is_empty()) {
        signal.operations.extend(&groups[&signal.group]);
        signal.is_of_group = true;
    }
    Ok(signals)
}

fn read_one(
    document: &Value,
    schema: &Value,
    code: &str,
    operations: &[Operation],
) -> Result<Signal, SpecError> {
    let example = schema
        .get("example")
        .ok_or_else(|| SpecError::new("no example"))?;
    units::check(document, schema)?;
    feed::check(document, schema)?;
    let mut imperial = example.clone();
    if let Some(unit) = imperial.get_mut("unit")
        && let Some(other) = units::imperial(document, schema, unit.as_str().unwrap_or_default())
    {
        *unit = Value::from(other);
    }
    // A template converts the numbers; the unit beside them is a text like any other.
    let bodies = [
        Template::read(document, schema, example, UnitSystem::Metric)?,
        Template::read(document, schema, &imperial, UnitSystem::Imperial)?,
    ];
    let operations = operations.iter().enumerate();
    let operations = operations.filter(|(_, operation)| operation.signals.contains(code));
    Ok(Signal {
        code: code.to_owned(),
        path: format!("/signals/{code}"),
        name: pascal(text_at(schema, "/title")?),
        group: text_at(schema, "/x-smartcar-group")?.to_owned(),
        bodies,
        operations: operations.map(|(place, _)| place).collect(),
        is_of_group: false,
    })
}

/// The words of a title as the API writes a name.
fn pascal(title: &str) -> String {
    let words = title.split([' ', '-']).filter(|word| !word.is_empty());
    let upper = words.map(|word| word[..1].to_uppercase() + &word[1..]);
    upper.collect()
}

impl Signal {
    /// Whether the vehicle can tell it now, and may.
    fn check(&self, view: &View<'_>, operations: &[Operation]) -> Result<(), Refusal> {
        let mut refused: Option<(u8, Refusal)> = None;
        let mut offered = self.operations.is_empty();
        let mut state = Ok(());
        for operation in self.operations.iter().map(|place| &operations[*place]) {
            match view.offers(operation) {
                Ok(()) => {
                    offered = true;
                    state = state.and_then(|()| view.has_state(operation));
                }
                Err(refusal) => {
                    // What all makes have says most, then what this one has.
                    let rank = match (&operation.makes, view.make()) {
                        (None, _) => 0,
                        (Some(makes), Some(make)) if makes.iter().any(|it| it == make) => 1,
                        _ => 2,
                    };
                    if refused.as_ref().is_none_or(|(known, _)| rank < *known) {
                        refused = Some((rank, refusal));
                    }
                }
            }
        }
        match refused {
            Some((_, refusal)) if !offered => Err(refusal),
            _ if self.is_of_group => Ok(()),
            _ => state,
        }
    }
}

impl V3 {
    /// A signal as a resource.
    pub(super) fn signal(
        &self,
        request: &Request<'_>,
        signal: &Signal,
        view: &View<'_>,
        system: UnitSystem,
    ) -> Value {
        let [metric, imperial] = &signal.bodies;
        let template = match system {
            UnitSystem::Metric => metric,
            UnitSystem::Imperial => imperial,
        };
        let mut meta = self.resources.signal_meta(view);
        let mut attributes = json!({
            "code": signal.code,
            "name": signal.name,
            "group": signal.group,
            "status": {"value": "SUCCESS"},
        });
        match signal.check(view, &request.spec.operations) {
            Ok(()) => attributes["body"] = template.tree(|variable| view.value(variable)),
            Err(refusal) => {
                attributes["status"] = self.catalogue.refused_signal(&refusal);
                // The other moments are those of a value.
                if let Some(members) = meta.as_object_mut() {
                    members.retain(|name, _| name == "ingestedAt");
                }
            }
        }
        let vehicle = view.id().unwrap_or_default();
        let segments = ["vehicles", vehicle, "signals", &signal.code];
        json!({
            "id": signal.code,
            "type": "signal",
            "attributes": attributes,
            "meta": meta,
            "links": {"self": self.address(request, &segments)},
        })
    }
}
