//! How far a fleet is: counted always, drawn for a person.
//!
//! Invariant: nothing is drawn where stderr is no terminal.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use tokio::time::Instant;

use super::file::Kept;
use super::options::Fleet;
use crate::age;
use crate::exit::Exit;
use crate::report::outcome::Outcome;
use crate::report::verdict::Verdict;
use crate::text::count;

/// How often the time is drawn anew.
const TICK: Duration = Duration::from_millis(250);

/// What became of the vehicles so far.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    /// Whether records are written to the terminal that has the bar.
    is_shared: bool,
    start: Instant,
    good: usize,
    partly: usize,
    waiting: usize,
    failed: usize,
    answered: usize,
    charged: u64,
    retry_at: Option<Timestamp>,
    kept_good: usize,
    kept_partly: usize,
}

impl Progress {
    /// Nothing is done of so many, if that is known.
    pub(super) fn new(total: Option<usize>, options: &Fleet, kept: Option<&Kept>) -> Self {
        let bar = if options.quiet || !io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            draw(total.map(|total| total as u64))
        };
        let of_kept = |verdict| kept.map_or(0, |kept| kept.count(verdict));
        Self {
            bar,
            is_shared: options.output.is_none() && io::stdout().is_terminal(),
            start: Instant::now(),
            good: 0,
            partly: 0,
            waiting: 0,
            failed: 0,
            answered: 0,
            charged: 0,
            retry_at: None,
            kept_good: of_kept(Verdict::Good),
            kept_partly: of_kept(Verdict::Partly),
        }
    }

    /// One more is done, and with it what writes its line.
    pub(super) fn add<T>(
        &mut self,
        outcome: &Outcome,
        retry_at: Option<Timestamp>,
        write: impl FnOnce() -> T,
    ) -> T {
        let written = if self.is_shared {
            self.bar.suspend(write)
        } else {
            write()
        };
        match outcome.verdict() {
            Verdict::Good => self.good += 1,
            Verdict::Partly => self.partly += 1,
            Verdict::Waiting => self.waiting += 1,
            Verdict::Failed => self.failed += 1,
        }
        self.answered += usize::from(matches!(outcome, Outcome::Answered(_)));
        self.charged += u64::from(outcome.charged());
        self.retry_at = [self.retry_at, retry_at].into_iter().flatten().min();
        let Self {
            failed, waiting, ..
        } = self;
        self.bar
            .set_message(format!("{failed} failed, {waiting} waiting"));
        self.bar.inc(1);
        written
    }

    /// How many were written.
    pub(super) fn done(&self) -> usize {
        self.good + self.partly + self.waiting + self.failed
    }

    /// Whether asking again would get more.
    pub(super) fn leaves_some(&self) -> bool {
        self.waiting + self.failed > 0
    }

    /// What the whole set comes to, that of the run before included.
    pub(super) fn exit(&self) -> Exit {
        let kept = self.kept_good + self.kept_partly;
        let is_all_good = self.done() == self.good && self.kept_partly == 0;
        if is_all_good {
            Exit::Good
        } else if self.answered + kept == 0 {
            Exit::Failed
        } else {
            Exit::Items
        }
    }

    /// Takes the bar away and says what it came to.
    pub(super) fn summary(&self) -> String {
        self.bar.finish_and_clear();
        let mut summary = format!(
            "{}: {} ok, {} partly, {} waiting, {} failed; {} charged, {}",
            count(self.done() as u64, "vehicle"),
            self.good,
            self.partly,
            self.waiting,
            self.failed,
            count(self.charged, "request"),
            age::span(self.start.elapsed()),
        );
        let kept = (self.kept_good + self.kept_partly) as u64;
        if kept > 0 {
            let kept = count(kept, "vehicle");
            summary.push_str(&format!("; {kept} of before not asked again"));
        }
        if let Some(moment) = self.retry_at {
            summary.push_str(&format!("; the first wait ends at {moment:.0}"));
        }
        summary
    }
}

fn draw(total: Option<u64>) -> ProgressBar {
    let template = match total {
        Some(_) => "{bar:24} {pos}/{len} vehicles, {per_sec}, {msg}, {eta} left",
        None => "{spinner} {pos} vehicles, {per_sec}, {msg}, {elapsed}",
    };
    let style = ProgressStyle::with_template(template).expect("the template is well-formed");
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr())
        .with_style(style)
        .with_message("0 failed, 0 waiting");
    bar.enable_steady_tick(TICK);
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    // Where the tests run there is no terminal, so that only this draws.
    #[test]
    fn a_bar_is_drawn_with_and_without_a_total() {
        for total in [Some(3), None] {
            let bar = draw(total);
            assert_eq!(bar.length(), total);
            bar.inc(1);
            assert_eq!(
                (bar.position(), &*bar.message()),
                (1, "0 failed, 0 waiting")
            );
            bar.finish_and_clear();
        }
    }
}
