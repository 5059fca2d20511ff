//! What an outcome must say.
//!
//! Invariant: every path of a batch has one outcome, and a good one is the value
//! that the server said to be good for this vehicle.

use smartcar_batch::{Battery, Error, ErrorKind, Fuel, Odometer, PathResults, Reading, Response};

use crate::ledger::{Ledger, Number};

/// What the typed batches ask.
pub(crate) type Three = (Odometer, Fuel, Battery);

/// Notes what the caller was told of the price.
pub(crate) fn priced<T>(ledger: &Ledger, number: Number, result: &Result<Response<T>, Error>) {
    let told = match result {
        Ok(response) => (response.charged, response.requests),
        Err(error) => (error.charged(), error.requests()),
    };
    let late = match result {
        Ok(response) => response.stop_reason.is_some(),
        Err(error) => error.kind() == ErrorKind::Timeout,
    };
    ledger.note(number, |row| {
        row.told = Some(told);
        row.gave_up |= late;
    });
}

/// Checks each path of a list.
pub(crate) fn paths(
    number: Number,
    asked: &[String],
    response: &Response<PathResults>,
) -> Result<(), String> {
    let answered: Vec<_> = response.data.iter().map(|(path, _)| path).collect();
    if answered != asked {
        return Err(format!("asked {asked:?} and got outcomes for {answered:?}"));
    }
    let mut failed = Vec::new();
    for (path, outcome) in response.data.iter() {
        match outcome {
            Ok(reading) => raw(number, path, reading.body.get())?,
            Err(_) => failed.push(path),
        }
    }
    failures(response, &failed)
}

/// Checks each outcome of a typed batch.
pub(crate) fn three(
    number: Number,
    response: &Response<<Three as smartcar_batch::Batch>::Data>,
) -> Result<(), String> {
    let (odometer, fuel, battery) = &response.data;
    let mut failed = Vec::new();
    let outcomes = [
        ("/odometer", odometer.as_ref().map(|it| Some(it.distance))),
        ("/fuel", fuel.as_ref().map(|it| it.range)),
        ("/battery", battery.as_ref().map(|it| Some(it.range))),
    ];
    for (path, outcome) in outcomes {
        match outcome {
            // On version 3 a member of a good reading may have failed alone.
            Ok(None) => {}
            Ok(Some(value)) => exact(number, path, value)?,
            Err(_) => failed.push(path),
        }
    }
    failures(response, &failed)
}

/// Checks one endpoint.
pub(crate) fn odometer(number: Number, reading: &Reading<Odometer>) -> Result<(), String> {
    exact(number, "/odometer", reading.distance)
}

/// The failed paths, each once, in order.
fn failures<T>(response: &Response<T>, failed: &[&str]) -> Result<(), String> {
    let listed: Vec<_> = response
        .failures()
        .iter()
        .map(|it| it.path.as_str())
        .collect();
    if listed != failed {
        return Err(format!(
            "{failed:?} failed, and the response lists {listed:?}"
        ));
    }
    let again = |it: &&smartcar_batch::Failure| it.error.is_retryable();
    let open = response.failures().iter().find(again);
    match (open, &response.stop_reason) {
        (Some(open), None) => Err(format!("{} was left, and nothing says why", open.path)),
        _ => Ok(()),
    }
}

#[allow(clippy::cast_precision_loss, reason = "numbers are far below 2^52")]
fn exact(number: Number, path: &str, value: f64) -> Result<(), String> {
    if value.to_bits() == (number as f64 + 0.5).to_bits() {
        return Ok(());
    }
    Err(format!("{path} is {value}, which nobody said to be good"))
}

fn raw(number: Number, path: &str, body: &str) -> Result<(), String> {
    if body.contains(&format!("{number}.25")) {
        return Err(format!("{path} is {body}, which was not said to be good"));
    }
    // On version 3 the level of a tank may be all that was good.
    let own = !matches!(path, "/" | "/permissions" | "/fuel" | "/battery");
    if own && !body.contains(&format!("{number}.5")) {
        return Err(format!("{path} is {body}, which is not this vehicle's"));
    }
    Ok(())
}
