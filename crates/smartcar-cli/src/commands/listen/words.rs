//! What stderr says, and the counts of the last line.
//!
//! Invariant: no key, no body and no part of one is shown, and what repeats is said at
//! most once per minute.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use smartcar_webhook::{Malformed, Refused};

use super::keys::VARIABLE;
use crate::output;
use crate::text;

/// The time between two lines about the same thing.
const QUIET: Duration = Duration::from_secs(60);

/// Counts, and when something was last said.
#[derive(Debug, Default)]
pub(super) struct Words {
    taken: AtomicU64,
    repeated: AtomicU64,
    refused: AtomicU64,
    signature: Mutex<Repeated>,
    event: Mutex<Repeated>,
    write: Mutex<Repeated>,
}

/// Something that can happen often.
#[derive(Debug, Default)]
struct Repeated {
    said: Option<Instant>,
    /// How often it happened since.
    since: u64,
}

impl Repeated {
    /// Counts one. Returns how often it happened since it was last said, if it is time
    /// to say so.
    fn count(&mut self) -> Option<u64> {
        self.since += 1;
        if self.said.is_some_and(|said| said.elapsed() < QUIET) {
            return None;
        }
        self.said = Some(Instant::now());
        Some(std::mem::take(&mut self.since))
    }
}

fn count(repeated: &Mutex<Repeated>) -> Option<u64> {
    repeated
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .count()
}

impl Words {
    pub(super) fn taken(&self) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn repeated(&self) {
        self.repeated.fetch_add(1, Ordering::Relaxed);
    }

    /// A request that was refused before its event was looked at.
    pub(super) fn refused_quietly(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self, refused: &Refused) {
        self.refused_quietly();
        match refused {
            Refused::NotSigned
            | Refused::SignedTwice
            | Refused::Signature
            | Refused::WrongSignature => self.signature(refused),
            Refused::NotAnEvent(malformed) => self.not_an_event(refused, malformed),
            other => {
                if count(&self.event).is_some() {
                    output::complain("warning", &format!("a request was refused: {other}"));
                }
            }
        }
    }

    fn signature(&self, refused: &Refused) {
        let Some(times) = count(&self.signature) else {
            return;
        };
        let requests = text::count(times, "request");
        let message = format!(
            "{requests} refused for the signature: {}; check that {VARIABLE} is the management \
             token of the application that the webhook belongs to (not a client secret, and not \
             another application's), and that no proxy changes the body or the SC-Signature \
             header; if all of that is right, Smartcar's support or a new application helps",
            plain(refused)
        );
        output::complain("warning", &message);
    }

    fn not_an_event(&self, refused: &Refused, malformed: &Malformed) {
        if count(&self.event).is_some() {
            let message = format!("a signed request was refused: {refused}: {malformed}");
            output::complain("warning", &text::shown(&message));
        }
    }

    pub(super) fn unwritable(&self, error: &io::Error) {
        self.not_kept(&format_args!("cannot write the output: {error}"));
    }

    /// An event that could not be kept.
    pub(super) fn not_kept(&self, why: &dyn fmt::Display) {
        if let Some(times) = count(&self.write) {
            let events = text::count(times, "event");
            let message =
                format!("{why}; {events} answered with 503, so that Smartcar delivers again");
            output::complain("error", &text::shown(&message));
        }
    }

    pub(super) fn not_reopened(error: &io::Error) {
        let message = format!("cannot open the output anew, the old file is used on: {error}");
        output::complain("error", &message);
    }

    /// The last line.
    pub(super) fn total(&self) {
        let number = |count: &AtomicU64| count.load(Ordering::Relaxed);
        output::note(&format!(
            "{} taken, {} repeated, {} refused",
            number(&self.taken),
            number(&self.repeated),
            number(&self.refused)
        ));
    }
}

/// The reason without advice.
fn plain(refused: &Refused) -> String {
    let text = refused.to_string();
    text.split(": ").next().unwrap_or_default().to_owned()
}
