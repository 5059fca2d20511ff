//! The methods that narrow a fault down and change headers.
//!
//! Invariant: of two headers with the same name the later one stays, whatever the
//! letter case.

use std::collections::BTreeMap;

use serde_json::Value;

use super::effect::Effect;
use super::value::{Chance, Fault};
use crate::request::with_slash;

/// # For which requests, and with which headers
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
    /// Only requests that ask this path, alone or in a batch among others. A
    /// path is written as in a batch; `/batch` means batches, `/vehicles` the list,
    /// and `/oauth/token` the token endpoint, which no other fault strikes. Of
    /// version 3, `/signals` means all signals of a vehicle, `/connections` the
    /// list of connections, and `/oauth2/token` the endpoint of its tokens.
    pub fn on_path(mut self, path: &str) -> Self {
        self.when.path = Some(with_slash(path).into_owned());
        self
    }

    /// Only requests about this vehicle.
    pub fn on_vehicle(mut self, id: impl Into<String>) -> Self {
        self.when.vehicle = Some(id.into());
        self
    }

    /// Only the n-th of the requests that it concerns, from 1, counted since the
    /// fault was added. It is gone afterwards.
    pub fn on_request(mut self, n: u64) -> Self {
        self.when.request = Some(n);
        self
    }

    /// No more than this many times. It is gone afterwards.
    pub fn times(mut self, n: u64) -> Self {
        self.when.times = Some(n);
        self
    }

    /// Each of the requests that it concerns with this probability, from 0 to 1.
    /// The same seed strikes the same requests again, by their count.
    pub fn with_probability(mut self, probability: f64, seed: u64) -> Self {
        self.when.chance = Some(Chance { probability, seed });
        self
    }

    /// Another status of the whole answer, whatever its body says.
    pub fn with_status(mut self, status: u16) -> Self {
        match &mut self.effect {
            Some(Effect::Status(own) | Effect::Html(own)) => *own = status,
            _ => self.status = Some(status),
        }
        self
    }

    /// A header of the whole answer, instead of its own of that name. Names of
    /// outer headers are lower case on the wire.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        set(&mut self.headers, name.into(), value.into());
        self
    }

    /// The whole answer lacks this header.
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        self.without_headers.insert(name.into());
        self
    }

    /// A header of the item that the fault is about, or of every item if it is
    /// about none. Name and value are sent just as they are written here; only an
    /// endpoint asked alone has them like any outer header.
    pub fn item_header(mut self, name: impl Into<String>, value: Value) -> Self {
        set(&mut self.item_headers, name.into(), value);
        self
    }
}

/// Another header of that name in any letter case gives way.
fn set<V>(headers: &mut BTreeMap<String, V>, name: String, value: V) {
    headers.retain(|other, _| !other.eq_ignore_ascii_case(&name));
    headers.insert(name, value);
}
