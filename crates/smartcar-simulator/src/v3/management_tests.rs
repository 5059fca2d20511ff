use serde_json::{Value, json};

use super::tests::{error, get};
use crate::app::App;
use crate::testing::{ANY_VEHICLE, Ask, Reply, app};
use crate::tokens::DEFAULT_USER;
use crate::webhook::hooks::NewWebhook;

fn with_webhook(app: &App, vehicles: &[&str]) -> String {
    let new: NewWebhook = serde_json::from_value(json!({
        "url": "http://127.0.0.1:9/", "token": "t", "name": "fleet", "vehicles": vehicles,
    }))
    .unwrap();
    app.add_webhook(&new).unwrap()
}

async fn subscribe(app: &App, attributes: Value) -> Reply {
    let body = json!({"data": {"type": "subscription", "attributes": attributes}});
    let ask = Ask::post("/v3/subscriptions", "application/json", &body.to_string());
    ask.send(app).await
}

fn attributes(webhook: &str) -> Value {
    json!({"webhookId": webhook, "userId": DEFAULT_USER, "vehicleId": ANY_VEHICLE})
}

#[tokio::test]
async fn webhooks_are_listed_and_filtered() {
    let app = app();
    let first = with_webhook(&app, &[]);
    let page = get(&app, "/webhooks").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(page.body["data"][0]["id"], *first);
    let expected = json!({
        "name": "fleet", "callbackUri": "http://127.0.0.1:9/", "isEnabled": true, "autoSubscribe": false,
    });
    assert_eq!(page.body["data"][0]["attributes"], expected);
    let meta = json!({"pageNumber": 1, "pageSize": 50, "totalCount": 1});
    assert_eq!(page.body["meta"], meta);

    for (query, count) in [
        ("filter[isEnabled]=true", 1),
        ("filter[isEnabled]=false", 0),
        ("filter[name]=fleet&filter[autoSubscribe]=false", 1),
        ("filter[name]=other", 0),
    ] {
        let page = get(&app, &format!("/webhooks?{query}")).await;
        assert_eq!(page.body["meta"]["totalCount"], count, "{query}");
    }
    let refused = get(&app, "/webhooks?filter[isEnabled]=null").await;
    assert_eq!(error(&refused).2, 400);
    let one = get(&app, &format!("/webhooks/{first}")).await;
    assert_eq!(one.body["data"], page.body["data"][0]);
    let none = get(&app, "/webhooks/none").await;
    assert_eq!(error(&none).2, 404);
}

#[tokio::test]
async fn a_vehicle_is_subscribed_once_and_unsubscribed() {
    let app = app();
    let webhook = with_webhook(&app, &[]);
    let new = subscribe(&app, attributes(&webhook)).await;
    assert_eq!(new.status, 202, "{}", new.text);
    assert_eq!(new.body["data"]["attributes"], attributes(&webhook));
    assert_eq!(subscribe(&app, attributes(&webhook)).await.status, 409);
    let id = new.body["data"]["id"].as_str().unwrap();

    for (query, count) in [
        (
            format!("filter[webhookId]={webhook}&filter[vehicleId]={ANY_VEHICLE}"),
            1,
        ),
        ("filter[vehicleId]=other".to_owned(), 0),
        ("filter[vehicle.mode]=simulated".to_owned(), 0),
    ] {
        let page = get(&app, &format!("/subscriptions?{query}")).await;
        assert_eq!(page.body["meta"]["totalCount"], count, "{query}");
    }
    let path = format!("/subscriptions/{id}");
    assert_eq!(get(&app, &path).await.body["data"], new.body["data"]);

    let gone = Ask::v3(&path).with_method("DELETE").send(&app).await;
    assert_eq!((gone.status.as_u16(), gone.text.as_str()), (204, ""));
    assert_eq!(error(&get(&app, &path).await).2, 404);
    assert!(app.webhooks.subscriptions().is_empty());
}

#[tokio::test]
async fn an_incomplete_subscription_is_rejected() {
    let app = app();
    let webhook = with_webhook(&app, &[]);
    for name in ["webhookId", "userId", "vehicleId"] {
        let mut without = attributes(&webhook);
        without.as_object_mut().unwrap().remove(name);
        let refused = subscribe(&app, without).await;
        assert_eq!(error(&refused).2, 400);
        assert!(refused.text.contains(name), "{}", refused.text);
    }
    assert_eq!(error(&subscribe(&app, attributes("none")).await).2, 404);
    let put = Ask::v3("/subscriptions")
        .with_method("PUT")
        .send(&app)
        .await;
    assert_eq!(error(&put).2, 405);
    assert_eq!(put.header("allow"), Some("GET, POST"));
}

#[tokio::test]
async fn subscriptions_are_paged_by_25() {
    let app = app();
    let ids: Vec<String> = (0..60).map(|number| format!("car-{number:02}")).collect();
    with_webhook(&app, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    let mut seen = Vec::new();
    for number in 1..=3 {
        let page = get(&app, &format!("/subscriptions?page[number]={number}")).await;
        assert_eq!(page.body["links"]["next"].is_string(), number < 3);
        let data = page.body["data"].as_array().unwrap();
        seen.extend(data.iter().map(|it| it["attributes"]["vehicleId"].clone()));
    }
    assert_eq!(seen, ids);
}
