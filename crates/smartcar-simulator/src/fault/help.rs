//! The kinds of faults, explained with an example each.
//!
//! Invariant: every key that defines an effect has an example, and every example is a
//! fault.

use serde::Serialize;

use super::value::Fault;

/// A kind of fault: its key, an example, and what it does.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Kind {
    pub(crate) key: &'static str,
    pub(crate) example: &'static str,
    pub(crate) does: &'static str,
}

macro_rules! kinds {
    ($( $key:literal $example:literal: $does:literal, )*) => {
        /// All kinds.
        pub(crate) const KINDS: &[Kind] =
            &[$( Kind { key: $key, example: $example, does: $does }, )*];
    };
}

kinds! {
    "unchanged" "unchanged = true, without_headers = ['sc-request-id']":
        "changes only the status or the headers",
    "latency_ms" "latency_ms = 300": "delays the response",
    "status" "status = 503": "an empty response with this status",
    "html" "html = 502": "an error page of a proxy",
    "error" "error = 'RATE_LIMIT/VEHICLE'": "an error of the catalogue",
    "raw_body" "raw_body = 'not json'": "this text as the body",
    "reset" "reset = true": "resets the connection before any response",
    "truncated" "truncated = 20": "ends the connection after this many bytes of the body",
    "unasked" "unasked = '/vin'": "adds an item that was not requested",
    "extra" "extra = {code = 200}": "adds any value as an item",
    "reordered" "reordered = true": "reverses the order of the items",
    "shuffled" "shuffled = 42": "shuffles the items with this seed",
    "without_item_headers" "without_item_headers = true": "removes the headers of all items",
    "without_error_headers" "without_error_headers = true":
        "removes the headers of failed items",
    "body" "item = '/fuel', body = {range = 'far'}": "replaces the body of an item",
    "replaced" "item = '/fuel', replaced = 42": "replaces an item",
    "missing" "item = '/fuel', missing = true": "removes an item",
    "duplicated" "item = '/fuel', duplicated = true": "repeats an item",
    "item" "item = '/fuel', error = 'UPSTREAM/NO_RESPONSE'":
        "limits an error to one item, or changes its headers",
}

impl Fault {
    /// All kinds of faults in the data format, one per line: an example, and what it does.
    ///
    /// ```
    /// use smartcar_simulator::Fault;
    ///
    /// let help = Fault::help();
    /// assert!(help.contains("html = 502"));
    /// ```
    pub fn help() -> String {
        let mut text = String::new();
        for Kind { example, does, .. } in KINDS {
            text.push_str(&format!("{example:56}  {does}\n"));
        }
        text.push_str(
            "\nEach can be combined with:\n\
             path = '/batch'         only requests for this path\n\
             vehicle = 'car-1'       only requests for this vehicle\n\
             request = 3             only the third matching request\n\
             times = 2               at most two times\n\
             probability = 0.1       with this probability, and a `seed`\n\
             status = 207            another status\n\
             headers = {Retry-After = 2}, without_headers = ['date']\n\
             item_headers = {sc-data-age = 'yesterday'}",
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::effect::Table;
    use super::*;

    #[test]
    fn every_kind_has_an_example_that_is_a_fault() {
        let keys: Vec<&str> = KINDS.iter().map(|kind| kind.key).collect();
        assert_eq!(keys.join(", "), Table::KEYS);
        for kind in KINDS {
            let fault = kind.example.parse::<Fault>();
            assert!(
                fault.is_ok() && kind.example.contains(kind.key),
                "{kind:?} {fault:?}"
            );
        }
        assert_eq!(Fault::help().lines().count(), KINDS.len() + 10);
    }
}
