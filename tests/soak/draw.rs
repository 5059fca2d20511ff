//! What is drawn from the seed.
//!
//! Invariant: a draw depends on the seed and on its number, never on what ran
//! before it.

use std::time::Duration;

use fastrand::Rng;

/// A generator for one thing of a kind.
pub(crate) fn rng(seed: u64, kind: u64, number: u64) -> Rng {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut mixed = Rng::with_seed(seed ^ kind.wrapping_mul(ODD));
    let base = mixed.u64(..);
    Rng::with_seed(base ^ number.wrapping_add(1).wrapping_mul(ODD))
}

/// A span of so many milliseconds.
pub(crate) fn millis(rng: &mut Rng, range: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(rng.u64(range))
}

/// One time in so many.
pub(crate) fn one_in(rng: &mut Rng, times: u32) -> bool {
    rng.u32(0..times) == 0
}

/// What the server does with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It answers.
    None,
    /// It answers late.
    Slow(Duration),
    /// It never answers; the connection lives.
    Silence,
    /// Half of the head, then the end of the connection. HTTP/2: the stream's end.
    CutHead,
    /// Half of the body, then the same.
    CutBody,
    /// The connection is reset. HTTP/2: the stream.
    Reset,
    /// It answers, and closes the connection without saying so. HTTP/2: in the middle
    /// of whatever the others do.
    Close,
    /// A body that is not JSON.
    Malformed,
    /// A page of a proxy.
    Html(u16),
    /// An error of the whole request.
    Whole(u16),
    /// Errors of single items.
    Items,
    /// One item twice.
    Duplicate,
    /// One item is not there.
    Missing,
    /// HTTP/2: the stream is refused unprocessed. HTTP/1 answers.
    Refuse,
    /// HTTP/2: the connection says that it will end. HTTP/1 says so in a header.
    GoAway,
    /// HTTP/2: nothing is read or written for a while. HTTP/1 answers late.
    Freeze(Duration),
}

impl Fault {
    /// Its name in the statistics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Slow(_) => "slow",
            Self::Silence => "silence",
            Self::CutHead => "cut head",
            Self::CutBody => "cut body",
            Self::Reset => "reset",
            Self::Close => "close",
            Self::Malformed => "malformed",
            Self::Html(_) => "html",
            Self::Whole(401) => "401",
            Self::Whole(429) => "429",
            Self::Whole(_) => "5xx",
            Self::Items => "items",
            Self::Duplicate => "duplicate",
            Self::Missing => "missing",
            Self::Refuse => "refused",
            Self::GoAway => "goaway",
            Self::Freeze(_) => "freeze",
        }
    }

    /// The fault of a vehicle's request, by its ordinal.
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        match rng.u32(0..1000) {
            0..800 => Self::None,
            800..830 => Self::Slow(millis(rng, 1..60)),
            830..840 => Self::Silence,
            840..850 => Self::CutHead,
            850..860 => Self::CutBody,
            860..870 => Self::Reset,
            870..876 => Self::Close,
            876..886 => Self::Malformed,
            886..896 => Self::Html(*rng.choice(&[200, 403, 502]).unwrap_or(&200)),
            896..930 => Self::Whole(*rng.choice(&[401, 429, 500, 502, 503]).unwrap_or(&500)),
            930..960 => Self::Items,
            960..970 => Self::Duplicate,
            970..980 => Self::Missing,
            980..994 => Self::Refuse,
            994..998 => Self::GoAway,
            _ => Self::Freeze(millis(rng, 20..300)),
        }
    }
}
