//! What must be asked for a list of paths.
//!
//! Invariant: nothing is in it twice, and nothing that no path reads.

use super::info::SignalInfo;
use super::mapping::{Body, EndpointMapping, Read};

/// What a set of paths is made of: the signals, and whether the vehicle or the
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
pub struct Needed<'p> {
    /// The codes, in the order in which the paths read them: in the catalogue's
    /// spelling, or as written where the description does not know the code.
    pub signals: Vec<&'p str>,
    /// Whether the vehicle is read. An answer with signals mostly brings it along.
    pub vehicle: bool,
    /// Whether the vehicle's powertrain decides between two signals. It is used
    /// where an answer brings it along; without it both signals are tried.
    pub powertrain: bool,
    /// Whether the connection is read.
    pub connection: bool,
}

impl<'p> Needed<'p> {
    /// What a set of paths needs. Paths that version 3 has no counterpart of
    /// need nothing.
    pub fn of(paths: impl IntoIterator<Item = &'p str>) -> Self {
        let mut needed = Self::default();
        for path in paths {
            needed.add(path);
        }
        needed
    }

    /// Whether nothing need be asked.
    pub fn is_empty(&self) -> bool {
        self.signals.is_empty() && !self.vehicle && !self.connection
    }

    fn add(&mut self, path: &'p str) {
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
        match EndpointMapping::of(path).map(|mapping| &mapping.body) {
            Some(Body::Object(members)) => {
                members.iter().for_each(|m| m.source.visit(&mut read));
            }
            Some(Body::List(source)) => source.visit(&mut read),
            Some(Body::None(_)) | None => {}
        }
    }

    fn signal(&mut self, code: &'p str) {
        let known = |asked: &&str| asked.eq_ignore_ascii_case(code);
        if !self.signals.iter().any(known) {
            self.signals.push(code);
        }
    }
}
