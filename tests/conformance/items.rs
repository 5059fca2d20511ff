//! Checks a batch and its single endpoints against the contract.
//!
//! Invariant: a check uses only the request and the response. Each violation names
//! its check, so that a check that stops working is noticed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::contract::{Contract, Endpoint};
use crate::origin::{Answer, Case, Exchange, Origin};

/// The check that failed, and why.
pub(crate) type Violation = (&'static str, String);

/// What earlier responses of the same server contained.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    request_ids: BTreeSet<String>,
}

/// Sends the requests of a case and checks all responses.
pub(crate) async fn check(
    contract: &Contract,
    origin: &Origin,
    case: &Case,
    memory: &mut Memory,
) -> Vec<Violation> {
    let exchanges = origin.ask(case).await;
    let mut court = Court {
        contract,
        origin,
        case,
        found: Vec::new(),
    };
    for exchange in &exchanges {
        court.exchange(exchange, memory);
    }
    court.units(&exchanges);
    court.found
}

struct Court<'c> {
    contract: &'c Contract,
    origin: &'c Origin,
    case: &'c Case,
    found: Vec<Violation>,
}

impl Court<'_> {
    fn object(&mut self, check: &'static str, what: impl Into<String>) {
        self.found.push((check, what.into()));
    }

    fn exchange(&mut self, exchange: &Exchange, memory: &mut Memory) {
        let batch = &exchange.batch;
        if batch.status != 200 {
            self.object("outer-status", format!("batch: {}", batch.status));
        }
        let batch_id = self.outer("batch", batch, memory);
        let items = items(batch);
        if let Ok(body) = &batch.body
            && let Err(error) = self.contract.batch.validate(body)
        {
            self.object("item-shape", error.masked().to_string());
        }
        self.list(&items);
        for (path, alone) in self.case.paths.iter().zip(&exchange.alone) {
            let id = self.outer(path, alone, memory);
            let alone = Reading {
                code: u64::from(alone.status),
                headers: alone.headers.clone(),
                body: alone.body.clone().unwrap_or_default(),
            };
            self.reading(path, &alone, exchange.system, &id);
            let Some(item) = items.iter().find(|item| item["path"] == **path) else {
                continue;
            };
            if item["headers"].as_object().is_none() {
                self.object(
                    "item-headers",
                    format!("{path}: `headers` is not an object"),
                );
            }
            let item = Reading::of_item(item);
            if item.headers.contains_key("sc-request-id") {
                self.object("request-id", format!("{path}: an item has a request id"));
            }
            self.reading(path, &item, exchange.system, &batch_id);
            if let Some(what) = item.differs(&alone) {
                self.object("alone", format!("{path}: {what}"));
            }
        }
    }

    /// Checks what every HTTP response must have; returns its request id.
    fn outer(&mut self, what: &str, answer: &Answer, memory: &mut Memory) -> String {
        let kind = answer.headers.get("content-type");
        let kind = kind.and_then(|kind| kind.split(';').next());
        if kind != Some("application/json") {
            self.object("content-type", format!("{what}: {kind:?}"));
        }
        if let Err(error) = &answer.body {
            self.object("json", format!("{what}: {error}"));
        }
        let id = answer.headers.get("sc-request-id").cloned();
        let id = id.unwrap_or_default();
        if id.is_empty() {
            self.object("request-id", format!("{what}: none"));
        } else if !memory.request_ids.insert(id.clone()) {
            self.object(
                "request-id",
                format!("{what}: the request id was used before"),
            );
        }
        id
    }

    /// Checks the list as a whole: each path once, in the requested order.
    fn list(&mut self, items: &[Value]) {
        let answered: Vec<&str> = items.iter().filter_map(|it| it["path"].as_str()).collect();
        if items.len() != self.case.paths.len() {
            let (found, asked) = (items.len(), self.case.paths.len());
            self.object("item-count", format!("{found} for {asked} paths"));
        }
        let mut seen = BTreeSet::new();
        for path in &answered {
            if !self.case.paths.iter().any(|asked| asked == path) {
                self.object("unasked-item", *path);
            } else if !seen.insert(*path) {
                self.object("second-item", *path);
            }
        }
        for path in &self.case.paths {
            if !seen.contains(path.as_str()) {
                self.object("missing-item", path);
            }
        }
        let places = answered.iter().filter_map(|path| {
            let mut asked = self.case.paths.iter();
            asked.position(|asked| asked == path)
        });
        let first = seen.len();
        if !places.take(first).is_sorted() {
            self.object("item-order", answered.join(" "));
        }
    }

    /// Checks one endpoint's response, from a batch or alone.
    fn reading(&mut self, path: &str, reading: &Reading, system: &str, id: &str) {
        let endpoint = &self.contract.endpoints[path];
        let expected = self.expected(endpoint);
        if !expected.contains(&reading.code) {
            let what = format!("{path}: {} is not one of {expected:?}", reading.code);
            self.object("item-code", what);
        }
        if reading.code != 200 {
            self.error(path, reading, id);
            return;
        }
        if let Err(error) = endpoint.body.validate(&reading.body) {
            let what = format!("{path}{}: {}", error.instance_path(), error.masked());
            self.object("body", what);
        }
        for name in &endpoint.headers {
            if !reading.headers.contains_key(name) {
                self.object("declared-header", format!("{path}: no {name}"));
            }
        }
        let own = |name: &&String| name.starts_with("sc-") && *name != "sc-request-id";
        for name in reading.headers.keys().filter(own) {
            if !endpoint.headers.contains(name) {
                self.object("undeclared-header", format!("{path}: {name}"));
            }
        }
        let named = reading.headers.get("sc-unit-system");
        if let Some(named) = named.filter(|named| *named != system) {
            self.object("unit-system", format!("{path}: {named} for {system}"));
        }
        self.age(path, reading);
    }

    /// The statuses that the contract allows.
    fn expected(&self, endpoint: &Endpoint) -> Vec<u64> {
        let mut refusals = Vec::new();
        if let Some(permission) = &endpoint.permission
            && !self.origin.may(self.case, permission)
        {
            refusals.push(403);
        }
        if let Some((make, powertrain)) = self.case.vehicle.kind {
            let has = |list: &[String], name| list.is_empty() || list.iter().any(|one| one == name);
            if !has(&endpoint.makes, make) || !has(&endpoint.powertrains, powertrain) {
                refusals.push(501);
            }
        }
        if !refusals.is_empty() {
            return refusals;
        }
        let needs = endpoint.needs.as_ref();
        let other_state = needs.map(|name| self.contract.errors[name].0);
        [200].into_iter().chain(other_state).collect()
    }

    fn error(&mut self, path: &str, reading: &Reading, id: &str) {
        let body = &reading.body;
        if let Err(error) = self.contract.error.validate(body) {
            self.object("error-body", format!("{path}: {}", error.masked()));
        }
        for name in ["description", "docURL", "statusCode", "requestId"] {
            if body[name].is_null() {
                self.object("error-body", format!("{path}: no {name}"));
            }
        }
        if body.get("resolution").is_none() {
            self.object("error-body", format!("{path}: the resolution is missing"));
        }
        if body["statusCode"] != reading.code {
            let what = format!("{path}: {} under {}", body["statusCode"], reading.code);
            self.object("error-status", what);
        }
        if body["requestId"] != *id {
            self.object("error-request-id", path);
        }
        if let Some(what) = misnamed(self.contract, reading) {
            self.object("error-catalogue", format!("{path}: {what}"));
        }
    }

    /// Checks that no data is newer than its fetch.
    fn age(&mut self, path: &str, reading: &Reading) {
        let mut moment = |name: &str| -> Option<Timestamp> {
            let text = reading.headers.get(name)?;
            let moment = text.parse().ok();
            if moment.is_none() {
                self.object("age", format!("{path}: {name} is not a date"));
            }
            moment
        };
        let (age, fetched) = (moment("sc-data-age"), moment("sc-fetched-at"));
        if let (Some(age), Some(fetched)) = (age, fetched)
            && age > fetched
        {
            self.object("age", format!("{path}: data of {age} fetched at {fetched}"));
        }
    }

    /// Checks that the imperial response is the converted metric response.
    fn units(&mut self, exchanges: &[Exchange]) {
        let [metric, imperial] = exchanges else {
            return;
        };
        let (one, other) = (items(&metric.batch), items(&imperial.batch));
        for path in &self.case.paths {
            let body = |items: &[Value]| {
                let item = items.iter().find(|item| item["path"] == **path)?;
                (item["code"] == 200).then(|| item["body"].clone())
            };
            if let (Some(one), Some(other)) = (body(&one), body(&other))
                && let Some(place) = self.contract.misconverted(path, &one, &other)
            {
                self.object("units", format!("{path}: {place}"));
            }
        }
    }
}

/// What is wrong with the error's name, status and resolution.
pub(crate) fn misnamed(contract: &Contract, reading: &Reading) -> Option<String> {
    let body = &reading.body;
    let code = body["code"].as_str().map(str::to_owned);
    let name = (body["type"].as_str().unwrap_or_default().to_owned(), code);
    let Some((status, resolution)) = contract.errors.get(&name) else {
        return Some(format!("{name:?} is not in the catalogue"));
    };
    if *status != reading.code {
        return Some(format!("{name:?} is {status}, not {}", reading.code));
    }
    let found = body["resolution"]["type"].as_str();
    let is_same = found == resolution.as_deref();
    (!is_same).then(|| format!("{name:?} has the resolution {found:?}"))
}

/// The items of a batch; empty if there is no list.
pub(crate) fn items(batch: &Answer) -> Vec<Value> {
    let body = batch.body.clone().unwrap_or_default();
    body["responses"].as_array().cloned().unwrap_or_default()
}

/// One endpoint's response, from a batch or alone.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) code: u64,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

impl Reading {
    pub(crate) fn of_item(item: &Value) -> Self {
        let headers = item["headers"].as_object().into_iter().flatten();
        let headers = headers.map(|(name, value)| {
            let text = value.as_str().map_or(value.to_string(), str::to_owned);
            (name.to_lowercase(), text)
        });
        Self {
            code: item["code"].as_u64().unwrap_or_default(),
            headers: headers.collect(),
            body: item["body"].clone(),
        }
    }

    /// How an item differs from the single endpoint's response, apart from the
    /// request id.
    fn differs(&self, alone: &Self) -> Option<String> {
        let plain = |reading: &Self| {
            let mut body = reading.body.clone();
            if let Some(body) = body.as_object_mut().filter(|_| reading.code != 200) {
                body.remove("requestId");
            }
            body
        };
        let own = |reading: &Self| -> BTreeMap<String, String> {
            let own = |name: &str| {
                name == "retry-after" || (name.starts_with("sc-") && name != "sc-request-id")
            };
            let headers = reading.headers.iter().filter(|(name, _)| own(name));
            headers
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        };
        if self.code != alone.code {
            return Some(format!("{} is {} alone", self.code, alone.code));
        }
        if own(self) != own(alone) {
            return Some("its headers differ from the single response".to_owned());
        }
        (plain(self) != plain(alone))
            .then(|| "its body differs from the single response".to_owned())
    }
}
