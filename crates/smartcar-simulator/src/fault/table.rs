//! Faults as data: one flat table, in TOML or JSON.
//!
//! Invariant: a table with no effect, with two, or with an impossible one is
//! rejected; the message names the keys.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::check::{self, FaultError};
use super::effect::{Effect, Table};
use super::value::Fault;
use crate::nearest::explained;
use crate::spec::Spec;

impl TryFrom<Table> for Fault {
    type Error = FaultError;

    fn try_from(mut table: Table) -> Result<Self, FaultError> {
        add_json("body", &mut table.body, table.body_json.take())?;
        add_json("replaced", &mut table.replaced, table.replaced_json.take())?;
        add_json("extra", &mut table.extra, table.extra_json.take())?;
        let mut fault = table.what()?;
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
                return Err(FaultError::new("`seed` requires `probability`: add it"));
            }
            (None, None) => {}
        }
        for (name, value) in table.headers {
            fault = fault.header(name, value.to_string());
        }
        fault.without_headers = table.without_headers;
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
    /// The effect, which exactly one key must define.
    fn what(&mut self) -> Result<Fault, FaultError> {
        let item = self.item.take();
        let mut given = self.effects();
        // Together with another effect it is the status of the whole response.
        let is_beside = given.len() > 1 || item.is_some();
        let place = given.iter().position(|(key, _)| *key == "status");
        let status = place.filter(|_| is_beside).map(|place| given.remove(place));
        let html = given.first().is_some_and(|(key, _)| *key == "html");
        if html && status.is_some() {
            return Err(contradiction("html", "status"));
        }
        let mut given = given.into_iter();
        let first = given.next();
        let key = first.as_ref().map_or("", |(key, _)| *key);
        let is_for_one = first.as_ref().map(|(_, effect)| effect.is_for_one());
        if is_for_one == Some(true) && item.is_none() {
            let message = "applies to one item: say which, such as item = \"/fuel\"";
            return Err(FaultError::new(format!("`{key}` {message}")));
        }
        if is_for_one == Some(false) && item.is_some() && key != "error" {
            return Err(contradiction("item", key));
        }
        if let Some((other, _)) = given.next() {
            return Err(contradiction(key, other));
        }
        let mut fault = match (item, first.map(|(_, effect)| effect)) {
            (None, None) => {
                let keys = Self::KEYS;
                let message = "the fault has no effect: add one of";
                return Err(FaultError::new(format!("{message} {keys}")));
            }
            (Some(path), None) => Fault::item(&path),
            (Some(path), Some(effect)) => Fault::of_item(&path, effect),
            (None, Some(Effect::RawBody(text))) => Fault::raw_body(text),
            (None, Some(Effect::Unasked(path))) => Fault::unasked_item(&path),
            (None, Some(effect)) => Fault::new(effect),
        };
        if let Some((_, Effect::Status(status))) = status {
            fault = fault.with_status(status);
        }
        Ok(fault)
    }
}

fn contradiction(one: &str, other: &str) -> FaultError {
    FaultError::new(format!(
        "`{one}` and `{other}` are two faults: write each as its own fault"
    ))
}

/// Adds a value given as JSON text.
fn add_json(name: &str, value: &mut Option<Value>, json: Option<String>) -> Result<(), FaultError> {
    let Some(json) = json else {
        return Ok(());
    };
    let name_json = format!("{name}_json");
    if value.is_some() {
        return Err(FaultError::new(format!(
            "`{name}` and `{name_json}` are the same setting: remove one"
        )));
    }
    *value = Some(from_json(&name_json, &json)?);
    Ok(())
}

fn from_json<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, FaultError> {
    serde_json::from_str(text).map_err(|error| {
        FaultError::new(format!("`{name}` is not valid JSON for this key: {error}"))
    })
}

/// Reads the inside of a TOML inline table, such as `html = 502, times = 1`.
///
/// ```
/// use smartcar_simulator::Fault;
///
/// let fault: Fault = "html = 502, times = 1".parse()?;
/// assert_eq!(fault, Fault::html(502).times(1));
/// # Ok::<(), smartcar_simulator::FaultError>(())
/// ```
impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Whole {
            fault: Fault,
        }
        let whole = format!("fault = {{ {text} }}");
        if let Err(error) = toml::de::DeTable::parse(&whole) {
            return Err(FaultError::new(format!(
                "write keys and values in TOML syntax, such as html = 502, times = 1: {}",
                error.message()
            )));
        }
        let whole = toml::from_str(&whole);
        whole
            .map(|Whole { fault }| fault)
            .map_err(|error| FaultError::new(explained(error.message())))
    }
}

#[cfg(test)]
mod tests;
