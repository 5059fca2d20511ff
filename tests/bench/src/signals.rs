//! Version 3: six endpoints of v2.0 out of a store with every signal.
//!
//! Invariant: the limit reads what the six need and skips the rest.

use std::hint::black_box;

use serde::Deserialize;
use serde_json::value::RawValue;
use smartcar_model::Batch;
use smartcar_model::v3::Signals;

use crate::cases::Run;
use crate::decode::{Six, asked};

/// A store's answer with each signal that the fuzz corpus has, one list a group.
pub fn store() -> String {
    #[derive(Deserialize)]
    struct Group {
        data: Vec<Box<RawValue>>,
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/signals");
    let folder = std::path::Path::new(folder).read_dir();
    let mut files: Vec<_> = folder
        .expect("the corpus is in the repository")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("list-"))
        })
        .collect();
    files.sort();
    let mut signals = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).expect("a file of the corpus");
        let group: Group = serde_json::from_str(&text).expect("a list of signals");
        signals.extend(group.data.iter().map(ToString::to_string));
    }
    format!(r#"{{"data":[{}]}}"#, signals.join(","))
}

/// One signal alone.
pub fn one() -> String {
    r#"{"data":{"id":"odometer-traveleddistance","type":"signal","attributes":{"code":"odometer-traveleddistance","status":{"value":"SUCCESS"},"body":{"value":18250.6,"unit":"km"}},"meta":{"retrievedAt":"2026-03-14T09:27:08.004Z","oemUpdatedAt":"2026-03-14T09:12:31.000Z"}}}"#.to_owned()
}

#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    data: Vec<Element<'a>>,
}

#[derive(Deserialize)]
struct Element<'a> {
    id: &'a str,
    #[serde(borrow)]
    attributes: &'a RawValue,
    meta: &'a RawValue,
}

#[derive(Deserialize)]
struct Attributes<'a, T> {
    #[serde(borrow, rename = "status")]
    _status: Status<'a>,
    body: T,
}

#[derive(Deserialize)]
struct Status<'a> {
    #[serde(rename = "value")]
    _value: &'a str,
}

#[derive(Deserialize)]
pub(crate) struct Times {
    #[serde(rename = "retrievedAt")]
    _retrieved: jiff::Timestamp,
    #[serde(rename = "oemUpdatedAt")]
    _updated: jiff::Timestamp,
}

#[derive(Deserialize)]
pub(crate) struct Number {
    pub(crate) value: f64,
}

#[derive(Deserialize)]
pub(crate) struct Flag {
    pub(crate) value: bool,
}

#[derive(Deserialize)]
pub(crate) struct Word {
    pub(crate) value: String,
}

#[derive(Deserialize)]
pub(crate) struct Place {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

/// What the six endpoints are made of.
#[derive(Default)]
pub(crate) struct Needed {
    pub(crate) numbers: [f64; 9],
    pub(crate) plugged: bool,
    pub(crate) state: String,
}

/// Where a number goes.
pub(crate) fn place(code: &str) -> Option<usize> {
    Some(match code {
        "odometer-traveleddistance" => 0,
        "internalcombustionengine-fuellevel" => 1,
        "internalcombustionengine-amountremaining" => 2,
        "internalcombustionengine-range" => 3,
        "tractionbattery-stateofcharge" => 4,
        "tractionbattery-range" => 5,
        "internalcombustionengine-oillife" => 6,
        _ => return None,
    })
}

fn body<'a, T: Deserialize<'a>>(element: &Element<'a>) -> T {
    let read: Attributes<'a, T> =
        serde_json::from_str(element.attributes.get()).expect("attributes");
    let times: Times = serde_json::from_str(element.meta.get()).expect("times");
    black_box(times);
    read.body
}

fn needed(text: &str) -> Needed {
    let list: List<'_> = serde_json::from_str(text).expect("a list");
    let mut needed = Needed::default();
    for element in &list.data {
        let at = match element.id {
            "location-preciselocation" => {
                let place: Place = body(element);
                (needed.numbers[7], needed.numbers[8]) = (place.latitude, place.longitude);
                continue;
            }
            "charge-ischargingcableconnected" => {
                needed.plugged = body::<Flag>(element).value;
                continue;
            }
            "charge-detailedchargingstatus" => {
                needed.state = body::<Word>(element).value;
                continue;
            }
            code => match place(code) {
                Some(at) => at,
                None => continue,
            },
        };
        needed.numbers[at] = body::<Number>(element).value;
    }
    needed
}

/// The limit.
pub fn exact() -> Run {
    let text = store();
    Box::new(move || {
        let needed = needed(black_box(&text));
        black_box((needed.numbers, needed.plugged, needed.state));
    })
}

fn read(text: &str, asked: &[(usize, &str)]) -> <Six as Batch>::Data {
    let mut signals = Signals::new();
    signals.read(text, None).expect("a list of signals");
    let mut outcomes = Six::outcomes();
    signals.answer_all(asked, &mut outcomes);
    Six::data(outcomes).unwrap_or_else(|_| panic!("a tuple requires nothing"))
}

/// Ours, reading alone. The copy of the text is ours to pay.
pub fn ours() -> Run {
    let (text, asked) = (store(), asked::<Six>());
    Box::new(move || drop(black_box(read(black_box(&text), &asked))))
}

#[cfg(test)]
impl Needed {
    /// Fails if the limit read something else than ours.
    pub(crate) fn assert_same(&self, data: <Six as Batch>::Data) {
        let (odometer, location, fuel, battery, charge, oil) = data;
        let (location, fuel, battery) = (location.unwrap(), fuel.unwrap(), battery.unwrap());
        let charge = charge.unwrap();
        let ours = [
            Some(odometer.unwrap().distance),
            fuel.percent_remaining.map(|part| part * 100.0),
            fuel.amount_remaining,
            fuel.range,
            Some(battery.percent_remaining * 100.0),
            Some(battery.range),
            Some(oil.unwrap().life_remaining * 100.0),
            Some(location.latitude),
            Some(location.longitude),
        ];
        assert_eq!(ours, self.numbers.map(Some));
        assert_eq!(
            (charge.is_plugged_in, charge.state.as_str()),
            (self.plugged, &*self.state)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_reads_what_ours_reads() {
        let text = store();
        needed(&text).assert_same(read(&text, &asked::<Six>()));
    }
}
