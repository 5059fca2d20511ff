//! The options of `smartcar worker`, and the settings they result in.
//!
//! Invariant: nothing is sent or written here.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use jiff::SignedDuration;
use smartcar_batch::PathList;

use crate::asking::{Asking, ENVIRONMENT, Session, one_or_more};
use crate::environment::Refusal;
use crate::exit;
use crate::known::AnyPath;
use crate::limits::Limits;
use crate::nats::{self, Nats};

/// The shortest period of `--every`.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);

/// The longest period of `--every`.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// The number of vehicles at the same time.
const CONCURRENCY: usize = 16;

const EXAMPLES: &str = "\
Examples:
  smartcar worker /odometer /fuel --every 30m \\
    --nats nats://127.0.0.1:4222
  smartcar worker /odometer --until-empty
  smartcar worker /odometer --every 1h --per-minute 100 \\
    --budget redis://127.0.0.1:6379
  smartcar worker /odometer --every 1h --dry-run

Several workers share a queue: each job is done by one of them. Outcomes are stored on \
the stream SMARTCAR_OUTCOMES, under smartcar.outcomes.<vehicle>, in the format of \
`smartcar batch --json`; then the job is acknowledged. Vehicles that must wait are \
scheduled. A batch that cannot succeed for its vehicle goes to SMARTCAR_DEAD.

SIGTERM or Ctrl-C: no new jobs are taken, and those under way have 30 s (--drain) to \
finish. The others are given back. A second signal exits at once.

Stderr has one line per minute: vehicles asked, outcomes stored, vehicles waiting in \
the queue, dead letters, and what is left of the budget.";

/// Request paths of the vehicles in a queue on NATS JetStream.
///
/// Each path of each vehicle counts as one request. `smartcar enqueue` fills the queue.
/// The worker waits out outages of NATS and of a shared budget.
#[derive(Debug, clap::Args)]
#[command(
    after_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}\n{}", nats::ENVIRONMENT),
    after_long_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}\n{}\n\n{}", nats::ENVIRONMENT, exit::HELP),
)]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate flag")]
pub(crate) struct Worker {
    /// Path with a leading slash, such as /odometer; / is the vehicle itself
    #[arg(value_name = "PATH", required = true, value_parser = AnyPath, hide_possible_values = true)]
    pub(super) paths: Vec<String>,
    #[command(flatten)]
    pub(super) nats: Nats,
    /// Poll each vehicle again this long after the end of its last poll, such as 30m or 1h 30m
    #[arg(long, value_name = "DURATION", value_parser = every)]
    pub(super) every: Option<Duration>,
    /// Number of vehicles requested at the same time [default: 16]
    #[arg(long, value_name = "N", value_parser = one_or_more)]
    concurrency: Option<NonZeroU32>,
    /// Seconds that jobs under way have to finish after SIGTERM or Ctrl-C
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = drain)]
    pub(super) drain: Duration,
    /// End when no job is ready or under way. Vehicles that wait stay in the queue
    #[arg(long)]
    pub(super) until_empty: bool,
    /// Send paths that are not in the spec, too. Every vehicle is charged for them
    #[arg(long)]
    pub(super) allow_unknown_paths: bool,
    /// Serve OpenMetrics at /metrics, and /healthz, on this address, such as 127.0.0.1:9090
    #[arg(long, value_name = "ADDR")]
    pub(super) metrics: Option<SocketAddr>,
    /// Print the settings of the streams and the price per hour. Nothing is created or sent
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) limits: Limits,
    #[command(flatten)]
    pub(super) asking: Asking,
}

impl Worker {
    pub(super) fn fleet(
        &self,
        session: &Session,
    ) -> Result<smartcar_batch::Fleet<PathList>, Refusal> {
        let mut fleet = session
            .client
            .fleet_paths(&self.paths)?
            .concurrency(self.concurrency())
            .last_known(self.asking.last_known());
        self.limits.check_month(fleet.cost())?;
        if let Some(units) = self.asking.units() {
            fleet = fleet.units(units);
        }
        Ok(fleet)
    }

    /// The number of vehicles requested at the same time.
    pub(super) fn concurrency(&self) -> usize {
        let given = self.concurrency.map(NonZeroU32::get);
        given.map_or(CONCURRENCY, |vehicles| {
            usize::try_from(vehicles).unwrap_or(usize::MAX)
        })
    }
}

fn every(text: &str) -> Result<Duration, String> {
    let fault = || "expected a duration from 1s to 366d, such as 30s, 30m or 1h 30m".to_owned();
    let period: SignedDuration = text.parse().map_err(|_| fault())?;
    if !(SHORTEST..=LONGEST).contains(&period) {
        return Err(fault());
    }
    period.try_into().map_err(|_| fault())
}

fn drain(text: &str) -> Result<Duration, String> {
    const DAY: f64 = 86_400.0;
    let fault = || format!("expected seconds from 0 to {DAY}, such as 30");
    let seconds: f64 = text.parse().map_err(|_| fault())?;
    if !(0.0..=DAY).contains(&seconds) {
        return Err(fault());
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| fault())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_a_duration_from_one_second_up() {
        for (text, seconds) in [
            ("1s", 1),
            ("30m", 1800),
            ("1h 30m", 5400),
            ("1h30m", 5400),
            ("PT1H", 3600),
            ("8784h", 366 * 86_400),
        ] {
            assert_eq!(every(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "30", "0s", "999ms", "-5m", "8785h", "1 fortnight"] {
            let fault = every(text).unwrap_err();
            assert!(fault.starts_with("expected a duration"), "{text}: {fault}");
        }
    }

    #[test]
    fn a_drain_may_be_none_at_all() {
        assert_eq!(drain("0"), Ok(Duration::ZERO));
        assert_eq!(drain("2.5"), Ok(Duration::from_millis(2500)));
        for text in ["", "-1", "nan", "inf", "86401", "30s"] {
            assert!(drain(text).is_err(), "{text}");
        }
    }
}
