//! Lists that are returned in pages.
//!
//! Invariant: the limits of a page come from the spec.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Value, json};

use super::site::Site;
use crate::document::{self, SpecError};
use crate::errors::Refusal;

/// A parameter that reduces a list, and the member that must have its value.
pub(super) type Filter = (&'static str, &'static str);

const NUMBER: &str = "page[number]";
const SIZE: &str = "page[size]";
/// The limits of a page.
#[derive(Debug)]
pub(super) struct Pages {
    most: usize,
    /// The default length of a page.
    size: usize,
    order: Value,
    /// Parameters that are true or false.
    flags: Vec<String>,
}

impl Pages {
    pub(super) fn read(document: &Value, operation: &Value) -> Result<Self, SpecError> {
        let (mut most, mut flags) = (None, Vec::new());
        for parameter in document::parameters(document, operation) {
            let parameter = parameter?;
            if parameter.get("name").is_some_and(|name| name == SIZE) {
                most = parameter.pointer("/schema/maximum").and_then(length);
            }
            let kind = parameter.pointer("/schema/type");
            if kind.is_some_and(|kind| kind == "boolean") {
                flags.extend(parameter["name"].as_str().map(str::to_owned));
            }
        }
        let example = operation.pointer("/responses/200/content/application~1json/example/meta");
        let order = example.cloned().unwrap_or_default();
        let size = order.get("pageSize").and_then(length);
        match (most, size) {
            (Some(most), Some(size)) => Ok(Self {
                most,
                size,
                order,
                flags,
            }),
            _ => Err(SpecError::new("the list has no page size")),
        }
    }

    /// The requested page of a list, reduced by the filters of the query.
    pub(super) fn cut(
        &self,
        site: Site<'_>,
        segment: &str,
        filters: &[Filter],
        query: &Query,
        mut all: Vec<Value>,
    ) -> Result<Value, Refusal> {
        let number = bounded(query, NUMBER, usize::MAX)?.unwrap_or(1);
        let size = bounded(query, SIZE, self.most)?.unwrap_or(self.size);
        for flag in &self.flags {
            if !matches!(query.get(flag), None | Some("true" | "false")) {
                return Err(Refusal::invalid_parameter(flag, "must be true or false"));
            }
        }
        all.retain(|entry| {
            filters.iter().all(|(name, at)| {
                let found = entry.pointer(at).map(text);
                query
                    .get(name)
                    .is_none_or(|asked| found.as_deref() == Some(asked))
            })
        });
        let last = all.len().div_ceil(size).max(1);
        let page = |number: usize| {
            let mut written = form_urlencoded::Serializer::new(String::new());
            for (name, _) in filters {
                if let Some(value) = query.get(name) {
                    written.append_pair(name, value);
                }
            }
            written.append_pair(NUMBER, &number.to_string());
            written.append_pair(SIZE, &size.to_string());
            format!("{}?{}", site.address(&[segment]), written.finish())
        };
        let links = json!({
            "self": page(number),
            "first": page(1),
            "last": page(last),
            "next": (number < last).then(|| page(number + 1)),
            "prev": (number > 1).then(|| page((number - 1).min(last))),
        });
        let mut meta = self.order.clone();
        meta["pageNumber"] = json!(number);
        meta["pageSize"] = json!(size);
        meta["totalCount"] = json!(all.len());
        let skipped = (number - 1).saturating_mul(size);
        let data: Vec<Value> = all.into_iter().skip(skipped).take(size).collect();
        Ok(json!({"data": data, "meta": meta, "links": links}))
    }
}

/// A value as a query writes it.
fn text(value: &Value) -> Cow<'_, str> {
    value
        .as_str()
        .map_or_else(|| value.to_string().into(), Cow::Borrowed)
}

fn length(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|it| usize::try_from(it).ok())
}

/// The parameters of a URL's query.
pub(super) struct Query(HashMap<String, String>);

impl Query {
    pub(super) fn read(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes());
        Self(pairs.into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// The parameter as a number, at least 1; `None` if absent.
fn bounded(query: &Query, name: &str, most: usize) -> Result<Option<usize>, Refusal> {
    let Some(text) = query.get(name) else {
        return Ok(None);
    };
    // The spec says int64, whatever the size of this machine's numbers.
    let number = text.parse::<i64>().ok();
    let number = number.and_then(|it| usize::try_from(it).ok());
    let number = number.filter(|it| (1..=most).contains(it));
    number.map(Some).ok_or_else(|| {
        let message = match most {
            usize::MAX => "must be a number, 1 or more".to_owned(),
            most => format!("must be a number from 1 to {most}"),
        };
        Refusal::invalid_parameter(name, &message)
    })
}
