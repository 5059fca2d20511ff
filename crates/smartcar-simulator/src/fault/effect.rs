//! What a fault changes, and its keys in the data format.
//!
//! Invariant: every key that defines an effect is in the one list below.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Generates the effects and the table of their keys from one list.
macro_rules! effects {
    ($( $(#[$docs:meta])* $key:ident: $effect:ident($value:ty), )*) => {
        /// What a fault changes; in the data format, one key with its value.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum Effect {
            $( $(#[$docs])* $effect($value), )*
        }

        /// A fault in the data format. The documentation of
        /// [`Fault`](super::value::Fault) explains each key.
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct Table {
            $( #[serde(deserialize_with = "present")] pub(super) $key: Option<$value>, )*
            pub(super) body_json: Option<String>,
            pub(super) replaced_json: Option<String>,
            pub(super) extra_json: Option<String>,
            pub(super) item: Option<String>,
            pub(super) path: Option<String>,
            pub(super) vehicle: Option<String>,
            pub(super) request: Option<u64>,
            pub(super) times: Option<u64>,
            pub(super) probability: Option<f64>,
            pub(super) seed: Option<u64>,
            pub(super) headers: BTreeMap<String, HeaderText>,
            pub(super) without_headers: BTreeSet<String>,
            pub(super) item_headers: BTreeMap<String, Value>,
            pub(super) item_headers_json: Option<String>,
        }

        impl Table {
            /// The keys that define an effect, for messages.
            pub(super) const KEYS: &str = concat!($( stringify!($key), ", ", )* "item");

            /// All effects in the table, each with its key.
            pub(super) fn effects(&mut self) -> Vec<(&'static str, Effect)> {
                let given = [
                    $( self.$key.take().map(|it| (stringify!($key), Effect::$effect(it))), )*
                ];
                given.into_iter().flatten().collect()
            }
        }
    };
}

effects! {
    unchanged: Unchanged(Yes),
    latency_ms: LatencyMs(Milliseconds),
    /// An empty response that does not come from the API.
    status: Status(u16),
    /// An error page of a proxy.
    html: Html(u16),
    /// For the whole response, or for one item.
    error: Error(ErrorName),
    raw_body: RawBody(String),
    reset: Reset(Yes),
    truncated: Truncated(usize),
    unasked: Unasked(String),
    extra: Extra(Value),
    reordered: Reordered(Yes),
    /// The seed.
    shuffled: Shuffled(u64),
    without_item_headers: WithoutItemHeaders(Yes),
    without_error_headers: WithoutErrorHeaders(Yes),
    // The rest applies to one item.
    body: Body(Value),
    replaced: Replaced(Value),
    missing: Missing(Yes),
    duplicated: Duplicated(Yes),
}

impl Effect {
    /// Whether it requires `item`.
    pub(super) fn is_for_one(&self) -> bool {
        matches!(
            self,
            Self::Body(_) | Self::Replaced(_) | Self::Missing(_) | Self::Duplicated(_)
        )
    }

    /// Whether it replaces the whole body of the response.
    pub(super) fn replaces_all(&self) -> bool {
        matches!(
            self,
            Self::Status(_) | Self::Html(_) | Self::Error(_) | Self::RawBody(_) | Self::Reset(_)
        )
    }
}

/// An explicit null is a value; only an absent key means no value.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The value of a key that is either present or absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "bool", into = "bool")]
pub(crate) struct Yes;

impl TryFrom<bool> for Yes {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, &'static str> {
        let message = "the only possible value is true: remove the key instead";
        value.then_some(Self).ok_or(message)
    }
}

impl From<Yes> for bool {
    fn from(_: Yes) -> Self {
        true
    }
}

/// A duration in milliseconds, with or without a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
pub(crate) struct Milliseconds(pub(super) Duration);

impl TryFrom<f64> for Milliseconds {
    type Error = &'static str;

    fn try_from(value: f64) -> Result<Self, &'static str> {
        Duration::try_from_secs_f64(value / 1e3)
            .map(Self)
            .map_err(|_| "`latency_ms` must be a number of milliseconds, 0 or more")
    }
}

impl Serialize for Milliseconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let whole = u64::try_from(self.0.as_millis()).ok();
        match whole.filter(|whole| Duration::from_millis(*whole) == self.0) {
            Some(whole) => serializer.serialize_u64(whole),
            None => serializer.serialize_f64(self.0.as_secs_f64() * 1e3),
        }
    }
}

/// An error of the catalogue: type and code separated by a slash, or the type
/// alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub(crate) struct ErrorName {
    pub(crate) kind: String,
    pub(crate) code: Option<String>,
}

impl ErrorName {
    pub(super) fn new(kind: impl Into<String>, code: Option<&str>) -> Self {
        Self {
            kind: kind.into(),
            code: code.map(str::to_owned),
        }
    }
}

impl From<String> for ErrorName {
    fn from(text: String) -> Self {
        match text.split_once('/') {
            Some((kind, code)) => Self::new(kind, Some(code)),
            None => Self::new(text, None),
        }
    }
}

impl From<ErrorName> for String {
    fn from(name: ErrorName) -> Self {
        match name.code {
            Some(code) => format!("{}/{code}", name.kind),
            None => name.kind,
        }
    }
}

/// A header's value; a number is converted to text.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a header's value must be a string or a number")]
pub(super) enum HeaderText {
    Text(String),
    Number(serde_json::Number),
}

impl fmt::Display for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
        }
    }
}
