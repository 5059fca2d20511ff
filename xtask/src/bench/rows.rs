//! The figures, with what each is held to.
//!
//! Invariant: every count is held to its limit.

/// One figure.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What it is.
    pub name: &'static str,
    /// How it is measured.
    pub figure: Figure,
    /// The limit to hold.
    pub limit: f64,
    /// What we want to publish.
    pub goal: f64,
}

/// How a figure is measured; the names are cases of the benchmark's programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Instructions of one case, as a multiple of another's.
    Instructions(&'static str, &'static str),
    /// Allocations of one case, beyond another's.
    AllocationsBeyond(&'static str, &'static str),
    /// Allocations of one case.
    Allocations(&'static str),
    /// A ratio of times, which is told and not judged.
    Time(&'static str),
}

impl Figure {
    /// The cases whose instructions it needs.
    pub fn counted(self) -> Vec<&'static str> {
        match self {
            Self::Instructions(ours, base) => vec![ours, base],
            _ => Vec::new(),
        }
    }

    /// The cases whose allocations it needs.
    pub fn allocated(self) -> Vec<&'static str> {
        match self {
            Self::AllocationsBeyond(ours, base) => vec![ours, base],
            Self::Allocations(ours) => vec![ours],
            _ => Vec::new(),
        }
    }
}

impl Row {
    /// Whether it takes whole requests over the loopback, which is slower.
    pub fn is_slow(&self) -> bool {
        let cases = [self.figure.counted(), self.figure.allocated()].concat();
        let slow = |case: &&str| case.starts_with("send/") || case.starts_with("reqwest");
        matches!(self.figure, Figure::Time(_)) || cases.iter().any(slow)
    }

    /// Whether the gate judges it: every count, and no time.
    pub fn is_gated(&self) -> bool {
        !matches!(self.figure, Figure::Time(_))
    }
}

const fn row(name: &'static str, figure: Figure, limit: f64, goal: f64) -> Row {
    Row {
        name,
        figure,
        limit,
        goal,
    }
}

use Figure::{Allocations, AllocationsBeyond, Instructions, Time};

/// Every figure that the benchmark's programs give.
#[rustfmt::skip] // A table is read across.
pub const ROWS: &[Row] = &[
    row("decode 2, documented order", Instructions("ours/2", "exact/2"), 1.20, 1.12),
    row("decode 6, documented order", Instructions("ours/6", "exact/6"), 1.18, 1.11),
    row("decode 14, documented order", Instructions("ours/14", "exact/14"), 1.18, 1.09),
    row("decode 6, each with its own age", Instructions("ours/6 own ages", "exact/6 own ages"), 1.18, 1.11),
    row("decode 6, body first", Instructions("ours/6 body first", "exact/6 body first"), 1.35, 1.20),
    row("decode 6, two swapped, to raw text", Instructions("ours/6 swapped", "raw/6 swapped"), 0.9, 0.78),
    row("decode 6, one error, to raw text", Instructions("ours/6 one error", "raw/6 one error"), 1.0, 0.9),
    row("decode 6, allocations beyond exact", AllocationsBeyond("ours/6", "exact/6"), 3.0, 0.0),
    row("encode a body of 6, to copying", Instructions("ours/body of 6", "copy/body of 6"), 5.0, 1.0),
    row("v3, six of 96 signals", Instructions("ours/v3 six of 96", "exact/v3 six of 96"), 1.6, 1.3),
    row("delivery, six of 85, HMAC included", Instructions("ours/delivery, six of 85", "exact/delivery, six of 85"), 1.38, 1.30),
    row("delivery, allocations beyond exact", AllocationsBeyond("ours/delivery, six of 85", "exact/delivery, six of 85"), 215.0, 150.0),
    row("send of 6, to reqwest + exact", Instructions("send/6", "reqwest exact/6"), 1.20, 1.10),
    row("send of 6, allocations", Allocations("send/6"), 75.0, 65.0),
    row("v3 send of 6, to the reading's limit", Instructions("send/v3 six", "exact/v3 six of 96"), 1.9, 1.5),
    row("v3 send of one signal, to v2's", Instructions("send/v3 one signal", "send/one"), 1.4, 1.2),
    row("time, decode 6", Time("time, decode 6"), 1.18, 1.07),
    row("CPU a request, c = 16", Time("CPU, send, c = 16"), 1.35, 1.25),
    row("CPU a request, c = 64", Time("CPU, send, c = 64"), 1.35, 1.25),
    row("CPU, reqwest + exact, c = 64", Time("CPU, reqwest + exact, c = 64"), 1.35, 1.25),
    // A throughput of 0.90 and 0.97 of reqwest with the exact decoder.
    row("time of a fleet of 10,000, c = 64", Time("fleet time, c = 64"), 1.11, 1.03),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_no_easier_than_its_limit() {
        for row in ROWS {
            assert!(row.goal <= row.limit, "{}", row.name);
        }
    }

    #[test]
    fn a_delivery_is_judged() {
        for figure in [
            Instructions("ours/delivery, six of 85", "exact/delivery, six of 85"),
            AllocationsBeyond("ours/delivery, six of 85", "exact/delivery, six of 85"),
        ] {
            let row = ROWS.iter().find(|row| row.figure == figure);
            assert!(row.is_some_and(|row| row.is_gated() && !row.is_slow()));
        }
    }

    #[test]
    fn times_are_never_judged() {
        assert!(ROWS.iter().any(|row| !row.is_gated()));
        for row in ROWS {
            let is_time = matches!(row.figure, Time(_));
            assert_eq!(!row.is_gated(), is_time, "{}", row.name);
            assert!(row.is_slow() || !is_time, "{}", row.name);
        }
    }
}
