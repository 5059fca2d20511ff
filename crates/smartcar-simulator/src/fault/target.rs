//! A request as faults see it, the part of its response that a fault needs, and the
//! part that it changes.
//!
//! Invariant: only faults for a token endpoint's own path match it. Two faults
//! conflict if and only if they share a [`Slot`].

use std::borrow::Cow;

use super::effect::{Effect, ErrorName};
use super::value::Fault;
use crate::answer::Answer;
use crate::catalogue::Catalogue;
use crate::oauth;
use crate::request::with_slash;

/// What a request asks for, as far as it was understood.
#[derive(Debug, Default)]
pub(crate) struct Target<'r> {
    pub(crate) vehicle: Option<&'r str>,
    /// The URL's own path, below the vehicle.
    pub(crate) path: Option<&'r str>,
    /// The paths of a batch, as they were sent.
    pub(crate) batch_paths: &'r [Cow<'static, str>],
    /// The paths of the signals in the response.
    pub(crate) signals: &'r [String],
    pub(crate) shape: Shape,
}

/// The kind of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Shape {
    /// Nothing that an item fault could change.
    #[default]
    Refused,
    Alone,
    Batch,
    /// All signals of a vehicle.
    Signals,
    /// A single signal.
    Signal,
}

impl Target<'_> {
    /// A token endpoint. A client may call it at any time, so faults meant for the
    /// API, which count its requests, do not apply to it.
    pub(super) fn is_oauth(&self) -> bool {
        self.path.is_some_and(|path| oauth::path_of(path).is_some())
    }

    pub(super) fn asks(&self, path: &str) -> bool {
        let mut batch_paths = self.batch_paths.iter();
        self.path == Some(path)
            || batch_paths.any(|asked| with_slash(asked) == path)
            || self.signals.iter().any(|asked| asked == path)
    }
}

/// What the faults of one request need to know about it.
pub(crate) struct Scene<'s> {
    /// The catalogue of the requested version.
    pub(crate) catalogue: &'s Catalogue,
    pub(crate) request_id: &'s str,
    /// The response of a batch path that was not requested.
    pub(crate) unasked: &'s dyn Fn(&str) -> Option<Answer>,
}

impl Scene<'_> {
    /// The response for an error of the catalogue.
    pub(super) fn error(&self, name: &ErrorName) -> Option<Answer> {
        let code = name.code.as_deref();
        let refusal = self.catalogue.refusal(&name.kind, code)?;
        Some(self.catalogue.answer(refusal, self.request_id))
    }
}

/// A part of the response that only one fault at a time can change.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Slot<'e> {
    Time,
    Whole,
    Item(&'e str),
    Order,
}

/// The code of a signal, taken from its path.
pub(super) fn signal(path: &str) -> Option<&str> {
    path.strip_prefix("/signals/")
}

impl Fault {
    pub(super) fn slot(&self) -> Option<Slot<'_>> {
        match (self.item.as_deref(), self.effect.as_ref()?) {
            (_, Effect::Duplicated(_)) => None,
            (Some(path), _) => Some(Slot::Item(path)),
            (None, Effect::LatencyMs(_)) => Some(Slot::Time),
            (None, Effect::Reordered(_) | Effect::Shuffled(_)) => Some(Slot::Order),
            (None, Effect::Truncated(_)) => Some(Slot::Whole),
            (None, effect) => effect.replaces_all().then_some(Slot::Whole),
        }
    }

    /// Whether a replaced response hides everything that other faults would change.
    pub(super) fn replaces_all(&self) -> bool {
        let effect = self.effect.as_ref();
        self.item.is_none() && effect.is_some_and(Effect::replaces_all)
    }

    /// Whether it needs an item, or a list of them.
    pub(super) fn needs_items(&self) -> bool {
        !self.has_its_part(&Target::default())
    }

    /// Whether the response has the part that the fault changes.
    fn has_its_part(&self, target: &Target<'_>) -> bool {
        let shape = target.shape;
        let has_items = matches!(shape, Shape::Batch | Shape::Signals);
        match (self.item.as_deref(), &self.effect) {
            // An item of a batch or of the list of signals.
            (
                Some(path),
                Some(Effect::Replaced(_) | Effect::Missing(_) | Effect::Duplicated(_)),
            ) => has_items && target.asks(path),
            // The same, or a single endpoint.
            (Some(path), _) => shape != Shape::Refused && target.asks(path),
            // The items of a batch, for a path that is not a signal.
            (None, Some(Effect::Unasked(path))) if signal(path).is_none() => shape == Shape::Batch,
            (None, Some(Effect::WithoutItemHeaders(_) | Effect::WithoutErrorHeaders(_))) => {
                shape == Shape::Batch
            }
            (
                None,
                Some(
                    Effect::Unasked(_)
                    | Effect::Extra(_)
                    | Effect::Reordered(_)
                    | Effect::Shuffled(_),
                ),
            ) => has_items,
            _ => true,
        }
    }

    /// Whether it names the request's path or vehicle, or an item of it.
    pub(super) fn nearly_concerns(&self, target: &Target<'_>) -> bool {
        let when = &self.when;
        let is_asked = |path: &Option<String>| path.as_ref().is_some_and(|it| target.asks(it));
        is_asked(&when.path)
            || is_asked(&self.item)
            || when.vehicle.is_some() && when.vehicle.as_deref() == target.vehicle
    }

    /// Whether it matches the request, regardless of the count.
    pub(super) fn concerns(&self, target: &Target<'_>) -> bool {
        let when = &self.when;
        let is_vehicle = |id: &String| target.vehicle == Some(id);
        when.vehicle.as_ref().is_none_or(is_vehicle)
            && match &when.path {
                Some(path) => target.asks(path),
                None => !target.is_oauth(),
            }
            && self.has_its_part(target)
    }
}
