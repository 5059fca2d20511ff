//! The options of `smartcar fleet`, and the settings they result in.
//!
//! Invariant: nothing is sent or written here.

use std::num::NonZeroU32;
use std::path::PathBuf;

use smartcar_batch::PathList;

use super::kept::Kept;
use super::record::Format;
use super::sink::Mode;
use crate::asking::{Asking, ENVIRONMENT, Session, one_or_more};
use crate::environment::Refusal;
use crate::exit;
use crate::known::AnyPath;
use crate::limits::Limits;
use crate::record::Record;

const EXAMPLES: &str = "\
Examples:
  smartcar fleet /odometer /location \\
    --ids vehicles.txt --output today.ndjson
  smartcar fleet /odometer /location \\
    --ids vehicles.txt --output today.ndjson --resume
  smartcar fleet /fuel --account --format csv > fuel.csv
  smartcar fleet /odometer --ids - --per-minute 100 \\
    < vehicles.txt

Estimate the cost:
  smartcar fleet /odometer --account --dry-run

IDs: one per line. Blank lines and `#` comments are ignored; duplicates are \
requested once. A file is checked completely before anything is sent. From stdin, \
each line is requested as it arrives; an invalid ID becomes a record with error \
kind invalid_request.

Output: records are written as vehicles finish. NDJSON has one object per line, as \
printed by `smartcar batch --json`. CSV has one row per vehicle, path and field; \
`row` and `rows` number the rows of a vehicle. Stderr has a progress bar if it is a \
terminal, and a last line with the counts: ok, partly (some or all items failed), \
waiting (the API or a budget asked to wait), failed (no items).

Resuming: --resume keeps successful items and items that failed for good. It \
requests only items and vehicles that are missing, were told to wait, or may succeed \
on retry. Old and new items are merged into one record per vehicle. A file that is \
not fleet output is rejected and not changed. An incomplete last record is removed. \
A missing file is created. Two runs cannot write to the same file at once.

Ctrl-C: no new vehicles are started, and those in progress have 30 s to finish. A \
second Ctrl-C exits at once.";

/// Request paths of many vehicles, one record per vehicle.
///
/// Each path of each vehicle counts as one request. A failed vehicle does not
/// affect the others. If a rate limit requires a long wait, the run does not wait:
/// a later run with `--resume` requests that vehicle again.
#[derive(Debug, clap::Args)]
#[command(
    after_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}"),
    after_long_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}\n\n{}", exit::HELP),
)]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate flag")]
pub(crate) struct Fleet {
    /// Path with a leading slash, such as /odometer; / is the vehicle itself
    #[arg(value_name = "PATH", required = true, value_parser = AnyPath, hide_possible_values = true)]
    pub(super) paths: Vec<String>,
    /// File with vehicle IDs, one per line; - is stdin
    #[arg(long, value_name = "FILE", required_unless_present = "account")]
    pub(super) ids: Option<PathBuf>,
    /// All vehicles of the account. Listing them is free of charge
    #[arg(long, conflicts_with = "ids")]
    pub(super) account: bool,
    /// Write to this file instead of stdout; an existing file is not overwritten
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value = "ndjson")]
    pub(super) format: Format,
    /// Continue the output file: request only what is missing or may succeed on retry
    #[arg(long, requires = "output")]
    pub(super) resume: bool,
    /// Overwrite an existing output file
    #[arg(long, requires = "output", conflicts_with = "resume")]
    pub(super) force: bool,
    /// Send paths that are not in the spec, too. Every vehicle is charged for them
    #[arg(long)]
    pub(super) allow_unknown_paths: bool,
    /// Number of vehicles requested at the same time [default: 16]
    #[arg(long, value_name = "N", value_parser = one_or_more)]
    pub(super) concurrency: Option<NonZeroU32>,
    #[command(flatten)]
    pub(super) record: Record,
    #[command(flatten)]
    pub(super) limits: Limits,
    /// Print the number of requests and send none to vehicles. With --account, the vehicles are still listed
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print only warnings and errors on stderr
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
        self.limits.check_month(fleet.cost())?;
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

    /// The records already in the output file, which is locked unless this is a dry run.
    pub(super) fn kept(&self) -> Result<Option<Kept>, Refusal> {
        let Some(file) = self.output.as_deref().filter(|_| self.resume) else {
            return Ok(None);
        };
        let read = if self.dry_run { Kept::read } else { Kept::open };
        read(file, self.format, &self.paths).map(Some)
    }

    pub(super) fn mode(&self) -> Mode {
        if self.force {
            Mode::Overwrite
        } else {
            Mode::Create
        }
    }
}
