//! Version 2.0 of the API: single endpoints, the batch, the list of vehicles.
//!
//! Invariant: an invalid request does not count against any limit. The response to
//! a valid batch is 200 with one item per path, in the order requested.

use std::sync::Arc;

use smartcar_model::UnitSystem;

use crate::answer::Answer;
use crate::endpoint::{self, Asked};
use crate::errors::Refusal;
use crate::exchange::{Arrival, Response, Source, Understood};
use crate::fault::target::Shape;
use crate::meter::Meter;
use crate::operation::Operation;
use crate::spec::{Route, Spec};
use crate::tokens::Grant;
use crate::validate::{self, Batch, Batches, Entry};
use crate::{item, json};

/// The spec's name of the batch operation.
const BATCH: &str = "batch";
/// The length of a batch response without its items, in bytes.
const FRAME: usize = "{\"responses\":[]}".len();

/// What to do for a request.
#[derive(Debug)]
pub(crate) struct Task<'r> {
    operation: &'static Operation,
    batch: Option<Batch>,
    units: UnitSystem,
    grant: &'r Grant,
}

/// Finds what a request asks for, and what to do for it.
pub(crate) fn understand<'r>(
    spec: &'static Spec,
    batches: &Batches,
    arrival: &'r Arrival,
    body: &[u8],
) -> (Understood, Result<Task<'r>, Refusal>) {
    let parts = &arrival.parts;
    let nothing = Understood::nothing(arrival);
    let Route { operation, vehicle } = match spec.route(&parts.method, parts.uri.path()) {
        Ok(route) => route,
        Err(refusal) => return (nothing, Err(refusal)),
    };
    let is_batch = operation.id == BATCH;
    let batch = is_batch.then(|| batches.read(&spec.operations, body));
    let written = batch.as_ref().map(|it| Arc::clone(&it.written));
    let understood = Understood {
        vehicle,
        path: Some(operation.vehicle_path.as_ref().unwrap_or(&operation.path)),
        batch_paths: written.unwrap_or_default(),
        ..nothing
    };
    let task = rights(operation, arrival).map(|(grant, units)| Task {
        operation,
        batch,
        units,
        grant,
    });
    (understood, task)
}

/// The permissions of the request, and its unit system.
fn rights<'r>(
    operation: &Operation,
    arrival: &'r Arrival,
) -> Result<(&'r Grant, UnitSystem), Refusal> {
    let grant = arrival.grant.as_ref().filter(|grant| grant.is_for_v2());
    let grant = grant.ok_or_else(Refusal::authentication)?;
    let units = if operation.takes_units {
        validate::unit_system(&arrival.parts.headers)?
    } else {
        UnitSystem::Metric
    };
    Ok((grant, units))
}

impl Task<'_> {
    /// Carries out the task, for a vehicle or for the account.
    pub(crate) fn answer(
        self,
        source: Source<'_>,
        vehicle: Option<&str>,
        arrival: &Arrival,
        meter: &mut Meter,
    ) -> Result<Response, Refusal> {
        let Source { spec, world, .. } = source;
        let now = arrival.now;
        let view = world.look(vehicle, now)?;
        let asked = Asked {
            view: &view,
            grant: self.grant,
            units: &self.units,
            query: arrival.parts.uri.query().unwrap_or_default(),
            permissions: &spec.permissions,
        };
        let refused = |refusal| spec.catalogue.answer(refusal, &arrival.request_id);
        if let Some(batch) = self.batch {
            let entries = batch.entries(&arrival.parts.headers)?;
            meter.request(entries.len(), now)?;
            // The query belongs to the batch, not to its paths.
            let asked = Asked { query: "", ..asked };
            let answer = run(entries, asked, refused, meter);
            return Ok(Response::new(answer, Shape::Batch));
        }
        meter.request(1, now)?;
        let payer = endpoint::payer(self.operation, &asked);
        let answer = match meter.read(payer, || endpoint::read(self.operation, asked)) {
            Ok(told) => told.alone(),
            Err(refusal) => refused(refusal),
        };
        Ok(Response::new(answer, Shape::Alone))
    }
}

/// Answers every path of a batch.
fn run(
    entries: &[Entry<'_>],
    asked: Asked<'_>,
    refused: impl Fn(Refusal) -> Answer,
    meter: &mut Meter,
) -> Answer {
    let items = entries.iter().filter_map(|(_, it)| it.items.as_ref());
    let length: usize = items.map(|it| it.of(asked.units).length() + 1).sum();
    let mut body = Vec::with_capacity(length + FRAME);
    body.extend_from_slice(b"{\"responses\":[");
    for (place, (path, operation)) in entries.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        let payer = endpoint::payer(operation, &asked);
        let answer = match meter.read(payer, || endpoint::read(operation, asked)) {
            Ok(told) if told.append_item(&mut body) => continue,
            Ok(told) => told.into(),
            Err(refusal) => item::with_content_type(refused(refusal)),
        };
        json::append(&mut body, &item::item(path, &answer));
    }
    body.extend_from_slice(b"]}");
    Answer::json(body, 0)
}

#[cfg(test)]
mod batch_tests;
