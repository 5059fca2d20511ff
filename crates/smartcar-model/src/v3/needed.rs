//! The requests that a list of paths needs.
//!
//! Invariant: there are no duplicates and nothing that no path reads.

use super::all_signals::ALL_SIGNALS;
use super::info::SignalInfo;
use super::mapping::{EndpointMapping, Read};

/// The sources of a set of paths: the signals, and whether the vehicle or the
/// connection is read too.
///
/// ```
/// use smartcar_model::v3::Needed;
///
/// let needed = Needed::of(["/battery", "/permissions"]);
/// assert_eq!(needed.signals, ["tractionbattery-stateofcharge", "tractionbattery-range"]);
/// assert!(needed.connection && !needed.vehicle);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate source")]
pub struct Needed<'p> {
    /// The codes, in the order in which the paths read them. They are spelled as
    /// in the spec, or as requested if they are not in the spec.
    pub signals: Vec<&'p str>,
    /// Whether all signals are listed: the path `/signals`.
    pub all: bool,
    /// Whether the vehicle is read. A response with signals usually includes it.
    pub vehicle: bool,
    /// Whether the vehicle's powertrain selects between two signals. It is used
    /// if a response includes it; otherwise both signals are tried.
    pub powertrain: bool,
    /// Whether the connection is read.
    pub connection: bool,
}

impl<'p> Needed<'p> {
    /// The sources of a set of paths. Paths without a counterpart in version 3
    /// need nothing.
    pub fn of(paths: impl IntoIterator<Item = &'p str>) -> Self {
        let mut needed = Self::default();
        for path in paths {
            needed.add(path);
        }
        needed
    }

    /// Whether no request is needed.
    pub fn is_empty(&self) -> bool {
        self.signals.is_empty() && !self.all && !self.vehicle && !self.connection
    }

    fn add(&mut self, path: &'p str) {
        if path == ALL_SIGNALS {
            self.all = true;
            return;
        }
        if let Some(code) = path.strip_prefix("/signals/") {
            self.signal(SignalInfo::of(code).map_or(code, |info| info.code));
            return;
        }
        let mut read = |read| match read {
            Read::Signal(code) => self.signal(code),
            Read::Vehicle => self.vehicle = true,
            Read::Powertrain => self.powertrain = true,
            Read::Connection => self.connection = true,
        };
        if let Some(mapping) = EndpointMapping::of(path) {
            mapping.body.visit(&mut read);
        }
    }

    fn signal(&mut self, code: &'p str) {
        let known = |asked: &&str| asked.eq_ignore_ascii_case(code);
        if !self.signals.iter().any(known) {
            self.signals.push(code);
        }
    }
}
