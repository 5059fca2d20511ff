//! From a table to the fault that it says.
//!
//! Invariant: a table that says two things at once, none, or what cannot be done
//! is refused with the keys that it is about.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Milliseconds, Table};
use crate::fault::effect::{Change, Effect, ErrorName};
use crate::fault::{Fault, FaultError, check};
use crate::spec::Spec;

/// The keys that say what goes wrong, for messages.
const EFFECTS: &str = "unchanged, latency_ms, status, html, error, raw_body, reset, truncated, \
     item, unasked, extra, reordered, shuffled, without_item_headers, without_error_headers";

impl TryFrom<Table> for Fault {
    type Error = FaultError;

    fn try_from(mut table: Table) -> Result<Self, FaultError> {
        let mut fault = if let Some(path) = table.item.take() {
            table.item_fault(&path)?
        } else {
            table.whole_fault()?
        };
        if let Some(status) = table.status {
            fault = fault.with_status(status);
        }
        if let Some(path) = table.path {
            fault = fault.on_path(&path);
        }
        fault.when.vehicle = table.vehicle;
        fault.when.request = table.request;
        fault.when.times = table.times;
        match (table.probability, table.seed) {
            (Some(probability), seed) => {
                fault = fault.with_probability(probability, seed.unwrap_or(0));
            }
            (None, Some(_)) => {
                return Err(FaultError::new("`seed` is for `probability`: add that"));
            }
            (None, None) => {}
        }
        for (name, value) in table.headers {
            fault = fault.header(name, value);
        }
        fault.lost_headers = table.without_headers;
        let mut item_headers = table.item_headers;
        if let Some(text) = table.item_headers_json {
            let more: BTreeMap<String, Value> = from_json("item_headers_json", &text)?;
            item_headers.extend(more);
        }
        for (name, value) in item_headers {
            fault = fault.item_header(name, value);
        }
        let spec = Spec::embedded().map_err(|error| FaultError::new(error.to_string()))?;
        check::check(&fault, &spec.catalogue)?;
        Ok(fault)
    }
}

impl Table {
    /// What happens to one item.
    fn item_fault(&mut self, path: &str) -> Result<Fault, FaultError> {
        let body = value("body", self.body.take(), self.body_json.take())?;
        let replaced = value("replaced", self.replaced.take(), self.replaced_json.take())?;
        let error = self.error.take().map(|name| ErrorName::parse(&name));
        let changes = [
            ("error", error.map(Change::Error)),
            ("body", body.map(Change::Body)),
            ("replaced", replaced.map(Change::Json)),
            ("missing", self.missing.take().map(|_| Change::Missing)),
            ("duplicated", self.duplicated.take().map(|_| Change::Twice)),
        ];
        let change = only_one(changes)?.unwrap_or(Change::Nothing);
        // Whatever else says what goes wrong contradicts it.
        if let Some((name, _)) = self
            .effects()?
            .into_iter()
            .find(|(_, effect)| effect.is_some())
        {
            return Err(contradiction("item", name));
        }
        Ok(Fault::of_item(path, change))
    }

    /// What happens to the whole answer, or to a batch's list.
    fn whole_fault(&mut self) -> Result<Fault, FaultError> {
        let for_items = [
            ("body", self.body.is_some() || self.body_json.is_some()),
            (
                "replaced",
                self.replaced.is_some() || self.replaced_json.is_some(),
            ),
            ("missing", self.missing.is_some()),
            ("duplicated", self.duplicated.is_some()),
        ];
        if let Some((name, _)) = for_items.into_iter().find(|(_, given)| *given) {
            let message = format!("`{name}` is for one item: say which, such as item = \"/fuel\"");
            return Err(FaultError::new(message));
        }
        if self.html.is_some() && self.status.is_some() {
            return Err(contradiction("html", "status"));
        }
        let fault = only_one(self.effects()?)?;
        fault.or(self.status.map(Fault::status)).ok_or_else(|| {
            FaultError::new(format!(
                "the fault does not say what goes wrong: add one of {EFFECTS}"
            ))
        })
    }

    /// The keys of which a fault has one, but for `item` and `status`.
    fn effects(&mut self) -> Result<[(&'static str, Option<Fault>); 13], FaultError> {
        let latency = self
            .latency_ms
            .take()
            .map(Milliseconds::duration)
            .transpose()?;
        let extra = value("extra", self.extra.take(), self.extra_json.take())?;
        let error = self.error.take().map(|name| ErrorName::parse(&name));
        Ok([
            (
                "unchanged",
                self.unchanged.take().map(|_| Fault::unchanged()),
            ),
            ("latency_ms", latency.map(Fault::latency)),
            ("html", self.html.take().map(Fault::html)),
            ("error", error.map(|name| Fault::new(Effect::Error(name)))),
            ("raw_body", self.raw_body.take().map(Fault::raw_body)),
            ("reset", self.reset.take().map(|_| Fault::reset())),
            ("truncated", self.truncated.take().map(Fault::truncated)),
            (
                "unasked",
                self.unasked.take().map(|path| Fault::unasked_item(&path)),
            ),
            ("extra", extra.map(Fault::extra_item)),
            (
                "reordered",
                self.reordered.take().map(|_| Fault::reversed_items()),
            ),
            ("shuffled", self.shuffled.take().map(Fault::shuffled_items)),
            (
                "without_item_headers",
                self.without_item_headers
                    .take()
                    .map(|_| Fault::without_item_headers()),
            ),
            (
                "without_error_headers",
                self.without_error_headers
                    .take()
                    .map(|_| Fault::without_error_headers()),
            ),
        ])
    }
}

fn only_one<T, const N: usize>(
    choices: [(&'static str, Option<T>); N],
) -> Result<Option<T>, FaultError> {
    let mut given = choices
        .into_iter()
        .filter_map(|(name, it)| Some((name, it?)));
    let first = given.next();
    match (first, given.next()) {
        (Some((first, _)), Some((second, _))) => Err(contradiction(first, second)),
        (first, _) => Ok(first.map(|(_, it)| it)),
    }
}

fn contradiction(one: &str, other: &str) -> FaultError {
    FaultError::new(format!(
        "`{one}` and `{other}` are two faults: write them as two"
    ))
}

/// What is given in place, or as JSON text.
fn value(
    name: &str,
    value: Option<Value>,
    json: Option<String>,
) -> Result<Option<Value>, FaultError> {
    let name_json = format!("{name}_json");
    match (value, json) {
        (Some(_), Some(_)) => Err(FaultError::new(format!(
            "`{name}` and `{name_json}` say the same: leave one out"
        ))),
        (value, None) => Ok(value),
        (None, Some(text)) => from_json(&name_json, &text).map(Some),
    }
}

fn from_json<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, FaultError> {
    serde_json::from_str(text).map_err(|error| {
        FaultError::new(format!(
            "`{name}` is not the JSON that it should be: {error}"
        ))
    })
}
