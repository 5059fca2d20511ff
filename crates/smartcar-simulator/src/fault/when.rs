//! Which requests a fault is for, and the other refinements.
//!
//! Invariant: the count of a fault's requests decides alone; no clock and no
//! randomness of the machine, so every run is the same.

use serde_json::Value;

use super::Fault;
use super::random;
use crate::validate::with_slash;

/// For which of the requests that it concerns a fault strikes.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct When {
    pub(crate) path: Option<String>,
    pub(crate) vehicle: Option<String>,
    /// The number of the one request, from 1.
    pub(crate) request: Option<u64>,
    pub(crate) times: Option<u64>,
    pub(crate) chance: Option<Chance>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Chance {
    pub(crate) probability: f64,
    pub(crate) seed: u64,
}

impl When {
    /// Whether it strikes the `count`-th request.
    pub(crate) fn is_due(&self, count: u64) -> bool {
        let is_hit = |chance: Chance| random::fraction(chance.seed, count) < chance.probability;
        self.request.is_none_or(|request| request == count) && self.chance.is_none_or(is_hit)
    }

    /// Whether it cannot strike again after `count` requests, of which it struck some.
    pub(crate) fn is_spent(&self, count: u64, struck: u64) -> bool {
        self.request.is_some_and(|request| request <= count)
            || self.times.is_some_and(|times| times <= struck)
    }
}

/// # For which requests, and with which headers
impl Fault {
    /// Only requests that ask this path, alone or in a batch among others. A
    /// path is written as in a batch; `/batch` means batches, `/vehicles` the list,
    /// and `/oauth/token` the token endpoint, which no other fault strikes. Of
    /// version 3, `/signals` means all signals of a vehicle, `/connections` the
    /// list of connections, and `/oauth2/token` the endpoint of its tokens.
    ///
    /// ```
    /// use smartcar_simulator::Fault;
    ///
    /// let fault = Fault::status(500).on_path("/odometer");
    /// let batches = Fault::reset().on_path("/batch");
    /// ```
    pub fn on_path(mut self, path: &str) -> Self {
        self.when.path = Some(with_slash(path).into_owned());
        self
    }

    /// Only requests about this vehicle.
    ///
    /// ```
    /// use smartcar_simulator::Fault;
    ///
    /// let asleep = Fault::error("VEHICLE_STATE", Some("ASLEEP")).on_vehicle("my-car");
    /// ```
    pub fn on_vehicle(mut self, id: impl Into<String>) -> Self {
        self.when.vehicle = Some(id.into());
        self
    }

    /// Only the n-th of the requests that it concerns, from 1, counted since the
    /// fault was added. It is gone afterwards.
    ///
    /// ```
    /// let second = smartcar_simulator::Fault::html(504).on_request(2);
    /// ```
    pub fn on_request(mut self, n: u64) -> Self {
        self.when.request = Some(n);
        self
    }

    /// No more than this many times. It is gone afterwards.
    ///
    /// ```
    /// let twice = smartcar_simulator::Fault::status(502).times(2);
    /// ```
    pub fn times(mut self, n: u64) -> Self {
        self.when.times = Some(n);
        self
    }

    /// Each of the requests that it concerns with this probability, from 0 to 1.
    /// The same seed strikes the same requests again, by their count.
    ///
    /// ```
    /// let seldom = smartcar_simulator::Fault::status(502).with_probability(0.1, 42);
    /// ```
    pub fn with_probability(mut self, probability: f64, seed: u64) -> Self {
        self.when.chance = Some(Chance { probability, seed });
        self
    }

    /// Another status of the whole answer, whatever its body says.
    ///
    /// ```
    /// let odd = smartcar_simulator::Fault::raw_body("").with_status(999);
    /// ```
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// A header of the whole answer, instead of its own of that name. Names of
    /// outer headers are lower case on the wire.
    ///
    /// ```
    /// use smartcar_simulator::Fault;
    ///
    /// let limited = Fault::status(429).header("Retry-After", "Wed, 21 Oct 2099 07:28:00 GMT");
    /// ```
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        super::set(&mut self.headers, name.into(), value.into());
        self
    }

    /// The whole answer lacks this header.
    ///
    /// ```
    /// use smartcar_simulator::Fault;
    ///
    /// let untyped = Fault::error("SERVER", Some("INTERNAL")).without_header("content-type");
    /// ```
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        self.lost_headers.insert(name.into());
        self
    }

    /// A header of the item that the fault is about, or of every item if it is
    /// about none. Name and value are sent just as they are written here; only an
    /// endpoint asked alone has them like any outer header.
    ///
    /// ```
    /// use serde_json::json;
    /// use smartcar_simulator::Fault;
    ///
    /// let limited = || Fault::item_error("/fuel", "RATE_LIMIT", Some("VEHICLE"));
    /// let spellings = [
    ///     limited().item_header("Retry-After", json!("120")),
    ///     limited().item_header("retry-after", json!(120)),
    /// ];
    /// ```
    pub fn item_header(mut self, name: impl Into<String>, value: Value) -> Self {
        super::set(&mut self.item_headers, name.into(), value);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(when: &When) -> Vec<u64> {
        (1..=200).filter(|count| when.is_due(*count)).collect()
    }

    fn chance(probability: f64, seed: u64) -> Vec<u64> {
        let fault = Fault::unchanged().with_probability(probability, seed);
        struck(&fault.when)
    }

    #[test]
    fn the_same_seed_strikes_the_same_requests() {
        assert_eq!(chance(0.25, 7), chance(0.25, 7));
        assert_ne!(chance(0.25, 7), chance(0.25, 8));
        assert!((30..70).contains(&chance(0.25, 7).len()));
        assert!(chance(0.0, 7).is_empty());
        assert_eq!(chance(1.0, 7).len(), 200);
    }

    #[test]
    fn all_conditions_must_hold() {
        let fault = Fault::unchanged().on_request(3).with_probability(1.0, 0);
        assert_eq!(struck(&fault.when), [3]);
        let fault = Fault::unchanged().on_request(3).with_probability(0.0, 0);
        assert!(struck(&fault.when).is_empty());
    }
}
