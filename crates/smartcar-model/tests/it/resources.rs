//! Vehicles, connections, webhooks and subscriptions of version 3, alone and in pages.
//!
//! Invariant: one that cannot be decoded is an error in its own place, and an empty
//! text is nothing.

use serde_json::{Value, json};
use smartcar_model::ItemError;
use smartcar_model::v3::{
    Page, Signals, connection, connections, subscription, subscriptions, vehicle, webhooks,
};

#[test]
fn a_resource_comes_bare_or_wrapped() {
    let bare = json!({"id": "v1", "attributes": {"make": "KIA"}});
    for text in [bare.clone(), json!({ "data": bare })] {
        let vehicle = vehicle(&text.to_string()).unwrap();
        assert_eq!(vehicle.id.as_deref(), Some("v1"));
    }
    for bad in ["[", "7", r#"{"data": 7}"#, r#"{"data": {}, "data": {}}"#] {
        assert!(vehicle(bad).is_err(), "{bad}");
        assert!(connection(bad).is_err(), "{bad}");
        assert!(subscription(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_connection_names_its_user_and_its_vehicle() {
    let read = |value: Value| connection(&value.to_string()).unwrap();
    let related = json!({"user": {"data": {"id": "u2"}}, "vehicle": {"data": {"id": "v1"}}});
    for (attributes, user) in [
        (json!({"user": {"id": "u1"}}), Some("u1")),
        (json!({"user": {"id": null}}), Some("u2")),
        (json!({}), Some("u2")),
        (json!({"user": {"id": ""}}), None),
    ] {
        let connection =
            read(json!({"id": "c1", "attributes": attributes, "relationships": related}));
        assert_eq!(connection.user_id(), user, "{attributes}");
        assert_eq!(connection.vehicle_id(), Some("v1"));
    }
    let bare = read(json!({"id": "c1"}));
    assert_eq!((bare.user_id(), bare.vehicle_id()), (None, None));
    let empty = json!({"user": {"data": {"id": "\u{200b}"}}, "vehicle": {"data": {"id": ""}}});
    let empty = read(json!({"id": "c1", "relationships": empty}));
    assert_eq!((empty.user_id(), empty.vehicle_id()), (None, None));
}

#[test]
fn webhooks_and_subscriptions_say_what_their_response_says() {
    let text = json!({"data": [
        {"id": "w1", "attributes": {"name": "all", "callbackUri": "https://example.com/hook",
            "isEnabled": true, "autoSubscribe": false}},
        {"id": "w2", "attributes": {"name": "", "callbackUri": "\u{202e}",
            "isEnabled": false, "autoSubscribe": true}},
        7,
        {"id": "w3"},
    ], "meta": {"totalCount": "9"}});
    let (list, page) = webhooks(&text.to_string()).unwrap();
    assert_eq!((page.count, page.total), (4, Some(9)));
    let said = list.iter().map(|webhook| {
        let webhook = webhook.as_ref().ok()?;
        let (name, uri) = (webhook.name(), webhook.callback_uri());
        Some((name, uri, webhook.is_enabled(), webhook.auto_subscribes()))
    });
    let uri = Some("https://example.com/hook");
    assert_eq!(
        said.collect::<Vec<_>>(),
        [
            Some((Some("all"), uri, Some(true), Some(false))),
            Some((None, None, Some(false), Some(true))),
            None,
            Some((None, None, None, None)),
        ]
    );

    let of = |attributes: Value| json!({"id": "s1", "attributes": attributes});
    let ids = json!({"webhookId": "w1", "vehicleId": "v1", "userId": "u1"});
    let empty = json!({"webhookId": "", "vehicleId": "\u{200b}", "userId": ""});
    let text = json!([of(ids.clone()), of(empty), of(json!({}))]).to_string();
    let (list, page) = subscriptions(&text).unwrap();
    assert_eq!((page.count, page.total), (3, None));
    let mut said = Vec::new();
    for one in list {
        let one = one.unwrap();
        let ids = [one.webhook_id(), one.vehicle_id(), one.user_id()];
        said.push(ids.map(Option::unwrap_or_default).join(" "));
    }
    assert_eq!(said, ["w1 v1 u1", "  ", "  "]);
    let one = json!({"data": of(ids)}).to_string();
    assert_eq!(subscription(&one).unwrap().vehicle_id(), Some("v1"));
}

#[test]
fn a_page_tells_whether_it_is_all() {
    let page = |meta: Value, links: Value| {
        let text = json!({"data": [{}, {}], "meta": meta, "links": links}).to_string();
        connections(&text).unwrap().1
    };
    let told = |page: &Page| (page.number, page.total, page.has_next, page.is_part());
    for (meta, links, expected) in [
        (json!({}), json!({}), (None, None, false, false)),
        (json!(null), json!(7), (None, None, false, false)),
        (
            json!({"pageNumber": 2, "totalCount": 2}),
            json!({"next": null}),
            (Some(2), Some(2), false, false),
        ),
        (
            json!({"page": " 1 ", "total": 3}),
            json!({"next": " "}),
            (Some(1), Some(3), false, true),
        ),
        (
            json!({"page": -1, "total": "many"}),
            json!({"next": "/connections?page=2"}),
            (None, None, true, true),
        ),
        (json!({}), json!({"next": 2}), (None, None, false, false)),
    ] {
        assert_eq!(told(&page(meta.clone(), links)), expected, "{meta}");
    }
    assert!(connections("{}").is_err());
}

/// What [`Signals::answer`] says about the permissions of a connection in this page.
fn permissions(page: &Value, user: Option<&str>) -> Result<String, ItemError> {
    let mut signals = Signals::new();
    signals.set_connection_of(&page.to_string(), "v1", user);
    let answer = signals.answer("/permissions")?;
    Ok(answer.read_raw()?.body.get().to_owned())
}

#[test]
fn the_connection_of_a_vehicle_and_a_user_is_found_in_a_page() {
    let of = |vehicle: Option<&str>, user: Option<&str>, permission: &str| {
        json!({"id": "c", "attributes": {"permissions": [permission], "user": {"id": user}},
            "relationships": {"vehicle": {"data": {"id": vehicle}}}})
    };
    let page = json!({"data": [
        7,
        of(Some("v2"), Some("u1"), "of_another_vehicle"),
        of(Some("v1"), Some("u1"), "of_the_first"),
        of(Some("v1"), Some("u2"), "of_the_second"),
    ]});
    for (user, permission) in [
        (None, "of_the_first"),
        (Some("u1"), "of_the_first"),
        (Some("u2"), "of_the_second"),
    ] {
        let said = permissions(&page, user).unwrap();
        assert!(said.contains(permission), "{user:?} {said}");
    }
    // A filtered page may leave out both IDs.
    let unnamed = json!([of(None, None, "of_somebody")]);
    assert!(
        permissions(&unnamed, Some("u1"))
            .unwrap()
            .contains("of_somebody")
    );

    // The element that cannot be decoded may be the one.
    let error = permissions(&page, Some("u3")).unwrap_err();
    assert!(matches!(error, ItemError::Malformed(_)), "{error}");
    let others = json!({"data": [of(Some("v2"), Some("u1"), "of_another_vehicle")]});
    assert_eq!(permissions(&others, None), Err(ItemError::Missing));
    let odd = permissions(&json!({"data": {}}), None);
    assert!(matches!(odd, Err(ItemError::Malformed(_))), "{odd:?}");
}

#[test]
fn a_vehicle_is_complete_with_its_id_make_model_and_year() {
    let whole = json!({"id": "v1", "attributes": {"make": "KIA", "model": "EV6", "year": 2024}});
    let has = |vehicle: &Value| {
        let mut signals = Signals::new();
        signals.set_vehicle(Ok(&vehicle.to_string()));
        signals.has_vehicle()
    };
    assert!(has(&whole));
    for part in [
        "/id",
        "/attributes/make",
        "/attributes/model",
        "/attributes/year",
    ] {
        let mut vehicle = whole.clone();
        *vehicle.pointer_mut(part).unwrap() = Value::Null;
        assert!(!has(&vehicle), "{part}");
    }
}

#[test]
fn a_vehicle_that_was_asked_for_counts_before_one_that_came_along() {
    let along = |make: &str| {
        let vehicle =
            json!({"id": "v1", "attributes": {"make": make, "model": "EV6", "year": 2024}});
        json!({"data": [], "included": {"vehicle": vehicle}}).to_string()
    };
    let make = |signals: &Signals| {
        let answer = signals.answer("/").unwrap().read_raw().unwrap();
        let body: Value = serde_json::from_str(answer.body.get()).unwrap();
        body["make"].as_str().unwrap().to_owned()
    };
    let mut signals = Signals::new();
    signals.read(along("FIRST"), None).unwrap();
    signals.read(along("SECOND"), None).unwrap();
    assert_eq!(make(&signals), "FIRST");
    signals.set_vehicle(Ok(r#"{"attributes": {"make": "ASKED"}}"#));
    assert_eq!(make(&signals), "ASKED");
    // A failure of the request loses nothing that came along.
    signals.set_vehicle(Err(ItemError::Missing));
    assert_eq!(make(&signals), "FIRST");
    // An unreadable one that came along is replaced.
    let mut signals = Signals::new();
    let text = r#"{"data": [], "included": {"vehicle": 1, "vehicle": 2}}"#;
    signals.read(text, None).unwrap();
    assert!(matches!(signals.answer("/"), Err(ItemError::Malformed(_))));
    signals.read(along("LATER"), None).unwrap();
    assert_eq!(make(&signals), "LATER");
}
