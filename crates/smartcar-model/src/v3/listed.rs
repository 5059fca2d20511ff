//! The signals that a vehicle has, as a list.
//!
//! Invariant: every element with a code is in the list once, whatever its status.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::value::RawValue;

use super::info::SignalInfo;
use super::signals::Signals;
use crate::item_error::ItemError;
use crate::malformed::Malformed;
use crate::reading::Reading;
use crate::text;

/// One signal of a vehicle's store.
#[derive(Clone)]
#[non_exhaustive]
pub struct ListedSignal {
    /// The code, such as `odometer-traveleddistance`, in lower case.
    pub code: String,
    /// The group, such as `Odometer`. `None` if neither the response nor the spec
    /// has it.
    pub group: Option<String>,
    /// The name, such as `TraveledDistance`; if the response does not have it, the
    /// spec's display name, such as `Traveled distance`. `None` if neither has it.
    pub name: Option<String>,
    /// What the spec knows about it. `None` for a code that is not in the spec.
    pub info: Option<&'static SignalInfo>,
    /// The body as received, or why it is not valid.
    pub body: Result<Reading<Box<RawValue>>, ItemError>,
    /// When the vehicle recorded it. `None` if the response does not say.
    pub data_age: Option<Timestamp>,
    /// When Smartcar fetched it. `None` if the response does not say.
    pub fetched_at: Option<Timestamp>,
}

impl ListedSignal {
    /// The v2.0 paths whose bodies use it. Empty if there are none, or if the code is
    /// not in the spec.
    pub fn used_by(&self) -> &'static [&'static str] {
        self.info.map_or(&[], |info| info.used_by)
    }
}

impl fmt::Debug for ListedSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body is left out, because it is the vehicle's data.
        f.debug_struct("ListedSignal")
            .field("code", &self.code)
            .field("group", &self.group)
            .field("is_valid", &self.body.is_ok())
            .field("data_age", &self.data_age)
            .finish_non_exhaustive()
    }
}

/// Reads a list of signals, sorted by their codes. Fails if it is not a list.
///
/// ```
/// let listed = smartcar_model::v3::listed(
///     r#"[{"id": "odometer-traveleddistance", "attributes": {"body": {"value": 10}}}]"#,
/// )?;
/// assert_eq!(listed[0].group.as_deref(), Some("Odometer"));
/// assert_eq!(listed[0].used_by(), ["/odometer"]);
/// # Ok::<(), smartcar_model::Malformed>(())
/// ```
pub fn listed(list: &str) -> Result<Vec<ListedSignal>, Malformed> {
    let mut signals = Signals::new();
    signals.read_list(list, None)?;
    let names = names(list);
    let listed = signals.codes().map(|code| {
        let info = SignalInfo::of(code);
        let (group, name) = names.get(code).cloned().unwrap_or_default();
        let (data_age, fetched_at) = signals.times(code);
        let body = signals.answer(&format!("/signals/{code}"));
        ListedSignal {
            code: code.to_owned(),
            group: group.or_else(|| Some(info?.group.to_owned())),
            name: name.or_else(|| Some(info?.name.to_owned())),
            info,
            body: body.and_then(|body| body.read_raw()),
            data_age,
            fetched_at,
        }
    });
    Ok(listed.collect())
}

/// Group and name of each code, as the response has them.
fn names(list: &str) -> BTreeMap<String, (Option<String>, Option<String>)> {
    let elements: Vec<Value> = serde_json::from_str(list).unwrap_or_default();
    let mut names = BTreeMap::new();
    for element in &elements {
        let said = |name: &str| {
            let inner = element["attributes"][name].as_str();
            inner.or_else(|| element[name].as_str())
        };
        if let Some(code) = said("code").or_else(|| said("id")) {
            let code = SignalInfo::of(code).map_or(code, |info| info.code);
            let of = (
                said("group").map(text::clean),
                said("name").map(text::clean),
            );
            names.entry(code.trim().to_ascii_lowercase()).or_insert(of);
        }
    }
    names
}
