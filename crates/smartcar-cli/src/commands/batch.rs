//! `smartcar batch`: several questions to a vehicle in one request.
//!
//! Invariant: everything that can be refused is refused before anything is
//! sent, and each path asked is one row, or one object, in the order asked.

use jiff::Timestamp;
use smartcar_batch::{Error, VehicleId, WarningKind};

use crate::asking::{Asking, ENVIRONMENT};
use crate::exit::{self, Exit};
use crate::known::AnyPath;
use crate::report::failed::Failed;
use crate::report::items::Report;
use crate::report::verdict::Verdict;
use crate::{output, table, text};

const EXAMPLES: &str = "\
Examples:
  smartcar batch 36ab27d0-fd9d-4455-823a-ce30af709ffc \\
    /odometer /location
  smartcar batch 36ab27d0-fd9d-4455-823a-ce30af709ffc \\
    /odometer --units imperial --json | jq .items

Without an account or a car:
  smartcar batch --simulate any-id /odometer /fuel";

/// Ask a vehicle for a list of paths in one request.
///
/// Each path has an outcome of its own, and each counts as one request against
/// the vehicle's limit. `smartcar endpoints` lists the paths; one that it does
/// not list is asked all the same, and its body is shown as it came.
#[derive(Debug, clap::Args)]
#[command(
    after_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}"),
    after_long_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}\n\n{}", exit::HELP),
)]
pub(crate) struct Batch {
    /// The vehicle's id, as the API lists it
    #[arg(value_name = "VEHICLE_ID")]
    vehicle: String,
    /// A path with its leading slash, such as /odometer; / is the vehicle itself
    #[arg(value_name = "PATH", required = true, value_parser = AnyPath, hide_possible_values = true)]
    paths: Vec<String>,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asking: Asking,
}

/// Runs the verb.
pub(crate) fn run(options: &Batch) -> Exit {
    super::wait(async {
        match ask(options).await {
            Ok(report) => show(options, &report),
            Err(failed) => failed.print(options.json),
        }
    })
}

async fn ask(options: &Batch) -> Result<Report, Failed> {
    let vehicle = options.vehicle.as_str();
    let failed = |error: Error| Failed::of(vehicle, error);
    let id = VehicleId::new(vehicle).map_err(failed)?;
    let session = options.asking.session(Some(vehicle), None).await?;
    let vehicle = session.client.vehicle(id);
    let request = vehicle.batch_paths(&options.paths).map_err(failed)?;
    let mut request = request.last_known(options.asking.last_known());
    if let Some(units) = options.asking.units() {
        request = request.units(units);
    }
    let sent = request.send().await;
    let response = sent.map_err(|error| failed(error).with_hints(&options.paths))?;
    let vehicle = options.vehicle.clone();
    Ok(Report { vehicle, response })
}

fn show(options: &Batch, report: &Report) -> Exit {
    let exit = if report.verdict() == Verdict::Good {
        Exit::Good
    } else {
        Exit::Items
    };
    if options.json {
        return output::print(&text::line(report), exit);
    }
    for warning in &report.response.warnings {
        let what = match (warning.kind, warning.path.as_str()) {
            (_, "") => "an answer without a path was left aside".to_owned(),
            (WarningKind::Duplicate, path) => format!("a second answer to {path} was left aside"),
            (_, path) => format!("an answer to {path} was left aside: nobody asked for it"),
        };
        output::complain("warning", &what);
    }
    output::print(&table::batch(report, Timestamp::now()), exit)
}
