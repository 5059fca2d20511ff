//! Vehicles and connections: resources, wrapped or bare, and pages of them.
//!
//! Invariant: a page is its resources; paging that cannot be read is no paging.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::decode;
use crate::generated::v3::{Connection, Vehicle};
use crate::malformed::Malformed;
use crate::members::{Member, Members};
use crate::text;

/// Where a list stands in the whole list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// How many entries this answer has.
    pub count: usize,
    /// Which page it is, from 1. `None` where the answer does not say.
    pub number: Option<u64>,
    /// Number of entries over all pages. `None` where the answer does not say.
    pub total: Option<u64>,
    /// Whether the answer names a next page.
    pub has_next: bool,
}

impl Page {
    /// Reads `meta` and `links`, by their names of 2025 or of 2026. What cannot
    /// be read counts as absent.
    pub(super) fn read<'a>(meta: Member<'a>, links: Member<'a>, count: usize) -> Self {
        let members = |member: Member<'a>| Members::of(member.said()?.get());
        let (meta, links) = (members(meta), members(links));
        let number = |names: &[&str]| {
            let meta = meta.as_ref()?;
            let raw = names.iter().find_map(|name| meta.get(name).said())?;
            let found: Value = serde_json::from_str(raw.get()).ok()?;
            found
                .as_u64()
                .or_else(|| found.as_str()?.trim().parse().ok())
        };
        let next = links.as_ref().and_then(|links| links.get("next").said());
        Self {
            count,
            number: number(&["pageNumber", "page"]),
            total: number(&["totalCount", "total"]),
            has_next: next
                .and_then(|raw| serde_json::from_str::<String>(raw.get()).ok())
                .is_some_and(|next| !next.trim().is_empty()),
        }
    }
}

/// Reads the answer of `GET /vehicles/{id}`.
pub fn vehicle(text: &str) -> Result<Vehicle, Malformed> {
    decode::body(unwrap(text)?)
}

/// Reads the answer of `GET /connections/{connectionId}`.
pub fn connection(text: &str) -> Result<Connection, Malformed> {
    decode::body(unwrap(text)?)
}

/// Reads the answer of `GET /connections`: one page. A connection that cannot
/// be read is its own error.
///
/// ```
/// let answer = r#"{"data": [{"id": "c1", "attributes": {"user": {"id": "u1"}}}, 7],
///     "meta": {"page": "1", "totalCount": 2}}"#;
/// let (connections, page) = smartcar_model::v3::connections(answer)?;
/// let user = connections[0].as_ref().unwrap().user_id();
/// assert_eq!(user, Some("u1"));
/// assert!(connections[1].is_err());
/// assert_eq!(page.total, Some(2));
/// # Ok::<(), smartcar_model::Malformed>(())
/// ```
#[allow(clippy::type_complexity, reason = "each connection stands for itself")]
pub fn connections(text: &str) -> Result<(Vec<Result<Connection, Malformed>>, Page), Malformed> {
    let list = unwrap(text)?;
    let list: Vec<&RawValue> =
        serde_json::from_str(list.get()).map_err(|error| Malformed::from_json("/data", &error))?;
    let outer = Members::of(text);
    let get = |name: &str| {
        outer
            .as_ref()
            .map(|outer| outer.get(name))
            .unwrap_or_default()
    };
    let page = Page::read(get("meta"), get("links"), list.len());
    Ok((list.into_iter().map(decode::body).collect(), page))
}

/// The resource or the list of an answer: `data`, or the whole where there is none.
pub(super) fn unwrap(text: &str) -> Result<&RawValue, Malformed> {
    let whole: &RawValue =
        serde_json::from_str(text).map_err(|error| Malformed::from_json("", &error))?;
    let Some(outer) = Members::of(whole.get()) else {
        return Ok(whole);
    };
    Ok(outer.once("data", "")?.unwrap_or(whole))
}

impl Connection {
    /// The id of the user, as `sc-user-id` takes it: from the attributes, else
    /// from the relationships.
    pub fn user_id(&self) -> Option<&str> {
        let attributes = self.attributes.as_ref();
        let user = attributes.and_then(|attributes| attributes.user.as_ref()?.id.as_deref());
        let relationships = self.relationships.as_ref();
        user.or_else(|| {
            let user = relationships?.user.as_ref()?;
            user.data.as_ref()?.id.as_deref()
        })
        .filter(|id| !text::clean(id).is_empty())
    }

    /// The id of the vehicle.
    pub fn vehicle_id(&self) -> Option<&str> {
        let vehicle = self.relationships.as_ref()?.vehicle.as_ref()?;
        let id = vehicle.data.as_ref()?.id.as_deref();
        id.filter(|id| !text::clean(id).is_empty())
    }
}
