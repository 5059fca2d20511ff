//! The rows of the generated mapping.
//!
//! Invariant: data only. The module `convert` interprets it.

use crate::endpoint::UnitInfo;

/// The mapping of one v2.0 endpoint.
#[derive(Debug)]
pub(crate) struct EndpointMapping {
    pub(crate) path: &'static str,
    pub(crate) body: Body,
}

impl EndpointMapping {
    /// Looks up the mapping of a v2.0 path.
    pub(crate) fn of(path: &str) -> Option<&'static Self> {
        let rows = crate::generated::v3::mapping::MAPPING;
        rows.iter().find(|row| row.path == path)
    }
}

/// The sources of a body.
#[derive(Debug)]
pub(crate) enum Body {
    /// Version 3 has nothing for it. The text is the reason.
    None(&'static str),
    Object(&'static [Member]),
    List(Source),
}

impl Body {
    /// Calls back with every pick and resource that the body reads.
    pub(crate) fn visit(&self, found: &mut impl FnMut(Read)) {
        match self {
            Self::None(_) => {}
            Self::Object(members) => members.iter().for_each(|m| m.source.visit(found)),
            Self::List(source) => source.visit(found),
        }
    }
}

/// A member and its source.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) need: Need,
    pub(crate) source: Source,
}

/// Whether a member is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// It must be present and not null.
    Required,
    /// It must be present and may be null.
    Nullable,
    /// It may be absent.
    Optional,
}

/// The source of a member.
#[derive(Debug)]
#[allow(dead_code, reason = "the spec decides which kinds its mapping uses")]
pub(crate) enum Source {
    Pick(Pick),
    /// A JSON pointer into the vehicle.
    Vehicle(&'static str),
    /// A JSON pointer into the connection.
    Connection(&'static str),
    Constant(Constant),
    /// No source. The text is the reason.
    None(&'static str),
    /// The first source that has a value.
    First(&'static [Source]),
    Members(&'static [Member]),
    /// A list of these sources, without those that have no value.
    Entries(&'static [&'static [Member]]),
    /// One entry for each element of a list.
    Each {
        list: Pick,
        members: &'static [Member],
    },
}

/// A constant.
#[derive(Debug)]
#[allow(dead_code, reason = "the spec decides which kinds its mapping uses")]
pub(crate) enum Constant {
    Null,
    Flag(bool),
    Whole(i64),
    Text(&'static str),
}

/// A place in the body of a signal, or in a list element.
#[derive(Debug)]
pub(crate) struct Pick {
    /// The signal's code. `None` within a list element.
    pub(crate) signal: Option<&'static str>,
    /// The powertrains that it applies to. Empty for all.
    pub(crate) powertrain: &'static [&'static str],
    /// A JSON pointer to a list from which one element, or each one, is taken.
    pub(crate) list: Option<&'static str>,
    /// The members that identify the element.
    pub(crate) filter: &'static [(&'static str, Constant)],
    /// A JSON pointer to the value.
    pub(crate) at: &'static str,
    pub(crate) form: Form,
}

/// How a value is converted for v2.0.
#[derive(Debug)]
pub(crate) enum Form {
    Plain,
    Number {
        /// The factor to use if the body gives no unit.
        scale: f64,
        /// The unit in v2.0.
        unit: Option<UnitInfo>,
        /// The plausible range of the value, in the metric unit.
        plausible: Option<(f64, f64)>,
    },
    /// The v2.0 word for each value.
    Values(&'static [(&'static str, &'static str)]),
    /// A date-time, also from seconds or milliseconds since 1970.
    Time,
    /// Minutes after the time of retrieval, as a date-time.
    Minutes,
}

impl Source {
    /// Calls back with every pick and resource that the source reads.
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
    /// The vehicle's powertrain, which selects between signals. It is only used
    /// if it is known.
    Powertrain,
    Connection,
}
