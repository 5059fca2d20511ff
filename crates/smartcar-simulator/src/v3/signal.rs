//! A signal: its body from the spec, and whether a vehicle has it.
//!
//! Invariant: a signal is available where one of the v2.0 endpoints that map to it
//! is. A signal to which no endpoint maps follows its group. If no endpoint maps to
//! the group either, every vehicle has it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde_json::{Value, json};
use smartcar_model::UnitSystem;

use super::site::Site;
use crate::catalogue::Catalogue;
use crate::document::{SpecError, text_at};
use crate::errors::Refusal;
use crate::operation::Operation;
use crate::template::{Bodies, Template};
use crate::units;
use crate::world::view::View;
#[derive(Debug)]
pub(super) struct Signal {
    code: String,
    name: String,
    group: String,
    bodies: Bodies,
    /// The indexes of the v2.0 operations that map to it, or to its group.
    operations: Vec<usize>,
    /// Whether they map to the group; then the state they need does not apply to
    /// this signal.
    is_of_group: bool,
}
#[derive(Debug)]
pub(super) struct Signals {
    pub(super) all: Vec<Signal>,
    /// The paths that faults use for them, such as
    /// `/signals/odometer-traveleddistance`.
    pub(super) paths: Vec<String>,
    places: HashMap<String, usize>,
}

impl Signals {
    pub(super) fn read(document: &Value, operations: &[Operation]) -> Result<Self, SpecError> {
        let schemas = document.pointer("/components/schemas");
        let schemas = schemas.and_then(Value::as_object).into_iter().flatten();
        let mut all = Vec::new();
        let is_signal = |schema: &Value| schema.get("x-smartcar-signal").is_some();
        for (component, schema) in schemas.filter(|(_, schema)| is_signal(schema)) {
            let signal = Signal::read(document, component, schema, operations);
            all.push(signal.map_err(|error| error.at(component))?);
        }
        let mut groups: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for signal in &all {
            let group = groups.entry(signal.group.clone()).or_default();
            group.extend(&signal.operations);
        }
        for signal in all.iter_mut().filter(|it| it.operations.is_empty()) {
            signal.operations.extend(&groups[&signal.group]);
            signal.is_of_group = true;
        }
        let paths = all.iter().map(|it| format!("/signals/{}", it.code));
        let places = all.iter().enumerate();
        let places = places.map(|(place, it)| (it.code.clone(), place));
        Ok(Self {
            paths: paths.collect(),
            places: places.collect(),
            all,
        })
    }

    /// The index of a code, in any letter case.
    pub(super) fn place(&self, code: &str) -> Option<usize> {
        self.places.get(&code.to_ascii_lowercase()).copied()
    }
}

impl Signal {
    fn read(
        document: &Value,
        component: &str,
        schema: &Value,
        operations: &[Operation],
    ) -> Result<Self, SpecError> {
        let code = text_at(schema, "/x-smartcar-signal")?;
        let group = text_at(schema, "/x-smartcar-group")?;
        // The component is named after the group and the signal, unless the API
        // spells it differently.
        let name = schema.get("x-smartcar-name").and_then(Value::as_str);
        let name = name.or_else(|| component.get(group.len()..));
        let name = name.ok_or_else(|| SpecError::new("the name is missing"))?;
        let example = schema
            .get("example")
            .ok_or_else(|| SpecError::new("the example is missing"))?;
        // A template converts the numbers; the unit next to them is plain text.
        let mut imperial = example.clone();
        if let Some(unit) = imperial.get_mut("unit")
            && let Some(other) =
                units::imperial(document, schema, unit.as_str().unwrap_or_default())
        {
            *unit = Value::from(other);
        }
        let bodies = Bodies::read(|units| {
            let example = match units {
                UnitSystem::Imperial => &imperial,
                _ => example,
            };
            Template::read(document, schema, example, units)
        });
        let operations = operations.iter().enumerate();
        let operations = operations.filter(|(_, operation)| operation.signals.contains(code));
        Ok(Self {
            code: code.to_owned(),
            name: name.to_owned(),
            group: group.to_owned(),
            bodies: bodies?,
            operations: operations.map(|(place, _)| place).collect(),
            is_of_group: false,
        })
    }

    /// Whether this is its code.
    pub(super) fn has(&self, code: &str) -> bool {
        self.code.eq_ignore_ascii_case(code)
    }

    /// Checks whether the vehicle has it now, and its owner shares it.
    fn check(&self, view: &View<'_>, operations: &[Operation]) -> Result<(), Refusal> {
        let mut refused: Option<(u8, Refusal)> = None;
        let mut offered = self.operations.is_empty();
        let mut state = Ok(());
        for operation in self.operations.iter().map(|place| &operations[*place]) {
            match operation.offer.is_had(view) {
                Ok(()) => {
                    offered = true;
                    state = state.and_then(|()| operation.offer.has_state(view));
                }
                Err(refusal) => {
                    // Endpoints of all makes take precedence, then those of this
                    // make.
                    let rank = match (&operation.offer.makes, view.make()) {
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
pub(super) struct Reader<'r> {
    pub(super) site: Site<'r>,
    pub(super) view: &'r View<'r>,
    pub(super) units: &'r UnitSystem,
    /// When the values were recorded, and when they were received.
    pub(super) meta: Value,
    /// The operations of v2.0.
    pub(super) operations: &'r [Operation],
    pub(super) catalogue: &'r Catalogue,
}

impl Reader<'_> {
    /// The signal as a webhook delivers it: flat, and with times in milliseconds.
    pub(super) fn delivered(&self, signal: &Signal) -> Value {
        let mut resource = self.resource(signal);
        let mut delivered = resource["attributes"].take();
        let mut meta = resource["meta"].take();
        for time in meta
            .as_object_mut()
            .into_iter()
            .flat_map(|it| it.values_mut())
        {
            let moment = time
                .as_str()
                .and_then(|text| text.parse::<Timestamp>().ok());
            *time = moment.map(Timestamp::as_millisecond).into();
        }
        delivered["meta"] = meta;
        delivered
    }

    pub(super) fn resource(&self, signal: &Signal) -> Value {
        let mut meta = self.meta.clone();
        let mut attributes = json!({
            "code": signal.code,
            "name": signal.name,
            "group": signal.group,
            "status": {"value": "SUCCESS"},
        });
        match signal.check(self.view, self.operations) {
            Ok(()) => {
                let body = signal.bodies.of(self.units);
                attributes["body"] = body.tree(|variable| self.view.value(variable));
            }
            Err(refusal) => {
                attributes["status"] = self.catalogue.refused_signal(&refusal);
                // The other times belong to a value.
                if let Some(members) = meta.as_object_mut() {
                    members.retain(|name, _| name == "ingestedAt");
                }
            }
        }
        let vehicle = self.view.id.unwrap_or_default();
        let segments = ["vehicles", vehicle, "signals", &signal.code];
        json!({
            "id": signal.code,
            "type": "signal",
            "attributes": attributes,
            "meta": meta,
            "links": {"self": self.site.address(&segments)},
        })
    }
}
