//! Interprets the mapping: converts signals to v2.0 bodies.
//!
//! Invariant: a value is copied, scaled or renamed as its row says, or it is an
//! error. Missing values are not invented.

mod bodies;
mod lists;
mod value;
mod why;

use std::borrow::Cow;

use super::all_signals::ALL_SIGNALS;
use super::entry;
use super::mapping::{self, Constant, EndpointMapping, Member, Need, Pick, Source};
use super::member_error::MemberError;
use super::resource::Resource;
use super::signals::Signals;
use super::unit;
use crate::batch::Outcomes;
use crate::body::Body;
use crate::generated::UnitSystem;
use crate::headers::ResponseHeaders;
use crate::item_error::ItemError;
use crate::item_response::ItemResponse;
use crate::malformed::Malformed;
use crate::not_available::Unsupported;
use crate::tree::{Members, Tree};
use bodies::{Bodies, Used};
use lists::List;
use value::Spot;
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
        if let Some(code) = path.strip_prefix("/signals/") {
            return Ok((self.signal(code)?, Vec::new()));
        }
        if path == ALL_SIGNALS {
            return self.all();
        }
        let mapping = EndpointMapping::of(path).map(|mapping| &mapping.body);
        let bodies = Bodies::of(mapping, self);
        let mut run = Run {
            signals: self,
            path,
            bodies: &bodies,
            used: Used::default(),
            absent: Vec::new(),
            member_errors: Vec::new(),
            at: String::new(),
            from: String::new(),
        };
        let body = run.endpoint(mapping)?;
        let answer = run.used.answer(Body::Made(body))?;
        Ok((answer, run.member_errors))
    }

    /// All signals, as they were listed. The rest of an incomplete list is an error of
    /// its own.
    fn all(&self) -> Result<(ItemResponse<'_>, Vec<MemberError>), ItemError> {
        let (list, request_id) = self.list()?;
        let body = Body::Text(list);
        let answer = ItemResponse::of_signals(ResponseHeaders::default(), body, request_id, false);
        let page = self.page().filter(|page| page.is_part());
        let rest = page.map(|page| {
            let why = match page.total {
                Some(total) => format!("the response has {} of {total} signals", page.count),
                None => "the response has the first page of the signals only".to_owned(),
            };
            let error = ItemError::Malformed(Malformed::new("/data", why));
            MemberError::new(ALL_SIGNALS, format!("/{}", page.count), error)
        });
        Ok((answer, rest.into_iter().collect()))
    }

    /// A signal itself.
    fn signal(&self, code: &str) -> Result<ItemResponse<'_>, ItemError> {
        let code = &*code.to_ascii_lowercase();
        let entry = self.find(code)?;
        let body = entry.body(code, self.gives_last_known());
        let body = body.map_err(Clone::clone)?;
        let mut used = Used::default();
        used.add(code, entry);
        let unit = entry::unit(body);
        let system = unit.as_deref().and_then(unit::read).and_then(unit::system);
        used.systems.extend(system);
        used.answer(Body::Text(body))
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
struct Found<'s> {
    value: Tree<'s>,
    read: Result<(), Why>,
}

impl<'s> Found<'s> {
    fn read(value: Tree<'s>) -> Self {
        Self {
            value,
            read: Ok(()),
        }
    }
}

struct Run<'r, 's> {
    signals: &'s Signals,
    path: &'r str,
    bodies: &'r Bodies<'s>,
    used: Used<'r, 's>,
    /// The signals that are not in the store.
    absent: Vec<&'static str>,
    member_errors: Vec<MemberError>,
    /// JSON pointer to the place in the body that is filled next.
    at: String,
    /// The position of the list element that is being read.
    from: String,
}

/// The element of a list that a source reads from.
type Element<'r, 's> = Option<&'r Tree<'s>>;

impl<'r, 's> Run<'r, 's> {
    /// A v2.0 body.
    fn endpoint(&mut self, mapping: Option<&'static mapping::Body>) -> Result<Tree<'s>, ItemError> {
        let not_on_v3 = |reason: &str| {
            let error = Unsupported::new(self.path, None, reason);
            Err(ItemError::Unsupported(Box::new(error)))
        };
        let found = match mapping {
            None => return not_on_v3("this path is not in the spec"),
            Some(mapping::Body::None(reason)) => return not_on_v3(reason),
            Some(mapping::Body::Object(members)) => return self.body(members),
            Some(mapping::Body::List(source)) => self.source(source, None),
        };
        match found {
            Ok(Found {
                value,
                read: Ok(()),
            }) => Ok(value),
            Ok(Found { read: Err(why), .. }) | Err(Lack { why, .. }) => {
                Err(self.merged(why.error(self.path, None)))
            }
        }
    }

    /// Reads a whole body. Fails if a required member has no value, or if no
    /// member has one.
    fn body(&mut self, members: &'static [Member]) -> Result<Tree<'s>, ItemError> {
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
            ItemError::NotAvailable(missing) if missing.is_absent() => {
                let mut missing = *missing;
                for code in &self.absent {
                    if !missing.signals.iter().any(|known| known == code) {
                        missing.signals.push((*code).to_owned());
                    }
                }
                ItemError::NotAvailable(Box::new(missing))
            }
            error => error,
        }
    }

    /// Runs a function at a place below the current one.
    fn below<T>(&mut self, step: &str, act: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.at.len();
        self.at.push('/');
        self.at.push_str(step);
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
        element: Element<'r, 's>,
    ) -> Result<Found<'s>, Lack> {
        let mut object = Members::new();
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
                    object.insert(Cow::Borrowed(member.name), found.value);
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
                object.insert(Cow::Borrowed(member.name), Tree::Null);
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
            value: Tree::Object(object),
            read,
        })
    }

    fn source(
        &mut self,
        source: &'static Source,
        element: Element<'r, 's>,
    ) -> Result<Found<'s>, Lack> {
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
        element: Element<'r, 's>,
    ) -> Result<Found<'s>, Lack> {
        let mut gravest = None;
        // The source that this vehicle should have, and why it failed.
        let mut preferred = None;
        for source in sources {
            match self.source(source, element) {
                Ok(found) => {
                    if let Some(why) = preferred {
                        let at = self.at.clone();
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
    fn entries(
        &mut self,
        entries: &'static [&'static [Member]],
        element: Element<'r, 's>,
    ) -> Found<'s> {
        let mut list = Vec::new();
        let mut gravest = None;
        for (index, members) in entries.iter().enumerate() {
            let why = match self.below(&index.to_string(), |run| run.members(members, element)) {
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
            value: Tree::List(list),
            read,
        }
    }

    fn each(
        &mut self,
        pick: &'static Pick,
        members: &'static [Member],
        element: Element<'r, 's>,
    ) -> Result<Found<'s>, Lack> {
        let body = self.start(pick, element)?;
        let place = self.list_of(pick, body)?;
        let mut list = Vec::new();
        let mut dropped = Vec::new();
        for (index, element) in place.elements.iter().enumerate() {
            let from = std::mem::replace(&mut self.from, format!("{}/{index}", place.at));
            let found = self.below(&list.len().to_string(), |run| {
                run.members(members, Some(element))
            });
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
        Ok(Found::read(Tree::List(list)))
    }

    fn list_of(&self, pick: &Pick, body: &'r Tree<'s>) -> Result<List<'r, 's>, Why> {
        let pointer = pick.list.unwrap_or_default();
        let list = lists::of(pick.signal, body, self.spot(pick), pointer);
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
            let Ok(body) = self.start(pick.picks[0], None) else {
                continue;
            };
            let Ok(list) = self.list_of(pick.picks[0], body) else {
                continue;
            };
            for (extra, index) in pick.unplaced(&list).into_iter().enumerate() {
                let member = format!("{at}/{}", count + extra);
                let from = format!("{}/{index}", list.at);
                self.tell(&member, Why::unreadable(from, lists::NO_PLACE));
            }
        }
    }

    /// The body or element that a pick starts from.
    fn start(&mut self, pick: &Pick, element: Element<'r, 's>) -> Result<&'r Tree<'s>, Why> {
        let Some(code) = pick.signal else {
            return element.ok_or(Why::NotThis);
        };
        self.fits(pick)?;
        match self.bodies.tree(code) {
            Ok(body) => Ok(body),
            Err(error) => {
                let why = Why::of(error);
                if matches!(why, Why::Absent(_)) && !self.absent.contains(&code) {
                    self.absent.push(code);
                }
                Err(why)
            }
        }
    }

    /// Where a pick starts from.
    fn spot(&self, pick: &Pick) -> Spot<'_> {
        pick.signal.map_or(Spot::At(&self.from), Spot::Body)
    }

    /// Whether a pick applies to the vehicle's powertrain, as far as it is known.
    fn fits(&self, pick: &Pick) -> Result<(), Why> {
        if pick.powertrain.is_empty() {
            return Ok(());
        }
        let known = self.signals.vehicle().at("/attributes/powertrainType");
        let known = known.and_then(Tree::as_str);
        let same = |name: &&str| known.is_none_or(|known| known.eq_ignore_ascii_case(name));
        if pick.powertrain.iter().any(same) {
            return Ok(());
        }
        Err(Why::NotThis)
    }

    fn pick(&mut self, pick: &'static Pick, element: Element<'r, 's>) -> Result<Found<'s>, Why> {
        let body = self.start(pick, element)?;
        let found = self.value_of(pick, body);
        let (value, system) = found.map_err(|why| self.of_last(pick, why))?;
        self.used.systems.extend(system);
        self.use_signal(pick);
        Ok(Found::read(value))
    }

    fn value_of(
        &self,
        pick: &Pick,
        body: &'r Tree<'s>,
    ) -> Result<(Tree<'s>, Option<UnitSystem>), Why> {
        let list = match pick.list {
            Some(_) => Some(self.list_of(pick, body)?),
            None => None,
        };
        let (from, spot) = match &list {
            None => (body, self.spot(pick)),
            Some(list) => {
                let mut elements = list.elements.iter();
                let found = elements.find(|element| value::matches(element, pick.filter));
                let nothing = || Why::NoValue(list.at.clone());
                (found.ok_or_else(nothing)?, Spot::At(&list.at))
            }
        };
        if lists::is_something_else(from, pick.at) {
            let at = format!("{spot}{}", pick.at);
            let why = "the members other than the value are unknown";
            return Err(Why::unreadable(at, why));
        }
        let place = value::Place {
            value: from.at(pick.at).filter(|value| !value.is_null()),
            unit: body.at("/unit").and_then(Tree::as_str),
            retrieved: || {
                let code = pick.signal?;
                self.bodies.entry(code).ok()?.times(code).retrieved
            },
            spot,
            pointer: pick.at,
        };
        value::write(&place, &pick.form)
    }

    fn use_signal(&mut self, pick: &Pick) {
        if let Some(code) = pick.signal
            && let Ok(entry) = self.bodies.entry(code)
        {
            self.used.add(code, entry);
        }
    }
}

fn needs(members: &[Member]) -> bool {
    members.iter().any(|member| member.need == Need::Required)
}

fn resource<'s>(resource: &'s Resource, at: &str) -> Result<Found<'s>, Why> {
    if let Some(value) = resource.at(at) {
        return Ok(Found::read(value.clone()));
    }
    match resource.error() {
        Some(error) => Err(Why::of(error)),
        None => Err(Why::NoValue(at.to_owned())),
    }
}

fn constant(value: &Constant) -> Tree<'static> {
    match value {
        Constant::Null => Tree::Null,
        Constant::Flag(flag) => Tree::Flag(*flag),
        Constant::Whole(number) => Tree::Number((*number).into()),
        Constant::Text(text) => Tree::Text(Cow::Borrowed(text)),
    }
}
