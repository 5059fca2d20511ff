//! The progress of a fleet: always counted, drawn only in a terminal.
//!
//! Invariant: nothing is drawn unless stderr is a terminal, and the bar fits on
//! one line, so that clearing it leaves nothing behind.

use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use jiff::Timestamp;
use tokio::time::Instant;

use super::kept::Kept;
use super::options::Fleet;
use crate::exit::Exit;
use crate::report::outcome::Outcome;
use crate::report::verdict::Verdict;
use crate::text::count;
use crate::{age, number, output};

/// How often the bar is redrawn.
const TICK: Duration = Duration::from_millis(250);

/// Minimum width of the bar in columns. Below it the bar is omitted.
const NARROWEST_BAR: usize = 10;
const WIDEST_BAR: usize = 24;

/// The outcomes so far.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    drawn: Arc<Drawn>,
    /// Whether records go to the same terminal as the bar.
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
    /// Starts at zero, with the total if it is known.
    pub(super) fn new(total: Option<usize>, options: &Fleet, kept: Option<&Kept>) -> Self {
        let drawn = Arc::new(Drawn::default());
        let bar = if options.quiet || !io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            draw(total.map(|total| total as u64), Arc::clone(&drawn))
        };
        let of_kept = |verdict| kept.map_or(0, |kept| kept.count(verdict));
        Self {
            bar,
            drawn,
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

    /// Counts one vehicle and calls `write` for its record. The verdict is that of
    /// the whole record, which can have items of an earlier run.
    pub(super) fn add<T>(
        &mut self,
        outcome: &Outcome,
        verdict: Verdict,
        retry_at: Option<Timestamp>,
        write: impl FnOnce() -> T,
    ) -> T {
        let written = if self.is_shared {
            self.bar.suspend(write)
        } else {
            write()
        };
        match verdict {
            Verdict::Good => self.good += 1,
            Verdict::Partly => self.partly += 1,
            Verdict::Waiting => self.waiting += 1,
            Verdict::Failed => self.failed += 1,
        }
        self.answered += usize::from(matches!(outcome, Outcome::Response(_)));
        self.charged += u64::from(outcome.charged());
        self.retry_at = [self.retry_at, retry_at].into_iter().flatten().min();
        self.drawn.failed.store(self.failed, Ordering::Relaxed);
        self.drawn.waiting.store(self.waiting, Ordering::Relaxed);
        self.bar.inc(1);
        written
    }

    /// Number of records written.
    pub(super) fn done(&self) -> usize {
        self.good + self.partly + self.waiting + self.failed
    }

    /// Whether another run could get more.
    pub(super) fn leaves_some(&self) -> bool {
        self.waiting + self.failed > 0
    }

    /// The exit code for all vehicles, including those of the earlier run.
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

    /// Clears the bar and returns the summary. The charge includes `given_up`, the
    /// requests that were abandoned.
    pub(super) fn summary(&self, given_up: u64) -> String {
        self.bar.finish_and_clear();
        let mut summary = format!(
            "{}: {} ok, {} partly, {} waiting, {} failed; {} charged, {}",
            count(self.done() as u64, "vehicle"),
            self.good,
            self.partly,
            self.waiting,
            self.failed,
            count(self.charged + given_up, "request"),
            age::span(self.start.elapsed()),
        );
        let kept = (self.kept_good + self.kept_partly) as u64;
        if kept > 0 {
            let kept = count(kept, "vehicle");
            summary.push_str(&format!("; {kept} kept from an earlier run"));
        }
        if let Some(moment) = self.retry_at {
            summary.push_str(&format!("; the first wait ends at {moment:.0}"));
        }
        summary
    }
}

/// The counts that the redrawing thread reads.
#[derive(Debug, Default)]
struct Drawn {
    failed: AtomicUsize,
    waiting: AtomicUsize,
}

fn draw(total: Option<u64>, drawn: Arc<Drawn>) -> ProgressBar {
    let write = move |state: &ProgressState, out: &mut dyn Write| {
        let now = Now {
            done: state.pos(),
            total,
            failed: drawn.failed.load(Ordering::Relaxed),
            waiting: drawn.waiting.load(Ordering::Relaxed),
            per_second: state.per_sec(),
            time: if total.is_some() {
                state.eta()
            } else {
                state.elapsed()
            },
        };
        // One column less, because some terminals wrap a full line.
        let columns = output::stderr_width().unwrap_or(80) - 1;
        let _ = out.write_str(&now.line(columns));
    };
    let style = ProgressStyle::with_template("{line}").expect("the template is well-formed");
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr())
        .with_style(style.with_key("line", write));
    bar.enable_steady_tick(TICK);
    bar
}

/// The contents of the progress line.
struct Now {
    done: u64,
    total: Option<u64>,
    failed: usize,
    waiting: usize,
    per_second: f64,
    /// The time left if the total is known, else the time since the start.
    time: Duration,
}

impl Now {
    /// The most important parts that fit, preceded by a bar if there is room.
    fn line(&self, columns: usize) -> String {
        let total = self.total.map(|total| format!("/{total}"));
        let counts = [
            Some(format!("{} failed", self.failed)),
            Some(format!("{} waiting", self.waiting)),
        ];
        let clocks = if self.done > 0 {
            let left = if total.is_some() { " left" } else { "" };
            [
                Some(number::rate(self.per_second)),
                Some(age::span(self.time) + left),
            ]
        } else {
            [None, None]
        };
        let mut line = format!("{}{} vehicles", self.done, total.unwrap_or_default());
        for part in counts.into_iter().chain(clocks).flatten() {
            if line.len() + 2 + part.len() > columns {
                break;
            }
            line = format!("{line}, {part}");
        }
        let room = columns.saturating_sub(line.len() + 1);
        match self.total {
            Some(total) if total > 0 && room >= NARROWEST_BAR => {
                let width = room.min(WIDEST_BAR);
                let done = self.done.min(total) * width as u64 / total;
                let done = usize::try_from(done).unwrap_or(width);
                format!("{}{} {line}", "█".repeat(done), "░".repeat(width - done))
            }
            _ => line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Tests have no terminal, so they call this directly.
    #[test]
    fn a_bar_is_drawn_with_and_without_a_total() {
        for total in [Some(3), None] {
            let bar = draw(total, Arc::default());
            assert_eq!(bar.length(), total);
            bar.inc(1);
            assert_eq!(bar.position(), 1);
            bar.finish_and_clear();
        }
    }

    #[test]
    fn a_line_fits_and_its_first_parts_matter_most() {
        let now = Now {
            done: 2500,
            total: Some(10_000),
            failed: 12,
            waiting: 3,
            per_second: 35.5454,
            time: Duration::from_secs(211),
        };
        let lines = [79, 59, 29].map(|columns| now.line(columns));
        let all = "2500/10000 vehicles, 12 failed, 3 waiting, 36/s, 3 min left";
        assert_eq!(lines[0], format!("████░░░░░░░░░░░░░░░ {all}"));
        assert_eq!(lines[1], all);
        assert_eq!(lines[2], "2500/10000 vehicles");
        let streamed = Now { total: None, ..now };
        assert_eq!(
            streamed.line(79),
            "2500 vehicles, 12 failed, 3 waiting, 36/s, 3 min"
        );
    }
}
