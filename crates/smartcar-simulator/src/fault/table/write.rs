//! From a fault to its table.
//!
//! Invariant: what is written here is read as an equal fault.

use super::{HeaderText, Milliseconds, Table, Yes};
use crate::fault::Fault;
use crate::fault::effect::{Change, Effect};

impl From<Fault> for Table {
    fn from(fault: Fault) -> Self {
        let mut table = Self {
            status: fault.status,
            path: fault.when.path,
            vehicle: fault.when.vehicle,
            request: fault.when.request,
            times: fault.when.times,
            probability: fault.when.chance.map(|chance| chance.probability),
            seed: fault.when.chance.map(|chance| chance.seed),
            headers: fault
                .headers
                .into_iter()
                .map(|(name, value)| (name, HeaderText::Text(value)))
                .collect(),
            without_headers: fault.lost_headers,
            item_headers: fault.item_headers.into_iter().collect(),
            ..Self::default()
        };
        match fault.effect {
            Effect::Unchanged => table.unchanged = Some(Yes),
            Effect::Latency(duration) => table.latency_ms = Some(Milliseconds::of(duration)),
            Effect::Foreign { html: true } => table.html = table.status.take(),
            Effect::Foreign { html: false } => {}
            Effect::Error(name) => table.error = Some(name.to_string()),
            Effect::RawBody(text) => table.raw_body = Some(text),
            Effect::Reset => table.reset = Some(Yes),
            Effect::Truncated(bytes) => table.truncated = Some(bytes),
            Effect::Item { path, change } => {
                table.item = Some(path);
                match change {
                    Change::Nothing => {}
                    Change::Error(name) => table.error = Some(name.to_string()),
                    Change::Body(body) => table.body = Some(body),
                    Change::Json(json) => table.replaced = Some(json),
                    Change::Missing => table.missing = Some(Yes),
                    Change::Twice => table.duplicated = Some(Yes),
                }
            }
            Effect::Unasked(path) => table.unasked = Some(path),
            Effect::Extra(item) => table.extra = Some(item),
            Effect::Reversed => table.reordered = Some(Yes),
            Effect::Shuffled { seed } => table.shuffled = Some(seed),
            Effect::Bare { good_too: true } => table.without_item_headers = Some(Yes),
            Effect::Bare { good_too: false } => table.without_error_headers = Some(Yes),
        }
        table
    }
}
