//! The batch: many endpoints in one answer.
//!
//! Invariant: once the request is understood the answer is 200 with one item a
//! path, in the order asked, whatever the items are.

use http::StatusCode;
use http::header::CONTENT_TYPE;

use crate::answer::Answer;
use crate::catalogue::Catalogue;
use crate::endpoint::{self, Asked};
use crate::item;
use crate::json;
use crate::meter::Meter;
use crate::validate::Entry;

/// Whether an operation is the batch itself.
pub(crate) const OPERATION: &str = "batch";
/// How long a batch is without its items, in bytes.
const FRAME: usize = "{\"responses\":[]}".len();

/// A batch that was understood.
pub(crate) struct Run<'r> {
    pub(crate) entries: &'r [Entry<'r>],
    pub(crate) asked: Asked<'r>,
    pub(crate) catalogue: &'r Catalogue,
    pub(crate) request_id: &'r str,
}

impl Run<'_> {
    /// Answers every path.
    pub(crate) fn answer(&self, meter: &mut Meter) -> Answer {
        let items = self.entries.iter();
        let items = items.filter_map(|(_, it)| it.items.as_ref());
        let length: usize = items.map(|it| it.of(self.asked.units).length() + 1).sum();
        let mut body = Vec::with_capacity(length + FRAME);
        body.extend_from_slice(b"{\"responses\":[");
        for (place, (path, operation)) in self.entries.iter().enumerate() {
            if place > 0 {
                body.push(b',');
            }
            let payer = endpoint::payer(operation, &self.asked);
            match meter.read(payer, || endpoint::read(operation, self.asked)) {
                Ok(told) if told.append_item(&mut body) => {}
                Ok(told) => item::append(&mut body, path, &told.into()),
                Err(refusal) => {
                    let answer = self.catalogue.answer(refusal, self.request_id);
                    item::append(&mut body, path, &with_content_type(answer));
                }
            }
        }
        body.extend_from_slice(b"]}");
        Answer::written(StatusCode::OK, json::finish(body))
    }
}

/// An error among the items says its type, as one alone does.
pub(crate) fn with_content_type(answer: Answer) -> Answer {
    answer.with_header(CONTENT_TYPE, "application/json")
}

#[cfg(test)]
mod tests;
