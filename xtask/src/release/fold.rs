//! Many changes of one kind as one line.
//!
//! Invariant: breaking changes keep a line each, because a user must act on each.

use super::changes::{Change, Step};

/// A kind with more changes than this is one line.
const FEW: usize = 3;

/// A line of a folded list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The required step.
    pub step: Step,
    /// The text.
    pub text: String,
}

/// The changes in their order, with the many of one kind folded.
pub fn fold(changes: &[Change]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for change in changes {
        let like = |other: &&Change| other.step == change.step && other.kind == change.kind;
        let count = changes.iter().filter(like).count();
        let step = change.step;
        let text = if step == Step::Major || count <= FEW {
            change.text.clone()
        } else {
            format!("{count} {}", change.kind)
        };
        let line = Line { step, text };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(step: Step, kind: &str, text: &str) -> Change {
        Change {
            step,
            kind: kind.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn only_many_of_one_kind_and_step_are_folded() {
        let texts = ["a", "b", "c", "d"];
        let some = |step, kind, count| {
            let texts = &texts[..count];
            texts.iter().map(move |text| change(step, kind, text))
        };
        let changes: Vec<_> = some(Step::Major, "types removed", 4)
            .chain(some(Step::Minor, "types added", 4))
            .chain([change(Step::Minor, "endpoints added", "x")])
            .chain(some(Step::Patch, "types added", 3))
            .collect();
        let lines = fold(&changes);
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(
            texts,
            ["a", "b", "c", "d", "4 types added", "x", "a", "b", "c"]
        );
        assert_eq!(lines[4].step, Step::Minor);
        assert_eq!(lines[6].step, Step::Patch);
    }
}
