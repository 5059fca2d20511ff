//! Vehicles and connections: resources, with or without an envelope, and pages of
//! them.
//!
//! Invariant: unreadable paging metadata is treated as absent.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::body::text_as;
use crate::decode;
use crate::generated::v3::{Connection, Vehicle};
use crate::item_error::ItemError;
use crate::malformed::{DUPLICATE, Malformed};
use crate::members::{Member, Members};
use crate::text;
use crate::tree::Tree;

/// The position of a page in the whole list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// Number of entries in this response.
    pub count: usize,
    /// The page number, from 1. `None` if the response does not say.
    pub number: Option<u64>,
    /// Total number of entries. `None` if the response does not say.
    pub total: Option<u64>,
    /// Whether the response links to a next page.
    pub has_next: bool,
}

impl Page {
    /// Whether the whole list is longer than this response.
    pub fn is_part(&self) -> bool {
        let count = u64::try_from(self.count).unwrap_or(u64::MAX);
        self.has_next || self.total.is_some_and(|total| total > count)
    }

    /// Reads `meta` and `links`, with their names of 2025 or of 2026. Unreadable
    /// values are treated as absent.
    pub(super) fn read<'a>(meta: Member<'a>, links: Member<'a>, count: usize) -> Self {
        let members = |member: Member<'a>| Members::of(member.said()?);
        let (meta, links) = (members(meta), members(links));
        let number = |names: &[&str]| {
            let meta = meta.as_ref()?;
            let raw = names.iter().find_map(|name| meta.get(name).said())?;
            let found: Value = serde_json::from_str(raw).ok()?;
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
                .and_then(|raw| serde_json::from_str::<String>(raw).ok())
                .is_some_and(|next| !next.trim().is_empty()),
        }
    }
}

/// Reads the response of `GET /vehicles/{id}`.
pub fn vehicle(text: &str) -> Result<Vehicle, Malformed> {
    text_as(unwrap(text)?)
}

/// Reads the response of `GET /connections/{connectionId}`.
pub fn connection(text: &str) -> Result<Connection, Malformed> {
    text_as(unwrap(text)?)
}

/// Reads one page of `GET /connections`. A connection that cannot be decoded is
/// an error in its own place. Fails if the response has no list.
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
#[allow(clippy::type_complexity, reason = "each connection has its own result")]
pub fn connections(text: &str) -> Result<(Vec<Result<Connection, Malformed>>, Page), Malformed> {
    page(text)
}

/// Reads one page of resources. One that cannot be decoded is an error in its own
/// place.
#[allow(clippy::type_complexity, reason = "each entry has its own result")]
pub(super) fn page<T: DeserializeOwned>(
    text: &str,
) -> Result<(Vec<Result<T, Malformed>>, Page), Malformed> {
    let list = unwrap(text)?;
    let list: Vec<&RawValue> =
        serde_json::from_str(list).map_err(|error| Malformed::from_json("/data", &error))?;
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

/// The resource or the list of a response: `data`, or the whole text if there is
/// no `data`.
pub(super) fn unwrap(text: &str) -> Result<&str, Malformed> {
    let whole: &RawValue =
        serde_json::from_str(text).map_err(|error| Malformed::from_json("", &error))?;
    let Some(outer) = Members::of(whole.get()) else {
        return Ok(whole.get());
    };
    Ok(outer.once("data", "")?.unwrap_or(whole.get()))
}

/// A resource, or the error in its place. A response with signals can include
/// part of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Resource {
    pub(super) asked: Option<Result<Tree<'static>, ItemError>>,
    pub(super) included: Option<Result<Tree<'static>, ItemError>>,
}

impl Resource {
    /// The value at a JSON pointer. `None` for null or nothing.
    pub(super) fn at(&self, pointer: &str) -> Option<&Tree<'static>> {
        let places = [&self.asked, &self.included].into_iter().flatten();
        let places = places.filter_map(|place| place.as_ref().ok());
        let mut values = places.filter_map(|place| place.at(pointer));
        values.find(|value| !value.is_null())
    }

    /// Why the resource is missing.
    pub(super) fn error(&self) -> Option<ItemError> {
        match (&self.asked, &self.included) {
            (Some(Err(error)), _) | (None, Some(Err(error))) => Some(error.clone()),
            (None, None) => Some(ItemError::Missing),
            _ => None,
        }
    }
}

/// A resource's value, with or without `data` around it.
pub(super) fn read(text: &str) -> Result<Tree<'static>, ItemError> {
    let text = unwrap(text).map_err(ItemError::Malformed)?;
    let tree = Tree::of(text);
    let tree = tree.map_err(|error| ItemError::Malformed(Malformed::from_json("/data", &error)))?;
    Ok(tree.into_owned())
}

/// The vehicle that a response with signals included, if any.
pub(super) fn included_vehicle(included: Member<'_>) -> Option<Result<Tree<'static>, Malformed>> {
    const PLACE: &str = "/included";
    if included.is_duplicate() {
        return Some(Err(Malformed::new(PLACE, DUPLICATE)));
    }
    let vehicle = match Members::of(included.said()?)?.once("vehicle", PLACE) {
        Ok(vehicle) => vehicle?,
        Err(malformed) => return Some(Err(malformed)),
    };
    let tree = Tree::of(vehicle).map(Tree::into_owned);
    Some(tree.map_err(|error| Malformed::from_json("/included/vehicle", &error)))
}

impl Connection {
    /// The user ID for the header `sc-user-id`: from the attributes, otherwise
    /// from the relationships. `None` if neither has it.
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

    /// The vehicle ID. `None` if the connection does not name it.
    pub fn vehicle_id(&self) -> Option<&str> {
        let vehicle = self.relationships.as_ref()?.vehicle.as_ref()?;
        let id = vehicle.data.as_ref()?.id.as_deref();
        id.filter(|id| !text::clean(id).is_empty())
    }
}
