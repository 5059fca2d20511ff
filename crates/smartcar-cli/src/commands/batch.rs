//! `smartcar batch`: several paths of one vehicle in one request.
//!
//! Invariant: input is checked before anything is sent, and the results are in
//! the order of the requested paths.

use std::sync::Arc;

use jiff::Timestamp;
use smartcar_batch::{Error, VehicleId, WarningKind};

use crate::asking::{Asking, ENVIRONMENT};
use crate::exit::{self, Exit};
use crate::known::AnyPath;
use crate::limits::Limits;
use crate::record::Record;
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

Without an account or a vehicle:
  smartcar batch --simulate any-id /odometer /battery";

/// Request several paths of one vehicle at once.
///
/// Each path succeeds or fails on its own, and each counts as one request against
/// the vehicle's limit. `smartcar endpoints` lists the known paths. Other paths
/// are sent too, and their bodies are shown unchanged.
#[derive(Debug, clap::Args)]
#[command(
    after_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}"),
    after_long_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}\n\n{}", exit::HELP),
)]
pub(crate) struct Batch {
    /// Smartcar vehicle ID
    #[arg(value_name = "VEHICLE_ID")]
    vehicle: String,
    /// Path with a leading slash, such as /odometer; / is the vehicle itself
    #[arg(value_name = "PATH", required = true, value_parser = AnyPath, hide_possible_values = true)]
    paths: Vec<String>,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    record: Record,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    asking: Asking,
}

/// Runs the command.
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
    let refused = |refusal| Failed::refused(Some(options.vehicle.clone()), refusal);
    let budget = options.limits.open(options.paths.len()).map_err(refused)?;
    let shared = Arc::clone(&budget.budget);
    let recorder = options.record.open().map_err(refused)?;
    let asking = &options.asking;
    let session = asking
        .recorded(Some(vehicle), Some(shared), recorder)
        .await?;
    let vehicle = session.client.vehicle(id);
    let request = vehicle.batch_paths(&options.paths).map_err(failed)?;
    options
        .limits
        .check_month(request.cost())
        .map_err(refused)?;
    budget.check(Some(&options.vehicle)).await?;
    // A person waits for it.
    let mut request = request.interactive();
    request = request.last_known(options.asking.last_known());
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
            (_, "") => "ignored a result without a path".to_owned(),
            (WarningKind::Duplicate, path) => format!("ignored a duplicate result for {path}"),
            (_, path) => format!("ignored a result for {path}, which was not requested"),
        };
        output::complain("warning", &what);
    }
    output::print(&table::batch(report, Timestamp::now()), exit)
}
