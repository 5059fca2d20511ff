//! `smartcar endpoints`: the known endpoints and signals.
//!
//! Invariant: every row comes from `ENDPOINTS` or `SIGNALS`, which are generated
//! from the spec.

mod page;
mod rows;
mod signal;

use smartcar_batch::model::v3::{SIGNALS, SignalInfo};
use smartcar_batch::{ENDPOINTS, EndpointInfo};

use crate::asking::Version;
use crate::environment::Refusal;
use crate::exit::Exit;
use crate::grid::{Cell, Grid};
use crate::known::{Known, KnownPath, Make};
use crate::report::failed::Failed;
use crate::{output, text};
use rows::{Row, SignalRow};

const EXAMPLES: &str = "\
Examples:
  smartcar endpoints
  smartcar endpoints /fuel
  smartcar endpoints --make tesla --search charge
  smartcar endpoints --api v3 --search fuel
  smartcar endpoints odometer-traveleddistance
  smartcar endpoints --json | jq -r '.[]
    | select(.permission == \"read_charge\").path'";

/// List the endpoints, or show the details of one.
///
/// The list has path, type and permission. The details also have the supported
/// makes, the matching signals of version 3, and the fields with their units.
/// Where the unit systems differ, both units are shown: metric / imperial.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Endpoints {
    /// Endpoint to show, or a signal of version 3 by path or code
    #[arg(value_name = "PATH", value_parser = KnownPath, hide_possible_values = true, conflicts_with_all = ["make", "search"])]
    path: Option<Known>,
    /// Print JSON instead of a table: an array, or one object if a path is given
    #[arg(long)]
    json: bool,
    /// List the endpoints of v2 or the signals of v3 [default: v2]
    #[arg(long, value_enum)]
    api: Option<Version>,
    /// Only endpoints that support this make, or any make
    #[arg(long, value_name = "MAKE", value_parser = Make, hide_possible_values = true)]
    make: Option<String>,
    /// Only entries whose path, type, summary, permission or fields contain this text
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

/// Runs the command.
pub(crate) fn run(options: &Endpoints) -> Exit {
    match (options.path, options.api) {
        (Some(Known::Endpoint(info)), _) if options.json => print(&Row::of(info)),
        (Some(Known::Signal(info)), _) if options.json => print(&SignalRow::of(info)),
        (Some(Known::Endpoint(info)), _) => output::print(&page::endpoint(info), Exit::Good),
        (Some(Known::Signal(info)), _) => output::print(&page::signal(info), Exit::Good),
        (None, Some(Version::V3)) => signals(options),
        (None, Some(Version::V2) | None) => endpoints(options),
    }
}

fn print(object: &impl serde::Serialize) -> Exit {
    output::print(&text::line(object), Exit::Good)
}

fn endpoints(options: &Endpoints) -> Exit {
    let rows = ENDPOINTS.iter().filter(|info| options.wants(info));
    if options.json {
        return print(&rows.map(Row::of).collect::<Vec<_>>());
    }
    let rows = rows.map(|info| {
        vec![
            Cell::key(info.path),
            Cell::plain(info.type_name),
            Cell::plain(info.permission.unwrap_or("none")),
        ]
    });
    list("endpoint", &["path", "type", "permission"], rows)
}

fn signals(options: &Endpoints) -> Exit {
    if options.make.is_some() {
        let refusal = Refusal {
            message: "--make cannot be used with --api v3: signals are not listed by make".into(),
            cure: None,
        };
        return Failed::refused(None, refusal).print(options.json);
    }
    let rows = SIGNALS.iter().filter(|info| options.wants_signal(info));
    if options.json {
        return print(&rows.map(SignalRow::of).collect::<Vec<_>>());
    }
    let rows = rows.map(|info| {
        vec![
            Cell::key(info.code),
            Cell::plain(info.name),
            Cell::plain(signal::unit(info)),
        ]
    });
    list("signal", &["signal", "what", "unit"], rows)
}

fn list(thing: &str, header: &[&'static str], rows: impl Iterator<Item = Vec<Cell>>) -> Exit {
    let mut grid = Grid::new(header);
    rows.for_each(|row| grid.add(row));
    if grid.is_empty() {
        output::complain("warning", &format!("no {thing} matches"));
        return Exit::Good;
    }
    output::print(&grid.render(), Exit::Good)
}

impl Endpoints {
    fn wants(&self, info: &EndpointInfo) -> bool {
        let make = self
            .make
            .as_deref()
            .is_none_or(|make| info.makes.is_empty() || info.makes.contains(&make));
        let own = [info.path, info.type_name, info.summary];
        let fields = info.fields.iter().map(|field| field.name);
        make && self.finds(own.into_iter().chain(info.permission).chain(fields))
    }

    fn wants_signal(&self, info: &SignalInfo) -> bool {
        let own = [info.path, info.type_name, info.name, info.group];
        self.finds(own.into_iter().chain(info.used_by.iter().copied()))
    }

    fn finds(&self, mut places: impl Iterator<Item = &'static str>) -> bool {
        self.search.as_deref().is_none_or(|text| {
            let text = text.to_lowercase();
            places.any(|place| place.to_lowercase().contains(&text))
        })
    }
}
