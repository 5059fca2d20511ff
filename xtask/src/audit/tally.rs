//! What was found, counted.
//!
//! Invariant: constant memory per kind of deviation: counters, the first place
//! and the shape, so that a recording may be larger than the memory.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::shape::{Seen, Shape};
use super::token::Word;
use super::trail::Spot;

/// Most words that are told apart at one place, most unknown paths, and most
/// unreadable places that are listed.
const CAP: usize = 64;

/// The group of what concerns a whole answer.
pub const BATCH: &str = "(batch)";
/// The group of items whose path is missing or may not be shown.
pub const NO_PATH: &str = "(no path to show)";

/// How an answer differs from the spec.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The spec does not know the path.
    UnknownPath,
    /// A second item for a path in one answer.
    DuplicatePath,
    /// A status that is neither 200 nor an error's.
    Status(Option<u16>),
    /// No body where the spec promises one.
    NoBody,
    /// The error's `statusCode` is not the status of its answer.
    StatusDiffers,
    /// A pair of type and code that is not listed with this status.
    ErrorPair {
        /// `type`.
        kind: Word,
        /// `code`.
        code: Option<Word>,
        /// The status it came with.
        status: Option<u16>,
    },
    /// A header that is not declared.
    UnknownHeader(Word),
    /// A member that is not declared.
    UnknownMember(Word),
    /// A required member is not there.
    Missing(String),
    /// Null where the spec does not allow it.
    Null,
    /// Another type than the declared one.
    WrongType {
        /// The declared type.
        declared: String,
        /// The seen one.
        seen: Seen,
    },
    /// A string that is no date-time.
    NotDateTime {
        /// Whether it is at least a date.
        date: bool,
    },
    /// A value that an enum does not list.
    EnumValue(Word),
    /// Less than `minimum`.
    BelowMinimum,
    /// More than `maximum`.
    AboveMaximum,
}

impl Kind {
    /// The kind in one word, for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownPath => "unknown-path",
            Self::DuplicatePath => "duplicate-path",
            Self::Status(_) => "status",
            Self::NoBody => "no-body",
            Self::StatusDiffers => "status-differs",
            Self::ErrorPair { .. } => "error-pair",
            Self::UnknownHeader(_) => "unknown-header",
            Self::UnknownMember(_) => "unknown-member",
            Self::Missing(_) => "missing-member",
            Self::Null => "null",
            Self::WrongType { .. } => "wrong-type",
            Self::NotDateTime { .. } => "not-date-time",
            Self::EnumValue(_) => "enum-value",
            Self::BelowMinimum => "below-minimum",
            Self::AboveMaximum => "above-maximum",
        }
    }

    /// The same kind for words beyond the cap.
    fn further(&self) -> Option<Self> {
        Some(match self {
            Self::UnknownHeader(_) => Self::UnknownHeader(Word::Further),
            Self::UnknownMember(_) => Self::UnknownMember(Word::Further),
            Self::EnumValue(_) => Self::EnumValue(Word::Further),
            Self::ErrorPair { .. } => Self::ErrorPair {
                kind: Word::Further,
                code: None,
                status: None,
            },
            _ => return None,
        })
    }
}

/// A place in the recordings.
#[derive(Debug, Clone, Copy)]
pub struct At {
    /// Index into [`Tally::files`].
    pub file: usize,
    /// Line, counted from one.
    pub line: usize,
    /// Index in `responses`.
    pub item: Option<usize>,
}

/// What is being compared.
#[derive(Debug, Clone)]
pub struct Context {
    /// The batch path, or a name in brackets.
    pub group: String,
    /// Where it stands.
    pub at: At,
    /// Tells items apart, so that each counts once.
    pub serial: u64,
}

/// How often, and where first.
#[derive(Debug, Clone)]
pub struct Count {
    /// Items with it.
    pub items: u64,
    /// Times in all of them.
    pub times: u64,
    /// The first.
    pub first: At,
    last: u64,
}

impl Count {
    fn new(at: At) -> Self {
        Self {
            items: 0,
            times: 0,
            first: at,
            last: 0,
        }
    }

    fn add(&mut self, serial: u64) {
        self.times += 1;
        if self.last != serial {
            self.items += 1;
            self.last = serial;
        }
    }
}

/// One deviation.
#[derive(Debug)]
pub struct Found {
    /// How often.
    pub count: Count,
    /// JSON pointer to what the spec says of it.
    pub home: String,
    /// What was seen, for what the spec does not know.
    pub shape: Shape,
    /// Resolution that an unlisted error came with.
    pub resolution: Option<String>,
}

/// What concerns one path.
#[derive(Debug, Default)]
pub struct Group {
    /// Its items; of the batch, its answers.
    pub items: u64,
    /// Those with 200.
    pub good: u64,
    /// By place and kind.
    pub found: BTreeMap<(String, Kind), Found>,
    words: BTreeMap<(String, &'static str), usize>,
}

/// What could not be read, by reason.
#[derive(Debug, Default)]
pub struct Lost {
    /// How many lines or files.
    pub count: u64,
    /// The first of them.
    pub places: Vec<At>,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Tally {
    /// Names of the files that were opened.
    pub files: Vec<String>,
    /// Answers that were read.
    pub answers: u64,
    /// Items that were read.
    pub items: u64,
    /// By batch path.
    pub groups: BTreeMap<String, Group>,
    /// Irregular forms that the spec documents, by path, place and form.
    pub irregular: BTreeMap<(String, String, String), Count>,
    /// What could not be read.
    pub lost: BTreeMap<&'static str, Lost>,
    serial: u64,
    strangers: usize,
}

impl Tally {
    /// A number for the next answer or item.
    pub fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Counts a part of the recording that could not be read.
    pub fn lose(&mut self, reason: &'static str, at: At) {
        let lost = self.lost.entry(reason).or_default();
        lost.count += 1;
        if lost.places.len() < CAP {
            lost.places.push(at);
        }
    }

    /// The group for a path that the spec does not know.
    pub fn stranger(&mut self, shown: Option<String>) -> String {
        let Some(shown) = shown else {
            return NO_PATH.to_owned();
        };
        if !self.groups.contains_key(&shown) {
            if self.strangers == CAP {
                return NO_PATH.to_owned();
            }
            self.strangers += 1;
        }
        shown
    }

    /// The group of a context.
    pub fn group(&mut self, context: &Context) -> &mut Group {
        self.groups.entry(context.group.clone()).or_default()
    }

    /// Counts a deviation.
    pub fn record(&mut self, context: &Context, spot: Spot<'_>, kind: Kind) -> &mut Found {
        let group = self.groups.entry(context.group.clone()).or_default();
        let place = spot.place.place();
        let kind = group.capped(&place, kind);
        let found = group.found.entry((place, kind)).or_insert_with(|| Found {
            count: Count::new(context.at),
            home: spot.home.pointer(),
            shape: Shape::default(),
            resolution: None,
        });
        found.count.add(context.serial);
        found
    }

    /// Counts a deviation and looks at the shape of what was there.
    pub fn record_shape(
        &mut self,
        context: &Context,
        spot: Spot<'_>,
        kind: Kind,
        value: &Value,
        words: &BTreeSet<&str>,
    ) {
        self.record(context, spot, kind).shape.add(value, words);
    }

    /// Counts a documented irregular form.
    pub fn irregular(&mut self, context: &Context, spot: Spot<'_>, form: &str) {
        let key = (context.group.clone(), spot.place.place(), form.to_owned());
        self.irregular
            .entry(key)
            .or_insert_with(|| Count::new(context.at))
            .add(context.serial);
    }
}

impl Group {
    /// An object used as a map must not fill the memory with its keys.
    fn capped(&mut self, place: &str, kind: Kind) -> Kind {
        let Some(further) = kind.further() else {
            return kind;
        };
        let key = (place.to_owned(), kind);
        if self.found.contains_key(&key) {
            return key.1;
        }
        let (place, kind) = key;
        let words = self.words.entry((place, kind.code())).or_default();
        if *words == CAP {
            return further;
        }
        *words += 1;
        kind
    }
}
