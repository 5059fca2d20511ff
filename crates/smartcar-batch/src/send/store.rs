//! What version 3 has answered so far in one call, and what must still be asked.
//!
//! Invariant: the newest answer to a signal stands, and one that is good is not
//! asked again.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use smartcar_model::decode::Warning;
use smartcar_model::v3::{Needed, Signals};
use smartcar_model::{ApiError, ItemError};

use super::Subject;
use super::part::Part;
use super::verdict::{text_of, unreadable};
use crate::client::Inner;
use crate::transport::HttpAnswer;
use crate::{Api, Error, UserId, Vehicle, VehicleId};

pub(super) struct Store {
    /// How many requests are assumed to be counted for all signals.
    price: NonZeroU32,
    /// Answers with signals, oldest first.
    pieces: Vec<Piece>,
    /// The codes whose own request was answered.
    answered: BTreeSet<String>,
    /// Whether all signals were answered.
    listed: bool,
    /// Whether a list came that is not all: then the rest is asked one by one.
    partly: bool,
    vehicle: Option<Result<String, ItemError>>,
    connection: Option<Result<Connections, ItemError>>,
}

enum Piece {
    Answer(String, Option<String>),
    Failed(String, ItemError),
}

/// A page of connections, and whose connection is wanted.
struct Connections {
    page: String,
    vehicle: VehicleId,
    user: Option<UserId>,
}

impl Store {
    /// Where a call needs one: version 3 has the answers about a vehicle in parts.
    pub(super) fn of(client: &Inner, subject: Subject<'_>) -> Option<Self> {
        let is_needed = client.api == Api::V3 && matches!(subject, Subject::Vehicle(_));
        is_needed.then(|| Self::new(client.signals_price))
    }

    fn new(price: NonZeroU32) -> Self {
        Self {
            price,
            pieces: Vec::new(),
            answered: BTreeSet::new(),
            listed: false,
            partly: false,
            vehicle: None,
            connection: None,
        }
    }

    /// Everything that came, read.
    pub(super) fn signals(&self) -> Signals {
        let mut signals = Signals::new();
        for piece in self.pieces.iter().rev() {
            match piece {
                Piece::Answer(text, request_id) => {
                    // It was read when it came; its warnings were told then.
                    let _ = signals.read(text, request_id.as_deref());
                }
                Piece::Failed(code, error) => signals.fail(code, error.clone()),
            }
        }
        if let Some(vehicle) = &self.vehicle {
            signals.set_vehicle(vehicle.as_deref().map_err(Clone::clone));
        }
        match &self.connection {
            None => {}
            Some(Err(error)) => signals.set_connection(Err(error.clone())),
            Some(Ok(Connections {
                page,
                vehicle,
                user,
            })) => {
                let user = user.as_ref().map(UserId::as_str);
                signals.set_connection_of(page, vehicle.as_str(), user);
            }
        }
        signals
    }

    /// Whether a signal was neither listed nor answered by itself.
    fn is_unanswered(&self, code: &str) -> bool {
        !self.listed && !self.answered.contains(&code.to_ascii_lowercase())
    }

    /// Whether asking for a signal can bring something new.
    fn is_open(&self, signals: &Signals, code: &str) -> bool {
        self.is_unanswered(code)
            || signals
                .answer(&format!("/signals/{code}"))
                .is_err_and(|error| error.is_retryable())
    }

    /// Whether a path reads something that nothing was answered about.
    pub(super) fn lacks(&self, signals: &Signals, path: &str) -> bool {
        let needed = Needed::of([path]);
        needed.signals.iter().any(|code| self.is_unanswered(code))
            || needed.vehicle && self.vehicle.is_none() && !signals.has_vehicle()
            || needed.connection && self.connection.is_none()
    }

    /// The requests for what some paths still need.
    pub(super) fn parts<'a>(&self, vehicle: &'a Vehicle, left: &[&'a str]) -> Vec<Part<'a>> {
        let needed = Needed::of(left.iter().copied());
        let signals = self.signals();
        let codes = needed.signals.into_iter();
        let codes: Vec<_> = codes.filter(|code| self.is_open(&signals, code)).collect();
        let (id, price) = (&vehicle.id, self.price);
        let mut parts = Vec::new();
        if let Some(user) = &vehicle.user {
            // One signal alone is the smaller answer at the same price.
            let count = u32::try_from(codes.len()).unwrap_or(u32::MAX);
            let singles_cost_less = count < price.get();
            if codes.len() > 1 && !singles_cost_less && !self.partly {
                parts.push(Part::Signals(id, user, price));
            } else {
                let single = |code| Part::Signal(id, user, code);
                parts.extend(codes.into_iter().map(single));
            }
        }
        // Answers with signals mostly bring the vehicle along: it is asked when
        // they did not.
        let open = |came: Option<&ItemError>| came.is_some_and(ItemError::is_retryable);
        let vehicle_is_open = match &self.vehicle {
            None => !signals.has_vehicle(),
            Some(came) => open(came.as_ref().err()),
        };
        if needed.vehicle && vehicle_is_open && parts.is_empty() {
            parts.push(Part::Resource(id));
        }
        let connection_is_open = match &self.connection {
            None => true,
            Some(came) => open(came.as_ref().err()),
        };
        if needed.connection && connection_is_open {
            parts.push(Part::Connections(id, vehicle.user.as_ref()));
        }
        parts
    }

    /// Takes in an answer with status 200. Fails where it is no answer to what
    /// was asked, but for a signal's own: that is the signal's error.
    pub(super) fn take(
        &mut self,
        part: &Part<'_>,
        answer: &HttpAnswer,
    ) -> Result<Vec<Warning>, Error> {
        let text = text_of(answer);
        match part {
            Part::Signals(..) => {
                let text = text?;
                let mut read = Signals::new();
                let warnings = read
                    .read(text, answer.request_id.as_deref())
                    .map_err(|malformed| unreadable(answer, &malformed.to_string()))?;
                let Some(page) = read.page() else {
                    return Err(unreadable(answer, "one signal where all belong"));
                };
                let count = u64::try_from(page.count).unwrap_or(u64::MAX);
                if page.has_next || page.total.is_some_and(|total| total > count) {
                    self.partly = true;
                    self.answered.extend(read.codes().map(str::to_owned));
                } else {
                    self.listed = true;
                }
                self.keep(text, answer);
                Ok(warnings)
            }
            Part::Signal(_, _, code) => {
                self.answered.insert(code.to_ascii_lowercase());
                // The failure stands only where the answer has not the signal.
                let mut failure = ItemError::Missing;
                let mut warnings = Vec::new();
                match text.map(|text| (text, Signals::new().read(text, None))) {
                    Ok((text, Ok(told))) => {
                        self.fail_signal(code, failure);
                        self.keep(text, answer);
                        warnings = told;
                    }
                    Ok((_, Err(malformed))) => {
                        failure = ItemError::Malformed(malformed);
                        self.fail_signal(code, failure);
                    }
                    Err(_) => self.fail_signal(code, failure),
                }
                Ok(warnings)
            }
            Part::Resource(_) => {
                self.vehicle = Some(text.map(str::to_owned).map_err(|_| ItemError::Missing));
                Ok(Vec::new())
            }
            Part::Connections(vehicle, user) => {
                let page = text.map_err(|_| ItemError::Missing);
                self.connection = Some(page.map(|page| Connections {
                    page: page.to_owned(),
                    vehicle: (*vehicle).clone(),
                    user: user.cloned(),
                }));
                Ok(Vec::new())
            }
            Part::Batch(..) | Part::Endpoint(..) | Part::Vehicles(_) | Part::AllConnections(..) => {
                Err(unreadable(answer, "an answer about no one signal"))
            }
        }
    }

    fn keep(&mut self, text: &str, answer: &HttpAnswer) {
        let request_id = answer.request_id.clone();
        self.pieces.push(Piece::Answer(text.to_owned(), request_id));
    }

    fn fail_signal(&mut self, code: &str, error: ItemError) {
        self.answered.insert(code.to_ascii_lowercase());
        self.pieces.push(Piece::Failed(code.to_owned(), error));
    }

    /// Takes in that a request failed, for those paths that need it. `left` are
    /// the paths that were asked.
    pub(super) fn fail(&mut self, part: &Part<'_>, left: &[&str], error: &ApiError) {
        let error = ItemError::Api(Box::new(error.clone()));
        match part {
            Part::Signal(_, _, code) => self.fail_signal(code, error),
            Part::Signals(..) => {
                let signals = self.signals();
                for code in Needed::of(left.iter().copied()).signals {
                    if self.is_open(&signals, code) {
                        self.fail_signal(code, error.clone());
                    }
                }
            }
            Part::Resource(_) => self.vehicle = Some(Err(error)),
            Part::Connections(..) => self.connection = Some(Err(error)),
            Part::Batch(..) | Part::Endpoint(..) | Part::Vehicles(_) | Part::AllConnections(..) => {
            }
        }
    }
}
