//! The connections of the application: one for each vehicle that the list names.
//!
//! Invariant: a page's bounds are the description's; a vehicle that no list
//! names has a connection too, if it is answered at all.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::resource::CONNECTION;
use super::{Request, V3, done};
use crate::answer::Answer;
use crate::errors::Refusal;
use crate::spec::{SpecError, resolve};
use crate::tokens::Grant;
use crate::world::View;

const NUMBER: &str = "page[number]";
const SIZE: &str = "page[size]";
/// The filters, each with the member that must be the same. By default a list has the
/// vehicles of mode `live`, and every vehicle here is one: a client reads it as it
/// will read an owner's car.
const FILTERS: [(&str, &str); 4] = [
    ("filter[userId]", "/relationships/user/data/id"),
    ("filter[vehicleId]", "/relationships/vehicle/data/id"),
    ("filter[vehicle.mode]", "/attributes/vehicle/mode"),
    ("filter[user.externalId]", "/attributes/user/externalId"),
];

/// How pages may be asked.
#[derive(Debug)]
pub(super) struct Pages {
    most: usize,
    /// The length of a page that was not asked.
    size: usize,
    order: Value,
}

impl Pages {
    pub(super) fn read(document: &Value, operation: &Value) -> Result<Self, SpecError> {
        let parameters = operation.get("parameters").and_then(Value::as_array);
        let mut most = None;
        for parameter in parameters.into_iter().flatten() {
            let parameter = resolve(document, parameter)?;
            if parameter.get("name").is_some_and(|name| name == SIZE) {
                most = parameter.pointer("/schema/maximum").and_then(length);
            }
        }
        let example = operation.pointer("/responses/200/content/application~1json/example/meta");
        let order = example.cloned().unwrap_or_default();
        let size = order.get("pageSize").and_then(length);
        match (most, size) {
            (Some(most), Some(size)) => Ok(Self { most, size, order }),
            _ => Err(SpecError::new("connections have no length of a page")),
        }
    }
}

fn length(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|it| usize::try_from(it).ok())
}

impl V3 {
    /// One page of connections.
    pub(super) fn connections(
        &self,
        request: &Request<'_>,
        grant: &Grant,
    ) -> Result<Answer, Refusal> {
        let query = request.parts.uri.query().unwrap_or_default();
        let query: HashMap<String, String> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let number = bounded(&query, NUMBER, usize::MAX)?.unwrap_or(1);
        let size = bounded(&query, SIZE, self.pages.most)?.unwrap_or(self.pages.size);
        let mut ids: Vec<String> = request.world.known().map(|known| known.id).collect();
        // Any vehicle may be asked, so any one has a connection.
        let asked = query.get("filter[vehicleId]");
        ids.extend(
            asked
                .filter(|id| !id.is_empty() && !ids.contains(id))
                .cloned(),
        );
        let views = ids.iter().filter_map(|id| look(request, id));
        let connections = views.map(|view| self.connection_of(request, &view, grant));
        let is_meant = |connection: &Value| {
            FILTERS.iter().all(|(name, at)| {
                let found = connection.pointer(at).and_then(Value::as_str);
                query.get(*name).is_none_or(|asked| found == Some(asked))
            })
        };
        let all: Vec<Value> = connections.filter(is_meant).collect();
        let last = all.len().div_ceil(size).max(1);
        let page = |number: usize| self.page(request, &query, number, size);
        let links = json!({
            "self": page(number),
            "first": page(1),
            "last": page(last),
            "next": (number < last).then(|| page(number + 1)),
            "prev": (number > 1).then(|| page((number - 1).min(last))),
        });
        let mut meta = self.pages.order.clone();
        meta["pageNumber"] = json!(number);
        meta["pageSize"] = json!(size);
        meta["totalCount"] = json!(all.len());
        let skipped = (number - 1).saturating_mul(size);
        let data: Vec<Value> = all.into_iter().skip(skipped).take(size).collect();
        Ok(done(
            &json!({"data": data, "meta": meta, "links": links}),
            None,
        ))
    }

    /// One connection by its id.
    pub(super) fn connection(
        &self,
        request: &Request<'_>,
        grant: &Grant,
        id: &str,
    ) -> Result<Answer, Refusal> {
        let vehicle = id.strip_prefix(CONNECTION).filter(|id| !id.is_empty());
        let view = vehicle.and_then(|id| look(request, id));
        let view = view.ok_or_else(Refusal::no_connection)?;
        let connection = self.connection_of(request, &view, grant);
        Ok(done(&json!({"data": connection}), None))
    }

    /// The address of a page, with the same filters.
    fn page(
        &self,
        request: &Request<'_>,
        query: &HashMap<String, String>,
        number: usize,
        size: usize,
    ) -> String {
        let mut written = form_urlencoded::Serializer::new(String::new());
        for (name, _) in FILTERS {
            if let Some(value) = query.get(name) {
                written.append_pair(name, value);
            }
        }
        written.append_pair(NUMBER, &number.to_string());
        written.append_pair(SIZE, &size.to_string());
        let address = self.address(request, &["connections"]);
        format!("{address}?{}", written.finish())
    }
}

fn look<'r>(request: &Request<'r>, id: &'r str) -> Option<View<'r>> {
    request.world.look(Some(id), request.now).ok()
}

/// A number from 1, if it was asked.
fn bounded(
    query: &HashMap<String, String>,
    name: &str,
    most: usize,
) -> Result<Option<usize>, Refusal> {
    let Some(text) = query.get(name) else {
        return Ok(None);
    };
    // An int64 of the description, whatever this machine's numbers hold.
    let number = text.parse::<i64>().ok();
    let number = number.and_then(|it| usize::try_from(it).ok());
    let number = number.filter(|it| (1..=most).contains(it));
    let number = number.ok_or_else(|| {
        let message = match most {
            usize::MAX => "must be a number from 1".to_owned(),
            most => format!("must be a number from 1 to {most}"),
        };
        Refusal::invalid_parameter(name, &message)
    })?;
    Ok(Some(number))
}
