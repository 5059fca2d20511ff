//! A request as faults see it.
//!
//! Invariant: a token endpoint is asked by nothing but its own path.

use std::borrow::Cow;

use super::effect::ErrorName;
use crate::answer::Answer;
use crate::catalogue::Catalogue;
use crate::oauth;
use crate::path::with_slash;

/// What a request asks, as far as it was understood.
#[derive(Debug, Default)]
pub(crate) struct Target<'r> {
    pub(crate) vehicle: Option<&'r str>,
    /// The URL's own path, below the vehicle.
    pub(crate) path: Option<&'r str>,
    /// The paths of a batch as they were written.
    pub(crate) batch_paths: &'r [Cow<'static, str>],
    /// The paths of the signals that the answer has.
    pub(crate) signals: &'r [String],
    pub(crate) shape: Shape,
}

/// What an answer is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Shape {
    /// Nothing that an item's fault could change.
    #[default]
    Refused,
    Alone,
    Batch,
    /// The signals of a vehicle.
    Signals,
    /// One of them.
    Signal,
}

impl Target<'_> {
    /// A token endpoint: a client may ask it at any time, so that faults meant
    /// for the API, and counted in its requests, leave it alone.
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

/// What the faults of one request need to know of it.
pub(crate) struct Scene<'s> {
    /// That of the version that was asked.
    pub(crate) catalogue: &'s Catalogue,
    pub(crate) request_id: &'s str,
    /// What a path of a batch that nobody asked would have answered.
    pub(crate) unasked: &'s dyn Fn(&str) -> Option<Answer>,
}

impl Scene<'_> {
    /// An error of the catalogue.
    pub(super) fn error(&self, name: &ErrorName) -> Option<Answer> {
        let code = name.code.as_deref();
        self.catalogue.named(&name.kind, code, self.request_id)
    }
}
