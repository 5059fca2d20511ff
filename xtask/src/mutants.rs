//! The survivors of mutation testing: changes of the code that no test notices.
//!
//! Invariant: each has a reason in the checked list, and the list has no other lines.

use std::collections::BTreeMap;
use std::fmt;

/// What cargo-mutants found: the lines of its files.
#[derive(Debug, Default)]
pub struct Found {
    /// Changes that a test noticed.
    pub caught: Vec<String>,
    /// Changes that no test noticed.
    pub missed: Vec<String>,
    /// Changes that made the tests hang, which is noticed too.
    pub timeout: Vec<String>,
}

/// How many changes of a file were noticed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// Those that were noticed.
    pub caught: usize,
    /// All.
    pub all: usize,
}

impl Score {
    /// In percent, rounded down.
    pub fn percent(self) -> usize {
        (self.caught * 100).checked_div(self.all).unwrap_or(100)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { caught, all } = self;
        write!(f, "{caught} of {all}, {} %", self.percent())
    }
}

/// Each file's score.
pub fn scores(found: &Found) -> BTreeMap<String, Score> {
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let noticed = found.caught.iter().chain(&found.timeout);
    let noticed = noticed.map(|line| (line, 1));
    for (line, caught) in noticed.chain(found.missed.iter().map(|line| (line, 0))) {
        let (file, _) = change(line);
        let score = scores.entry(file.to_owned()).or_default();
        score.caught += caught;
        score.all += 1;
    }
    scores
}

/// What is wrong with the list: a survivor without a line, a line without a reason, or a
/// line whose change was noticed.
pub fn faults(found: &Found, list: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut known = Vec::new();
    let lines = list
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines {
        match line.split_once(" -- ") {
            Some((survivor, reason)) if !reason.trim().is_empty() => known.push(survivor.trim()),
            _ => faults.push(format!("no reason after ` -- `: {line}")),
        }
    }
    let named = |line: &str| {
        let (file, change) = change(line);
        format!("{file}: {change}")
    };
    let missed: Vec<_> = found.missed.iter().map(|line| named(line)).collect();
    let noticed = found.caught.iter().chain(&found.timeout);
    let noticed: Vec<_> = noticed.map(|line| named(line)).collect();
    for survivor in &missed {
        if !known.contains(&survivor.as_str()) {
            faults.push(format!("no test notices it: {survivor}"));
        }
    }
    for survivor in known {
        let is = |other: &String| other == survivor;
        if noticed.iter().any(is) && !missed.iter().any(is) {
            faults.push(format!("noticed by now, so remove the line: {survivor}"));
        }
    }
    faults
}

/// The file and the change, without the place, which moves: `a.rs:12:5: replace …`.
fn change(line: &str) -> (&str, &str) {
    let (place, change) = line.split_once(": ").unwrap_or((line, ""));
    let file = place.split(':').next().unwrap_or(place);
    (file, change)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Found {
        let lines = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
        Found {
            caught: lines(&["a.rs:1:2: replace f -> u8 with 0", "b.rs:1:2: delete !"]),
            missed: lines(&["a.rs:3:2: replace g -> u8 with 0"]),
            timeout: lines(&["a.rs:5:2: replace < with <= in h"]),
        }
    }

    #[test]
    fn a_change_that_hangs_is_noticed() {
        let scores = scores(&found());
        assert_eq!(scores["a.rs"], Score { caught: 2, all: 3 });
        assert_eq!(scores["a.rs"].to_string(), "2 of 3, 66 %");
        assert_eq!(scores["b.rs"].percent(), 100);
    }

    #[test]
    fn the_list_has_all_survivors_and_no_others() {
        let list = "# a comment\n\na.rs: replace g -> u8 with 0 -- it is a hint only\n";
        assert_eq!(faults(&found(), list), [""; 0]);
        assert_eq!(
            faults(&found(), ""),
            ["no test notices it: a.rs: replace g -> u8 with 0"]
        );
        let more = format!("{list}b.rs: delete ! -- why not\nb.rs: delete -\n");
        assert_eq!(
            faults(&found(), &more),
            [
                "no reason after ` -- `: b.rs: delete -",
                "noticed by now, so remove the line: b.rs: delete !"
            ]
        );
        // A file that was not tried says nothing.
        let other = format!("{list}c.rs: delete ! -- why not\n");
        assert_eq!(faults(&found(), &other), [""; 0]);
    }
}
