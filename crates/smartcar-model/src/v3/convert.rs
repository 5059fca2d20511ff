//! Interprets the mapping: converts signals to v2.0 bodies.
//!
//! Invariant: a value is copied, scaled or renamed as its row says, or it is an
//! error. Missing values are not invented.

mod lists;
mod value;
mod why;

use std::collections::BTreeSet;
use std::fmt;

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
use lists::List;
use why::{Lack, Why, graver};

impl Signals {
    /// The result of a path: a converted v2.0 body, or a signal as received. Its
    /// metadata is that of the oldest signal used.
    pub fn answer(&self, path: &str) -> Result<ItemResponse<'_>, ItemError> {
        self.answer_with_member_errors(path)
            .map(|(answer, _)| answer)
    }

    /// The same, with the members that are empty because their signal failed.
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
            at: String::new(),
            from: String::new(),
        };
        let body = match path.strip_prefix("/signals/") {
            Some(code) => Body::Text(run.signal(&code.to_ascii_lowercase())?),
            None => Body::Made(run.endpoint()?),
        };
        run.finish(body)
    }

    /// Stores the result of each path in its slot. `asked` has pairs of slot
    /// index and path, as [`crate::decode::batch`] takes them.
    pub fn answer_all(&self, asked: &[(usize, &str)], outcomes: &mut dyn Outcomes) {
        for (index, path) in asked {
            match self.answer(path) {
                Ok(answer) => outcomes.accept(*index, &answer),
                Err(error) => outcomes.fail(*index, error),
            }
        }
    }
}

/// A value, and whether any of it was read from a signal. If none was, the value
/// consists of constants and empty lists, and `read` holds the most serious reason.
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
    /// The signals that a value was read from.
    used: BTreeSet<String>,
    /// The signals that are not in the store.
    absent: Vec<String>,
    /// The unit systems of the values.
    systems: Vec<UnitSystem>,
    member_errors: Vec<MemberError>,
    /// JSON pointer to the place in the body that is filled next.
    at: String,
    /// The position of the list element that is being read.
    from: String,
}

impl<'s> Run<'s, '_> {
    /// The body of a signal itself.
    fn signal(&mut self, code: &str) -> Result<&'s str, ItemError> {
        let entry = self.signals.find(code)?;
        let body = entry.body_or_last(code, self.signals.gives_last_known())?;
        self.used.insert(code.to_owned());
        let unit = entry::unit(body);
        let system = unit.as_deref().and_then(unit::read).and_then(unit::system);
        self.systems.extend(system);
        Ok(body)
    }

    /// A v2.0 body.
    fn endpoint(&mut self) -> Result<Value, ItemError> {
        let not_on_v3 = |reason: &str| {
            let error = Unsupported::new(self.path, None, reason);
            Err(ItemError::Unsupported(Box::new(error)))
        };
        match EndpointMapping::of(self.path).map(|mapping| &mapping.body) {
            None => not_on_v3("this path is not in the spec"),
            Some(mapping::Body::None(reason)) => not_on_v3(reason),
            Some(mapping::Body::Object(members)) => self.body(members),
            Some(mapping::Body::List(source)) => match self.source(source, None) {
                Ok(Found {
                    value,
                    read: Ok(()),
                }) => Ok(value),
                Ok(Found { read: Err(why), .. }) => Err(self.merged(why.error(self.path, None))),
                Err(lack) => Err(self.merged(lack.why.error(self.path, None))),
            },
        }
    }

    fn finish(self, body: Body<'s>) -> Result<(ItemResponse<'s>, Vec<MemberError>), ItemError> {
        let mut unit_system = None;
        for system in self.systems {
            if *unit_system.get_or_insert_with(|| system.clone()) != system {
                let why = "its signals use units of both systems";
                return Err(ItemError::Malformed(Malformed::new("/body", why)));
            }
        }
        let oldest = |a: Option<Timestamp>, b: Option<Timestamp>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let (mut oldest_times, mut request_id) = (Times::default(), None);
        let mut last_known = false;
        for code in &self.used {
            let entry = self.signals.find(code)?;
            let times = entry.times();
            oldest_times.updated = oldest(oldest_times.updated, times.updated);
            oldest_times.retrieved = oldest(oldest_times.retrieved, times.retrieved);
            request_id = request_id.or(entry.request_id());
            last_known |= entry.body(code).is_err();
        }
        let headers = ResponseHeaders {
            data_age: oldest_times.updated,
            fetched_at: oldest_times.retrieved,
            unit_system,
            retry_after: None,
            date: None,
        };
        Ok((
            ItemResponse::of_signals(headers, body, request_id, last_known),
            self.member_errors,
        ))
    }

    /// Reads a whole body. Fails if a required member has no value, or if no
    /// member has one.
    fn body(&mut self, members: &'static [Member]) -> Result<Value, ItemError> {
        match self.members(members, None) {
            Ok(Found {
                value,
                read: Ok(()),
            }) => {
                self.tell_unplaced(members);
                Ok(value)
            }
            Ok(Found { read: Err(why), .. }) => Err(self.merged(why.error(self.path, None))),
            Err(Lack { at, why }) => {
                let member = at.as_deref().map(why::name);
                Err(self.merged(why.error(self.path, member)))
            }
        }
    }

    /// An error about a signal that is not in the store names all of them.
    fn merged(&self, error: ItemError) -> ItemError {
        match error {
            ItemError::NotAvailable(missing)
                if matches!(
                    missing.reason,
                    NotAvailableReason::EmptyStore
                        | NotAvailableReason::NotStored
                        | NotAvailableReason::NotDelivered
                ) =>
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

    /// Runs a function at a place below the current one.
    fn below<T>(&mut self, step: impl fmt::Display, act: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.at.len();
        self.at.push('/');
        self.at.push_str(&step.to_string());
        let done = act(self);
        self.at.truncate(length);
        done
    }

    fn tell(&mut self, member: &str, why: Why) {
        let error = why.member_error(self.path, member);
        self.member_errors.extend(error);
    }

    /// Reads an object. The error is the most serious of its required members. If
    /// nothing was read and something failed, it is the most serious of all members;
    /// errors of optional members are then not reported separately.
    fn members(
        &mut self,
        members: &'static [Member],
        element: Option<&Value>,
    ) -> Result<Found, Lack> {
        let mut object = Map::new();
        let known = self.member_errors.len();
        let (mut read, mut failed) = (false, false);
        let mut needed = None;
        let mut gravest = None;
        for member in members {
            let found = self.below(member.name, |run| {
                let found = run.source(&member.source, element);
                found.map_err(|Lack { at, why }| (at.unwrap_or_else(|| run.at.clone()), why))
            });
            let (at, why) = match found {
                Ok(found) => {
                    object.insert(member.name.to_owned(), found.value);
                    match found.read {
                        Ok(()) => read = true,
                        Err(why) => gravest = Some(graver(gravest, why.into())),
                    }
                    continue;
                }
                Err(lack) => lack,
            };
            failed = true;
            let lack = Lack {
                at: Some(at.clone()),
                why: why.clone(),
            };
            gravest = Some(graver(gravest, lack.clone()));
            if member.need == Need::Required {
                needed = Some(graver(needed, lack));
                continue;
            }
            if member.need == Need::Nullable {
                object.insert(member.name.to_owned(), Value::Null);
            }
            self.tell(&at, why);
        }
        let error = needed.or_else(|| gravest.clone().filter(|_| failed && !read));
        if let Some(lack) = error {
            self.member_errors.truncate(known);
            return Err(lack);
        }
        let read = match gravest {
            Some(lack) if !read => Err(lack.why),
            _ => Ok(()),
        };
        Ok(Found {
            value: Value::Object(object),
            read,
        })
    }

    fn source(&mut self, source: &'static Source, element: Option<&Value>) -> Result<Found, Lack> {
        Ok(match source {
            Source::Pick(pick) => self.pick(pick, element)?,
            Source::Vehicle(at) => resource(self.signals.vehicle(), at)?,
            Source::Connection(at) => resource(self.signals.connection(), at)?,
            Source::Constant(value) => Found {
                value: constant(value),
                read: Err(Why::NotThis),
            },
            Source::None(reason) => return Err(Why::NoCounterpart((*reason).to_owned()).into()),
            Source::First(sources) => return self.first(sources, element),
            Source::Members(members) => return self.members(members, element),
            Source::Entries(entries) => self.entries(entries, element),
            Source::Each { list, members } => return self.each(list, members, element),
        })
    }

    fn first(
        &mut self,
        sources: &'static [Source],
        element: Option<&Value>,
    ) -> Result<Found, Lack> {
        let mut gravest = None;
        // The source that this vehicle should have, and why it failed.
        let mut preferred = None;
        for source in sources {
            match self.source(source, element) {
                Ok(found) => {
                    let at = self.at.clone();
                    if let Some(why) = preferred {
                        self.tell(&at, why);
                    }
                    return Ok(found);
                }
                Err(lack) => {
                    let prefers =
                        matches!(source, Source::Pick(pick) if !pick.powertrain.is_empty());
                    if prefers && lack.why.is_failure() {
                        preferred = Some(lack.why.clone());
                    }
                    gravest = Some(graver(gravest, lack));
                }
            }
        }
        Err(gravest.unwrap_or_else(|| Why::NotThis.into()))
    }

    /// The entries that have a value. If there are none, the result is an empty
    /// list, which counts as read only if another part of the body was read.
    fn entries(&mut self, entries: &'static [&'static [Member]], element: Option<&Value>) -> Found {
        let mut list = Vec::new();
        let mut gravest = None;
        for (index, members) in entries.iter().enumerate() {
            let why = match self.below(index, |run| run.members(members, element)) {
                Ok(Found {
                    value,
                    read: Ok(()),
                }) => {
                    list.push(value);
                    continue;
                }
                Ok(Found { read: Err(why), .. }) => why,
                Err(Lack { at, why }) => {
                    self.tell(&at.unwrap_or_default(), why.clone());
                    why
                }
            };
            gravest = Some(graver(gravest, why.into()));
        }
        let read = match gravest {
            Some(lack) if list.is_empty() => Err(lack.why),
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
    ) -> Result<Found, Lack> {
        let (body, at) = self.start(pick, element)?;
        let place = self.list_of(pick, body, &at)?;
        let mut list = Vec::new();
        let mut dropped = Vec::new();
        for (index, element) in place.elements.iter().enumerate() {
            let from = std::mem::replace(&mut self.from, format!("{}/{index}", place.at));
            let found = self.below(list.len(), |run| run.members(members, Some(element)));
            let own = std::mem::replace(&mut self.from, from);
            match found {
                Ok(found) => list.push(found.value),
                Err(Lack {
                    why: Why::NoValue(_) | Why::NotThis,
                    ..
                }) if !needs(members) => {
                    if !lists::is_nothing(element) {
                        dropped.push(own);
                    }
                }
                Err(lack) => return Err(lack),
            }
        }
        for (index, from) in dropped.into_iter().enumerate() {
            let member = format!("{}/{}", self.at, list.len() + index);
            self.tell(&member, Why::unreadable(from, "no known members"));
        }
        self.use_signal(pick);
        Ok(Found::read(Value::Array(list)))
    }

    fn list_of<'v>(&self, pick: &Pick, body: &'v Value, at: &str) -> Result<List<'v>, Why> {
        let pointer = pick.list.unwrap_or_default();
        let list = lists::of(pick.signal, body, at, pointer);
        list.map_err(|why| self.of_last(pick, why))
    }

    /// The error of a signal whose last known body could not be used.
    fn of_last(&self, pick: &Pick, why: Why) -> Why {
        let failure = pick.signal.and_then(|code| self.signals.failure(code));
        match failure {
            Some(failure) => Why::of(failure.clone()),
            None => why,
        }
    }

    /// Reports list elements (by row and column) that the body has no place for,
    /// such as the windows of a third row.
    fn tell_unplaced(&mut self, members: &'static [Member]) {
        for (pick, at, count) in lists::of_places(members) {
            let Ok((body, from)) = self.start(pick.picks[0], None) else {
                continue;
            };
            let Ok(list) = self.list_of(pick.picks[0], body, &from) else {
                continue;
            };
            for (extra, index) in pick.unplaced(&list).into_iter().enumerate() {
                let member = format!("{at}/{}", count + extra);
                let from = format!("{}/{index}", list.at);
                self.tell(&member, Why::unreadable(from, lists::NO_PLACE));
            }
        }
    }

    /// The body or element that a pick starts from, and its name.
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
            return Ok((element, self.from.clone()));
        };
        self.fits(pick)?;
        let last_known = self.signals.gives_last_known();
        let entry = self.signals.find(code);
        match entry.and_then(|entry| entry.value(code, last_known)) {
            Ok(body) => Ok((body, format!("/{code}/body"))),
            Err(error) => {
                let why = Why::of(error);
                if matches!(why, Why::Absent(_)) && !self.absent.iter().any(|known| known == code) {
                    self.absent.push(code.to_owned());
                }
                Err(why)
            }
        }
    }

    /// Whether a pick applies to the vehicle's powertrain, as far as it is known.
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
        let (body, at) = self.start(pick, element)?;
        let found = self.value_of(pick, body, at);
        let (value, system) = found.map_err(|why| self.of_last(pick, why))?;
        self.systems.extend(system);
        self.use_signal(pick);
        Ok(Found::read(value))
    }

    fn value_of(
        &self,
        pick: &Pick,
        body: &Value,
        mut at: String,
    ) -> Result<(Value, Option<UnitSystem>), Why> {
        let mut from = body;
        if pick.list.is_some() {
            let list = self.list_of(pick, body, &at)?;
            at = list.at;
            let mut elements = list.elements.iter();
            let found = elements.find(|element| value::matches(element, pick.filter));
            from = found.ok_or_else(|| Why::NoValue(at.clone()))?;
        }
        at.push_str(pick.at);
        if lists::is_something_else(from, pick.at) {
            return Err(Why::unreadable(
                at,
                "the members other than the value are unknown",
            ));
        }
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
        value::write(&place, &pick.form)
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
