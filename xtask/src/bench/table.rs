//! Rows with what was measured, and the table of them.
//!
//! Invariant: a row that was not measured is never counted as one that holds.

use super::measure::Counts;
use super::rows::{Figure, Row};

/// A row and its figure today.
#[derive(Debug, Clone)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// The limit to hold.
    pub limit: f64,
    /// What we want to publish.
    pub goal: f64,
    /// Whether the gate judges it.
    pub gated: bool,
    /// The figure; `None` where it could not be measured.
    pub today: Option<f64>,
    /// What it is made of.
    pub detail: String,
}

impl Line {
    /// A row with its figure out of what was counted.
    pub fn of(row: &Row, instructions: &Counts, allocations: &Counts) -> Self {
        let (today, detail) = match row.figure {
            Figure::Instructions(ours, base) => pair(instructions, ours, base, |a, b| a / b),
            Figure::AllocationsBeyond(ours, base) => pair(allocations, ours, base, |a, b| a - b),
            Figure::Allocations(ours) => (allocations.get(ours).copied(), String::new()),
            Figure::Time(_) => (None, String::new()),
        };
        Self {
            name: row.name.to_owned(),
            limit: row.limit,
            goal: row.goal,
            gated: row.is_gated(),
            today,
            detail,
        }
    }

    /// Whether the gate objects to it.
    pub fn regressed(&self) -> bool {
        self.gated && self.is_short()
    }

    /// Whether it falls short of the limit to hold.
    pub fn is_short(&self) -> bool {
        self.today.is_some_and(|today| today > self.limit)
    }

    fn word(&self) -> String {
        match self.today {
            None => "not measured".to_owned(),
            Some(_) if self.regressed() => "REGRESSED".to_owned(),
            Some(_) if self.is_short() => "falls short".to_owned(),
            Some(today) if today > self.goal => "holds".to_owned(),
            Some(_) => "at its goal".to_owned(),
        }
    }
}

fn pair(
    counts: &Counts,
    ours: &str,
    base: &str,
    relate: impl Fn(f64, f64) -> f64,
) -> (Option<f64>, String) {
    match (counts.get(ours), counts.get(base)) {
        (Some(ours), Some(base)) => {
            let detail = format!("{ours:.0} to {base:.0}");
            (Some(relate(*ours, *base)), detail)
        }
        _ => (None, String::new()),
    }
}

/// The table.
pub fn table(lines: &[Line]) -> String {
    let width = lines.iter().map(|line| line.name.len()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$}  {:>7}  {:>7}  {:>7}  {:13}  counted\n",
        "figure", "limit", "goal", "today", ""
    );
    for line in lines {
        let today = line
            .today
            .map_or_else(String::new, |today| format!("{today:.2}"));
        text.push_str(&format!(
            "{:width$}  {:>7}  {:>7}  {today:>7}  {:13}  {}\n",
            line.name,
            line.limit,
            line.goal,
            line.word(),
            line.detail
        ));
    }
    let count = |is: fn(&Line) -> bool| lines.iter().filter(|line| is(line)).count();
    text.push_str(&format!(
        "{} rows, {} fall short of their limit, {} regressed, {} not measured",
        lines.len(),
        count(Line::is_short),
        count(Line::regressed),
        count(|line| line.today.is_none())
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::rows::ROWS;

    fn line(today: f64, gated: bool) -> Line {
        Line {
            name: "decode".to_owned(),
            limit: 1.2,
            goal: 1.1,
            gated,
            today: Some(today),
            detail: String::new(),
        }
    }

    #[test]
    fn the_gate_objects_to_a_count_past_its_limit() {
        for (today, gated, regressed, short) in [
            (1.1, true, false, false),
            (1.21, true, true, true),
            (1.1, false, false, false),
            (9.0, false, false, true),
        ] {
            let line = line(today, gated);
            assert_eq!(
                (line.regressed(), line.is_short()),
                (regressed, short),
                "{line:?}"
            );
        }
    }

    #[test]
    fn what_was_not_counted_is_said() {
        let nothing = Counts::new();
        let line = Line::of(&ROWS[0], &nothing, &nothing);
        assert!(table(&[line]).contains("not measured"));
        let counts = Counts::from([("ours/2", 110.0), ("exact/2", 100.0)]);
        let line = Line::of(&ROWS[0], &counts, &nothing);
        assert!(table(&[line]).contains("110 to 100"));
    }
}
