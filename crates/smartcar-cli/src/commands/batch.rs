//! `smartcar batch`: several questions to a vehicle in one request.
//!
//! Invariant: everything that can be refused is refused before anything is
//! sent, and each path asked is one row, or one object, in the order asked.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::ValueEnum;
use jiff::Timestamp;
use smartcar_batch::{Answered, Answers, Client, Error, RetryPolicy, UnitSystem, VehicleId};
use smartcar_simulator::Simulator;

use crate::environment::{self, Refusal};
use crate::exit::{self, Exit};
use crate::output;
use crate::report::{self, Failed, Report};
use crate::table;

const EXAMPLES: &str = "\
Examples:
  smartcar batch 36ab27d0-fd9d-4455-823a-ce30af709ffc /odometer /location
  smartcar batch --units imperial --json 36ab27d0-fd9d-4455-823a-ce30af709ffc /odometer | jq .items
  smartcar batch --simulate any-id /odometer /fuel    # without an account or a car

Environment:
  SMARTCAR_ACCESS_TOKEN  the access token; there is no flag for it, since other
                         users of this machine can read a command's arguments
  SMARTCAR_API_ORIGIN    used where --api-origin is not given
  SMARTCAR_API           the API version: v2, which is also the default";

/// Ask a vehicle for a list of paths in one request.
///
/// Each path has an outcome of its own, and each counts as one request against
/// the vehicle's limit. `smartcar endpoints` lists the paths; one that it does
/// not list is asked all the same, and its body is shown as it came.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub(crate) struct Batch {
    /// The vehicle's id, as the API lists it
    #[arg(value_name = "VEHICLE_ID")]
    vehicle: String,
    /// A path with its leading slash, such as /odometer; / is the vehicle itself
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,
    /// Scheme, host and port of the API, without a version; https, or http to this machine
    #[arg(long, value_name = "URL", conflicts_with = "simulate")]
    api_origin: Option<String>,
    /// Unit system of the answers; the API's default is metric
    #[arg(long, value_enum)]
    units: Option<Units>,
    /// Upper bound of the HTTP requests that are sent, 1 or more; 3 where not given. Only items that failed and may be mended are asked again, and each path asked is charged
    #[arg(long, value_name = "N", value_parser = attempts)]
    attempts: Option<NonZeroU32>,
    /// How long it may take in all; 310 where not given, since the API may take 300
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    deadline: Option<Duration>,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
    /// Ask a simulator inside this process instead of the API; needs no token
    #[arg(long)]
    simulate: bool,
}

/// Unit system of the answers.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Units {
    /// Kilometres, litres, kilopascals
    Metric,
    /// Miles, gallons, pounds per square inch
    Imperial,
}

impl From<Units> for UnitSystem {
    fn from(units: Units) -> Self {
        match units {
            Units::Metric => Self::Metric,
            Units::Imperial => Self::Imperial,
        }
    }
}

/// Runs the verb.
pub(crate) fn run(options: &Batch) -> Exit {
    super::wait(async {
        match ask(options).await {
            Ok(answered) => show(options, &answered),
            Err(failed) => failed.print(options.json),
        }
    })
}

async fn ask(options: &Batch) -> Result<Answered<Answers>, Failed> {
    let refuse = |refusal| Failed::refused(Some(options.vehicle.clone()), refusal);
    let id = VehicleId::new(options.vehicle.as_str()).map_err(|error| refuse(error.into()))?;
    if !options.simulate {
        let client = environment::client(options.api_origin.as_deref()).map_err(refuse)?;
        return send(options, &client, id).await;
    }
    let simulator = Simulator::start()
        .await
        .map_err(|error| Failed::no_simulator(&options.vehicle, &error))?;
    let client = environment::simulated(&simulator).map_err(refuse)?;
    send(options, &client, id).await
}

async fn send(
    options: &Batch,
    client: &Client,
    id: VehicleId,
) -> Result<Answered<Answers>, Failed> {
    let failed = |error: Error| {
        if error.is_invalid_request() {
            Failed::refused(Some(options.vehicle.clone()), Refusal::from(error))
        } else {
            Failed::of(&options.vehicle, &error)
        }
    };
    let mut request = client
        .vehicle(id)
        .batch_paths(&options.paths)
        .map_err(failed)?;
    if let Some(units) = options.units {
        request = request.units(units.into());
    }
    if let Some(deadline) = options.deadline {
        request = request.deadline(deadline);
    }
    if let Some(attempts) = options.attempts {
        request = request.retry(RetryPolicy::standard().attempts(attempts.get()));
    }
    request.send().await.map_err(failed)
}

fn show(options: &Batch, answered: &Answered<Answers>) -> Exit {
    let now = Timestamp::now();
    let report = Report::of(&options.vehicle, answered, now);
    let exit = if report.items.iter().all(report::Item::is_good) {
        Exit::Good
    } else {
        Exit::Items
    };
    if options.json {
        return output::print(&report::line(&report), exit);
    }
    for odd in &report.warnings {
        let what = match (odd.kind, odd.path.as_str()) {
            (_, "") => "an answer without a path was left aside".to_owned(),
            ("second", path) => format!("a second answer to {path} was left aside"),
            (_, path) => format!("an answer to {path} was left aside: nobody asked for it"),
        };
        output::complain("warning", &what);
    }
    output::print(&table::batch(&report, now), exit)
}

fn attempts(text: &str) -> Result<NonZeroU32, String> {
    let count: u32 = text
        .parse()
        .map_err(|_| "write a whole number, such as 3")?;
    NonZeroU32::new(count)
        .ok_or_else(|| "asking takes at least one request: pass 1 or more".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    /// Nobody waits longer; more would overflow a clock.
    const DAY: f64 = 86_400.0;
    let fault = || format!("write seconds above 0 and up to {DAY}, such as 30 or 2.5");
    let seconds: f64 = text.parse().map_err(|_| fault())?;
    if !(seconds > 0.0 && seconds <= DAY) {
        return Err(fault());
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| fault())
}
