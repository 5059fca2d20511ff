//! What was asked, and the answer to it, good or bad.
//!
//! Invariant: a value that is said to be good is `{number}.5`; one that is not is
//! `{number}.25`, so that a good outcome shows where it came from.

use fastrand::Rng;

use crate::draw::Fault;
use crate::ledger::Number;

/// What a request asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// v2.0: several paths.
    Batch(Vec<String>),
    /// v2.0: one path.
    Endpoint(String),
    /// Version 3: all signals.
    Signals,
    /// Version 3: one signal.
    Signal(String),
    /// Version 3: the vehicle.
    Vehicle,
    /// Version 3: the vehicle's connection.
    Connections,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) number: Number,
    /// What all signals cost, by the vehicle's id.
    price: u32,
    pub(crate) asked: Asked,
}

/// The id of a vehicle whose client gives so much for all signals. A calm one meets
/// no faults.
pub(crate) fn vehicle_id(number: Number, price: u32) -> String {
    format!("soak-{number}-{price}")
}

/// The endpoints that a batch of v2.0 asks.
pub(crate) const TYPED: [&str; 3] = ["/odometer", "/fuel", "/battery"];

/// What a path of the soak's own takes of a batch: so much that the length of a
/// batch says how many there are, and which endpoints come on top.
const OWN_PATH: usize = 64;

/// A path of the soak's own.
pub(crate) fn own_path(at: usize) -> String {
    format!("/soak/{at:0>46}")
}

/// Vehicles from this number on meet no faults.
pub(crate) const CALM: Number = 1 << 40;

impl Request {
    /// Reads the target, and the body of a batch. `None` for what nobody here sends.
    pub(crate) fn read(target: &str, body: &[u8]) -> Option<Self> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path == "/v3/connections" {
            let query = query.replace("%5B", "[").replace("%5D", "]");
            let (_, id) = query.split_once("filter[vehicleId]=")?;
            return Self::of(id.split('&').next()?, Asked::Connections);
        }
        if let Some(rest) = path.strip_prefix("/v3/vehicles/") {
            let (id, rest) = rest.split_once('/').unwrap_or((rest, ""));
            let asked = match rest.strip_prefix("signals/") {
                Some(code) => Asked::Signal(code.to_owned()),
                None if rest == "signals" => Asked::Signals,
                None => Asked::Vehicle,
            };
            return Self::of(id, asked);
        }
        let rest = path.strip_prefix("/v2.0/vehicles/")?;
        let (id, rest) = rest.split_once('/').unwrap_or((rest, ""));
        if rest != "batch" {
            return Self::of(id, Asked::Endpoint(format!("/{rest}")));
        }
        let body: serde_json::Value = serde_json::from_slice(body).ok()?;
        let asked = body["requests"].as_array()?.iter();
        let paths = asked.filter_map(|one| Some(one["path"].as_str()?.to_owned()));
        Self::of(id, Asked::Batch(paths.collect()))
    }

    /// Reads a batch of which only the head came, by its length.
    pub(crate) fn of_length(target: &str, length: usize) -> Option<Self> {
        let id = target.strip_prefix("/v2.0/vehicles/")?.split('/').next()?;
        // `{"requests":[…]}`, and `{"path":"…"},` for each.
        let paths = length.checked_sub(14)?;
        let (own, rest) = (paths / OWN_PATH, paths % OWN_PATH);
        let typed = (0..8_usize).map(|set| {
            TYPED
                .iter()
                .enumerate()
                .filter(move |(at, _)| set >> at & 1 == 1)
                .map(|(_, path)| *path)
        });
        let typed = typed.map(Iterator::collect::<Vec<_>>);
        let mut typed =
            typed.filter(|paths| paths.iter().map(|path| 12 + path.len()).sum::<usize>() == rest);
        let typed = typed.next()?.into_iter().map(str::to_owned);
        let paths = typed.chain((0..own).map(own_path)).collect();
        Self::of(id, Asked::Batch(paths))
    }

    fn of(id: &str, asked: Asked) -> Option<Self> {
        let (number, price) = id.strip_prefix("soak-")?.split_once('-')?;
        Some(Self {
            number: number.parse().ok()?,
            price: price.parse().ok()?,
            asked,
        })
    }

    /// How many units it costs.
    pub(crate) fn units(&self) -> i64 {
        match &self.asked {
            Asked::Batch(paths) => i64::try_from(paths.len()).unwrap_or(i64::MAX),
            Asked::Signals => i64::from(self.price),
            _ => 1,
        }
    }

    fn is_v3(&self) -> bool {
        !matches!(self.asked, Asked::Batch(_) | Asked::Endpoint(_))
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// The answer to a request under a fault.
pub(crate) fn reply(request: &Request, fault: Fault, rng: &mut Rng) -> Reply {
    let json = |status, body| Reply {
        status,
        headers: vec![("content-type", "application/json".to_owned())],
        body,
    };
    match fault {
        Fault::Html(status) => Reply {
            status,
            headers: vec![("content-type", "text/html".to_owned())],
            body: "<html><body>Bad gateway</body></html>".to_owned(),
        },
        Fault::Whole(status) => {
            let mut reply = json(status, whole(status, request.is_v3()));
            if status == 429 {
                reply
                    .headers
                    .push(("retry-after", rng.u32(0..2).to_string()));
            }
            reply
        }
        Fault::Malformed => json(
            200,
            r#"{"responses": [{"path": "/odometer", "code""#.to_owned(),
        ),
        fault => match &request.asked {
            Asked::Endpoint(path) if fault == Fault::Items => {
                let (status, error) = item_error(rng);
                let _ = path;
                json(status, error)
            }
            asked => json(200, good(asked, request.number, fault, rng)),
        },
    }
}

fn whole(status: u16, v3: bool) -> String {
    let (kind, code) = match status {
        401 => ("AUTHENTICATION", "null"),
        429 => ("RATE_LIMIT", r#""VEHICLE""#),
        _ => ("SERVER", r#""INTERNAL""#),
    };
    if v3 {
        return format!(
            r#"{{"errors": [{{"status": "{status}", "type": "{kind}", "code": {code}, "title": "soak"}}]}}"#
        );
    }
    format!(
        r#"{{"statusCode": {status}, "type": "{kind}", "code": {code}, "description": "soak"}}"#
    )
}

/// The status and the body of an item's error.
fn item_error(rng: &mut Rng) -> (u16, String) {
    let status = *rng.choice(&[429, 502, 403]).unwrap_or(&502);
    let (kind, code) = match status {
        429 => ("RATE_LIMIT", r#""VEHICLE""#),
        502 => ("UPSTREAM", r#""UNKNOWN_ISSUE""#),
        _ => ("PERMISSION", "null"),
    };
    let body = format!(
        r#"{{"statusCode": {status}, "type": "{kind}", "code": {code}, "description": "soak"}}"#
    );
    (status, body)
}

/// The signals of version 3 that the store has, and whether each has the vehicle's
/// own value.
const SIGNALS: [(&str, bool, &str); 6] = [
    ("odometer-traveleddistance", true, "km"),
    ("internalcombustionengine-range", true, "km"),
    ("internalcombustionengine-fuellevel", false, "percent"),
    ("internalcombustionengine-amountremaining", true, "liters"),
    ("tractionbattery-stateofcharge", false, "percent"),
    ("tractionbattery-range", true, "km"),
];

fn good(asked: &Asked, number: Number, fault: Fault, rng: &mut Rng) -> String {
    match asked {
        Asked::Batch(paths) => {
            let items = paths.iter().map(|path| item(path, number, fault, rng));
            format!(
                r#"{{"responses": [{}]}}"#,
                changed(items.collect(), fault, rng)
            )
        }
        Asked::Endpoint(path) => body(path, &format!("{number}.5")),
        Asked::Signals => {
            let items = SIGNALS
                .iter()
                .map(|(code, ..)| signal(code, number, fault, rng));
            let items = changed(items.collect(), fault, rng);
            format!(
                r#"{{"data": [{items}], "included": [{}]}}"#,
                vehicle(number)
            )
        }
        Asked::Signal(code) => {
            let fault = if fault == Fault::Missing {
                Fault::None
            } else {
                fault
            };
            format!(r#"{{"data": {}}}"#, signal(code, number, fault, rng))
        }
        Asked::Vehicle => format!(r#"{{"data": {}}}"#, vehicle(number)),
        Asked::Connections => {
            r#"{"data": [{"id": "c", "attributes": {"permissions": ["read_odometer"]}}]}"#
                .to_owned()
        }
    }
}

/// The items, one twice or one less where the fault says so.
fn changed(mut items: Vec<String>, fault: Fault, rng: &mut Rng) -> String {
    let at = rng.usize(0..items.len().max(1));
    match fault {
        Fault::Duplicate if !items.is_empty() => items.push(items[at].clone()),
        Fault::Missing if !items.is_empty() => drop(items.remove(at)),
        _ => {}
    }
    items.join(", ")
}

fn item(path: &str, number: Number, fault: Fault, rng: &mut Rng) -> String {
    if fault == Fault::Items && rng.bool() {
        let (status, error) = item_error(rng);
        let wait = match (status, rng.u32(0..3)) {
            (429, 0) => r#", "headers": {"retry-after": "0"}"#,
            (429, 1) => r#", "headers": {"retry-after": "1"}"#,
            _ => "",
        };
        return format!(r#"{{"path": "{path}", "code": {status}, "body": {error}{wait}}}"#);
    }
    let body = body(path, &format!("{number}.5"));
    format!(
        r#"{{"path": "{path}", "code": 200, "body": {body}, "headers": {{"sc-unit-system": "metric"}}}}"#
    )
}

fn body(path: &str, value: &str) -> String {
    match path {
        "/odometer" => format!(r#"{{"distance": {value}}}"#),
        "/fuel" => {
            format!(r#"{{"range": {value}, "percentRemaining": 0.5, "amountRemaining": {value}}}"#)
        }
        "/battery" => format!(r#"{{"percentRemaining": 0.5, "range": {value}}}"#),
        _ => format!(r#"{{"value": {value}}}"#),
    }
}

fn signal(code: &str, number: Number, fault: Fault, rng: &mut Rng) -> String {
    let known = SIGNALS.iter().find(|(known, ..)| *known == code);
    let (_, own, unit) = known.copied().unwrap_or((code, true, "km"));
    let failed = fault == Fault::Items && rng.bool();
    let value = match (own, failed) {
        (true, false) => format!("{number}.5"),
        (true, true) => format!("{number}.25"),
        (false, _) => "50".to_owned(),
    };
    let status = if failed {
        let kind = *rng
            .choice(&["RATE_LIMIT", "UPSTREAM", "PERMISSION"])
            .unwrap_or(&"UPSTREAM");
        format!(
            r#"{{"value": "ERROR", "error": {{"type": "{kind}", "code": null, "title": "soak"}}}}"#
        )
    } else {
        r#"{"value": "SUCCESS"}"#.to_owned()
    };
    format!(
        r#"{{"id": "{code}", "type": "signal", "attributes": {{"code": "{code}", "status": {status}, "body": {{"value": {value}, "unit": "{unit}"}}}}}}"#
    )
}

fn vehicle(number: Number) -> String {
    format!(
        r#"{{"id": "soak-{number}", "type": "vehicle", "attributes": {{"make": "TESLA", "model": "Model 3", "year": 2022}}}}"#
    )
}
