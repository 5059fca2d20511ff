//! What the rows of the generated mapping are.
//!
//! Invariant: data only; `convert` is the one place that acts on it.

use crate::endpoint::UnitInfo;

/// What the body of one endpoint of v2.0 is made of.
#[derive(Debug)]
pub(crate) struct EndpointMapping {
    pub(crate) path: &'static str,
    pub(crate) body: Body,
}

impl EndpointMapping {
    /// The mapping of a path of v2.0.
    pub(crate) fn of(path: &str) -> Option<&'static Self> {
        let rows = crate::generated::v3::mapping::MAPPING;
        rows.iter().find(|row| row.path == path)
    }
}

/// What a body is made of.
#[derive(Debug)]
pub(crate) enum Body {
    /// Version 3 has nothing of it, for this reason.
    None(&'static str),
    Object(&'static [Member]),
    List(Source),
}

/// A member and its source.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) need: Need,
    pub(crate) source: Source,
}

/// Whether a body can do without a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// It must be there and not be null.
    Required,
    /// It must be there, null will do.
    Nullable,
    /// It may be missing.
    Optional,
}

/// Where a member comes from.
#[derive(Debug)]
#[allow(dead_code, reason = "the spec decides which kinds its mapping uses")]
pub(crate) enum Source {
    Pick(Pick),
    /// A pointer into the vehicle.
    Vehicle(&'static str),
    /// A pointer into the connection.
    Connection(&'static str),
    Constant(Constant),
    /// Nowhere, for this reason.
    None(&'static str),
    /// The first that has a value.
    First(&'static [Source]),
    Members(&'static [Member]),
    /// A list of these, without those that have no value.
    Entries(&'static [&'static [Member]]),
    /// One entry for each element of a list.
    Each {
        list: Pick,
        members: &'static [Member],
    },
}

/// A plain value.
#[derive(Debug)]
#[allow(dead_code, reason = "the spec decides which kinds its mapping uses")]
pub(crate) enum Constant {
    Null,
    Flag(bool),
    Whole(i64),
    Text(&'static str),
}

/// A place in a signal's body, or in the element of a list.
#[derive(Debug)]
pub(crate) struct Pick {
    /// `None` in the element of a list.
    pub(crate) signal: Option<&'static str>,
    /// The powertrains that it holds for; empty: all.
    pub(crate) powertrain: &'static [&'static str],
    /// A pointer to a list of which one element, or each, is taken.
    pub(crate) list: Option<&'static str>,
    /// The members by which the one element is known.
    pub(crate) filter: &'static [(&'static str, Constant)],
    /// A pointer to the value.
    pub(crate) at: &'static str,
    pub(crate) form: Form,
}

/// How a value is written on v2.0.
#[derive(Debug)]
pub(crate) enum Form {
    Plain,
    Number {
        /// The factor where the body names no unit.
        scale: f64,
        /// The unit of v2.0.
        unit: Option<UnitInfo>,
        /// The sizes that a value can have, in the metric unit.
        plausible: Option<(f64, f64)>,
    },
    /// Another word for each value.
    Values(&'static [(&'static str, &'static str)]),
    /// A date-time, also from a number of seconds or milliseconds.
    Time,
    /// Minutes from the time of retrieval, as a date-time.
    Minutes,
}

impl Source {
    /// Calls back with every pick and resource that it reads.
    pub(crate) fn visit(&self, found: &mut impl FnMut(Read)) {
        match self {
            Self::Pick(pick) | Self::Each { list: pick, .. } => {
                if let Some(signal) = pick.signal {
                    found(Read::Signal(signal));
                }
                if !pick.powertrain.is_empty() {
                    found(Read::Powertrain);
                }
            }
            Self::Vehicle(_) => found(Read::Vehicle),
            Self::Connection(_) => found(Read::Connection),
            Self::First(sources) => sources.iter().for_each(|source| source.visit(found)),
            Self::Members(members) => members.iter().for_each(|m| m.source.visit(found)),
            Self::Entries(entries) => {
                let members = entries.iter().flat_map(|entry| entry.iter());
                members.for_each(|member| member.source.visit(found));
            }
            Self::Constant(_) | Self::None(_) => {}
        }
    }
}

/// Something that a source reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    Signal(&'static str),
    Vehicle,
    /// The vehicle's powertrain, which decides between signals; it is used
    /// where it is known.
    Powertrain,
    Connection,
}
