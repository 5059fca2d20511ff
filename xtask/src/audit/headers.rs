//! Headers of answers and items.
//!
//! Invariant: names are compared in lower case, since they come in any.

use serde_json::Value;

use super::book::{Header, Headers};
use super::shape::Seen;
use super::tally::Kind;
use super::token::Word;
use super::trail::{Spot, Trail};
use super::walk::Walk;

impl<'s> Walk<'_, 's> {
    /// The outer answer's headers, but for those that every HTTP server sends.
    pub(super) fn outer_headers(&mut self, headers: &Value, error: bool) {
        let book = self.book;
        let (known, home) = if error {
            (&book.headers, "components/responses/Error/headers")
        } else {
            (
                &book.outer,
                "paths/~1vehicles~1{id}~1batch/post/responses/200/headers",
            )
        };
        for (name, value) in headers.as_object().into_iter().flatten() {
            let lower = name.to_ascii_lowercase();
            let ours = known.contains_key(&lower)
                || ["sc-", "smartcar-", "retry-after"]
                    .iter()
                    .any(|start| lower.starts_with(start))
                || lower.contains("ratelimit");
            // Some recorders keep a list of values a name.
            let values = value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice);
            for value in values.iter().filter(|_| ours) {
                self.header(name, value, known, home);
            }
        }
    }

    /// One header of an answer or an item.
    pub(super) fn header(&mut self, name: &str, value: &Value, known: &Headers<'s>, home: &str) {
        let lower = name.to_ascii_lowercase();
        let place = Trail::root("headers");
        let Some((name, header)) = known.get_key_value(&lower) else {
            let spot = Spot {
                place: &place,
                home: &Trail::root(home),
            };
            let words = self.book.headers.keys().map(String::as_str).collect();
            let kind = Kind::UnknownHeader(Word::new(&lower, &words));
            self.tally
                .record_shape(&self.context, spot, kind, value, &words);
            return;
        };
        let Header { schema, home } = header;
        let place = place.then(name);
        let spot = Spot {
            place: &place,
            home: &Trail::root(home),
        };
        // On the wire every header is text, so a number may come as one.
        let numeric = matches!(schema.text("type"), Some("integer" | "number"));
        let read = value
            .as_str()
            .filter(|_| numeric && Seen::of(value) == Seen::NumericText)
            .and_then(|text| serde_json::from_str::<Value>(text.trim()).ok());
        self.value(read.as_ref().unwrap_or(value), schema, spot);
    }
}
