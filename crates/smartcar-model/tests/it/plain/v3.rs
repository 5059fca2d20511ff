//! The answer with signals of version 3, and what v2.0 makes of it, plainly.
//!
//! Invariant: the bodies are made by hand, path by path, without the mapping.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::body::{read, table};
use super::{
    Outcome, Reading, api, has_broken_name, is_twice, is_whole, leaves, number, object, said,
};

type Members = Map<String, Value>;

/// A signal, as far as its envelope goes.
struct Signal {
    /// The body, or what is in its place.
    body: Result<Value, Outcome>,
    updated: Option<Timestamp>,
    retrieved: Option<Timestamp>,
}

/// The signals of an answer.
pub(crate) struct Store {
    signals: BTreeMap<String, Signal>,
    pub(crate) warnings: usize,
}

/// Nothing for what is not an answer with signals.
pub(crate) fn store(text: &str) -> Option<Store> {
    let tree = super::tree(text)?;
    let list = match &tree {
        Value::Array(list) => list.clone(),
        other => {
            let outer = object(other)?;
            if is_twice(outer, "data") || is_twice(outer, "signals") {
                return None;
            }
            match (said(outer, "data"), said(outer, "signals")) {
                (Some(_), Some(_)) => return None,
                (Some(Value::Array(list)), None) | (None, Some(Value::Array(list))) => list.clone(),
                (Some(one), None) | (None, Some(one)) => {
                    object(one)?;
                    vec![one.clone()]
                }
                (None, None) => {
                    let bare = outer.contains_key("attributes") || said(outer, "code").is_some();
                    bare.then(|| vec![other.clone()])?
                }
            }
        }
    };
    let mut store = Store {
        signals: BTreeMap::new(),
        warnings: 0,
    };
    for element in &list {
        let signal = object(element).and_then(signal);
        match signal {
            Some((code, signal)) if !store.signals.contains_key(&code) => {
                store.signals.insert(code, signal);
            }
            _ => store.warnings += 1,
        }
    }
    Some(store)
}

fn signal(own: &Members) -> Option<(String, Signal)> {
    let empty = Members::new();
    let ambiguous = is_twice(own, "attributes");
    let inner = own.get("attributes").filter(|_| !ambiguous);
    let inner = inner.and_then(object).unwrap_or(&empty);
    let either = |name: &str| said(inner, name).or_else(|| said(own, name));
    let code = either("code").or_else(|| either("id"))?.as_str()?;
    let code = code.trim().to_ascii_lowercase();
    if code.is_empty() {
        return None;
    }
    let known = ["id", "code", "status", "body", "meta"];
    let broken = ambiguous
        || known
            .iter()
            .any(|name| is_twice(inner, name) || is_twice(own, name));
    let metas = [said(own, "meta"), said(inner, "meta")];
    let (updated, retrieved) = (time(metas, "oemUpdatedAt"), time(metas, "retrievedAt"));
    let status = either("status").map_or(Ok(()), judge);
    let body = inner.get("body").or_else(|| own.get("body"));
    let body = body.filter(|body| object(body).is_some()).cloned();
    let body = match (broken, status) {
        (true, _) => Err(Outcome::Malformed),
        _ if updated.is_err() || retrieved.is_err() => Err(Outcome::Malformed),
        (_, Err(outcome)) => Err(outcome),
        _ => body.ok_or(Outcome::Malformed),
    };
    let signal = Signal {
        body,
        updated: updated.unwrap_or_default(),
        retrieved: retrieved.unwrap_or_default(),
    };
    Some((code, signal))
}

fn time(metas: [Option<&Value>; 2], name: &str) -> Result<Option<Timestamp>, ()> {
    for meta in metas.into_iter().flatten().filter_map(object) {
        if is_twice(meta, name) {
            return Err(());
        }
        let moment = meta.get(name).and_then(|value| match value {
            Value::String(text) => text
                .trim()
                .parse()
                .ok()
                .or_else(|| epoch(text.trim().parse().ok()?)),
            other => epoch(other.as_f64()?),
        });
        if moment.is_some() {
            return Ok(moment);
        }
    }
    Ok(None)
}

fn epoch(number: f64) -> Option<Timestamp> {
    let milliseconds = if number < 1e11 { number * 1e3 } else { number };
    #[allow(clippy::cast_possible_truncation, reason = "in this range it is exact")]
    (1.0..1e15)
        .contains(&milliseconds)
        .then(|| Timestamp::from_millisecond(milliseconds as i64).unwrap())
}

fn judge(status: &Value) -> Result<(), Outcome> {
    let members = match status {
        Value::String(word) => return judge_word(Some(word), None),
        other => object(other).ok_or(Outcome::Malformed)?,
    };
    if is_twice(members, "value") || is_twice(members, "error") {
        return Err(Outcome::Malformed);
    }
    let error = said(members, "error");
    match said(members, "value") {
        Some(Value::String(word)) => judge_word(Some(word), error),
        Some(_) if error.is_none() => Err(Outcome::Malformed),
        None if error.is_none() => {
            let says = |value: &Value| !value.is_null();
            if has_broken_name(members) || members.values().any(says) {
                return Err(Outcome::Malformed);
            }
            Ok(())
        }
        _ => judge_word(None, error),
    }
}

fn judge_word(word: Option<&str>, error: Option<&Value>) -> Result<(), Outcome> {
    let is_good = word.is_some_and(|word| word.trim().eq_ignore_ascii_case("SUCCESS"));
    match error {
        _ if is_good => Ok(()),
        None if word.is_some_and(|word| word.trim().eq_ignore_ascii_case("UNAVAILABLE")) => {
            Err(Outcome::Missing)
        }
        None => Err(Outcome::NotValid),
        Some(error) => {
            let Outcome::Api(status, kind, code) = api(500, Some(&without_list(error))) else {
                return Err(Outcome::Malformed);
            };
            let status = match kind.as_deref() {
                Some("PERMISSION") => 403,
                Some("UPSTREAM") => 502,
                Some("COMPATIBILITY") => 501,
                _ => status,
            };
            Err(Outcome::Api(status, kind, code))
        }
    }
}

/// The error of a signal has no list of errors.
fn without_list(error: &Value) -> Value {
    let mut error = error.clone();
    if let Some(members) = error.as_object_mut() {
        members.remove("errors");
    }
    error
}

/// Why a member has no value, the less grave first.
enum Why {
    NoValue,
    Absent,
    NoWord,
    Failed(Outcome),
}

impl Why {
    fn gravity(&self) -> u8 {
        match self {
            Self::NoValue => 1,
            Self::Absent => 2,
            Self::NoWord => 3,
            Self::Failed(_) => 4,
        }
    }
}

/// What a path is being made of.
#[derive(Default)]
struct Made {
    used: BTreeSet<String>,
    systems: BTreeSet<&'static str>,
    /// The pointers of members that failed.
    told: Vec<String>,
}

impl Store {
    /// The outcome of a path, and the members that are told.
    pub(crate) fn answer(&self, path: &str) -> (Outcome, Vec<String>) {
        let mut made = Made::default();
        let body = match path {
            "/odometer" => self.object(
                &mut made,
                &[("distance", "odometer-traveleddistance", "km", true)],
            ),
            "/battery" => self.object(
                &mut made,
                &[
                    (
                        "percentRemaining",
                        "tractionbattery-stateofcharge",
                        "fraction",
                        true,
                    ),
                    ("range", "tractionbattery-range", "km", true),
                ],
            ),
            "/fuel" => self.object(
                &mut made,
                &[
                    (
                        "percentRemaining",
                        "internalcombustionengine-fuellevel",
                        "fraction",
                        false,
                    ),
                    (
                        "amountRemaining",
                        "internalcombustionengine-amountremaining",
                        "L",
                        false,
                    ),
                    ("range", "internalcombustionengine-range", "km", false),
                ],
            ),
            "/security" => self.security(&mut made),
            signal => self.signal(&mut made, signal),
        };
        let outcome = body.and_then(|body| self.finish(&made, &body));
        match outcome {
            Ok(good) => (good, made.told),
            Err(outcome) => (outcome, Vec::new()),
        }
    }

    fn finish(&self, made: &Made, body: &Value) -> Result<Outcome, Outcome> {
        if made.systems.len() > 1 {
            return Err(Outcome::Malformed);
        }
        let used = || made.used.iter().map(|code| &self.signals[code]);
        Ok(Outcome::Good(Reading {
            leaves: leaves(body),
            data_age: used().filter_map(|signal| signal.updated).min(),
            fetched_at: used().filter_map(|signal| signal.retrieved).min(),
            unit_system: made.systems.iter().next().map(|it| (*it).to_owned()),
        }))
    }

    fn signal(&self, made: &mut Made, path: &str) -> Result<Value, Outcome> {
        let code = path.strip_prefix("/signals/").unwrap();
        let signal = self.signals.get(code).ok_or(Outcome::Missing)?;
        let body = match &signal.body {
            Ok(body) => body,
            Err(outcome) => return Err(copy(outcome)),
        };
        made.used.insert(code.to_owned());
        let read = read(body, table(path)).ok_or(Outcome::Malformed)?;
        // A unit that cannot be read has no system.
        let unit = said(body.as_object().unwrap(), "unit").and_then(Value::as_str);
        made.systems
            .extend(unit.and_then(unit_of).and_then(|(_, system)| system));
        Ok(read)
    }

    fn object(
        &self,
        made: &mut Made,
        members: &[(&str, &str, &str, bool)],
    ) -> Result<Value, Outcome> {
        let mut body = Members::new();
        let (mut needed, mut gravest) = (None, None);
        for (name, code, unit, required) in members {
            let why = match self.number(made, code, unit) {
                Ok(value) => {
                    body.insert((*name).to_owned(), value.into());
                    continue;
                }
                Err(why) => why,
            };
            if why.gravity() > 2 && !required {
                made.told.push(format!("/{name}"));
            }
            let place = if *required { &mut needed } else { &mut gravest };
            graver(place, why);
        }
        let failed = needed.or(gravest.filter(|_| body.is_empty()));
        failed.map_or(Ok(body.into()), |why| Err(outcome(why)))
    }

    /// A body that is wholly JSON, for the mapping.
    fn body(&self, code: &str) -> Result<&Members, Why> {
        match self.signals.get(code).map(|signal| &signal.body) {
            None | Some(Err(Outcome::Missing)) => Err(Why::Absent),
            Some(Err(failed)) => Err(Why::Failed(copy(failed))),
            Some(Ok(body)) if is_whole(body) => Ok(body.as_object().unwrap()),
            Some(Ok(_)) => Err(Why::Failed(Outcome::Malformed)),
        }
    }

    fn number(&self, made: &mut Made, code: &str, wanted: &str) -> Result<f64, Why> {
        let body = self.body(code)?;
        let failed = || Why::Failed(Outcome::Malformed);
        let value = value_of(body, "value")?.ok_or(Why::NoValue)?;
        let value = number(value).ok_or_else(failed)?;
        let unit = body.get("unit").and_then(Value::as_str);
        let unit = unit.filter(|unit| !unit.trim().is_empty());
        let (value, system) = match (unit, wanted) {
            (None, "fraction") => (value / 100.0, None),
            (None, _) => (value, None),
            (Some(unit), wanted) => match (unit_of(unit).ok_or_else(failed)?, wanted) {
                (("percent", _), "fraction") => (value / 100.0, None),
                (("fraction", _), "fraction") => (value, None),
                (("km" | "mi", system), "km") | (("L" | "gal", system), "L") => (value, system),
                _ => return Err(failed()),
            },
        };
        made.systems.extend(system);
        made.used.insert(code.to_owned());
        Ok(value)
    }

    fn security(&self, made: &mut Made) -> Result<Value, Outcome> {
        let locked = self.body("closure-islocked").and_then(|body| {
            let value = value_of(body, "value")?;
            value.cloned().ok_or(Why::NoValue)
        });
        let locked = locked.map_err(outcome)?;
        made.used.insert("closure-islocked".to_owned());
        let mut body =
            json!({"isLocked": locked, "sunroof": [], "storage": [], "chargingPort": []});
        for (name, code) in [("doors", "closure-doors"), ("windows", "closure-windows")] {
            body[name] = self.places(made, name, code).into();
        }
        // The type of the member is what the body's own table says.
        read(&body, table("/security")).ok_or(Outcome::Malformed)
    }

    fn places(&self, made: &mut Made, name: &str, code: &str) -> Vec<Value> {
        let places = [
            ("frontLeft", 0, 0),
            ("frontRight", 0, 1),
            ("backLeft", 1, 0),
            ("backRight", 1, 1),
        ];
        let list = self.body(code).and_then(|body| list_of(body, name));
        let list = match list {
            Ok(list) => list,
            Err(why) => {
                if why.gravity() > 2 {
                    made.told
                        .extend((0..4).map(|index| format!("/{name}/{index}/status")));
                }
                return Vec::new();
            }
        };
        let is_at = |element: &Value, row: i32, column: i32| {
            let is = |name: &str, wanted: i32| {
                let found = element.get(name).and_then(number);
                found.is_some_and(|found| (found - f64::from(wanted)).abs() < f64::EPSILON)
            };
            is("row", row) && is("column", column)
        };
        let (mut entries, mut placed) = (Vec::new(), BTreeSet::new());
        for (index, (kind, row, column)) in places.into_iter().enumerate() {
            let Some(at) = list.iter().position(|element| is_at(element, row, column)) else {
                continue;
            };
            placed.insert(at);
            match word(list[at].as_object().unwrap()) {
                Ok(status) => {
                    made.used.insert(code.to_owned());
                    entries.push(json!({"type": kind, "status": status}));
                }
                Err(_) => made.told.push(format!("/{name}/{index}/status")),
            }
        }
        let says = |element: &Value| match element {
            Value::Null => false,
            Value::Object(members) => members.values().any(|value| !value.is_null()),
            _ => true,
        };
        let unplaced = list.iter().enumerate();
        let unplaced = unplaced.filter(|(at, element)| !placed.contains(at) && says(element));
        made.told.extend(
            (4..)
                .zip(unplaced)
                .map(|(index, _)| format!("/{name}/{index}")),
        );
        entries
    }
}

fn list_of<'v>(body: &'v Members, name: &str) -> Result<&'v Vec<Value>, Why> {
    let found = match (said(body, "values"), said(body, name)) {
        (Some(_), Some(_)) | (None, None) => None,
        (Some(found), None) | (None, Some(found)) => Some(found.get(name).unwrap_or(found)),
    };
    let list = found.and_then(Value::as_array);
    list.ok_or(Why::Failed(Outcome::Malformed))
}

fn word(element: &Members) -> Result<&'static str, Why> {
    Ok(match value_of(element, "isOpen")? {
        None => "UNKNOWN",
        Some(value) => {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), |it| it.trim().to_owned());
            match text.to_ascii_lowercase().as_str() {
                "true" => "OPEN",
                "false" => "CLOSED",
                "null" => "UNKNOWN",
                _ => return Err(Why::NoWord),
            }
        }
    })
}

/// A value, nothing for null; another member in its place is an error.
fn value_of<'v>(object: &'v Members, name: &str) -> Result<Option<&'v Value>, Why> {
    let beside = [
        "unit",
        "type",
        "row",
        "column",
        "isLocked",
        "description",
        "additionalValues",
    ];
    let other =
        |(name, value): (&String, &Value)| !value.is_null() && !beside.contains(&name.as_str());
    if !object.contains_key(name) && object.iter().any(other) {
        return Err(Why::Failed(Outcome::Malformed));
    }
    Ok(object.get(name).filter(|value| !value.is_null()))
}

fn unit_of(text: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match text.trim().to_lowercase().as_str() {
        "km" | "kilometers" => ("km", Some("metric")),
        "mi" | "miles" => ("mi", Some("imperial")),
        "percent" | "percentage" => ("percent", None),
        "fraction" => ("fraction", None),
        "l" | "liters" => ("L", Some("metric")),
        "gallons" => ("gal", Some("imperial")),
        _ => return None,
    })
}

fn graver(place: &mut Option<Why>, why: Why) {
    if place
        .as_ref()
        .is_none_or(|known| known.gravity() < why.gravity())
    {
        *place = Some(why);
    }
}

fn outcome(why: Why) -> Outcome {
    match why {
        Why::NoValue | Why::NoWord => Outcome::Malformed,
        Why::Absent => Outcome::Missing,
        Why::Failed(outcome) => outcome,
    }
}

fn copy(outcome: &Outcome) -> Outcome {
    match outcome {
        Outcome::Api(status, kind, code) => Outcome::Api(*status, kind.clone(), code.clone()),
        Outcome::Missing => Outcome::Missing,
        Outcome::NotValid => Outcome::NotValid,
        _ => Outcome::Malformed,
    }
}
