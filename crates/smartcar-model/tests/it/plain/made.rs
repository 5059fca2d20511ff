//! The plain converter from signals to v2.0 bodies.
//!
//! Invariant: the bodies are built by hand for each path, without the mapping.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::body::{read, table};
use super::v3::Store;
use super::{Outcome, Reading, is_whole, leaves, number, said};

type Members = Map<String, Value>;

/// Why a member has no value, from the least to the most serious.
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

/// The state while the body of a path is built.
#[derive(Default)]
struct Made {
    used: BTreeSet<String>,
    systems: BTreeSet<&'static str>,
    /// The JSON pointers of members that failed.
    told: Vec<String>,
}

impl Store {
    /// The result of a path, and its reported members.
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
        // An unreadable unit does not belong to a unit system.
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

    /// A body that is complete JSON, for the mapping.
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
        // The table of the body gives the member's type.
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

/// A value. `None` if there is nothing; an error if another member is in its
/// place.
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
