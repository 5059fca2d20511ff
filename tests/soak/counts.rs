//! What the servers saw, beside the ledger.
//!
//! Invariant: every request is noted before any of its answer is written.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError};

use fastrand::Rng;

use crate::answer::{CALM, Request};
use crate::draw::{Fault, rng};
use crate::ledger::Ledger;

/// What the connections of both servers share.
#[derive(Debug)]
pub(crate) struct Counts {
    seed: u64,
    pub(crate) ledger: Arc<Ledger>,
    /// Connections that are open, and that ever were.
    pub(crate) open: AtomicI64,
    pub(crate) opened: AtomicU64,
    /// Requests over HTTP/1 of which only a part came.
    pub(crate) partial: AtomicU64,
    strange: Mutex<Vec<String>>,
    /// Requests over HTTP/2, counted by their frames, and those that the library
    /// showed.
    pub(crate) framed: AtomicU64,
    pub(crate) shown: AtomicU64,
    struck: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counts {
    pub(crate) fn new(seed: u64, ledger: Arc<Ledger>) -> Self {
        Self {
            seed,
            ledger,
            open: AtomicI64::new(0),
            opened: AtomicU64::new(0),
            partial: AtomicU64::new(0),
            strange: Mutex::default(),
            framed: AtomicU64::new(0),
            shown: AtomicU64::new(0),
            struck: Mutex::default(),
        }
    }

    /// Notes a request, and draws what happens to it. `None` if it is none of ours.
    pub(crate) fn arrived(
        &self,
        target: &str,
        body: &[u8],
        http2: bool,
    ) -> Option<(Request, Fault, Rng)> {
        let Some(request) = Request::read(target, body) else {
            self.note_strange(target);
            return None;
        };
        let (number, units) = (request.number, request.units());
        let (fault, rng) = self.ledger.note(number, |row| {
            let mut rng = rng(self.seed, u64::from(row.requests) + 100, number);
            let fault = match Fault::draw(&mut rng) {
                _ if number >= CALM => Fault::None,
                Fault::Refuse if !http2 => Fault::None,
                Fault::Freeze(time) if !http2 => Fault::Slow(time),
                fault => fault,
            };
            row.requests += 1;
            if fault == Fault::Refuse {
                row.refused += 1;
            } else {
                row.wire += units;
            }
            (fault, rng)
        });
        let mut struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
        *struck.entry(fault.name()).or_default() += 1;
        Some((request, fault, rng))
    }

    /// Notes a request that gets no answer. `None` if nobody here can have sent it.
    pub(crate) fn unanswered(&self, target: &str, request: Option<Request>) {
        match request {
            None => self.note_strange(target),
            Some(request) => self.ledger.note(request.number, |row| {
                row.requests += 1;
                row.wire += request.units();
            }),
        }
    }

    /// Notes that a request that was refused is one without an answer.
    pub(crate) fn refused_in_vain(&self, request: &Request) {
        self.ledger.note(request.number, |row| {
            row.refused -= 1;
            row.in_vain += 1;
            row.wire += request.units();
        });
    }

    /// Notes a request over HTTP/2 that was reset before its end was read.
    pub(crate) fn cut_off(&self, target: &str, request: Option<Request>) {
        match request {
            None => self.note_strange(target),
            Some(request) => self.ledger.note(request.number, |row| {
                row.requests += 1;
                row.cut_off += request.units();
            }),
        }
    }

    fn note_strange(&self, target: &str) {
        let mut strange = self.strange.lock().unwrap_or_else(PoisonError::into_inner);
        strange.push(target.to_owned());
    }

    /// Requests that nobody here can have sent, by their targets.
    pub(crate) fn strange(&self) -> Vec<String> {
        self.strange
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How often each fault struck.
    pub(crate) fn struck(&self) -> BTreeMap<&'static str, u64> {
        self.struck
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
