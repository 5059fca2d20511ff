//! `smartcar endpoints`: what can be asked.
//!
//! Invariant: every row comes from `ENDPOINTS`, which is generated from the
//! API's description.

use serde::Serialize;
use smartcar_batch::model::FieldInfo;
use smartcar_batch::{ENDPOINTS, EndpointInfo};

use crate::exit::Exit;
use crate::{output, table, text};

const EXAMPLES: &str = "\
Examples:
  smartcar endpoints
  smartcar endpoints --make tesla --search charge
  smartcar endpoints --json | jq -r '.[] | select(.permission == \"read_charge\").path'";

/// List every endpoint: path, type, permission, makes, fields and units.
///
/// A field with `?` can be missing. Units are metric / imperial where the unit
/// system changes them.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Endpoints {
    /// Print a JSON array of objects instead of a table
    #[arg(long)]
    json: bool,
    /// Only endpoints of this make, and those that are not limited to listed makes
    #[arg(long, value_name = "MAKE")]
    make: Option<String>,
    /// Only endpoints whose path, type, summary, permission or fields contain this text
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

/// Runs the verb.
pub(crate) fn run(options: &Endpoints) -> Exit {
    let rows: Vec<_> = ENDPOINTS
        .iter()
        .filter(|info| options.wants(info))
        .collect();
    if options.json {
        let rows: Vec<_> = rows.into_iter().map(Row::of).collect();
        return output::print(&text::line(&rows), Exit::Good);
    }
    if rows.is_empty() {
        output::complain("warning", &"no endpoint matches");
        return Exit::Good;
    }
    output::print(&table::endpoints(&rows), Exit::Good)
}

impl Endpoints {
    fn wants(&self, info: &EndpointInfo) -> bool {
        let make = self.make.as_deref().is_none_or(|make| {
            // As the API writes makes: `ALFA_ROMEO`.
            let make = make.trim().to_uppercase().replace([' ', '-'], "_");
            info.makes.is_empty() || info.makes.contains(&make.as_str())
        });
        let search = self.search.as_deref().is_none_or(|text| {
            let text = text.to_lowercase();
            let own = [info.path, info.type_name, info.summary];
            let fields = info.fields.iter().map(|field| field.name);
            own.into_iter()
                .chain(info.permission)
                .chain(fields)
                .any(|place| place.to_lowercase().contains(&text))
        });
        make && search
    }
}

/// An endpoint, for scripts.
#[derive(Debug, Serialize)]
struct Row {
    path: &'static str,
    #[serde(rename = "type")]
    type_name: &'static str,
    summary: &'static str,
    permission: Option<&'static str>,
    makes: &'static [&'static str],
    fields: Vec<Field>,
}

#[derive(Debug, Serialize)]
struct Field {
    name: &'static str,
    kind: &'static str,
    optional: bool,
    unit: Option<Unit>,
}

#[derive(Debug, Serialize)]
struct Unit {
    metric: &'static str,
    imperial: &'static str,
}

impl Row {
    fn of(info: &EndpointInfo) -> Self {
        Self {
            path: info.path,
            type_name: info.type_name,
            summary: info.summary,
            permission: info.permission,
            makes: info.makes,
            fields: info.fields.iter().map(Field::of).collect(),
        }
    }
}

impl Field {
    fn of(field: &FieldInfo) -> Self {
        Self {
            name: field.name,
            kind: field.kind,
            optional: field.optional,
            unit: field.unit.map(|unit| Unit {
                metric: unit.metric,
                imperial: unit.imperial,
            }),
        }
    }
}
