//! What the faults of one request need to know of it.
//!
//! Invariant: it is the same for all faults that strike the request.

use super::effect::ErrorName;
use crate::answer::Answer;
use crate::catalogue::Catalogue;

/// A request that is answered.
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
