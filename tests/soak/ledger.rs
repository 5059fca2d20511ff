//! The account of each vehicle: what the budget granted, what came over the wire,
//! and what the caller was told.
//!
//! Invariant: a vehicle belongs to one call, so that its three numbers must agree
//! by themselves and no error hides in a sum.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A vehicle's number, by which its id is made.
pub(crate) type Number = u64;

/// What is known of one vehicle.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Row {
    /// Whether its client speaks HTTP/2.
    pub(crate) http2: bool,
    /// Units granted, less those that were given back.
    pub(crate) budget: i64,
    /// Units of the requests that came, without those that were refused unprocessed.
    pub(crate) wire: i64,
    /// Units of requests over HTTP/2 that were reset before their end was read: those
    /// that came whole are charged, those that were withdrawn are not.
    pub(crate) cut_off: i64,
    /// Requests that came, refused ones too.
    pub(crate) requests: u32,
    /// Requests that were refused unprocessed: `REFUSED_STREAM`.
    pub(crate) refused: u32,
    /// Requests whose refusal never left.
    pub(crate) in_vain: u32,
    /// Whether the call gave up on a request: it was dropped, or late.
    pub(crate) gave_up: bool,
    /// `charged` and `requests` of the outcome, unless the call was dropped.
    pub(crate) told: Option<(u32, u32)>,
}

/// Every vehicle of a round.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<HashMap<Number, Row>>);

impl Ledger {
    /// Changes the row of a vehicle.
    pub(crate) fn note<R>(&self, number: Number, change: impl FnOnce(&mut Row) -> R) -> R {
        change(self.rows().entry(number).or_default())
    }

    /// The round's rows that do not agree.
    pub(crate) fn open_rows(&self) -> Vec<(Number, Row, Verdict)> {
        let rows = self.rows();
        let judged = rows
            .iter()
            .map(|(number, row)| (*number, *row, row.verdict()));
        judged
            .filter(|(.., verdict)| *verdict != Verdict::Agrees)
            .collect()
    }

    /// Sums of what the budget granted and of what came.
    pub(crate) fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for row in self.rows().values() {
            sums.budget += row.budget;
            sums.wire += row.wire;
            sums.requests += u64::from(row.requests);
            sums.refused += u64::from(row.refused);
            if let Some((charged, _)) = row.told {
                sums.told += i64::from(charged);
                sums.budget_of_told += row.budget;
            }
        }
        sums
    }

    /// Forgets the round.
    pub(crate) fn clear(&self) {
        *self.rows() = HashMap::new();
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<Number, Row>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sums over vehicles.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    pub(crate) budget: i64,
    pub(crate) wire: i64,
    pub(crate) requests: u64,
    pub(crate) refused: u64,
    /// What the outcomes said was charged, and what the budget says of the same calls.
    pub(crate) told: i64,
    pub(crate) budget_of_told: i64,
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.budget += other.budget;
        self.wire += other.wire;
        self.requests += other.requests;
        self.refused += other.refused;
        self.told += other.told;
        self.budget_of_told += other.budget_of_told;
    }
}

/// Whether the numbers of a vehicle agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Agrees,
    /// Charged, and HTTP/2 did not show so many requests to the server's code: they
    /// must be among the frames that were counted below it.
    Unseen(u64),
    /// Charged over HTTP/2 and given up: the caller cannot know whether the library
    /// had written it, or that it was refused just then.
    GivenUp,
    /// Wrong, whatever the frames say.
    Wrong(&'static str),
}

impl Row {
    fn verdict(&self) -> Verdict {
        if self.budget < self.wire {
            return Verdict::Wrong("came over the wire and was not charged");
        }
        if let Some((charged, requests)) = self.told {
            if i64::from(charged) != self.budget {
                return Verdict::Wrong("the outcome's `charged` is not the budget's");
            }
            if requests < self.requests && self.cut_off == 0 {
                return Verdict::Wrong("more requests came than the outcome's `requests`");
            }
        }
        let missed = self
            .told
            .map_or(0, |(_, requests)| requests.saturating_sub(self.requests));
        match (self.budget > self.wire + self.cut_off, self.http2) {
            (false, _) => {}
            (true, false) => return Verdict::Wrong("charged and never sent"),
            (true, true) if self.gave_up || self.told.is_none() => return Verdict::GivenUp,
            (true, true) if missed > 0 => return Verdict::Unseen(missed.into()),
            (true, true) => return Verdict::Wrong("charged more than came"),
        }
        match self.told {
            Some((_, requests)) if requests > self.requests && !self.http2 => {
                Verdict::Wrong("fewer requests came than the outcome's `requests`")
            }
            _ => Verdict::Agrees,
        }
    }
}
