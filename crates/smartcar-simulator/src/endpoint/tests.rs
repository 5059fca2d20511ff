use std::collections::HashSet;

use http::StatusCode;
use serde_json::{Value, json};

use crate::operation::Operation;
use crate::spec::Spec;
use crate::testing::{ANY_VEHICLE, Ask, app, batch_of, batchable, document, example, items};
use crate::tokens::Grant;

fn has_units(operation: &Operation) -> bool {
    let mut headers = operation.headers.iter();
    headers.any(|header| header.name == "sc-unit-system")
}

/// The location of every difference between two bodies, such as `/doors/0/status`.
fn differences(one: &Value, other: &Value, here: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            assert!(one.keys().eq(other.keys()), "members of {here}");
            for (name, member) in one {
                differences(member, &other[name], &format!("{here}/{name}"), found);
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            assert_eq!(one.len(), other.len(), "entries of {here}");
            for (place, entry) in one.iter().enumerate() {
                differences(entry, &other[place], &format!("{here}/{place}"), found);
            }
        }
        _ if one == other => {}
        _ => found.push(here.to_owned()),
    }
}

/// Every number of a body whose schema has a pair of units; written independently
/// of the converter.
fn convertible(
    document: &Value,
    schema: &Value,
    body: &Value,
    here: &str,
    found: &mut Vec<String>,
) {
    let reference = schema["$ref"].as_str().map(|it| &it[1..]);
    let schema = reference.map_or(schema, |it| document.pointer(it).unwrap());
    if body.is_number() && schema["x-unit"].is_object() {
        found.push(here.to_owned());
    }
    for (name, member) in body.as_object().into_iter().flatten() {
        let inner = &schema["properties"][name];
        convertible(document, inner, member, &format!("{here}/{name}"), found);
    }
    for (place, entry) in body.as_array().into_iter().flatten().enumerate() {
        let inner = &schema["items"];
        convertible(document, inner, entry, &format!("{here}/{place}"), found);
    }
}

#[tokio::test]
async fn every_endpoint_answers_its_example_alone() {
    let app = app();
    let document = document();
    for (path, operation) in batchable() {
        let reply = Ask::read(path).send(&app).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        let mut expected = example(&document, path).0.clone();
        match path {
            "/" | "/tesla/attributes" => expected["id"] = json!(ANY_VEHICLE),
            // The permissions of a token are tested separately.
            "/permissions" => expected = reply.body.clone(),
            _ => {}
        }
        assert_eq!(reply.body, expected, "{path}");
        let units = has_units(operation).then_some("metric");
        assert_eq!(reply.header("sc-unit-system"), units, "{path}");
    }
}

#[tokio::test]
async fn every_answer_is_one_that_the_model_reads() {
    let app = app();
    for (path, _) in batchable() {
        let body = Ask::read(path).send(&app).await.body.to_string();
        let body: Box<serde_json::value::RawValue> = serde_json::from_str(&body).unwrap();
        let info = smartcar_model::EndpointInfo::of(path).unwrap();
        info.normalize(&body)
            .unwrap_or_else(|error| panic!("{path}: {error:?}"));
    }
}

#[tokio::test]
async fn imperial_differs_from_metric_exactly_where_units_do() {
    let app = app();
    let document = document();
    let mut changed = 0;
    for (path, operation) in batchable() {
        let metric = Ask::read(path).header("sc-unit-system", "metric");
        let metric = metric.send(&app).await;
        let imperial = Ask::read(path).header("sc-unit-system", "imperial");
        let imperial = imperial.send(&app).await;
        let mut expected = Vec::new();
        let (_, schema) = example(&document, path);
        convertible(&document, schema, &metric.body, "", &mut expected);
        let mut found = Vec::new();
        differences(&metric.body, &imperial.body, "", &mut found);
        assert_eq!(found, expected, "{path}");
        let units = has_units(operation).then_some("imperial");
        assert_eq!(imperial.header("sc-unit-system"), units, "{path}");
        changed += found.len();
    }
    assert!(changed > 10, "only {changed} numbers were converted");
}

#[tokio::test]
async fn numbers_are_converted_in_each_kind_of_unit() {
    let app = app();
    for (path, pointer, expected) in [
        ("/odometer", "/distance", 11_340.4),
        ("/fuel", "/amountRemaining", 8.3),
        ("/tires/pressure", "/frontLeft", 33.5),
        ("/tesla/speedometer", "/speed", 39.39),
        ("/tesla/thermometer/interior", "/temperature", 66.2),
        ("/service/history", "/0/odometerDistance", 9_333.0),
    ] {
        let reply = Ask::read(path)
            .header("sc-unit-system", "imperial")
            .send(&app)
            .await;
        assert_eq!(
            reply.body.pointer(pointer),
            Some(&json!(expected)),
            "{path}"
        );
    }
}

#[tokio::test]
async fn data_is_never_younger_than_its_fetch() {
    let app = app();
    for (path, _) in batchable() {
        let reply = Ask::read(path).send(&app).await;
        // The format is fixed, so text order is time order.
        if let (Some(age), Some(fetched)) =
            (reply.header("sc-data-age"), reply.header("sc-fetched-at"))
        {
            assert!(age <= fetched, "{path}");
            assert!(age.len() == 24 && age.ends_with('Z'), "{age}");
        }
    }
}

#[tokio::test]
async fn permissions_are_the_tokens_own_page_by_page() {
    let app = app();
    let own = ["read_fuel", "read_odometer", "read_vin"].map(str::to_owned);
    app.tokens()
        .set("driver".to_owned(), Grant::Just(own.into()), None);
    let ask = |ask: Ask| ask.header("host", "localhost").token("driver");

    let page = ask(Ask::read("/permissions?limit=1&offset=2"));
    let page = page.send_bare(&app).await.body;
    let expected = json!({"permissions": ["read_vin"], "paging": {"count": 3, "offset": 2}});
    assert_eq!(page, expected);

    let batch = ask(batch_of(["/permissions"])).send_bare(&app).await;
    let expected = json!({
        "permissions": ["read_fuel", "read_odometer", "read_vin"],
        "paging": {"count": 3, "offset": 0},
    });
    assert_eq!(items(&batch)[0]["body"], expected);
    assert_eq!(items(&batch)[0]["headers"], json!({}));
}

#[tokio::test]
async fn the_default_token_has_every_permission_of_the_description() {
    let body = Ask::read("/permissions").send(&app()).await.body;
    let all = &Spec::embedded().unwrap().permissions;
    assert_eq!(body["permissions"], json!(all));
    assert_eq!(body["paging"]["count"], all.len());
    assert!(all.contains("read_odometer") && !all.contains("none"));
}

#[tokio::test]
async fn the_attributes_have_the_asked_id_in_every_spelling() {
    let app = app();
    for path in ["/vehicles/my-car", "/vehicles/my-car/"] {
        let reply = Ask::get(path).send(&app).await;
        assert_eq!(reply.body["id"], "my-car", "{path}");
    }
    let batch = batch_of(["/"]).send(&app).await;
    assert_eq!(items(&batch)[0]["body"]["id"], ANY_VEHICLE);
}

#[tokio::test]
async fn the_vehicles_are_listed_page_by_page() {
    let app = app();
    let all = Ask::get("/vehicles").send(&app).await.body;
    let vehicles = all["vehicles"].as_array().unwrap();
    assert_eq!(all["paging"], json!({"count": vehicles.len(), "offset": 0}));
    assert_eq!(vehicles.iter().collect::<HashSet<_>>().len(), 3);

    let page = Ask::get("/vehicles?limit=1&offset=1").send(&app).await.body;
    let expected = json!({"vehicles": [vehicles[1]], "paging": {"count": 3, "offset": 1}});
    assert_eq!(page, expected);

    let reply = Ask::get("/vehicles?limit=51").send(&app).await;
    assert_eq!(reply.error(), ("VALIDATION", None, 400));
    assert_eq!(reply.body["detail"][0]["field"], json!(["limit"]));
}
