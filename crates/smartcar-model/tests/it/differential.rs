//! Two decoders without common code agree on mutated responses of both versions:
//! on the kind of each result, on its values bit by bit, and on what is reported.
//!
//! Invariant: the seed is fixed, so a failure is reproducible.
//! `SMARTCAR_MUTATIONS` sets the number of responses per version; the default is
//! 50,000.

use serde_json::Value;
use serde_json::value::RawValue;
use smartcar_model::v3::{SignalInfo, Signals};
use smartcar_model::{
    EndpointInfo, ItemError, Malformed, NotAvailableReason, PathResults, Reading, decode,
};

use crate::mutate::{self, mutated};
use crate::plain::{self, Outcome, leaves};

/// v2.0 responses with every irregular form that the plain decoder reads.
#[rustfmt::skip]
const BATCHES: &[&str] = &[
    r#"{"responses": [
        {"path": "/odometer", "code": 200, "body": {"distance": 37829.123456789012}, "headers": {"sc-data-age": "2026-03-14T09:12:31.000Z", "sc-unit-system": "metric"}},
        {"path": "/location", "code": 200, "body": {"latitude": 37.4292, "longitude": -122.1381}, "headers": {"SC-Data-Age": "2026-03-14T09:12:31Z", "sc-fetched-at": "yesterday"}}]}"#,
    r#"{"responses": [
        {"path": "/charge", "code": 429, "body": {"type": "RATE_LIMIT", "code": "VEHICLE", "docURL": null, "resolution": null, "detail": [{"field": ["a"], "message": "b"}]}, "headers": {"Retry-After": 7}},
        {"path": "/charge", "code": 200, "body": {"isPluggedIn": true, "state": "NEW"}}]}"#,
    r#"{"responses": [
        {"code": 200, "headers": {}, "body": {"percentRemaining": null, "range": 438, "amountRemaining": 31}, "path": "fuel"},
        {"body": {"percentRemaining": 0.6399999856948853, "range": 1e2}, "path": "/battery", "code": 200, "x": [{"y": null}]},
        {"path": "/battery", "code": 204}]}"#,
    r#"{"responses": [
        {"path": "/charge", "code": 409, "body": {"error": "vehicle_state_error", "message": "asleep", "code": "VS_001"}},
        {"path": "/nothing", "code": 200, "body": {}}, {"path": "/location", "code": 200, "body": {"latitude": 1, "longitude": "x"}}]}"#,
    r#"{"meta": 1, "responses": [
        {"path": "/", "code": 200, "body": {"id": "i", "make": "KIA", "model": "EV6", "year": "2024"}, "headers": {"sc-unit-system": "Imperial", "retry-after": 1790000000000}},
        {"path": "/charge", "code": 430, "body": {"errors": [{"status": "430", "type": "BILLING", "code": null, "title": "t"}]}, "headers": null}]}"#,
    r#"{"responses": [
        {"path": "/security", "code": 200, "body": {"isLocked": true, "doors": [{"type": "frontLeft", "status": "LOCKED"}, {"status": "UNKNOWN", "type": "x"}], "windows": [], "sunroof": {"type": "sunroof", "status": "OPEN"}, "storage": [], "chargingPort": []}}]}"#,
    r#"{"responses": [
        {"path": "/diagnostics/system_status", "code": 200, "body": {"systems": [{"systemID": "ABS", "status": "WARNING", "description": null}, {"systemId": "SYSTEM_MIL", "status": "OK", "description": "d"}]}},
        {"path": "/fuel", "code": 501, "body": null}, {"path": "/battery", "code": 403, "body": {"type": "PERMISSION", "code": null, "resolution": "REAUTHENTICATE"}}]}"#,
    r#"{"responses": [
        {"path": "/tesla/charge", "code": 200, "body": {"amperage": "16", "chargePortColor": "<invalid>", "connector": "IEC", "chargePortOpen": "<invalid>", "fastChargerPresent": false, "socLimit": null}},
        {"path": "/tesla/alerts", "code": 200, "body": {"alerts": [{"name": "VCFRONT_a182", "audience": ["customer"], "userText": "Washer fluid low"}, {"userText": ["a", 7, "<invalid>"]}]}}]}"#,
    r#"{"responses": [
        {"path": "/tesla/charge/records/billing", "code": 200, "body": {"records": {"chargeStart": "2026-02-11T10:00:00.000Z", "energyConsumed": 37.2, "cost": {"currency": "EUR", "energy": "16.7", "other": "<invalid>"}, "location": "Ulm, DE"}, "hasMoreData": true}},
        {"path": "/tesla/charge", "code": 409, "body": {"type": "VEHICLE_STATE", "code": "NOT_CHARGING"}}]}"#,
    r#"{"responses": [
        {"path": "/ford/charge/schedule_by_location", "code": 200, "body": {"chargingLocation": {"chargeLimit": 0.9, "location": {"latitude": 50.9413, "longitude": 6.9583}, "chargingSchedules": {"weekday": [{"start": "23:00", "end": "06:00"}], "weekend": {"start": "10:00", "end": "12:00"}}}}},
        {"path": "/nissan/charge/schedule", "code": 200, "body": {"chargeSchedules": [{"start": "22:30", "end": "2026-03-14T05:00:00Z", "days": ["MONDAY", "FUNDAY"]}]}},
        {"path": "/tesla/alerts", "code": 200, "body": {"alerts": null}}]}"#,
];

const BATCH_PATHS: &[&str] = &[
    "/odometer",
    "/location",
    "/fuel",
    "/battery",
    "/charge",
    "/",
    "/security",
    "/diagnostics/system_status",
    "/tesla/charge",
    "/tesla/alerts",
    "/tesla/charge/records/billing",
    "/ford/charge/schedule_by_location",
    "/nissan/charge/schedule",
];

/// Version 3 responses with every irregular form that the plain decoder reads.
#[rustfmt::skip]
const STORES: &[&str] = &[
    r#"{"data": [
        {"id": "odometer-traveleddistance", "type": "signal", "attributes": {"code": "odometer-traveleddistance", "name": "n", "status": {"value": "SUCCESS"}, "body": {"value": 18250.612345678901, "unit": "km"}}, "meta": {"retrievedAt": "2026-03-14T09:27:08.000Z", "oemUpdatedAt": 1773479551000}}],
      "meta": {"pageNumber": 1, "totalCount": 5}, "included": {"vehicle": {"id": "v"}}}"#,
    r#"{"data": [
        {"id": "tractionbattery-stateofcharge", "attributes": {"status": {"value": "ERROR", "error": {"type": "PERMISSION", "code": null, "resolution": {"type": "UNKNOWN_RESOLUTION_TYPE"}}}, "body": {"value": 71, "unit": "percent"}}, "meta": {}},
        {"id": "tractionbattery-range", "attributes": {"body": {"value": 293.8, "type": "DEFAULT", "additionalValues": [], "unit": "km"}, "meta": {"oemUpdatedAt": 0, "retrievedAt": 1773480428}}}]}"#,
    r#"{"data": [
        {"id": "closure-islocked", "attributes": {"status": null, "body": {"value": true}}},
        {"id": "closure-doors", "attributes": {"status": "SUCCESS", "body": {"values": [{"row": 0, "column": 0, "isOpen": false, "isLocked": true}, {"row": "1", "column": 1.0, "isOpen": null}, {"row": 2, "column": 0, "isOpen": true}], "rowCount": 3}}}]}"#,
    r#"{"signals": [
        {"code": "internalcombustionengine-fuellevel", "status": {"value": "UNKNOWN"}, "body": {}},
        {"code": "Internalcombustionengine-Range", "status": {"value": "SUCCESS", "error": null}, "body": {"value": "438", "unit": "kilometers"}, "meta": {"oemUpdatedAt": "1773479551"}},
        {"code": "internalcombustionengine-amountremaining", "status": {"value": "UNAVAILABLE"}}]}"#,
    r#"{"signals": [
        {"id": "closure-doors", "attributes": {"body": {"values": {"rowCount": 2, "doors": [{"row": 0, "column": 1, "isOpen": true}, {"row": 1}]}}}}]}"#,
    r#"{"signals": [
        {"id": "closure-islocked", "code": null, "attributes": {"body": {"value": false}, "code": "closure-islocked"}},
        {"id": "closure-windows", "attributes": {"body": {"values": {"rowCount": 2, "windows": [{"row": 0, "column": 1, "isOpen": true}]}}}},
        {"id": "closure-doors", "attributes": {"body": {"doors": [{"row": 1, "column": 0, "isOpen": "true"}]}}}]}"#,
    r#"[{"id": "odometer-traveleddistance", "attributes": {"status": {"value": "ERROR", "error": {"type": "UPSTREAM", "code": "NO_RESPONSE", "title": "t"}}}},
        {"id": "odometer-traveleddistance", "attributes": {"body": {"value": 1}}},
        {"id": "internalcombustionengine-fuellevel", "attributes": {"body": {"value": 0.5}}}, 7, {"id": 3},
        {"id": "internalcombustionengine-range", "attributes": {"body": {"value": null, "unit": "km"}}}]"#,
    r#"[{"id": "tractionbattery-stateofcharge", "attributes": {"body": {"value": 57, "unit": "percent"}}, "meta": {"oemUpdatedAt": "yesterday"}},
        {"id": "tractionbattery-range", "attributes": {"body": {"value": 180.5, "unit": "miles"}}}]"#,
    r#"{"data": {"id": "odometer-traveleddistance", "attributes": {"body": {"value": "invalid", "unit": "km"}}, "meta": {"retrievedAt": 1773480428.0}}, "included": {}}"#,
    r#"{"code": "odometer-traveleddistance", "body": {"value": 7}, "status": {}, "meta": {"oemUpdatedAt": "2026-03-14T10:12:31+01:00"}}"#,
];

const STORE_PATHS: &[&str] = &[
    "/odometer",
    "/battery",
    "/fuel",
    "/security",
    "/signals/odometer-traveleddistance",
    "/signals/internalcombustionengine-range",
    "/signals/closure-doors",
];

fn mutations() -> u64 {
    let set = std::env::var("SMARTCAR_MUTATIONS").ok();
    set.map_or(50_000, |set| set.parse().expect("a number of answers"))
}

/// Each response as it is, then mutated.
fn answers(corpus: &'static [&'static str], seed: u64) -> impl Iterator<Item = String> {
    let mut random = fastrand::Rng::with_seed(seed);
    let parsed: Vec<_> = corpus.iter().map(|text| mutate::answer(text)).collect();
    let plain = corpus.iter().map(|text| (*text).to_owned());
    plain.chain((0..mutations()).map(move |_| {
        let answer = &parsed[random.usize(..parsed.len())];
        mutated(answer, &mut random)
    }))
}

/// The result of the crate's decoder, in the form of the plain one.
fn ours(path: &str, outcome: Result<&Reading<Box<RawValue>>, &ItemError>) -> Outcome {
    let reading = match outcome {
        Ok(reading) => reading,
        Err(ItemError::Api(api)) => {
            return Outcome::Api(api.status, api.error_type.clone(), api.code.clone());
        }
        Err(ItemError::Malformed(_) | ItemError::Unsupported(_)) => return Outcome::Malformed,
        Err(ItemError::NotAvailable(error)) if error.reason == NotAvailableReason::NotValid => {
            return Outcome::NotValid;
        }
        Err(_) => return Outcome::Missing,
    };
    let typed: Result<_, Malformed> = match SignalInfo::of_path(path) {
        Some(info) => info.normalize(&reading.body),
        None => EndpointInfo::of(path).unwrap().normalize(&reading.body),
    };
    let Ok(typed) = typed else {
        return Outcome::Malformed;
    };
    let body: Value = serde_json::from_str(typed.get()).unwrap();
    Outcome::Good(plain::Reading {
        leaves: leaves(&body),
        data_age: reading.meta.data_age,
        fetched_at: reading.meta.fetched_at,
        unit_system: reading.meta.unit_system.as_ref().map(ToString::to_string),
    })
}

#[test]
fn batches_of_version_2() {
    let asked: Vec<_> = BATCH_PATHS.iter().copied().enumerate().collect();
    let mut good = 0_u64;
    for text in answers(BATCHES, 0x0005_eed2) {
        let expected = plain::v2::batch(&text, BATCH_PATHS);
        let mut results = PathResults::of(BATCH_PATHS.iter().copied());
        let read = decode::batch(&text, None, &asked, &mut results);
        let Some((outcomes, warnings)) = expected else {
            assert!(read.is_err(), "{text}");
            continue;
        };
        let read = read.unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(read.len(), warnings, "{text}");
        for path in BATCH_PATHS {
            let found = ours(path, results.raw(path).unwrap());
            assert_eq!(found, outcomes[path], "{path} of {text}");
            good += u64::from(matches!(found, Outcome::Good(_)));
        }
    }
    assert!(
        good > mutations() / 4,
        "{good} good outcomes are too few to show anything"
    );
}

#[test]
fn signals_of_version_3() {
    let mut good = 0_u64;
    for text in answers(STORES, 0x0005_eed3) {
        let expected = plain::v3::store(&text);
        let mut signals = Signals::new();
        let read = signals.read(text.as_str(), None);
        let Some(store) = expected else {
            assert!(read.is_err(), "{text}");
            continue;
        };
        let read = read.unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(read.len(), store.warnings, "{text}");
        for path in STORE_PATHS {
            let (expected, mut told) = store.answer(path);
            let answer = signals.answer_with_member_errors(path);
            let raw = answer
                .as_ref()
                .map(|(answer, _)| answer.read_raw().unwrap());
            let found = ours(path, raw.as_ref().map_err(|error| *error));
            assert_eq!(found, expected, "{path} of {text}");
            if let (Ok((_, found)), Outcome::Good(_)) = (&answer, &expected) {
                let mut found: Vec<_> = found.iter().map(|error| error.member.as_str()).collect();
                found.sort_unstable();
                told.sort_unstable();
                assert_eq!(found, told, "{path} of {text}");
                good += 1;
            }
        }
    }
    assert!(
        good > mutations() / 4,
        "{good} good outcomes are too few to show anything"
    );
}
