//! Query parameters, and lists returned in pages.
//!
//! Invariant: a response is paged only where the spec declares `limit`, `offset`
//! and a `paging` member. `paging.count` is the length of the whole list.

use jiff::civil;
use serde_json::{Value, json};

use crate::document::{SpecError, resolve, text_at};
use crate::errors::Detail;
use crate::request::unescape;

/// A query parameter declared in the spec.
#[derive(Debug)]
pub(crate) struct QueryParameter {
    pub(crate) name: String,
    pub(crate) required: bool,
    kind: Kind,
}

/// The type of a parameter's value.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Integer {
        minimum: i64,
        maximum: i64,
        default: Option<i64>,
    },
    /// A calendar date, `YYYY-MM-DD`.
    Date,
    /// Not checked.
    Other,
}

impl QueryParameter {
    pub(crate) fn read(document: &Value, parameter: &Value) -> Result<Self, SpecError> {
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let schema = resolve(document, schema)?;
        let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
        let has = |key: &str, value: &str| schema.get(key).is_some_and(|found| found == value);
        let kind = if has("type", "integer") {
            Kind::Integer {
                minimum: bound("minimum").unwrap_or(i64::MIN),
                maximum: bound("maximum").unwrap_or(i64::MAX),
                default: bound("default"),
            }
        } else if has("format", "date") {
            Kind::Date
        } else {
            Kind::Other
        };
        Ok(Self {
            name: text_at(parameter, "/name")?.to_owned(),
            required: parameter.get("required") == Some(&Value::Bool(true)),
            kind,
        })
    }

    /// The number in the query, else the default; or an error if it is invalid.
    fn number(&self, query: &str) -> Result<Option<i64>, Detail> {
        let wrong = |message: String| Detail::new([self.name.as_str()], message);
        let Some(asked) = value_of(query, &self.name) else {
            return match self.kind {
                _ if self.required => Err(wrong("is required".to_owned())),
                Kind::Integer { default, .. } => Ok(default),
                Kind::Date | Kind::Other => Ok(None),
            };
        };
        match self.kind {
            Kind::Integer {
                minimum, maximum, ..
            } => match asked.parse::<i64>() {
                Err(_) => Err(wrong("must be an integer".to_owned())),
                Ok(number) if number < minimum => Err(wrong(format!("must be {minimum} or more"))),
                Ok(number) if number > maximum => Err(wrong(format!("must be {maximum} or less"))),
                Ok(number) => Ok(Some(number)),
            },
            Kind::Date if !is_date(&unescape(asked)) => {
                Err(wrong("must be a date such as 2026-03-14".to_owned()))
            }
            Kind::Date | Kind::Other => Ok(None),
        }
    }
}

/// Whether this is a valid calendar date, written with all its digits.
fn is_date(text: &str) -> bool {
    let has_digits = text.len() == "2026-03-14".len() && text.starts_with(char::is_numeric);
    has_digits && text.parse::<civil::Date>().is_ok()
}

/// The last value of a parameter, as sent.
fn value_of<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .rfind(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Checks the query and reduces the list in a JSON text to the requested page.
pub(crate) fn apply(
    parameters: &[QueryParameter],
    query: &str,
    body: String,
) -> Result<String, Vec<Detail>> {
    let mut details = Vec::new();
    let mut limit = None;
    let mut offset = None;
    for parameter in parameters {
        match parameter.number(query) {
            Ok(number) if parameter.name == "limit" => limit = number,
            Ok(number) if parameter.name == "offset" => offset = number,
            Ok(_) => {}
            Err(detail) => details.push(detail),
        }
    }
    if !details.is_empty() {
        return Err(details);
    }
    let (Some(limit), Some(offset)) = (limit, offset) else {
        return Ok(body);
    };
    let mut tree = serde_json::from_str(&body).unwrap_or_default();
    cut(&mut tree, limit, offset);
    Ok(tree.to_string())
}

fn cut(body: &mut Value, limit: i64, offset: i64) {
    let Some(members) = body.as_object_mut() else {
        return;
    };
    if !members.contains_key("paging") {
        return;
    }
    let Some(list) = members.values_mut().find_map(Value::as_array_mut) else {
        return;
    };
    let count = list.len();
    let start = usize::try_from(offset).map_or(0, |offset| offset.min(count));
    let length = usize::try_from(limit).unwrap_or(0);
    list.drain(..start);
    list.truncate(length);
    members.insert(
        "paging".to_owned(),
        json!({"count": count, "offset": offset}),
    );
}

#[cfg(test)]
mod tests;
