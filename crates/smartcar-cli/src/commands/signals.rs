//! `smartcar signals`: what a vehicle has on version 3.
//!
//! Invariant: one request.

use jiff::Timestamp;
use serde_json::{Value, json};
use smartcar_batch::{ListedSignal, Response, VehicleId};

use crate::asking::ENVIRONMENT;
use crate::exit::{self, Exit};
use crate::grid::{Cell, Grid, Look};
use crate::managing::Managing;
use crate::record::Record;
use crate::report::failed::Failed;
use crate::tap::Tap;
use crate::{age, output, text};

const EXAMPLES: &str = "\
Examples:
  smartcar signals 36ab27d0-fd9d-4455-823a-ce30af709ffc
  smartcar signals VEHICLE_ID --json | jq '.signals[] | select(.ok | not)'

Without an account:
  smartcar signals --simulate any-id";

/// Said about a store without signals.
pub(crate) const EMPTY: &str = "the store is empty: subscribe the vehicle to a webhook that is \
    verified, with `smartcar subscribe`; `smartcar doctor` says what is missing";

/// List the signals that a vehicle has on version 3.
///
/// One request for the vehicle's store. Each signal has its status, its age, and the
/// paths of v2.0 that are made of it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}"),
    after_long_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}\n\n{}", exit::HELP),
)]
pub(crate) struct ListSignals {
    /// Smartcar vehicle ID
    #[arg(value_name = "VEHICLE_ID")]
    vehicle: String,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    record: Record,
    #[command(flatten)]
    managing: Managing,
}

/// Runs the command.
pub(crate) fn run(options: &ListSignals) -> Exit {
    super::wait(async {
        match ask(options).await {
            Ok(response) => show(options, &response),
            Err(failed) => failed.print(options.json),
        }
    })
}

async fn ask(options: &ListSignals) -> Result<Response<Vec<ListedSignal>>, Failed> {
    let failed = |error| Failed::of(&options.vehicle, error);
    let id = VehicleId::new(options.vehicle.as_str()).map_err(failed)?;
    let managing = &options.managing;
    let refused = |refusal| Failed::refused(Some(options.vehicle.clone()), refusal);
    let managed = match options.record.open().map_err(refused)? {
        None => managing.open().await?,
        Some(recorder) => {
            let tap = Tap::new(recorder, managing.is_local()).map_err(failed)?;
            managing.open_over(Some(Box::new(tap))).await?
        }
    };
    let request = managed.client.vehicle(id).list_signals().interactive();
    request.send().await.map_err(failed)
}

fn show(options: &ListSignals, response: &Response<Vec<ListedSignal>>) -> Exit {
    if options.json {
        let object = json!({
            "vehicle": options.vehicle,
            "request_id": response.request_id,
            "requests": response.requests,
            "charged": response.charged,
            "signals": response.data.iter().map(object).collect::<Value>(),
        });
        return output::print(&text::line(&object), Exit::Good);
    }
    if response.data.is_empty() {
        output::complain("warning", &EMPTY);
    }
    let now = Timestamp::now();
    let mut grid = Grid::new(&["signal", "group", "status", "age", "used by"]);
    for signal in &response.data {
        let status = match &signal.body {
            Ok(_) => Cell::plain("ok"),
            Err(error) => Cell::new(text::shown(&error.to_string()), Look::Error),
        };
        let since = signal.data_age.or(signal.fetched_at);
        let since = since.and_then(|at| now.duration_since(at).try_into().ok());
        let group = signal.group.as_deref().unwrap_or(age::UNKNOWN);
        let used_by = match signal.used_by() {
            [] => age::UNKNOWN.to_owned(),
            paths => paths.join(" "),
        };
        grid.add(vec![
            Cell::key(text::shown(&signal.code)),
            Cell::plain(text::shown(group)),
            status,
            Cell::new(age::ago(since), Look::Faint),
            Cell::plain(used_by),
        ]);
    }
    let failed = response.data.iter().filter(|signal| signal.body.is_err());
    let last = format!(
        "{}, {} failed, {} charged",
        text::count(u64::try_from(response.data.len()).unwrap_or(0), "signal"),
        failed.count(),
        text::count(response.charged.into(), "request"),
    );
    let table = grid.render();
    output::print(&format!("{table}\n\n{last}"), Exit::Good)
}

fn object(signal: &ListedSignal) -> Value {
    let body = signal.body.as_ref();
    let parsed = |raw: &str| serde_json::from_str::<Value>(raw).unwrap_or_default();
    json!({
        "code": signal.code,
        "group": signal.group,
        "name": signal.name,
        "ok": body.is_ok(),
        "body": body.ok().map(|reading| parsed(reading.body.get())),
        "error": body.err(),
        "data_age": signal.data_age,
        "fetched_at": signal.fetched_at,
        "used_by": signal.used_by(),
    })
}
