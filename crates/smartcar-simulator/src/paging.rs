//! Query parameters, and lists answered page by page.
//!
//! Invariant: an answer is cut only where the description declares `limit`,
//! `offset` and a `paging` member; `paging.count` is the length of the whole list.

use serde_json::{Value, json};

use crate::errors::Detail;
use crate::routing::unescape;
use crate::spec::{SpecError, resolve, text_at};

/// A query parameter that the description declares.
#[derive(Debug)]
pub(crate) struct QueryParameter {
    pub(crate) name: String,
    pub(crate) required: bool,
    kind: Kind,
}

/// What a parameter's value may be.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Integer(Range),
    /// A day of the calendar, `YYYY-MM-DD`.
    Date,
    /// Not looked at.
    Other,
}

#[derive(Debug, Clone, Copy)]
struct Range {
    minimum: i64,
    maximum: i64,
    default: Option<i64>,
}

impl QueryParameter {
    pub(crate) fn read(document: &Value, parameter: &Value) -> Result<Self, SpecError> {
        let schema = match parameter.get("schema") {
            Some(schema) => resolve(document, schema)?,
            None => &Value::Null,
        };
        let bound = |name: &str| schema.get(name).and_then(Value::as_i64);
        let has = |key: &str, value: &str| schema.get(key).is_some_and(|found| found == value);
        let kind = if has("type", "integer") {
            Kind::Integer(Range {
                minimum: bound("minimum").unwrap_or(i64::MIN),
                maximum: bound("maximum").unwrap_or(i64::MAX),
                default: bound("default"),
            })
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

    /// The asked number, else the default; what is wrong with it otherwise.
    fn number(&self, query: &str) -> Result<Option<i64>, Detail> {
        let asked = value_of(query, &self.name);
        if asked.is_none() && self.required {
            return Err(Detail::new([self.name.as_str()], "is required"));
        }
        let range = match self.kind {
            Kind::Integer(range) => range,
            Kind::Date if asked.is_some_and(|asked| !is_date(&unescape(asked))) => {
                return Err(Detail::new(
                    [self.name.as_str()],
                    "must be a date such as 2026-03-14",
                ));
            }
            Kind::Date | Kind::Other => return Ok(None),
        };
        let Some(asked) = asked else {
            return Ok(range.default);
        };
        match asked.parse::<i64>() {
            Err(_) => Err(Detail::new([self.name.as_str()], "must be an integer")),
            Ok(number) if number < range.minimum => Err(Detail::new(
                [self.name.as_str()],
                format!("must be {} or more", range.minimum),
            )),
            Ok(number) if number > range.maximum => Err(Detail::new(
                [self.name.as_str()],
                format!("must be {} or less", range.maximum),
            )),
            Ok(number) => Ok(Some(number)),
        }
    }
}

/// Whether this is a day that the calendar has.
fn is_date(text: &str) -> bool {
    if ![4, 2, 2].into_iter().eq(text.split('-').map(str::len)) {
        return false;
    }
    let mut numbers = text.split('-').map(|part| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u32>().ok().filter(|_| digits)
    });
    let (Some(Some(year)), Some(Some(month)), Some(Some(day))) =
        (numbers.next(), numbers.next(), numbers.next())
    else {
        return false;
    };
    let is_leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// The last value of a parameter, as it was sent.
fn value_of<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .rfind(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Checks the query and cuts the list of a json text to the asked page.
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
mod tests {
    use super::*;

    fn parameters() -> Vec<QueryParameter> {
        [
            json!({"name": "limit", "in": "query",
                   "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 2}}),
            json!({"name": "offset", "in": "query",
                   "schema": {"type": "integer", "minimum": 0, "default": 0}}),
        ]
        .iter()
        .map(|parameter| QueryParameter::read(&json!({}), parameter).unwrap())
        .collect()
    }

    fn page(query: &str) -> Result<Value, Vec<Detail>> {
        let body = json!({"list": ["a", "b", "c"], "paging": {"count": 0, "offset": 0}});
        let body = apply(&parameters(), query, body.to_string())?;
        Ok(serde_json::from_str(&body).unwrap())
    }

    #[test]
    fn a_page_is_cut_and_the_count_is_the_whole() {
        for (query, list, offset) in [
            ("", json!(["a", "b"]), 0),
            ("limit=1&offset=1", json!(["b"]), 1),
            ("offset=2", json!(["c"]), 2),
            ("offset=9", json!([]), 9),
            ("limit=50&flags=country%3ADE", json!(["a", "b", "c"]), 0),
            ("limit=1&limit=3", json!(["a", "b", "c"]), 0),
        ] {
            let expected = json!({"list": list, "paging": {"count": 3, "offset": offset}});
            assert_eq!(page(query).unwrap(), expected, "{query}");
        }
    }

    #[test]
    fn a_number_out_of_range_is_refused_by_name() {
        for (query, names) in [
            ("limit=0", vec!["limit"]),
            ("limit=51", vec!["limit"]),
            ("limit=x&offset=-1", vec!["limit", "offset"]),
        ] {
            let details = page(query).unwrap_err();
            let fields: Vec<_> = details
                .iter()
                .map(|detail| detail.field[0].clone())
                .collect();
            assert_eq!(fields, names, "{query}");
        }
    }

    #[test]
    fn a_date_must_be_one() {
        let parameter = json!({"name": "startDate", "in": "query",
                               "schema": {"type": "string", "format": "date"}});
        let parameter = [QueryParameter::read(&json!({}), &parameter).unwrap()];
        for day in ["2026-03-14", "2024-02-29", "2000-02-29", "2026%2D12%2D31"] {
            let query = format!("startDate={day}");
            assert!(apply(&parameter, &query, String::new()).is_ok(), "{query}");
        }
        for day in [
            "",
            "0",
            "2026-3-14",
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-04-31",
            "2026-00-10",
            "2026-01-00",
            "2026-01-01T00:00:00Z",
            "+026-01-01",
            "2026-01-01-",
        ] {
            let query = format!("startDate={day}");
            let details = apply(&parameter, &query, String::new()).unwrap_err();
            assert_eq!(details[0].field, ["startDate"], "{query}");
        }
        assert!(apply(&parameter, "", String::new()).is_ok());
    }

    #[test]
    fn a_required_parameter_must_be_there() {
        let parameter = json!({"name": "day", "in": "query", "required": true,
                               "schema": {"type": "string"}});
        let parameter = QueryParameter::read(&json!({}), &parameter).unwrap();
        assert!(apply(&[parameter], "", String::new()).is_err());
    }
}
