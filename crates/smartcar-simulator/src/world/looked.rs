//! What was found out about a vehicle at one moment, and the vehicles that were looked at
//! last.
//!
//! Invariant: what is kept is what would be found out again. Memory is bounded.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;

use super::drive::{Car, State};
use super::variable::{moment, written};
use super::vehicle::Profile;

/// The number of vehicles that are kept.
const MOST: usize = 256;

/// The attributes of a vehicle, if they are known, and what it drives by.
pub(super) type Kept = (Option<Arc<Profile>>, Arc<Car>);

/// The headers and the body of a response.
pub(crate) type Written = (HeaderMap, Bytes);

/// A vehicle at a moment.
pub(super) struct Looked {
    pub(super) now: Timestamp,
    /// `None` for a vehicle with the values of the spec's examples.
    pub(super) profile: Option<Arc<Profile>>,
    pub(super) car: Arc<Car>,
    pub(super) state: State,
    /// The two timestamps in most responses, already formatted.
    pub(super) fetched_at: String,
    pub(super) data_age: String,
    /// Texts that were written from it, each with the number of its template.
    texts: Mutex<Vec<(usize, Bytes)>>,
    /// Whole responses, likewise.
    answers: Mutex<Vec<(usize, Written)>>,
}

impl Looked {
    /// A vehicle at this moment, which last reported `by` then.
    pub(super) fn new((profile, car): Kept, now: Timestamp, by: i64) -> Self {
        let state = car.reported(by);
        Self {
            now,
            fetched_at: written(now),
            data_age: written(moment(state.at)),
            profile,
            car,
            state,
            texts: Mutex::default(),
            answers: Mutex::default(),
        }
    }

    pub(super) fn kept(&self) -> Kept {
        (self.profile.clone(), Arc::clone(&self.car))
    }

    /// Appends the text of a template, which is written once.
    pub(super) fn append(
        &self,
        template: usize,
        text: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = texts.iter().find(|(known, _)| *known == template) {
            text.extend_from_slice(known);
            return;
        }
        let start = text.len();
        write(text);
        texts.push((template, Bytes::copy_from_slice(&text[start..])));
    }

    /// The response with the body of a template, which is made once.
    pub(super) fn answer(&self, template: usize, make: impl FnOnce() -> Written) -> Written {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = answers.iter().find(|(known, _)| *known == template) {
            return known.clone();
        }
        let answer = make();
        answers.push((template, answer.clone()));
        answer
    }
}

/// The vehicles that were looked at last, by id.
#[derive(Default)]
pub(super) struct Looks(Mutex<HashMap<String, Arc<Looked>>>);

impl Looks {
    pub(super) fn get(&self, id: &str) -> Option<Arc<Looked>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(id).map(Arc::clone)
    }

    pub(super) fn keep(&self, id: &str, looked: &Arc<Looked>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(id) {
            known.clear();
        }
        known.insert(id.to_owned(), Arc::clone(looked));
    }
}

/// A changed copy of a world must not see what was true before.
impl Clone for Looks {
    fn clone(&self) -> Self {
        Self::default()
    }
}
