//! `smartcar vehicles`: what the credentials reach.
//!
//! Invariant: no vehicle is asked.

use futures_util::StreamExt;
use serde_json::{Value, json};
use smartcar_batch::model::v3::Connection;

use crate::age::UNKNOWN;
use crate::asking::ENVIRONMENT;
use crate::exit::Exit;
use crate::grid::{Cell, Grid};
use crate::managing::Managing;
use crate::report::failed::Failed;
use crate::{output, text};

const EXAMPLES: &str = "\
Examples:
  smartcar vehicles
  smartcar vehicles --json | jq -r .vehicle";

/// List the vehicles that the application reaches, on version 3.
///
/// With user, make, model and powertrain; not billed.
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}"))]
pub(crate) struct Vehicles {
    /// Print one JSON object per vehicle, with the permissions, instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    managing: Managing,
}

/// Runs the command.
pub(crate) fn run(options: &Vehicles) -> Exit {
    super::wait(async {
        match show(options).await {
            Ok(exit) => exit,
            Err(failed) => failed.print(options.json),
        }
    })
}

async fn show(options: &Vehicles) -> Result<Exit, Failed> {
    let managed = options.managing.open().await?;
    let mut connections = managed.client.connections();
    let mut grid = Grid::new(&["vehicle", "user", "make", "model", "year", "powertrain"]);
    let mut lines = Vec::new();
    let mut exit = Exit::Good;
    while let Some(connection) = connections.next().await {
        match connection {
            Ok(connection) if options.json => lines.push(text::line(&object(&connection))),
            Ok(connection) => grid.add(row(&connection)),
            Err(error) if error.is_list_entry() => {
                output::complain("warning", &format!("skipped: {error}"));
                exit = Exit::Items;
            }
            Err(error) => return Err(Failed::of_account(error)),
        }
    }
    if lines.is_empty() && grid.is_empty() {
        let help = "no vehicle is connected: `smartcar connect-url` makes the link for its owner";
        output::complain("warning", &help);
        return Ok(exit);
    }
    let shown = if options.json {
        lines.join("\n")
    } else {
        grid.render()
    };
    Ok(output::print(&shown, exit))
}

fn object(connection: &Connection) -> Value {
    let attributes = connection.attributes.as_ref();
    let of = attributes.and_then(|attributes| attributes.vehicle.as_ref());
    json!({
        "vehicle": connection.vehicle_id(),
        "user": connection.user_id(),
        "make": of.and_then(|of| of.make.as_deref()),
        "model": of.and_then(|of| of.model.as_deref()),
        "year": of.and_then(|of| of.year),
        "powertrain": of.and_then(|of| of.powertrain_type.as_ref()),
        "permissions": attributes.and_then(|attributes| attributes.permissions.as_ref()),
    })
}

fn row(connection: &Connection) -> Vec<Cell> {
    let object = object(connection);
    let cell = |name: &str| match &object[name] {
        Value::Null => UNKNOWN.to_owned(),
        Value::String(value) => text::shown(value),
        other => other.to_string(),
    };
    vec![
        Cell::key(cell("vehicle")),
        Cell::plain(cell("user")),
        Cell::plain(cell("make")),
        Cell::plain(cell("model")),
        Cell::plain(cell("year")),
        Cell::plain(cell("powertrain")),
    ]
}
