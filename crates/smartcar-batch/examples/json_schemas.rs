//! JSON Schemas of the response types, for a database, a queue or a form.
//!
//! It prints one JSON object with the schema of a record of your own that contains
//! types of the library, and the schema of each named component:
//!
//! ```text
//! cargo run --example json_schemas --features schemars -- Odometer TeslaCharge
//! ```

use std::collections::BTreeMap;

use schemars::{JsonSchema, schema_for};
use smartcar_batch::model::json_schemas;
use smartcar_batch::{Fuel, Odometer};

/// A record that a service stores per vehicle.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct Record {
    vehicle: String,
    odometer: Odometer,
    fuel: Option<Fuel>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The schemas of all response types, by the name of their component.
    let known: BTreeMap<_, _> = json_schemas().into_iter().collect();
    let mut wanted = BTreeMap::from([("Record".to_owned(), schema_for!(Record))]);
    for name in std::env::args().skip(1) {
        let schema = known.get(name.as_str());
        let schema = schema.ok_or_else(|| format!("there is no component `{name}`"))?;
        wanted.insert(name, schema.clone());
    }
    println!("{}", serde_json::to_string_pretty(&wanted)?);
    Ok(())
}
