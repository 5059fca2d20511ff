//! The known path that is most similar to an unknown one.
//!
//! Invariant: a known path has no suggestion, and neither does a path that is not
//! similar to any known one.

use crate::endpoint::EndpointInfo;
use crate::generated::ENDPOINTS;
use crate::generated::v3::SIGNALS;
use crate::v3::{ALL_SIGNALS, SignalInfo};

/// Below this similarity, two words share letters by chance.
const ALIKE: f64 = 0.6;

/// Shorter texts are the beginning of too many paths.
const SHORTEST_START: usize = 4;

/// The path in the spec that an unknown path most likely means, for a message
/// such as "did you mean /odometer?".
///
/// Letter case and punctuation are ignored. A path below `/signals/` is compared
/// with signals only; any other path is compared with endpoints and with signal
/// codes. `None` if the path is in the spec, or if no path is similar.
///
/// ```
/// use smartcar_model::nearest_path;
///
/// assert_eq!(nearest_path("/odomter"), Some("/odometer"));
/// assert_eq!(
///     nearest_path("/signals/TractionBattery.StateCharge"),
///     Some("/signals/tractionbattery-stateofcharge"),
/// );
/// assert_eq!(nearest_path("/odometer"), None);
/// assert_eq!(nearest_path("/wiper/fluid"), None);
/// ```
pub fn nearest_path(path: &str) -> Option<&'static str> {
    let is_known = EndpointInfo::of(path).is_some() || SignalInfo::of_path(path).is_some();
    if is_known || path == ALL_SIGNALS {
        return None;
    }
    let signals = SIGNALS.iter().map(|info| (plain(info.code), info.path));
    if let Some(code) = path.strip_prefix("/signals/") {
        return nearest(&plain(code), signals);
    }
    let endpoints = ENDPOINTS.iter().map(|info| (plain(info.path), info.path));
    nearest(&plain(path), endpoints.chain(signals))
}

/// The letters and digits of a name, in lower case.
fn plain(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
thread_local! {
    /// How many times this thread searched.
    pub(crate) static SEARCHES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The most similar name's path. Of several equally similar ones, the first.
fn nearest(
    asked: &str,
    known: impl Iterator<Item = (String, &'static str)>,
) -> Option<&'static str> {
    #[cfg(test)]
    SEARCHES.set(SEARCHES.get() + 1);
    if asked.is_empty() {
        return None;
    }
    let mut best = (ALIKE, None);
    for (name, path) in known {
        let mut alike = strsim::normalized_damerau_levenshtein(asked, &name);
        if asked.len() >= SHORTEST_START && name.starts_with(asked) {
            // The beginning of a name, or the name in another spelling.
            alike = alike.max(ALIKE) + 0.01;
        }
        if alike > best.0 {
            best = (alike, Some(path));
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        for (asked, meant) in [
            ("/odomter", "/odometer"),
            ("/Odometer", "/odometer"),
            ("/tires/presure", "/tires/pressure"),
            ("/tesla/speedmeter", "/tesla/speedometer"),
            ("/batery", "/battery"),
            (
                "/signals/odometer-travelleddistance",
                "/signals/odometer-traveleddistance",
            ),
            ("/signals/odometer", "/signals/odometer-traveleddistance"),
            (
                "/odometer-traveleddistance",
                "/signals/odometer-traveleddistance",
            ),
        ] {
            assert_eq!(nearest_path(asked), Some(meant), "{asked}");
        }
    }

    #[test]
    fn what_is_known_or_like_nothing_has_no_hint() {
        for known in ENDPOINTS.iter().map(|info| info.path) {
            assert_eq!(nearest_path(known), None, "{known}");
        }
        for known in SIGNALS {
            assert_eq!(nearest_path(known.path), None, "{}", known.path);
        }
        for other in ["/foo", "/signals/x", "/signals/", "/wiper/fluid", "", "/ü"] {
            assert_eq!(nearest_path(other), None, "{other}");
        }
    }
}
