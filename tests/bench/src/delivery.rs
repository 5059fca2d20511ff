//! A webhook's delivery of 85 signals into a batch of six, signature included.
//!
//! Invariant: the limit verifies the same bytes with the same code, reads what the six
//! need and skips the rest.

use std::hint::black_box;

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::Sha256;
use smartcar_model::Batch;
use smartcar_webhook::{Delivery, ManagementToken, Receiver, sign};

use crate::cases::Run;
use crate::decode::Six;
use crate::signals::{self, Flag, Needed, Number, Place, Times, Word, place};

const KEY: &str = "6c1b2c1e-9f6a-4a0b-8c2c-0c5a8b7d3e21";
const SIGNALS: usize = 85;

/// The signals of a store, flat, with all that the six need.
pub(crate) fn body() -> String {
    #[derive(Deserialize)]
    struct Store {
        data: Vec<serde_json::Value>,
    }
    let store: Store = serde_json::from_str(&signals::store()).expect("a list of signals");
    let flat = store.data.into_iter().map(|mut signal| {
        let mut flat = signal["attributes"].take();
        flat["meta"] = signal["meta"].take();
        flat
    });
    let code = |signal: &serde_json::Value| signal["code"].as_str().unwrap_or_default().to_owned();
    let is_needed = |signal: &serde_json::Value| {
        let code = code(signal);
        let others = [
            "location-preciselocation",
            "charge-ischargingcableconnected",
            "charge-detailedchargingstatus",
        ];
        place(&code).is_some() || others.contains(&code.as_str())
    };
    let (mut needed, rest): (Vec<_>, Vec<_>) = flat.partition(is_needed);
    let more = SIGNALS - needed.len();
    needed.extend(rest.into_iter().take(more));
    let event = serde_json::json!({
        "eventId": "0e6c2a4b-6a2b-4f1a-8e0c-3b9d7f5a1c20",
        "eventType": "VEHICLE_STATE",
        "data": {
            "user": {"id": "9a4e1b70-2f5c-4c1e-b6a8-31d0f2c7e855"},
            "vehicle": {"id": "3f1c9a52-6d0e-4b8f-9c37-5e2a7d40b611", "make": "KIA",
                "model": "EV6", "year": 2024, "powertrainType": "BEV", "mode": "live"},
            "signals": needed,
        },
        "triggers": [{"type": "SIGNAL_UPDATED", "signal": {"code": "odometer-traveleddistance"}}],
        "meta": {"deliveryId": "7b8f0d2e-1c3a-4b5d-8e6f-9a0b1c2d3e4f", "mode": "LIVE",
            "deliveredAt": 1_773_480_430_120_u64, "sequence": 41},
    });
    event.to_string()
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "eventId")]
    _id: &'a str,
    #[serde(rename = "eventType")]
    _kind: &'a str,
    #[serde(borrow)]
    data: Data<'a>,
    #[serde(borrow, rename = "meta")]
    _meta: Meta<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, rename = "vehicle")]
    _vehicle: Vehicle<'a>,
    #[serde(borrow)]
    signals: Vec<Signal<'a>>,
}

#[derive(Deserialize)]
struct Vehicle<'a> {
    #[serde(rename = "id")]
    _id: &'a str,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "deliveryId")]
    _id: &'a str,
    #[serde(rename = "mode")]
    _mode: &'a str,
    #[serde(rename = "sequence")]
    _sequence: i64,
}

#[derive(Deserialize)]
struct Signal<'a> {
    code: &'a str,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    meta: &'a RawValue,
}

fn value<'a, T: Deserialize<'a>>(signal: &Signal<'a>) -> T {
    let times: Times = serde_json::from_str(signal.meta.get()).expect("times");
    black_box(times);
    serde_json::from_str(signal.body.expect("a body").get()).expect("a body of its type")
}

fn needed(text: &str) -> Needed {
    let event: Event<'_> = serde_json::from_str(text).expect("an event");
    let mut needed = Needed::default();
    for signal in &event.data.signals {
        match signal.code {
            "location-preciselocation" => {
                let place: Place = value(signal);
                (needed.numbers[7], needed.numbers[8]) = (place.latitude, place.longitude);
            }
            "charge-ischargingcableconnected" => needed.plugged = value::<Flag>(signal).value,
            "charge-detailedchargingstatus" => needed.state = value::<Word>(signal).value,
            code => {
                if let Some(at) = place(code) {
                    needed.numbers[at] = value::<Number>(signal).value;
                }
            }
        }
    }
    needed
}

/// The limit.
pub fn exact() -> Run {
    let body = body();
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("any key will do");
    mac.update(body.as_bytes());
    let signature = mac.finalize().into_bytes();
    Box::new(move || {
        let body = black_box(&body);
        let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("any key will do");
        mac.update(body.as_bytes());
        mac.verify_slice(&signature).expect("the right signature");
        let needed = needed(body);
        black_box((needed.numbers, needed.plugged, needed.state));
    })
}

fn read(receiver: &Receiver, signature: &str, body: &str) -> <Six as Batch>::Data {
    match receiver.receive(Some(signature), body.as_bytes()) {
        Ok(Delivery::State(state)) => state.batch::<Six>().expect("a tuple").data,
        other => panic!("not a state: {other:?}"),
    }
}

/// Ours, from the raw bytes to the batch.
pub fn ours() -> Run {
    let token = ManagementToken::new(KEY).expect("a token");
    let (body, receiver) = (body(), Receiver::new(token.clone()));
    let signature = sign(&token, body.as_bytes());
    Box::new(move || drop(black_box(read(&receiver, &signature, black_box(&body)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_reads_what_ours_reads() {
        let body = body();
        let event: serde_json::Value = serde_json::from_str(&body).expect("an event");
        let signals = event["data"]["signals"].as_array().expect("a list");
        assert_eq!(signals.len(), SIGNALS);
        let token = ManagementToken::new(KEY).expect("a token");
        let signature = sign(&token, body.as_bytes());
        needed(&body).assert_same(read(&Receiver::new(token), &signature, &body));
    }
}
