//! Methods that limit when a fault applies and that change headers.
//!
//! Invariant: if two headers have the same name in any letter case, the later one
//! wins.

use std::collections::BTreeMap;

use serde_json::Value;

use super::effect::Effect;
use super::value::{Chance, Fault};
use crate::request::with_slash;

/// # Which requests, and which headers
///
/// ```
/// use serde_json::json;
/// use smartcar_simulator::Fault;
///
/// let batches = Fault::reset().on_path("/batch").on_request(2);
/// let rare = Fault::status(502).with_probability(0.1, 42);
/// let odd = Fault::raw_body("").with_status(999);
/// let dated = Fault::status(429).header("Retry-After", "Wed, 21 Oct 2099 07:28:00 GMT");
/// let limited = Fault::item_error("/fuel", "RATE_LIMIT", Some("VEHICLE"));
/// let limited = limited.item_header("retry-after", json!(120)).times(2);
/// ```
impl Fault {
    /// Applies only to requests for this path, alone or as part of a batch. Write
    /// the path as in a batch. `/batch` means batches, `/vehicles` the list, and
    /// `/oauth/token` the token endpoint, to which no other fault applies. In
    /// version 3, `/signals` means all signals of a vehicle, `/connections` the
    /// list of connections, and `/oauth2/token` its token endpoint.
    pub fn on_path(mut self, path: &str) -> Self {
        self.when.path = Some(with_slash(path).into_owned());
        self
    }

    /// Applies only to requests for this vehicle.
    pub fn on_vehicle(mut self, id: impl Into<String>) -> Self {
        self.when.vehicle = Some(id.into());
        self
    }

    /// Applies only to the n-th matching request, from 1, counted since the fault
    /// was added. Then the fault ends.
    pub fn on_request(mut self, n: u64) -> Self {
        self.when.request = Some(n);
        self
    }

    /// Applies at most this many times. Then the fault ends.
    pub fn times(mut self, n: u64) -> Self {
        self.when.times = Some(n);
        self
    }

    /// Applies to each matching request with this probability, from 0 to 1. The
    /// same seed selects the same requests again, by their position.
    pub fn with_probability(mut self, probability: f64, seed: u64) -> Self {
        self.when.chance = Some(Chance { probability, seed });
        self
    }

    /// Sets the status of the whole response, whatever its body says.
    pub fn with_status(mut self, status: u16) -> Self {
        match &mut self.effect {
            Some(Effect::Status(own) | Effect::Html(own)) => *own = status,
            _ => self.status = Some(status),
        }
        self
    }

    /// Sets a header of the whole response and replaces its own header of that
    /// name. The names of outer headers are lower case on the wire.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        set(&mut self.headers, name.into(), value.into());
        self
    }

    /// Removes this header from the whole response.
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        self.without_headers.insert(name.into());
        self
    }

    /// Sets a header of the fault's item, or of every item if the fault has none.
    /// Name and value are sent exactly as given here; in the response of a single
    /// endpoint they are sent like any outer header.
    pub fn item_header(mut self, name: impl Into<String>, value: Value) -> Self {
        set(&mut self.item_headers, name.into(), value);
        self
    }
}

/// Replaces a header of the same name in any letter case.
fn set<V>(headers: &mut BTreeMap<String, V>, name: String, value: V) {
    headers.retain(|other, _| !other.eq_ignore_ascii_case(&name));
    headers.insert(name, value);
}
