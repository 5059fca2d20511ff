//! The one interpreter of the mapping: from signals to a body of v2.0.
//!
//! Invariant: a value is taken, scaled or renamed as its row says, or it is an
//! error; nothing is filled in.

mod value;
mod why;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::entry::{self, Times};
use super::mapping::{self, Constant, EndpointMapping, Member, Need, Pick, Source};
use super::member_error::MemberError;
use super::signals::{Resource, Signals};
use super::unit;
use crate::batch::Outcomes;
use crate::body::Body;
use crate::generated::UnitSystem;
use crate::headers::ResponseHeaders;
use crate::item_error::ItemError;
use crate::item_response::ItemResponse;
use crate::malformed::Malformed;
use crate::not_available::{NotAvailableReason, Unsupported};
use crate::text;
use why::{Why, graver};

impl Signals {
    /// The answer of a path: one of v2.0, converted, or a signal's as it came.
    /// Its metadata is that of the oldest signal that it is made of.
    pub fn answer(&self, path: &str) -> Result<ItemResponse<'_>, ItemError> {
        self.answer_with_member_errors(path)
            .map(|(answer, _)| answer)
    }

    /// The same, with the members that a failed signal left empty.
    pub fn answer_with_member_errors(
        &self,
        path: &str,
    ) -> Result<(ItemResponse<'_>, Vec<MemberError>), ItemError> {
        let mut run = Run {
            signals: self,
            path,
            used: BTreeSet::new(),
            absent: Vec::new(),
            systems: Vec::new(),
            member_errors: Vec::new(),
        };
        let body = match path.strip_prefix("/signals/") {
            Some(code) => Body::Text(run.signal(&code.to_ascii_lowercase())?),
            None => Body::Made(run.endpoint()?),
        };
        run.finish(body)
    }

    /// Puts the answer of each path into its place: pairs of a place's index
    /// and its path, as [`crate::decode::batch`] takes them.
    pub fn answer_all(&self, asked: &[(usize, &str)], outcomes: &mut dyn Outcomes) {
        for (index, path) in asked {
            match self.answer(path) {
                Ok(answer) => outcomes.accept(*index, &answer),
                Err(error) => outcomes.fail(*index, error),
            }
        }
    }
}

/// A value, and whether anything of it was read; else it is said by the mapping
/// alone, a constant or an empty list, with the gravest reason of what it lacks.
struct Found {
    value: Value,
    read: Result<(), Why>,
}

impl Found {
    fn read(value: Value) -> Self {
        Self {
            value,
            read: Ok(()),
        }
    }
}

struct Run<'s, 'p> {
    signals: &'s Signals,
    path: &'p str,
    /// The signals that a value was taken from.
    used: BTreeSet<String>,
    /// The signals that are not in the store.
    absent: Vec<String>,
    /// The unit systems of the values.
    systems: Vec<UnitSystem>,
    member_errors: Vec<MemberError>,
}

impl<'s> Run<'s, '_> {
    /// A signal's own body.
    fn signal(&mut self, code: &str) -> Result<&'s str, ItemError> {
        let entry = self.signals.find(code)?;
        let body = entry.body(code).map_err(Clone::clone)?;
        self.used.insert(code.to_owned());
        let unit = entry::unit(body);
        let system = unit.as_deref().and_then(unit::read).and_then(unit::system);
        self.systems.extend(system);
        Ok(body)
    }

    /// A body of v2.0.
    fn endpoint(&mut self) -> Result<Value, ItemError> {
        let not_on_v3 = |reason: &str| {
            let error = Unsupported::new(self.path, None, reason);
            Err(ItemError::Unsupported(Box::new(error)))
        };
        match EndpointMapping::of(self.path).map(|mapping| &mapping.body) {
            None => not_on_v3("the description does not know this path"),
            Some(mapping::Body::None(reason)) => not_on_v3(reason),
            Some(mapping::Body::Object(members)) => self.body(members),
            Some(mapping::Body::List(source)) => match self.source(source, None) {
                Ok(Found {
                    value,
                    read: Ok(()),
                }) => Ok(value),
                Ok(Found { read: Err(why), .. }) | Err(why) => {
                    Err(self.merged(why.error(self.path, None)))
                }
            },
        }
    }

    fn finish(self, body: Body<'s>) -> Result<(ItemResponse<'s>, Vec<MemberError>), ItemError> {
        let mut unit_system = None;
        for system in self.systems {
            if *unit_system.get_or_insert_with(|| system.clone()) != system {
                let why = "its signals name units of both systems";
                return Err(ItemError::Malformed(Malformed::new("/body", why)));
            }
        }
        let oldest = |a: Option<Timestamp>, b: Option<Timestamp>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let (mut oldest_times, mut request_id) = (Times::default(), None);
        for code in &self.used {
            let entry = self.signals.find(code)?;
            let times = entry.times();
            oldest_times.updated = oldest(oldest_times.updated, times.updated);
            oldest_times.retrieved = oldest(oldest_times.retrieved, times.retrieved);
            request_id = request_id.or(entry.request_id());
        }
        let headers = ResponseHeaders {
            data_age: oldest_times.updated,
            fetched_at: oldest_times.retrieved,
            unit_system,
            retry_after: None,
            date: None,
        };
        Ok((
            ItemResponse::of_signals(headers, body, request_id),
            self.member_errors,
        ))
    }

    /// A whole body: it fails where a member that it needs has no value, or
    /// where no member has one.
    fn body(&mut self, members: &'static [Member]) -> Result<Value, ItemError> {
        match self.members(members, None) {
            Ok(Found {
                value,
                read: Ok(()),
            }) => Ok(value),
            Ok(Found { read: Err(why), .. }) => Err(self.merged(why.error(self.path, None))),
            Err((member, why)) => Err(self.merged(why.error(self.path, member))),
        }
    }

    /// An error about a signal that is not in the store names all of them.
    fn merged(&self, error: ItemError) -> ItemError {
        match error {
            ItemError::NotAvailable(missing)
                if missing.reason != NotAvailableReason::NotOffered =>
            {
                let mut missing = *missing;
                for code in &self.absent {
                    if !missing.signals.contains(code) {
                        missing.signals.push(code.clone());
                    }
                }
                ItemError::NotAvailable(Box::new(missing))
            }
            error => error,
        }
    }

    /// An object. The error is that of the gravest member that it needs, else,
    /// where one failed and nothing was read, of the gravest of all; what it
    /// could do without is then not an error of its own.
    fn members(
        &mut self,
        members: &'static [Member],
        element: Option<&Value>,
    ) -> Result<Found, (Option<&'static str>, Why)> {
        let mut object = Map::new();
        let known = self.member_errors.len();
        let (mut read, mut failed) = (false, false);
        let mut needed = None;
        let mut gravest = None;
        for member in members {
            let why = match self.source(&member.source, element) {
                Ok(found) => {
                    object.insert(member.name.to_owned(), found.value);
                    match found.read {
                        Ok(()) => read = true,
                        Err(why) => gravest = Some(graver(gravest, (member.name, why))),
                    }
                    continue;
                }
                Err(why) => why,
            };
            failed = true;
            gravest = Some(graver(gravest, (member.name, why.clone())));
            match member.need {
                Need::Required => needed = Some(graver(needed, (member.name, why))),
                Need::Nullable => {
                    object.insert(member.name.to_owned(), Value::Null);
                    self.member_errors
                        .extend(why.member_error(self.path, member.name));
                }
                Need::Optional => self
                    .member_errors
                    .extend(why.member_error(self.path, member.name)),
            }
        }
        let error = needed.or_else(|| gravest.clone().filter(|_| failed && !read));
        if let Some((name, why)) = error {
            self.member_errors.truncate(known);
            return Err((Some(name), why));
        }
        let read = match gravest {
            Some((_, why)) if !read => Err(why),
            _ => Ok(()),
        };
        Ok(Found {
            value: Value::Object(object),
            read,
        })
    }

    fn source(&mut self, source: &'static Source, element: Option<&Value>) -> Result<Found, Why> {
        match source {
            Source::Pick(pick) => self.pick(pick, element),
            Source::Vehicle(at) => resource(self.signals.vehicle(), at),
            Source::Connection(at) => resource(self.signals.connection(), at),
            Source::Constant(value) => Ok(Found {
                value: constant(value),
                read: Err(Why::NotThis),
            }),
            Source::None(reason) => Err(Why::NoCounterpart((*reason).to_owned())),
            Source::First(sources) => {
                let mut gravest = None;
                for source in *sources {
                    match self.source(source, element) {
                        Ok(found) => return Ok(found),
                        Err(why) => gravest = Some(graver(gravest, ((), why))),
                    }
                }
                Err(gravest.map_or(Why::NotThis, |((), why)| why))
            }
            Source::Members(members) => self.members(members, element).map_err(|(_, why)| why),
            Source::Entries(entries) => Ok(self.entries(entries, element)),
            Source::Each { list, members } => self.each(list, members, element),
        }
    }

    /// The entries that have a value. None at all is an empty list, which says
    /// nothing where the rest of its body does not either.
    fn entries(&mut self, entries: &'static [&'static [Member]], element: Option<&Value>) -> Found {
        let mut list = Vec::new();
        let mut gravest = None;
        for members in entries {
            let why = match self.members(members, element) {
                Ok(Found {
                    value,
                    read: Ok(()),
                }) => {
                    list.push(value);
                    continue;
                }
                Ok(Found { read: Err(why), .. }) => why,
                Err((member, why)) => {
                    let error = why
                        .clone()
                        .member_error(self.path, member.unwrap_or_default());
                    self.member_errors.extend(error);
                    why
                }
            };
            gravest = Some(graver(gravest, ((), why)));
        }
        let read = match gravest {
            Some(((), why)) if list.is_empty() => Err(why),
            _ => Ok(()),
        };
        Found {
            value: Value::Array(list),
            read,
        }
    }

    fn each(
        &mut self,
        pick: &'static Pick,
        members: &'static [Member],
        element: Option<&Value>,
    ) -> Result<Found, Why> {
        let (body, at) = self.start(pick, element)?;
        let pointer = pick.list.unwrap_or_default();
        let Some(Value::Array(elements)) = body.pointer(pointer) else {
            return Err(Why::NoValue(format!("{at}{pointer}")));
        };
        let mut list = Vec::new();
        for element in elements {
            match self.members(members, Some(element)) {
                Ok(found) => list.push(found.value),
                // An element of nothing but nulls says nothing.
                Err((_, Why::NoValue(_) | Why::NotThis)) if !needs(members) => {}
                Err((_, why)) => return Err(why),
            }
        }
        self.use_signal(pick);
        Ok(Found::read(Value::Array(list)))
    }

    /// The body or the element that a pick begins at, and its name.
    fn start<'v>(
        &mut self,
        pick: &Pick,
        element: Option<&'v Value>,
    ) -> Result<(&'v Value, String), Why>
    where
        's: 'v,
    {
        let Some(code) = pick.signal else {
            let element = element.ok_or(Why::NotThis)?;
            return Ok((element, String::new()));
        };
        self.fits(pick)?;
        match self.signals.find(code).and_then(|entry| entry.value(code)) {
            Ok(body) => Ok((body, format!("/{code}/body"))),
            Err(error) => {
                if error.is_missing() && !self.absent.iter().any(|known| known == code) {
                    self.absent.push(code.to_owned());
                }
                Err(Why::of(error))
            }
        }
    }

    /// Whether a pick holds for the vehicle's powertrain, as far as it is known.
    fn fits(&self, pick: &Pick) -> Result<(), Why> {
        let known = self.signals.vehicle().at("/attributes/powertrainType");
        let known = known.and_then(Value::as_str);
        let same = |name: &&str| known.is_none_or(|known| known.eq_ignore_ascii_case(name));
        if pick.powertrain.is_empty() || pick.powertrain.iter().any(same) {
            return Ok(());
        }
        Err(Why::NotThis)
    }

    fn pick(&mut self, pick: &'static Pick, element: Option<&Value>) -> Result<Found, Why> {
        let (body, mut at) = self.start(pick, element)?;
        let mut from = body;
        if let Some(pointer) = pick.list {
            at.push_str(pointer);
            let list = body.pointer(pointer).and_then(Value::as_array);
            let mut list = list.into_iter().flatten();
            let found = list.find(|element| value::matches(element, pick.filter));
            from = found.ok_or_else(|| Why::NoValue(at.clone()))?;
        }
        at.push_str(pick.at);
        let retrieved = pick.signal.and_then(|code| {
            let entry = self.signals.find(code).ok()?;
            entry.times().retrieved
        });
        let place = value::Place {
            value: from.pointer(pick.at).filter(|value| !value.is_null()),
            unit: body.get("unit").and_then(Value::as_str),
            retrieved,
            at: &text::clean(&at),
        };
        let (value, system) = value::write(&place, &pick.form)?;
        self.systems.extend(system);
        self.use_signal(pick);
        Ok(Found::read(value))
    }

    fn use_signal(&mut self, pick: &Pick) {
        self.used.extend(pick.signal.map(str::to_owned));
    }
}

fn needs(members: &[Member]) -> bool {
    members.iter().any(|member| member.need == Need::Required)
}

fn resource(resource: &Resource, at: &str) -> Result<Found, Why> {
    if let Some(value) = resource.at(at) {
        return Ok(Found::read(value.clone()));
    }
    match resource.error() {
        Some(error) => Err(Why::of(error)),
        None => Err(Why::NoValue(at.to_owned())),
    }
}

fn constant(value: &Constant) -> Value {
    match value {
        Constant::Null => Value::Null,
        Constant::Flag(flag) => Value::Bool(*flag),
        Constant::Whole(number) => Value::from(*number),
        Constant::Text(text) => Value::from(*text),
    }
}
