//! The results of a list of paths.
//!
//! Invariant: the body of an endpoint in the spec is written the way its type
//! serializes it. Any other body, and the body of a signal, is written as
//! received.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::error_object::ErrorObject;
use super::reading::MetaObject;
use crate::endpoint::EndpointInfo;
use crate::item_error::ItemError;
use crate::path_results::PathResults;
use crate::reading::{Meta, Reading};

#[derive(Serialize)]
#[serde(untagged)]
enum Written<'a> {
    Good {
        path: &'a str,
        ok: bool,
        body: Box<RawValue>,
        meta: MetaObject,
    },
    Failed {
        path: &'a str,
        ok: bool,
        error: ErrorObject,
    },
}

#[derive(Deserialize)]
struct Read {
    path: String,
    ok: bool,
    body: Option<Box<RawValue>>,
    meta: Option<Meta>,
    error: Option<ItemError>,
}

/// A path and its result.
type Outcome = (String, Result<Reading<Box<RawValue>>, ItemError>);

impl Read {
    fn outcome(self) -> Option<Outcome> {
        let outcome = if self.ok {
            Ok(Reading::new(self.body?, self.meta?))
        } else {
            Err(self.error?)
        };
        Some((self.path, outcome))
    }
}

/// A list with `{"path", "ok": true, "body", "meta"}` or `{"path", "ok": false,
/// "error"}` for each path, in the order requested. These are the `items` of a
/// [`Response`](crate::Response).
///
/// The body of an endpoint in the spec has no unknown members, and irregular
/// forms are normalized. Any other body is written as the API sent it, line
/// breaks included. The output of the command, or what a service stored, can be
/// read back:
///
/// ```
/// use smartcar_model::{Odometer, PathResults};
///
/// #[derive(serde::Deserialize)]
/// struct Line {
///     vehicle: String,
///     items: PathResults,
/// }
///
/// let line = r#"{"vehicle": "36ab", "request_id": null, "items": [
///     {"path": "/odometer", "ok": true, "body": {"distance": 18250.6},
///      "meta": {"data_age": null, "fetched_at": null, "unit_system": "metric"}}]}"#;
/// let line: Line = serde_json::from_str(line)?;
/// let odometer = line.items.get::<Odometer>().expect("it was requested");
/// assert_eq!(odometer.map(|odometer| odometer.distance), Ok(18250.6));
/// # assert_eq!(line.vehicle, "36ab");
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Bodies use `serde_json`'s `RawValue`. Other formats than JSON may therefore
/// reject them, and reading fails below `#[serde(flatten)]`.
impl Serialize for PathResults {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let note = |_: &str, _: &ItemError| None;
        Items {
            results: self,
            note,
        }
        .serialize(serializer)
    }
}

/// The list, with additional text for paths that failed.
pub(super) struct Items<'a> {
    pub(super) results: &'a PathResults,
    pub(super) note: fn(&str, &ItemError) -> Option<String>,
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let results = self.results;
        serializer.collect_seq(results.iter().map(|(path, outcome)| match outcome {
            Ok(reading) => {
                let known = EndpointInfo::of(path).and_then(|_| results.normalized(path));
                Written::Good {
                    path,
                    ok: true,
                    body: known.unwrap_or_else(|| reading.body.clone()),
                    meta: MetaObject::brief(&reading.meta),
                }
            }
            Err(error) => Written::Failed {
                path,
                ok: false,
                error: ErrorObject::brief(error).with_note((self.note)(path, error).as_deref()),
            },
        }))
    }
}

impl<'de> Deserialize<'de> for PathResults {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = Vec::<Read>::deserialize(deserializer)?.into_iter();
        let outcomes: Option<Vec<_>> = items.map(Read::outcome).collect();
        let outcomes = outcomes
            .ok_or_else(|| D::Error::custom("an item has neither a body with meta nor an error"))?;
        Ok(Self::from_outcomes(outcomes))
    }
}
