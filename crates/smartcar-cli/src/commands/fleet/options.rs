//! The options of `smartcar fleet`, and what they come to.
//!
//! Invariant: nothing is sent, read or written here.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use smartcar_batch::{InProcessBudget, PathList, Rate};

use super::kept::Kept;
use super::record::Format;
use super::sink::Mode;
use crate::asking::{Asking, ENVIRONMENT, Session, one_or_more};
use crate::environment::Refusal;
use crate::exit;
use crate::known::AnyPath;
use crate::unknown;

const EXAMPLES: &str = "\
Examples:
  smartcar fleet /odometer /location \\
    --ids vehicles.txt --output today.ndjson
  smartcar fleet /odometer /location \\
    --ids vehicles.txt --output today.ndjson --resume
  smartcar fleet /fuel --account --format csv > fuel.csv
  smartcar fleet /odometer --ids - --per-minute 100 \\
    < vehicles.txt

What it would cost:
  smartcar fleet /odometer --account --dry-run

IDs: one per line. Blank lines and `#` comments are ignored; duplicates are \
requested once. A file is checked whole before anything is sent. From stdin each \
line is requested as it comes, and a line that cannot be an ID becomes a record of \
kind invalid_request.

Output: vehicles come as they are ready. NDJSON has the object that `smartcar \
batch --json` prints, one per line. CSV has a row for each vehicle, path and field; \
`row` and `rows` number those of a vehicle. On stderr: a progress bar if it is a \
terminal, and a last line with the counts: ok, partly (some or all items failed), \
waiting (the API or a budget said how long), failed (not answered).

Resuming: --resume keeps every item that is good, or that the API refused for good, \
and asks only for the others: items and vehicles that are missing, wait, or failed in \
a way that may pass. A vehicle's record is then the merge of both. A file that is not \
a fleet's is refused and left as it is; an incomplete last record is removed. A \
missing file is created. Two runs cannot write one file at a time.

Ctrl-C: no more vehicles are started, and those under way have 30 s to end; a \
second one ends at once.";

/// Ask many vehicles for a list of paths, one record per vehicle.
///
/// Each path of each vehicle counts as one request. A vehicle that fails costs
/// the others nothing; one whose limit asks for a long wait is put off, and
/// `--resume` asks it again later.
#[derive(Debug, clap::Args)]
#[command(
    after_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}"),
    after_long_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}\n\n{}", exit::HELP),
)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Fleet {
    /// A path with its leading slash, such as /odometer; / is the vehicle itself
    #[arg(value_name = "PATH", required = true, value_parser = AnyPath, hide_possible_values = true)]
    pub(super) paths: Vec<String>,
    /// A file with the vehicles' ids, one per line; - is stdin
    #[arg(long, value_name = "FILE", required_unless_present = "account")]
    pub(super) ids: Option<PathBuf>,
    /// All vehicles of the account, which is asked first, free of charge
    #[arg(long, conflicts_with = "ids")]
    pub(super) account: bool,
    /// Write into this file instead of stdout; one that is there is left alone
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// What the output looks like
    #[arg(long, value_enum, default_value = "ndjson")]
    pub(super) format: Format,
    /// Continue the output file: ask only what it does not have
    #[arg(long, requires = "output")]
    pub(super) resume: bool,
    /// Overwrite the output file
    #[arg(long, requires = "output", conflicts_with = "resume")]
    pub(super) force: bool,
    /// Send paths that the API's description does not know, too: each vehicle is charged for them
    #[arg(long)]
    pub(super) allow_unknown_paths: bool,
    /// How many vehicles are asked at a time; 16 where not given
    #[arg(long, value_name = "N", value_parser = one_or_more)]
    pub(super) concurrency: Option<NonZeroU32>,
    /// Spread the requests evenly, N per minute; each path is one
    #[arg(long, value_name = "N", value_parser = one_or_more)]
    pub(super) per_minute: Option<NonZeroU32>,
    /// Send no more than N requests to a vehicle in a calendar month; counted from 0 in each run
    #[arg(long, value_name = "N", value_parser = one_or_more)]
    pub(super) per_vehicle_month: Option<NonZeroU32>,
    /// Say how many requests it would cost, and ask no vehicle; with --account, the list is asked
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print nothing on stderr unless something is wrong
    #[arg(long, short)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) asking: Asking,
}

impl Fleet {
    pub(super) fn fleet(
        &self,
        session: &Session,
    ) -> Result<smartcar_batch::Fleet<PathList>, Refusal> {
        let mut fleet = session.client.fleet_paths(&self.paths)?;
        if let Some(limit) = self.per_vehicle_month
            && fleet.cost() > limit.get()
        {
            return Err(Refusal {
                message: format!(
                    "--per-vehicle-month {limit} is less than the {} requests of one batch",
                    fleet.cost()
                ),
                cure: Some("ask fewer paths, or allow as many requests as there are paths"),
            });
        }
        fleet = fleet.last_known(self.asking.last_known());
        if let Some(units) = self.asking.units() {
            fleet = fleet.units(units);
        }
        if let Some(concurrency) = self.concurrency {
            let vehicles = usize::try_from(concurrency.get()).unwrap_or(usize::MAX);
            fleet = fleet.concurrency(vehicles);
        }
        Ok(fleet)
    }

    /// Refuses paths that no vehicle would answer: an unknown one fails the
    /// batch of every vehicle. Signals may be newer than the description.
    pub(super) fn check_paths(&self) -> Result<(), Refusal> {
        if self.allow_unknown_paths {
            return Ok(());
        }
        let is_checked = |path: &&String| path.starts_with('/') && !unknown::is_signal(path);
        let mut hints = self
            .paths
            .iter()
            .filter(is_checked)
            .filter_map(|path| unknown::hint(path));
        hints.next().map_or(Ok(()), |message| {
            Err(Refusal {
                message,
                cure: Some("--allow-unknown-paths sends it anyway"),
            })
        })
    }

    /// What is there already, and where other runs are kept out of it.
    pub(super) fn kept(&self) -> Result<Option<Kept>, Refusal> {
        let Some(file) = self.output.as_deref().filter(|_| self.resume) else {
            return Ok(None);
        };
        let read = if self.dry_run { Kept::read } else { Kept::open };
        read(file, self.format, &self.paths).map(Some)
    }

    pub(super) fn budget(&self) -> InProcessBudget {
        let mut budget = InProcessBudget::unlimited();
        if let Some(rate) = self.per_minute {
            // At once: one batch, which cannot be sent in parts, or what a
            // second has, since shorter waits than clocks keep would slow it.
            let batch = u32::try_from(self.paths.len()).unwrap_or(u32::MAX);
            let burst = NonZeroU32::new(batch.max(rate.get() / 60));
            let burst = burst.unwrap_or(NonZeroU32::MIN);
            let every = Duration::from_secs(60) / rate.get();
            budget = budget.per_application(Rate::new(burst, every));
        }
        if let Some(requests) = self.per_vehicle_month {
            budget = budget.per_vehicle_and_month(requests);
        }
        budget
    }

    pub(super) fn mode(&self) -> Mode {
        if self.force {
            Mode::Overwrite
        } else {
            Mode::Create
        }
    }
}
