use std::collections::BTreeSet;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::testing::{ANY_VEHICLE, Ask, app, batch_of, batchable, items};
use crate::tokens::{Grant, Tokens};

#[tokio::test]
async fn a_batch_of_all_answers_each_as_alone_and_in_order() {
    let app = app();
    for system in ["metric", "imperial"] {
        let ask = batch_of(batchable().map(|(path, _)| path));
        let batch = ask.header("sc-unit-system", system).send(&app).await;
        assert_eq!(batch.header("sc-unit-system"), None);
        assert_eq!(batch.header("sc-data-age"), None);
        let items = items(&batch);
        assert_eq!(items.len(), batchable().count());
        for (item, (path, _)) in items.iter().zip(batchable()) {
            let ask = Ask::read(path).header("sc-unit-system", system);
            let alone = ask.send(&app).await;
            assert_eq!(item["path"], path);
            assert_eq!(item["code"], 200, "{path}");
            assert_eq!(item["body"], alone.body, "{path}");
            let headers = item["headers"].as_object().unwrap();
            for name in ["sc-data-age", "sc-fetched-at", "sc-unit-system"] {
                let inner = headers.get(name).map(|value| value.as_str().unwrap());
                assert_eq!(inner, alone.header(name), "{path} {name}");
            }
            assert!(!headers.contains_key("sc-request-id"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_missing_permission_costs_its_item_only() {
    let mut tokens = Tokens::default();
    tokens.set(
        "driver".to_owned(),
        Grant::Just(BTreeSet::from(["read_odometer".to_owned()])),
        None,
    );
    let app = crate::testing::app_with(tokens);

    let ask = batch_of(["/fuel", "/odometer", "/tesla/user/access"]);
    let batch = ask
        .header("host", "[::1]:1")
        .token("driver")
        .send_bare(&app)
        .await;
    let items = items(&batch);
    let fuel = &items[0];
    assert_eq!(
        (&fuel["path"], &fuel["code"]),
        (&json!("/fuel"), &json!(403))
    );
    assert_eq!(fuel["headers"], json!({"content-type": "application/json"}));
    assert_eq!(fuel["body"]["type"], "PERMISSION");
    assert_eq!(fuel["body"]["code"], Value::Null);
    assert_eq!(fuel["body"]["statusCode"], 403);
    assert_eq!(
        fuel["body"]["resolution"],
        json!({"type": "REAUTHENTICATE"})
    );
    assert_eq!(
        fuel["body"]["requestId"],
        batch.header("sc-request-id").unwrap()
    );
    assert_eq!(items[1]["code"], 200);
    assert_eq!(items[2]["code"], 200, "needs no permission");

    for (path, operation) in batchable() {
        let ask = Ask::read(path).header("host", "localhost").token("driver");
        let reply = ask.send_bare(&app).await;
        match operation.offer.permission.as_deref() {
            None | Some("read_odometer") => assert_eq!(reply.status, StatusCode::OK, "{path}"),
            Some(_) => assert_eq!(reply.error(), ("PERMISSION", None, 403), "{path}"),
        }
    }
}

#[tokio::test]
async fn a_path_asked_twice_is_answered_twice_and_slashes_are_added() {
    let app = app();
    let batch = batch_of(["/odometer", "odometer", "/"]).send(&app).await;
    let items = items(&batch);
    assert_eq!(items.len(), 3);
    assert_eq!(items[0], items[1]);
    assert_eq!(items[1]["path"], "/odometer");
}

#[tokio::test]
async fn a_path_may_be_written_with_escapes() {
    let app = app();
    let body = r#"{"requests":[{"path":"\/vin"},{"path":"/\u006fdometer"}]}"#;
    let reply = Ask::batch(body.to_owned()).send(&app).await;
    let paths: Vec<_> = items(&reply).iter().map(|item| &item["path"]).collect();
    assert_eq!(paths, ["/vin", "/odometer"]);
    assert_eq!(app.requests()[0].batch_paths, ["/vin", "/odometer"]);
}

#[tokio::test]
async fn a_malformed_batch_is_refused_whole_and_says_where() {
    let app = app();
    let good = json!({"path": "/odometer"});
    let requests = |entry: Value| json!({"requests": [good, entry]}).to_string();
    let path = json!(["requests", 1, "path"]);
    for (body, fields) in [
        (String::new(), vec![json!([])]),
        ("{\"requests\":".to_owned(), vec![json!([])]),
        ("[]".to_owned(), vec![json!([])]),
        ("{}".to_owned(), vec![json!(["requests"])]),
        (
            json!({"paths": []}).to_string(),
            vec![json!(["requests"]), json!(["paths"])],
        ),
        (
            json!({"requests": [good], "headers": {}}).to_string(),
            vec![json!(["headers"])],
        ),
        (
            json!({"requests": {}}).to_string(),
            vec![json!(["requests"])],
        ),
        (
            json!({"requests": []}).to_string(),
            vec![json!(["requests"])],
        ),
        (requests(json!("/vin")), vec![json!(["requests", 1])]),
        (requests(json!(["/vin"])), vec![json!(["requests", 1])]),
        (requests(json!({})), vec![path.clone()]),
        (
            requests(json!({"path": "/vin", "method": "GET"})),
            vec![json!(["requests", 1, "method"])],
        ),
        (requests(json!({"path": 1})), vec![path.clone()]),
        (requests(json!({"path": ""})), vec![path.clone()]),
        (requests(json!({"path": "/odometr"})), vec![path.clone()]),
        (requests(json!({"path": "/odometer/"})), vec![path.clone()]),
        (requests(json!({"path": "//odometer"})), vec![path.clone()]),
        (requests(json!({"path": "/batch"})), vec![path.clone()]),
        (requests(json!({"path": "/vehicles"})), vec![path.clone()]),
        (
            requests(json!({"path": "/permissions?limit=1"})),
            vec![path.clone()],
        ),
    ] {
        let reply = Ask::batch(body.clone()).send(&app).await;
        assert_eq!(reply.error(), ("VALIDATION", None, 400), "{body}");
        let details = reply.body["detail"].as_array().unwrap();
        let found: Vec<Value> = details
            .iter()
            .map(|detail| detail["field"].clone())
            .collect();
        assert_eq!(found, fields, "{body}");
        assert!(details.iter().all(|detail| detail["message"].is_string()));
    }
}

#[tokio::test]
async fn a_batch_must_be_json_by_its_content_type() {
    let app = app();
    let path = format!("/vehicles/{ANY_VEHICLE}/batch");
    for value in [None, Some("text/plain"), Some("application/jsonx")] {
        let ask = Ask::new(&Method::POST, &path);
        let ask = value.map_or(Ask::new(&Method::POST, &path), |it| {
            ask.header("content-type", it)
        });
        let reply = ask.send(&app).await;
        assert_eq!(reply.error(), ("VALIDATION", None, 400), "{value:?}");
        assert_eq!(reply.body["detail"][0]["field"], json!(["content-type"]));
    }
    let ask =
        Ask::new(&Method::POST, &path).header("content-type", "Application/JSON; charset=utf-8");
    let reply = ask.send(&app).await;
    assert_eq!(
        reply.body["detail"][0]["field"],
        json!([]),
        "only the empty body is wrong"
    );
}

#[tokio::test]
async fn items_look_exactly_like_this() {
    let app = app();
    let ask = batch_of(["/odometer", "/location", "/tesla/user/info"]);
    let batch = ask.header("sc-unit-system", "imperial").send(&app).await;
    let times = |mut headers: Value| {
        headers["sc-data-age"] = json!("2026-03-14T09:26:53.000Z");
        headers["sc-fetched-at"] = json!("2026-03-14T09:27:01.000Z");
        headers
    };
    let expected = json!([
        {"path": "/odometer", "code": 200, "body": {"distance": 11_340.4},
         "headers": times(json!({"sc-unit-system": "imperial"}))},
        {"path": "/location", "code": 200, "body": {"latitude": 52.5163, "longitude": 13.3777},
         "headers": times(json!({}))},
        {"path": "/tesla/user/info", "code": 200, "body": {"email": "owner@example.com"},
         "headers": {}},
    ]);
    assert_eq!(json!(items(&batch)), expected);
}
