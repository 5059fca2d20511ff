//! Faults of a batch's items.
//!
//! Invariant: whatever happens to its items, the batch itself stays 200.

use serde_json::Value;

use super::Fault;
use super::effect::{Change, Effect, ErrorName};
use crate::validate::with_slash;

/// # Faults of items
///
/// A path may be given without its leading slash. The path of a signal is `/signals/`
/// and its code: what happens to an item of a batch also happens to it in version 3's
/// list of signals, where a failed signal has the status `ERROR`. An extra item or
/// another order is for both; a signal has no headers, so that faults of those leave it
/// alone.
impl Fault {
    pub(super) fn of_item(path: &str, change: Change) -> Self {
        let path = with_slash(path).into_owned();
        Self::new(Effect::Item { path, change })
    }

    /// An item as it would be; for [`item_header`](Self::item_header).
    ///
    /// ```
    /// use serde_json::json;
    /// use smartcar_simulator::Fault;
    ///
    /// let undated = Fault::item("/odometer").item_header("sc-data-age", json!("yesterday"));
    /// ```
    pub fn item(path: &str) -> Self {
        Self::of_item(path, Change::Nothing)
    }

    /// An error of the API's catalogue, by type and code, for one item only.
    ///
    /// ```
    /// use smartcar_simulator::Fault;
    ///
    /// let silent = Fault::item_error("/fuel", "UPSTREAM", Some("NO_RESPONSE"));
    /// ```
    pub fn item_error(path: &str, kind: impl Into<String>, code: Option<&str>) -> Self {
        Self::of_item(path, Change::Error(ErrorName::new(kind, code)))
    }

    /// Another body for an item, with code 200 and the headers it has.
    ///
    /// ```
    /// use serde_json::json;
    /// use smartcar_simulator::Fault;
    ///
    /// let array = Fault::item_body("/odometer", json!([1]));
    /// ```
    pub fn item_body(path: &str, body: Value) -> Self {
        Self::of_item(path, Change::Body(body))
    }

    /// Anything instead of the whole item.
    ///
    /// ```
    /// use serde_json::json;
    /// use smartcar_simulator::Fault;
    ///
    /// let not_an_item = Fault::item_json("/fuel", json!(42));
    /// let null_body = json!({"path": "/fuel", "code": 502, "headers": null, "body": null});
    /// let null_body = Fault::item_json("/fuel", null_body);
    /// ```
    pub fn item_json(path: &str, item: Value) -> Self {
        Self::of_item(path, Change::Json(item))
    }

    /// The item is left out.
    ///
    /// ```
    /// let missing = smartcar_simulator::Fault::missing_item("/fuel");
    /// ```
    pub fn missing_item(path: &str) -> Self {
        Self::of_item(path, Change::Missing)
    }

    /// The item comes a second time, at the end.
    ///
    /// ```
    /// let twice = smartcar_simulator::Fault::duplicate_item("/fuel");
    /// ```
    pub fn duplicate_item(path: &str) -> Self {
        Self::of_item(path, Change::Twice)
    }

    /// An item that nobody asked, at the end. If the API does not know the path,
    /// its body is an empty object. With the path of a signal it also stands at the
    /// end of version 3's list; its body there is an empty object.
    ///
    /// ```
    /// let unasked = smartcar_simulator::Fault::unasked_item("/vin");
    /// ```
    pub fn unasked_item(path: &str) -> Self {
        let path = with_slash(path).into_owned();
        Self::new(Effect::Unasked(path))
    }

    /// Anything as one more item, at the end; for example a second and different
    /// answer to a path.
    ///
    /// ```
    /// use serde_json::json;
    /// use smartcar_simulator::Fault;
    ///
    /// let pathless = Fault::extra_item(json!({"code": 200, "headers": {}, "body": {}}));
    /// ```
    pub fn extra_item(item: Value) -> Self {
        Self::new(Effect::Extra(item))
    }

    /// The items in the reverse of the order asked.
    ///
    /// ```
    /// let reversed = smartcar_simulator::Fault::reversed_items();
    /// ```
    pub fn reversed_items() -> Self {
        Self::new(Effect::Reversed)
    }

    /// The items in a random order, another one for each batch. The same seed
    /// gives the same orders again.
    ///
    /// ```
    /// let shuffled = smartcar_simulator::Fault::shuffled_items(42);
    /// ```
    pub fn shuffled_items(seed: u64) -> Self {
        Self::new(Effect::Shuffled { seed })
    }

    /// No item has the member `headers`.
    ///
    /// ```
    /// let bare = smartcar_simulator::Fault::without_item_headers();
    /// ```
    pub fn without_item_headers() -> Self {
        Self::new(Effect::Bare { good_too: true })
    }

    /// No item that failed has the member `headers`, as from the live service.
    ///
    /// ```
    /// let real = smartcar_simulator::Fault::without_error_headers();
    /// ```
    pub fn without_error_headers() -> Self {
        Self::new(Effect::Bare { good_too: false })
    }
}
