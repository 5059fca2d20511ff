//! Requests the vehicles and writes their records.
//!
//! Invariant: however the run ends, the last lines give the result and how to
//! continue.

use std::cell::Cell;
use std::collections::HashSet;
use std::future::ready;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt};
use jiff::Timestamp;
use smartcar_batch::{FleetVehicle, PathList, VehicleId};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::counted::Counted;
use super::kept::Kept;
use super::options::Fleet;
use super::price::Price;
use super::progress::Progress;
use super::rejected::{REJECTED, Rejected};
use super::sink::Sink;
use crate::environment::Refusal;
use crate::exit::Exit;
use crate::ids::{BadLine, Ids};
use crate::report::failed::Failed;
use crate::report::outcome::Outcome;
use crate::signals::Signals;
use crate::{output, text};

/// Time for requests in flight to finish after Ctrl-C. They are already charged, but
/// the user is waiting.
const GRACE: Duration = Duration::from_secs(30);

/// Lines of stdin.
type Lines = mpsc::Receiver<io::Result<Result<VehicleId, BadLine>>>;

/// The vehicles to request.
pub(super) enum Source {
    /// The complete list is known.
    Known(Ids),
    /// IDs arrive during the run.
    Streamed(Lines),
}

impl Source {
    /// Removes the vehicles that are complete, if the list is known.
    pub(super) fn without(mut self, kept: Option<&Kept>) -> Self {
        if let (Self::Known(ids), Some(kept)) = (&mut self, kept) {
            ids.vehicles
                .retain(|vehicle| !kept.has(vehicle.id().as_str()));
        }
        self
    }

    /// Warns about skipped entries in the account's list.
    pub(super) fn complain(&self) {
        let skipped = self.skipped();
        if let [first, ..] = skipped {
            let entries = match skipped.len() {
                1 => "1 entry".to_owned(),
                more => format!("{more} entries"),
            };
            let message = format!("skipped {entries} of the account's list: {first}");
            output::complain("warning", &text::shown(&message));
        }
    }

    fn skipped(&self) -> &[smartcar_batch::Error] {
        match self {
            Self::Known(ids) => &ids.skipped,
            Self::Streamed(_) => &[],
        }
    }
}

/// Reads stdin to its end to compute the cost.
pub(super) async fn count(mut lines: Lines, price: &mut Price<'_>) -> Result<(), Refusal> {
    while let Some(line) = lines.recv().await {
        let line = line.map_err(|error| unreadable(&error))?;
        if let Ok(id) = line {
            price.add(id);
        }
    }
    Ok(())
}

fn unreadable(error: &io::Error) -> Refusal {
    Refusal {
        message: format!("cannot read stdin: {error}"),
        cure: None,
    }
}

/// Reports that the output cannot be written.
pub(super) fn unwritable(error: &io::Error) -> Exit {
    if error.kind() == io::ErrorKind::BrokenPipe {
        // The reader closed the pipe because it has read enough.
        return Exit::Good;
    }
    let message = format!("cannot write the output: {error}");
    output::complain("error", &message);
    Exit::Unwritable
}

/// A run that is ready to start.
pub(super) struct Run<'a> {
    pub(super) options: &'a Fleet,
    pub(super) fleet: smartcar_batch::Fleet<PathList>,
    pub(super) sink: Sink,
    pub(super) kept: Option<Kept>,
    pub(super) counted: Arc<Counted>,
}

/// Why the run stops early.
enum Stop {
    Signal,
    /// Every other vehicle would fail the same way.
    Everyones(Failed),
    /// The API rejected every batch so far.
    Rejected(Failed),
    Unreadable(Failed),
    Unwritable(io::Error),
}

impl Run<'_> {
    /// Requests all vehicles and reports the result.
    pub(super) async fn finish(mut self, source: Source, signals: &mut Signals) -> Exit {
        let total = match &source {
            Source::Known(ids) => Some(ids.vehicles.len()),
            Source::Streamed(_) => None,
        };
        let lacks_some = !source.skipped().is_empty();
        let kept = self.kept.as_ref();
        let mut progress = Progress::new(total, self.options, kept);
        let repeated = Cell::new(match &source {
            Source::Known(ids) => ids.repeated,
            Source::Streamed(_) => 0,
        });
        let taken = Cell::new(0);
        let (report, mut bad) = mpsc::unbounded_channel();
        let vehicles = match source {
            Source::Known(ids) => stream::iter(ids.vehicles).boxed_local(),
            Source::Streamed(lines) => checked(lines, kept, report, &repeated).boxed_local(),
        };
        let (stopper, stopped) = oneshot::channel::<()>();
        let mut stopper = Some(stopper);
        let vehicles = vehicles
            .inspect(|_| taken.set(taken.get() + 1))
            .take_until(stopped)
            .map(|vehicle| with_paths(vehicle, kept, self.options));

        let mut stop = None;
        let mut end: Option<Instant> = None;
        {
            let mut outcomes = pin!(self.fleet.clone().run_paths(vehicles));
            let sink = &mut self.sink;
            let mut rejected = Rejected::new(kept);
            let mut write = |outcome: Outcome, retry_at: Option<Timestamp>| {
                let verdict = match (kept, outcome.vehicle()) {
                    (Some(kept), Some(vehicle)) => kept.verdict(vehicle, outcome.verdict()),
                    _ => outcome.verdict(),
                };
                let write = || sink.write(&outcome, kept);
                let written = progress.add(&outcome, verdict, retry_at, write);
                let is_last = rejected.is_last(&outcome);
                match (written, outcome) {
                    (Err(error), _) => Some(Stop::Unwritable(error)),
                    (Ok(()), Outcome::Failed(failed)) if failed.is_everyones() => {
                        Some(Stop::Everyones(failed))
                    }
                    (Ok(()), Outcome::Failed(failed)) if is_last => Some(Stop::Rejected(failed)),
                    _ => None,
                }
            };
            loop {
                let reason = tokio::select! {
                    biased;
                    () = signals.next() => {
                        if end.is_some() {
                            break;
                        }
                        end = Some(Instant::now() + GRACE);
                        Some(Stop::Signal)
                    }
                    () = until(end) => break,
                    Some(bad) = bad.recv() => match bad {
                        Ok(failed) => write(Outcome::Failed(failed), None),
                        Err(failed) => Some(Stop::Unreadable(failed)),
                    },
                    outcome = outcomes.next() => match outcome {
                        Some(outcome) => {
                            self.counted.ended(&outcome.vehicle);
                            let retry_at = outcome.retry_at();
                            let record = Outcome::of(outcome, &self.options.paths);
                            write(record, retry_at)
                        }
                        None => break,
                    },
                };
                if let Some(reason) = reason {
                    // Dropping the sender ends the stream of vehicles.
                    drop(stopper.take());
                    let is_unwritable = matches!(reason, Stop::Unwritable(_));
                    if stop.is_none() || is_unwritable || matches!(reason, Stop::Signal) {
                        stop = Some(reason);
                    }
                    if is_unwritable {
                        break;
                    }
                }
            }
            while let Ok(bad) = bad.try_recv() {
                let reason = match bad {
                    Ok(failed) => write(Outcome::Failed(failed), None),
                    Err(failed) => Some(Stop::Unreadable(failed)),
                };
                stop = stop.or(reason);
            }
        }
        let given_up = (end.is_some()).then(|| taken.get());
        let exit = self.last_words(&progress, stop, repeated.get(), given_up);
        if lacks_some && exit == Exit::Good {
            return Exit::Items;
        }
        exit
    }

    fn last_words(
        &self,
        progress: &Progress,
        stop: Option<Stop>,
        repeated: usize,
        taken: Option<usize>,
    ) -> Exit {
        let mut summary = progress.summary(self.counted.under_way());
        if repeated > 0 {
            let repeated = text::count(repeated as u64, "duplicate ID");
            summary.push_str(&format!("; {repeated} ignored"));
        }
        let given_up = taken.map_or(0, |taken| taken.saturating_sub(progress.done()));
        if given_up > 0 {
            summary.push_str(&format!("; {given_up} in progress abandoned"));
        }
        let quiet = self.options.quiet;
        if !quiet {
            output::note(&summary);
        }
        if let Err(error) = self.tidy() {
            let message = format!("the output still has superseded records: {error}");
            output::complain("warning", &message);
        }
        let is_unfinished = stop.is_some();
        // Running the same command again would not help.
        let is_rejected = matches!(stop, Some(Stop::Rejected(_)));
        let exit = match stop {
            None => progress.exit(),
            Some(Stop::Signal) => Exit::Interrupted,
            Some(Stop::Everyones(failed) | Stop::Unreadable(failed)) => {
                failed.complain();
                Exit::Failed
            }
            Some(Stop::Rejected(failed)) => {
                let message = format!(
                    "stopped: the API rejected the first {REJECTED} batches and accepted none"
                );
                output::complain("error", &message);
                failed.complain();
                Exit::Failed
            }
            Some(Stop::Unwritable(error)) => match unwritable(&error) {
                Exit::Good => return progress.exit(),
                exit => exit,
            },
        };
        if !quiet && !is_rejected && (is_unfinished || progress.leaves_some()) {
            let advice = if self.options.output.is_none() {
                "use --output FILE, so that --resume can request what is missing"
            } else {
                "to request what is missing, run the same command with --resume"
            };
            output::complain("help", &advice);
        }
        exit
    }

    /// Removes records that this run replaced.
    fn tidy(&self) -> io::Result<()> {
        let (Some(file), Some(kept)) = (self.sink.file(), &self.kept) else {
            return Ok(());
        };
        match kept.again(file) {
            Ok(kept) => kept.tidy(file),
            Err(refusal) => Err(io::Error::other(refusal.message)),
        }
    }
}

/// The unique IDs of stdin. Invalid lines are sent to `report`.
fn checked<'a>(
    mut lines: Lines,
    kept: Option<&'a Kept>,
    report: mpsc::UnboundedSender<Result<Failed, Failed>>,
    repeated: &'a Cell<usize>,
) -> impl Stream<Item = FleetVehicle> + 'a {
    let mut seen = HashSet::new();
    let lines = stream::poll_fn(move |context| lines.poll_recv(context));
    lines.filter_map(move |line| {
        let id = match line {
            Ok(Ok(id)) if kept.is_some_and(|kept| kept.has(id.as_str())) => None,
            Ok(Ok(id)) if !seen.insert(id.clone()) => {
                repeated.set(repeated.get() + 1);
                None
            }
            Ok(Ok(id)) => Some(id.into()),
            // Sending fails only if the run is over.
            Ok(Err(bad)) => {
                let _ = report.send(Ok(bad.into_failed()));
                None
            }
            Err(error) => {
                let _ = report.send(Err(Failed::refused(None, unreadable(&error))));
                None
            }
        };
        ready(id)
    })
}

/// A vehicle and the paths to request.
fn with_paths(
    vehicle: FleetVehicle,
    kept: Option<&Kept>,
    options: &Fleet,
) -> (FleetVehicle, Vec<String>) {
    let paths = match kept {
        Some(kept) => kept.asks(vehicle.id().as_str()),
        None => options.paths.clone(),
    };
    (vehicle, paths)
}

async fn until(end: Option<Instant>) {
    match end {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}
