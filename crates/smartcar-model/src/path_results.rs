//! The results of a list of paths that is only known at run time.
//!
//! Invariant: an unknown path is not an error. Its body is kept raw.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::batch::Outcomes;
use crate::body::{Body, Known};
use crate::endpoint::{Endpoint, EndpointInfo};
use crate::item_error::ItemError;
use crate::item_response::ItemResponse;
use crate::reading::Reading;
use crate::v3::SignalInfo;

/// The result of each path of a list, in the order requested.
///
/// The body of a path that is in the spec has been checked against its type. A
/// body of the wrong shape is [`ItemError::Malformed`] here too.
#[derive(Debug, Clone, Default)]
pub struct PathResults {
    items: Vec<(String, Option<Result<Item, ItemError>>)>,
}

/// A successful result: the raw body, and the typed body if the spec has a type
/// for it.
#[derive(Debug, Clone)]
struct Item {
    raw: Reading<Box<RawValue>>,
    known: Option<Arc<dyn Known>>,
}

impl Item {
    fn of(path: &str, answer: &ItemResponse<'_>) -> Result<Self, ItemError> {
        Ok(Self {
            known: Self::known(path, answer.success()?)?,
            raw: answer.read_raw()?,
        })
    }

    fn known(path: &str, body: &Body<'_>) -> Result<Option<Arc<dyn Known>>, ItemError> {
        let known = match EndpointInfo::of(path) {
            Some(info) => Some((info.read)(body)),
            None => SignalInfo::of_path(path).map(|info| (info.read)(&body.text())),
        };
        known.transpose().map_err(ItemError::Malformed)
    }
}

impl PathResults {
    /// Creates an empty slot for each path.
    pub fn of<P: Into<String>>(paths: impl IntoIterator<Item = P>) -> Self {
        Self {
            items: paths.into_iter().map(|path| (path.into(), None)).collect(),
        }
    }

    /// Restores stored results. Each body is checked against its type, as when it
    /// was received.
    #[cfg(feature = "serde")]
    pub(crate) fn from_outcomes(
        outcomes: impl IntoIterator<Item = (String, Result<Reading<Box<RawValue>>, ItemError>)>,
    ) -> Self {
        let items = outcomes.into_iter().map(|(path, outcome)| {
            let item = outcome.and_then(|raw| {
                let known = Item::known(&path, &Body::Text(raw.body.get()))?;
                Ok(Item { raw, known })
            });
            (path, Some(item))
        });
        Self {
            items: items.collect(),
        }
    }

    /// The typed result of one endpoint. `None` if it was not requested.
    pub fn get<E: Endpoint>(&self) -> Option<Result<Reading<E>, ItemError>> {
        Some(self.item(E::PATH)?.map_err(Clone::clone).and_then(|item| {
            let mut body = None;
            if let Some(known) = &item.known {
                known.copy_into(&mut body);
            }
            let body = match body {
                Some(body) => body,
                // A type of the caller's own.
                None => Body::Text(item.raw.body.get())
                    .read()
                    .map_err(ItemError::Malformed)?,
            };
            Ok(Reading::new(body, item.raw.meta.clone()))
        }))
    }

    /// The result of one path with the raw body. `None` if it was not requested.
    pub fn raw(&self, path: &str) -> Option<Result<&Reading<Box<RawValue>>, &ItemError>> {
        Some(self.item(path)?.map(|item| &item.raw))
    }

    /// The body of one path as its type serializes it: without unknown members,
    /// and with irregular forms normalized. `None` if the path was not requested,
    /// failed, or is not in the spec.
    pub fn normalized(&self, path: &str) -> Option<Box<RawValue>> {
        self.item(path)?.ok()?.known.as_ref()?.write().ok()
    }

    fn item(&self, path: &str) -> Option<Result<&Item, &ItemError>> {
        let (_, outcome) = self.items.iter().find(|(asked, _)| asked == path)?;
        Some(
            outcome
                .as_ref()
                .map_or(Err(&ItemError::Missing), Result::as_ref),
        )
    }

    /// All paths with their results, in the order requested.
    pub fn iter(
        &self,
    ) -> impl Iterator<Item = (&str, Result<&Reading<Box<RawValue>>, &ItemError>)> {
        self.items.iter().map(|(path, outcome)| {
            let outcome = outcome
                .as_ref()
                .map_or(Err(&ItemError::Missing), Result::as_ref);
            (path.as_str(), outcome.map(|item| &item.raw))
        })
    }

    /// Number of requested paths.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether no paths were requested.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether every path has a reading.
    pub fn all_ok(&self) -> bool {
        self.iter().all(|(_, outcome)| outcome.is_ok())
    }
}

impl Outcomes for PathResults {
    fn accept(&mut self, index: usize, answer: &ItemResponse<'_>) {
        if let Some((path, place)) = self.items.get_mut(index) {
            *place = Some(Item::of(path, answer));
        }
    }

    fn fail(&mut self, index: usize, error: ItemError) {
        if let Some((_, place)) = self.items.get_mut(index) {
            *place = Some(Err(error));
        }
    }

    fn error(&self, index: usize) -> Option<&ItemError> {
        match &self.items.get(index)?.1 {
            None => Some(&ItemError::Missing),
            Some(outcome) => outcome.as_ref().err(),
        }
    }
}
