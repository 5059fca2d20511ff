//! The answers to a list of paths that is known only at run time.
//!
//! Invariant: an unknown path is a value, not an error: its body is kept raw.

use serde_json::value::RawValue;

use crate::decode::{self, ItemAnswer};
use crate::v3::SignalInfo;
use crate::{Endpoint, EndpointInfo, ItemError, Outcomes, Reading};

type Outcome = Result<Reading<Box<RawValue>>, ItemError>;

/// The outcome of each path of a list, in the order asked.
///
/// The body of a path that the description knows has been checked against its
/// type, so that a body of the wrong shape is that item's error here too.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    items: Vec<(String, Option<Outcome>)>,
}

impl Answers {
    /// A place for each path.
    pub fn of<P: Into<String>>(paths: impl IntoIterator<Item = P>) -> Self {
        Self {
            items: paths.into_iter().map(|path| (path.into(), None)).collect(),
        }
    }

    /// One endpoint's outcome, typed. `None` if it was not asked.
    pub fn get<E: Endpoint>(&self) -> Option<Result<Reading<E>, ItemError>> {
        Some(match self.raw(E::PATH)? {
            Ok(reading) => decode::body(&reading.body)
                .map(|body| Reading::new(body, reading.meta.clone()))
                .map_err(ItemError::Malformed),
            Err(error) => Err(error.clone()),
        })
    }

    /// One path's outcome with the body as it came. `None` if it was not asked.
    pub fn raw(&self, path: &str) -> Option<Result<&Reading<Box<RawValue>>, &ItemError>> {
        self.iter()
            .find_map(|(asked, outcome)| (asked == path).then_some(outcome))
    }

    /// Every path with its outcome, in the order asked.
    pub fn iter(
        &self,
    ) -> impl Iterator<Item = (&str, Result<&Reading<Box<RawValue>>, &ItemError>)> {
        self.items.iter().map(|(path, outcome)| {
            let outcome = match outcome {
                Some(outcome) => outcome.as_ref(),
                None => Err(&ItemError::Missing),
            };
            (path.as_str(), outcome)
        })
    }

    /// How many paths were asked.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether no path was asked.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether every path gave a reading.
    pub fn all_ok(&self) -> bool {
        self.iter().all(|(_, outcome)| outcome.is_ok())
    }

    fn put(&mut self, index: usize, outcome: Outcome) {
        if let Some((_, place)) = self.items.get_mut(index) {
            *place = Some(outcome);
        }
    }
}

impl Outcomes for Answers {
    fn accept(&mut self, index: usize, answer: &ItemAnswer<'_>) {
        let Some((path, _)) = self.items.get(index) else {
            return;
        };
        let outcome = answer.read_raw().and_then(|reading| {
            let checked = match (EndpointInfo::of(path), SignalInfo::of_path(path)) {
                (Some(info), _) => info.normalise(&reading.body).map(drop),
                (None, Some(info)) => info.normalise(&reading.body).map(drop),
                (None, None) => Ok(()),
            };
            checked.map_err(ItemError::Malformed)?;
            Ok(reading)
        });
        self.put(index, outcome);
    }

    fn fail(&mut self, index: usize, error: ItemError) {
        self.put(index, Err(error));
    }

    fn error(&self, index: usize) -> Option<&ItemError> {
        match &self.items.get(index)?.1 {
            None => Some(&ItemError::Missing),
            Some(outcome) => outcome.as_ref().err(),
        }
    }
}
