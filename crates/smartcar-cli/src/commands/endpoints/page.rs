//! The details of one endpoint or signal.
//!
//! Invariant: all facts come from the spec.

use smartcar_batch::EndpointInfo;
use smartcar_batch::model::v3::{SIGNALS, SignalInfo};

use super::signal::{is_documented, unit};
use crate::age::UNKNOWN;
use crate::fields;
use crate::grid::{Cell, Grid};

/// The details of an endpoint.
pub(super) fn endpoint(info: &EndpointInfo) -> String {
    let makes = if info.makes.is_empty() {
        "any".to_owned()
    } else {
        info.makes.join(", ")
    };
    let mut facts = Facts::new(info.path);
    facts.add("summary", info.summary);
    facts.add("type", info.type_name);
    facts.add("permission", info.permission.unwrap_or("none"));
    facts.add("makes", makes);
    let signals = SIGNALS
        .iter()
        .filter(|signal| signal.used_by.contains(&info.path));
    facts.list("on v3", "no signal", signals.map(|signal| signal.code));
    let mut fields = Grid::new(&["field", "kind", "unit", "optional"]);
    for field in info.fields {
        let unit = field.unit;
        fields.add(vec![
            Cell::plain(field.name),
            Cell::plain(field.kind),
            Cell::plain(unit.map_or_else(
                || UNKNOWN.to_owned(),
                |unit| fields::both(unit.metric, unit.imperial),
            )),
            Cell::plain(if field.optional { "yes" } else { "no" }),
        ]);
    }
    let facts = facts.0.render();
    if fields.is_empty() {
        return facts;
    }
    format!("{facts}\n\n{}", fields.render())
}

/// The details of a signal.
pub(super) fn signal(info: &SignalInfo) -> String {
    let mut facts = Facts::new(info.path);
    facts.add("summary", info.name);
    facts.add("code", info.code);
    facts.add("type", info.type_name);
    facts.add("group", info.group);
    facts.add("unit", unit(info));
    let seen = "no, only observed by third parties";
    let documented = if is_documented(info) { "yes" } else { seen };
    facts.add("documented", documented);
    facts.list("on v2", "no endpoint", info.used_by.iter().copied());
    facts.0.render()
}

/// Labels with one or more lines each.
struct Facts(Grid);

impl Facts {
    fn new(path: &str) -> Self {
        let mut facts = Self(Grid::default());
        facts.0.add(vec![Cell::plain("path"), Cell::key(path)]);
        facts
    }

    fn add(&mut self, label: &str, text: impl Into<String>) {
        self.0.add(vec![Cell::plain(label), Cell::plain(text)]);
    }

    fn list(&mut self, label: &str, none: &str, keys: impl Iterator<Item = &'static str>) {
        let mut label = Some(label);
        for key in keys {
            let label = label.take().unwrap_or_default();
            self.0.add(vec![Cell::plain(label), Cell::key(key)]);
        }
        if let Some(label) = label {
            self.add(label, none);
        }
    }
}
