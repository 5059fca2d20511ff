//! Personal data never appears in `Debug`: locations, addresses, VINs, names of
//! owners.
//!
//! Invariant: the test finds personal members by name and not by the marks in the
//! spec, so that a forgotten mark fails.

use std::path::Path;

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use smartcar_batch::model::ResponseHeaders;
use smartcar_batch::{
    AccessToken, Batch, Client, ItemError, Location, Meta, Odometer, PathResults, Reading,
    VehicleId, Vin,
};
use smartcar_model::decode::{self, ItemResponse};
use smartcar_tests::Canned;
use xtask::plan::{SPEC, SPEC_V3, read};

const TEXT: &str = "Harbour Road 12";
const NUMBER: f64 = 12.345_678_9;

/// Fails if a text shows personal data.
fn hides(shown: &str, of: &str) {
    assert!(!shown.contains(TEXT), "{of}: {shown}");
    assert!(!shown.contains("12.3456"), "{of}: {shown}");
}

/// Both `Debug` forms of a value.
fn debug(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

/// Puts [`TEXT`] and [`NUMBER`] into each personal member, and returns how many
/// there are.
fn personalize(body: &mut Value, path: &str) -> usize {
    let mut count = 0;
    match body {
        Value::Object(members) => {
            let is_place = members.contains_key("address") || members.contains_key("latitude");
            for (name, value) in members {
                let personal = match name.as_str() {
                    "latitude" | "longitude" | "address" | "vin" | "email" | "nickname" => true,
                    "name" => is_place,
                    // An address, unless it is an object.
                    "location" => value.is_string(),
                    "value" => path.ends_with("-vin") || path.ends_with("-nickname"),
                    _ => false,
                };
                if !personal {
                    count += personalize(value, path);
                } else if value.is_number() {
                    (*value, count) = (json!(NUMBER), count + 1);
                } else if value.is_string() {
                    (*value, count) = (json!(TEXT), count + 1);
                }
            }
        }
        Value::Array(elements) => {
            let counts = elements.iter_mut().map(|body| personalize(body, path));
            count += counts.sum::<usize>();
        }
        _ => {}
    }
    count
}

/// Each path of a spec with its example, with personal members filled in.
fn examples(file: &str) -> Vec<(String, Value, usize)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = std::fs::read_to_string(root.join(file)).unwrap();
    let (_, api) = read(file, &text).unwrap();
    let endpoints = api.endpoints.iter();
    let endpoints = endpoints.map(|it| (it.path.clone(), it.example.clone()));
    let signals = api.signals().map(|(_, it)| (it.path(), it.example.clone()));
    let mut found = Vec::new();
    for (path, mut body) in endpoints.chain(signals) {
        let count = personalize(&mut body, &path);
        found.push((path, body, count));
    }
    found
}

#[test]
fn no_endpoint_shows_it() {
    let examples = examples(SPEC);
    assert!(examples.len() > 40, "{}", examples.len());
    let items = examples
        .iter()
        .map(|(path, body, _)| json!({"path": path, "code": 200, "body": body}));
    let answer = json!({"responses": items.collect::<Vec<_>>()}).to_string();
    let paths: Vec<_> = examples.iter().map(|(path, ..)| path.as_str()).collect();
    let asked: Vec<_> = paths.iter().copied().enumerate().collect();
    let mut results = PathResults::of(paths);
    decode::batch(&answer, None, &asked, &mut results).unwrap();
    assert!(results.all_ok(), "{results:?}");
    let personal = examples.iter().filter(|(_, _, count)| *count > 0).count();
    assert!(personal >= 9, "{personal}");
    hides(&debug(&results), "all");
    for (path, body, count) in &examples {
        let (text, headers) = (body.to_string(), ResponseHeaders::default());
        let item = ItemResponse::of_endpoint(200, headers, &text, None);
        hides(&debug(&item), path);
        let raw = results.raw(path).unwrap().unwrap();
        hides(&debug(raw), path);
        let shown = format!("{:?}", raw.show_personal());
        let expected = shown.contains(TEXT) || shown.contains("12.3456789");
        assert_eq!(expected, *count > 0, "{path}: {shown}");
        let json: Reading<Value> = item.read().unwrap();
        hides(&debug(&json), path);
    }
}

#[test]
fn no_signal_shows_it() {
    let examples = examples(SPEC_V3);
    assert!(examples.len() > 80, "{}", examples.len());
    let personal = examples.iter().filter(|(_, _, count)| *count > 0).count();
    assert!(personal >= 5, "{personal}");
    let signal = |(path, body, _): &(String, Value, usize)| {
        json!({"id": path.trim_start_matches("/signals/"),
            "attributes": {"status": {"value": "SUCCESS"}, "body": body}})
    };
    let list: Vec<_> = examples.iter().map(signal).collect();
    let mut signals = smartcar_model::v3::Signals::new();
    signals
        .read(json!({"data": list}).to_string(), None)
        .unwrap();
    hides(&debug(&signals), "before it is read");
    // The paths of v2.0 that are built from them.
    let made = [
        "/location",
        "/vin",
        "/tesla/charge/records",
        "/bmw/charge/records",
    ];
    let own = examples.iter().map(|(path, ..)| path.as_str());
    let paths: Vec<_> = own.chain(made).collect();
    let asked: Vec<_> = paths.iter().copied().enumerate().collect();
    let mut results = PathResults::of(paths.iter().copied());
    signals.answer_all(&asked, &mut results);
    assert!(results.all_ok(), "{results:?}");
    hides(&debug(&results), "all");
    hides(&debug(&signals), "after it was read");
    for path in paths {
        hides(&debug(&signals.answer(path).unwrap()), path);
    }
}

#[derive(Debug, Batch)]
#[allow(dead_code, reason = "only its `Debug` is used")]
struct Snapshot {
    vin: Vin,
    location: Result<Reading<Location>, ItemError>,
    odometer: Option<Reading<Odometer>>,
    #[batch(path = "/tesla/user/info")]
    raw: Option<Reading<Value>>,
}

/// A batch whose last item cannot be read as the required body.
fn answer(odometer: &Value) -> String {
    json!({"responses": [
        {"path": "/vin", "code": 200, "body": {"vin": TEXT}},
        {"path": "/location", "code": 200, "body": {"latitude": NUMBER, "longitude": -NUMBER}},
        {"path": "/tesla/user/info", "code": 200, "body": {"email": TEXT}},
        {"path": "/odometer", "code": 200, "body": {"distance": odometer}}]})
    .to_string()
}

fn client(server: &Canned) -> Client {
    let builder = Client::builder().access_token(AccessToken::new("t").unwrap());
    builder.api_origin(server.origin()).build().unwrap()
}

#[tokio::test]
async fn no_response_of_a_struct_a_tuple_or_a_fleet_shows_it() {
    let server = Canned::json(&answer(&json!(10.5))).await.unwrap();
    let client = client(&server);
    let vehicle = || VehicleId::new("v").unwrap();
    let asks = client.vehicle(vehicle());
    let response = asks.batch::<Snapshot>().send().await.unwrap();
    assert_eq!(response.data.vin.vin, TEXT);
    let shown = debug(&response);
    hides(&shown, "a struct");
    assert!(shown.contains("vin: [redacted]") && shown.contains("distance: 10.5"));
    assert!(shown.contains("body: [redacted]"), "{shown}");
    let response = asks.batch::<(Vin, Location, Odometer)>().send().await;
    hides(&debug(&response), "a tuple");
    let mut fleet = client.fleet::<Snapshot>().run(stream::iter([vehicle()]));
    let outcome = fleet.next().await.unwrap();
    assert!(outcome.result.is_ok());
    hides(&debug(&outcome), "a fleet");
    let listed = client.fleet_paths(["/vin", "/location"]).unwrap();
    let mut listed = listed.run(stream::iter([vehicle()]));
    let outcome = listed.next().await.unwrap();
    assert!(outcome.result.is_ok());
    hides(&debug(&outcome), "a fleet of paths");
}

#[tokio::test]
async fn no_error_shows_it_and_neither_do_the_results_in_it() {
    let server = Canned::json(&answer(&json!(TEXT))).await.unwrap();
    let asks = client(&server);
    let asks = asks.vehicle(VehicleId::new("v").unwrap());
    #[derive(Debug, Batch)]
    #[allow(dead_code, reason = "it is never constructed")]
    struct Required {
        odometer: Odometer,
        vin: Vin,
    }
    let error = asks.batch::<Required>().send().await.unwrap_err();
    hides(&debug(&error), "the error");
    hides(&error.to_string(), "its message");
    let results = error.results().unwrap();
    assert_eq!(results.get::<Vin>().unwrap().unwrap().vin, TEXT);
    hides(&debug(results), "its results");
    hides(&debug(&error.item()), "its item");
}

#[test]
fn every_form_of_a_raw_body_is_hidden() {
    let meta = Meta::default;
    let raw = serde_json::value::RawValue::from_string(json!({"x": TEXT}).to_string());
    hides(&debug(&Reading::new(raw.unwrap(), meta())), "raw");
    let object = serde_json::Map::from_iter([("x".to_owned(), json!(TEXT))]);
    hides(&debug(&Reading::new(object, meta())), "an object");
    hides(&debug(&Reading::new(vec![json!(TEXT)], meta())), "a list");
    hides(&debug(&Reading::new(TEXT.to_owned(), meta())), "a text");
    let shown = format!(
        "{:#?}",
        Reading::new(TEXT.to_owned(), meta()).show_personal()
    );
    assert!(shown.contains(TEXT), "{shown}");
}
