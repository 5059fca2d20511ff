//! One recorded answer: its envelope, its items, their headers and bodies.
//!
//! Invariant: each item is compared under its own path, so that one odd item
//! hides nothing of the others.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::book::{Book, status};
use super::tally::{At, BATCH, Context, Kind, NO_PATH, Tally};
use super::token::{self, Word};
use super::trail::{Spot, Trail};
use super::walk::Walk;

/// A recorded answer without its envelope.
struct Outer<'v> {
    status: Option<u16>,
    headers: Option<&'v Value>,
    body: Option<Cow<'v, Value>>,
    enveloped: bool,
}

/// Compares one answer; false if it is none.
///
/// `lines` are those of the items, where they are known.
pub fn compare(book: &Book<'_>, tally: &mut Tally, value: &Value, at: At, lines: &[usize]) -> bool {
    let Some(outer) = outer(value) else {
        return false;
    };
    let body = outer.body.as_deref().unwrap_or(&Value::Null);
    let error = match outer.status {
        Some(status) => status >= 400,
        None => looks_like_error(body),
    };
    if !outer.enveloped && !error && body.get("responses").is_none() {
        return false;
    }
    let context = Context {
        group: BATCH.to_owned(),
        at,
        serial: tally.serial(),
    };
    tally.answers += 1;
    let group = tally.group(&context);
    group.items += 1;
    group.good += u64::from(!error);
    let mut walk = Walk {
        book,
        tally,
        context,
    };
    if let Some(headers) = outer.headers {
        walk.outer_headers(headers, error);
    }
    if error {
        let status = outer.status.or_else(|| {
            body.get("statusCode")
                .and_then(Value::as_f64)
                .and_then(status)
        });
        walk.error(Some(body), status);
        return true;
    }
    if outer.status.is_some_and(|status| status != 200) {
        walk.odd_status(outer.status);
    }
    walk.batch(body, lines);
    true
}

fn outer(value: &Value) -> Option<Outer<'_>> {
    let map = value.as_object()?;
    let has = |name| map.contains_key(name);
    let status_known = has("status") || has("statusCode");
    // An error object has a `statusCode` too, but none of the others.
    let parts = [status_known, has("headers"), has("body")];
    let enveloped = !has("responses") && parts.iter().filter(|part| **part).count() >= 2;
    if !enveloped {
        return Some(Outer {
            status: None,
            headers: None,
            body: Some(Cow::Borrowed(value)),
            enveloped,
        });
    }
    let code = map.get("status").or_else(|| map.get("statusCode"));
    Some(Outer {
        status: code.and_then(number).and_then(status),
        headers: map.get("headers"),
        // Some recorders keep the body as the text that came.
        body: map
            .get("body")
            .map(|body| match body.as_str().map(serde_json::from_str) {
                Some(Ok(body)) => Cow::Owned(body),
                _ => Cow::Borrowed(body),
            }),
        enveloped,
    })
}

fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str().and_then(super::shape::number))
}

fn looks_like_error(body: &Value) -> bool {
    let has = |name| body.get(name).is_some();
    !has("responses")
        && (has("type") && (has("code") || has("statusCode"))
            || has("error") && body["error"].is_string())
}

impl Walk<'_, '_> {
    /// The body of a batch that ran.
    fn batch(&mut self, body: &Value, lines: &[usize]) {
        let Some(schema) = self.book.schema("BatchResponse") else {
            return;
        };
        let place = Trail::root("body");
        let schemas = Trail::root("components/schemas");
        let home = schemas.then("BatchResponse");
        let spot = Spot {
            place: &place,
            home: &home,
        };
        let Some(map) = body.as_object() else {
            return self.value(body, schema, spot);
        };
        self.members(map, schema, spot, "responses");
        let Some(items) = map.get("responses").and_then(Value::as_array) else {
            // Not there: counted with the members. There, but no list: this finds it.
            if let (Some(value), Some(schema)) = (
                map.get("responses"),
                schema.get("properties").and_then(|p| p.get("responses")),
            ) {
                let place = place.then("responses");
                let home = home.then("properties");
                let home = home.then("responses");
                self.value(
                    value,
                    schema,
                    Spot {
                        place: &place,
                        home: &home,
                    },
                );
            }
            return;
        };
        let mut seen = BTreeSet::new();
        let at = self.context.at;
        for (index, item) in items.iter().enumerate() {
            let at = At {
                line: lines.get(index).copied().unwrap_or(at.line),
                item: Some(index),
                ..at
            };
            let path = item.get("path").and_then(Value::as_str);
            let second = path.is_some_and(|path| !seen.insert(path));
            self.item(item, path, at, second);
        }
    }

    fn item(&mut self, item: &Value, path: Option<&str>, at: At, second: bool) {
        let entry = path.and_then(|path| self.book.entries.get_key_value(path));
        let group = match (entry, path) {
            (Some((path, _)), _) => path.clone(),
            (None, Some(path)) => self.tally.stranger(token::path(path, &self.book.words)),
            (None, None) => NO_PATH.to_owned(),
        };
        let code = item.get("code").and_then(number).and_then(status);
        self.context = Context {
            group,
            at,
            serial: self.tally.serial(),
        };
        self.tally.items += 1;
        let group = self.tally.group(&self.context);
        group.items += 1;
        group.good += u64::from(code == Some(200));

        let place = Trail::root("item");
        let paths = Trail::root("paths");
        let spot = Spot {
            place: &place,
            home: &paths,
        };
        if second {
            self.record(spot, Kind::DuplicatePath);
        }
        if path.is_some() && entry.is_none() {
            let body = item.get("body").filter(|_| code == Some(200));
            let words = &self.book.words;
            let found = self.tally.record(&self.context, spot, Kind::UnknownPath);
            if let Some(body) = body {
                found.shape.add(body, words);
            }
        }
        self.envelope(item, place);
        let entry = entry.map(|(_, entry)| entry);
        let failed = code.is_some_and(|code| code >= 400);
        if let Some(headers) = item.get("headers").and_then(Value::as_object) {
            let known = entry
                .filter(|_| !failed)
                .map_or(&self.book.headers, |entry| &entry.headers);
            let home = match entry.filter(|_| !failed) {
                Some(entry) => format!("{}/responses/200/headers", entry.home),
                None => "components/responses/Error/headers".to_owned(),
            };
            for (name, value) in headers {
                self.header(name, value, known, &home);
            }
        }
        let body = item.get("body");
        match code {
            Some(_) if failed => self.error(body, code),
            Some(code) => {
                if code != 200 {
                    self.odd_status(Some(code));
                }
                let home = entry.map_or("paths", |entry| &entry.home);
                match (entry, body) {
                    (Some(entry), Some(body)) => {
                        let spot = Spot {
                            place: &Trail::root("body"),
                            home: &Trail::root(home),
                        };
                        self.value(body, entry.body, spot);
                    }
                    (_, None) if code == 200 => self.record(
                        Spot {
                            place: &place,
                            home: &Trail::root("components/schemas/BatchAnswer"),
                        },
                        Kind::NoBody,
                    ),
                    _ => {}
                }
            }
            // The walk over the item has counted the missing or unreadable code.
            None => {}
        }
    }

    /// An item's own members; its headers and body have no fixed schema.
    fn envelope(&mut self, item: &Value, place: Trail<'_>) {
        if let Some(schema) = self.book.schema("BatchAnswer") {
            let schemas = Trail::root("components/schemas");
            let home = schemas.then("BatchAnswer");
            self.value(
                item,
                schema,
                Spot {
                    place: &place,
                    home: &home,
                },
            );
        }
    }

    fn odd_status(&mut self, status: Option<u16>) {
        let place = Trail::root("code");
        let home = Trail::root("components/schemas/BatchAnswer/properties/code");
        self.record(
            Spot {
                place: &place,
                home: &home,
            },
            Kind::Status(status),
        );
    }

    fn error(&mut self, body: Option<&Value>, status: Option<u16>) {
        let place = Trail::root("error");
        let schemas = Trail::root("components/schemas");
        let home = schemas.then("Error");
        let spot = Spot {
            place: &place,
            home: &home,
        };
        let Some(body) = body.filter(|body| !body.is_null()) else {
            // A proxy's answer has none, as the spec says of `responses/Error`.
            if !matches!(status, Some(503 | 504)) {
                self.record(spot, Kind::NoBody);
            }
            return;
        };
        if let Some(schema) = self.book.schema("Error") {
            self.value(body, schema, spot);
        }
        if let Some(map) = body.as_object() {
            self.pair(map, status, spot);
        }
    }

    fn pair(&mut self, error: &Map<String, Value>, status: Option<u16>, spot: Spot<'_>) {
        let own = error.get("statusCode").and_then(Value::as_f64);
        if let (Some(own), Some(status)) = (own, status)
            && super::book::status(own) != Some(status)
        {
            let place = spot.place.then("statusCode");
            let properties = spot.home.then("properties");
            let home = properties.then("statusCode");
            self.record(
                Spot {
                    place: &place,
                    home: &home,
                },
                Kind::StatusDiffers,
            );
        }
        let Some(kind) = error.get("type").and_then(Value::as_str) else {
            return;
        };
        let code = error.get("code").and_then(Value::as_str);
        if status.is_some_and(|status| self.book.errors.contains(&(kind, code, status))) {
            return;
        }
        let words = &self.book.words;
        let resolution = error
            .get("resolution")
            .and_then(|resolution| resolution.get("type").unwrap_or(resolution).as_str())
            .and_then(|word| Word::new(word, words).token().map(str::to_owned));
        let kind = Kind::ErrorPair {
            kind: Word::new(kind, words),
            code: code.map(|code| Word::new(code, words)),
            status,
        };
        let home = spot.home.then("x-smartcar-errors");
        let found = self.tally.record(
            &self.context,
            Spot {
                home: &home,
                ..spot
            },
            kind,
        );
        found.resolution = found.resolution.take().or(resolution);
    }
}
