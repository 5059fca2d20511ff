//! JSON Schemas of what vehicles answer, for a database, a queue or a form.
//!
//! It prints one JSON object with the schema of a record of one's own, which has
//! the library's types in it, and of each component that is named:
//!
//! ```text
//! cargo run --example json_schemas --features schemars -- Odometer TeslaCharge
//! ```

use std::collections::BTreeMap;

use schemars::{JsonSchema, schema_for};
use smartcar_batch::model::json_schemas;
use smartcar_batch::{Fuel, Odometer};

/// What a service of one's own stores of a vehicle.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is wanted here")]
struct Record {
    vehicle: String,
    odometer: Odometer,
    fuel: Option<Fuel>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Of every type that the API answers, by the name of its component.
    let known: BTreeMap<_, _> = json_schemas().into_iter().collect();
    let mut wanted = BTreeMap::from([("Record".to_owned(), schema_for!(Record))]);
    for name in std::env::args().skip(1) {
        let schema = known.get(name.as_str());
        let schema = schema.ok_or_else(|| format!("no component is called `{name}`"))?;
        wanted.insert(name, schema.clone());
    }
    println!("{}", serde_json::to_string_pretty(&wanted)?);
    Ok(())
}
