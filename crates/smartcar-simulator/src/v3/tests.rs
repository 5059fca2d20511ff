use std::time::Duration;

use serde_json::{Value, json};

use crate::app::App;
use crate::limits::Limits;
use crate::testing::{ANY_VEHICLE, Ask, Reply, app, app_of, app_of_one, app_seeded};
use crate::tokens::{DEFAULT_TOKEN, Tokens};
use crate::world::Plan;
use crate::world::vehicle::{Powertrain, SimulatedVehicle};

pub(super) const ODOMETER: &str = "odometer-traveleddistance";

pub(super) fn signals() -> String {
    format!("/vehicles/{ANY_VEHICLE}/signals")
}

pub(super) fn one(code: &str) -> String {
    format!("/vehicles/{ANY_VEHICLE}/signals/{code}")
}

pub(super) async fn get(app: &App, path: &str) -> Reply {
    Ask::v3(path).send(app).await
}

/// Type, code and status of an error response, after checking its other members.
pub(super) fn error(reply: &Reply) -> (String, Option<String>, u16) {
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let errors = reply.body["errors"].as_array().unwrap();
    let [error] = &errors[..] else {
        panic!("{}", reply.text);
    };
    let id = reply.header("sc-request-id").unwrap();
    assert_eq!(error["meta"]["debug"]["requestId"], id);
    assert_eq!(error["status"], reply.status.as_str());
    assert!(error["title"].is_string() && error["detail"].is_string());
    let text = |name: &str| error[name].as_str().map(str::to_owned);
    (text("type").unwrap(), text("code"), reply.status.as_u16())
}

async fn refused(app: &App, ask: Ask, kind: &str, code: &str, status: u16) {
    let reply = ask.send(app).await;
    let expected = (kind.to_owned(), Some(code.to_owned()), status);
    assert_eq!(error(&reply), expected, "{}", reply.text);
}

#[tokio::test]
async fn one_signal_is_wrapped_and_has_its_times() {
    let reply = get(&app(), &one(ODOMETER)).await;
    let address = format!("http://localhost:4010/v3{}", one(ODOMETER));
    let expected = json!({
        "data": {
            "id": ODOMETER,
            "type": "signal",
            "attributes": {
                "code": ODOMETER,
                "name": "TraveledDistance",
                "group": "Odometer",
                "status": {"value": "SUCCESS"},
                "body": {"value": 18250.6, "unit": "km"},
            },
            "meta": {
                "ingestedAt": "2026-03-14T09:27:01.000Z",
                "retrievedAt": "2026-03-14T09:27:01.000Z",
                "oemUpdatedAt": "2026-03-14T09:26:53.000Z",
            },
            "links": {"self": address},
        },
        "included": {"vehicle": {
            "id": ANY_VEHICLE,
            "type": "vehicle",
            "attributes": {
                "make": "KIA", "model": "EV6", "year": 2024, "powertrainType": "BEV", "mode": "live",
            },
        }},
    });
    assert_eq!(reply.body, expected);
}

#[tokio::test]
async fn imperial_units_are_named() {
    let app = app();
    for (code, body) in [
        (ODOMETER, json!({"value": 11340.4, "unit": "mi"})),
        (
            "climate-externaltemperature",
            json!({"value": 52.7, "unit": "degF"}),
        ),
        (
            "tractionbattery-stateofcharge",
            json!({"value": 71, "unit": "percent"}),
        ),
    ] {
        let ask = Ask::v3(&one(code)).header("sc-unit-system", "imperial");
        let reply = ask.send(&app).await;
        assert_eq!(reply.body["data"]["attributes"]["body"], body);
        assert_eq!(reply.header("sc-unit-system"), Some("imperial"));
    }
    let ask = Ask::v3(&one("wheel-tires")).header("sc-unit-system", "imperial");
    let body = &ask.send(&app).await.body["data"]["attributes"]["body"];
    assert_eq!(
        (&body["unit"], &body["values"][0]["tirePressure"]),
        (&json!("psi"), &json!(33.5))
    );
}

#[tokio::test]
async fn the_list_has_every_signal_once() {
    let reply = get(&app(), &signals()).await;
    let data = reply.body["data"].as_array().unwrap();
    let mut codes: Vec<&str> = data.iter().map(|it| it["id"].as_str().unwrap()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), smartcar_model::v3::SIGNALS.len());
    let meta = json!({"pageNumber": 1, "pageSize": codes.len(), "totalCount": codes.len()});
    assert_eq!(reply.body["meta"], meta);
    let address = format!("http://localhost:4010/v3{}", signals());
    assert_eq!(reply.body["links"], json!({"self": address}));
    for attributes in data.iter().map(|it| &it["attributes"]) {
        let text = |name: &str| attributes[name].as_str().unwrap();
        let words = format!("{}-{}", text("group"), text("name"));
        assert_eq!(words.to_lowercase(), text("code"));
    }
    let named = |name: &str| data.iter().any(|it| it["attributes"]["name"] == name);
    assert!(named("VIN") && named("AmperageMax"));
    let all_good = |it: &Value| it["attributes"]["status"]["value"] == "SUCCESS";
    assert!(
        data.iter().all(all_good),
        "the undeclared vehicle has everything"
    );
}

#[tokio::test]
async fn what_is_wrong_is_in_the_catalogue_of_version_3() {
    let app = app();
    let missing = "RESOURCE_NOT_FOUND";
    refused(
        &app,
        Ask::v3(&one("no-such")),
        missing,
        "SIGNAL_NOT_FOUND",
        404,
    )
    .await;
    for path in [
        "/vehicles/x/odometer",
        "/vehicles",
        "/",
        "",
        "/vehicles/x/signals/a/b",
    ] {
        refused(&app, Ask::v3(path), missing, "INVALID_PATH", 404).await;
    }
    refused(&app, Ask::v3("/connections/x"), missing, "PATH", 404).await;
    let ask = Ask::v3(&signals()).header("sc-unit-system", "nautical");
    refused(&app, ask, "VALIDATION", "INVALID_INPUT_FORMAT", 400).await;
    for path in [
        "/connections?page[size]=101",
        "/connections?page[number]=0",
        // One more than an int64 can hold.
        "/connections?page[number]=9223372036854775808",
    ] {
        refused(
            &app,
            Ask::v3(path),
            "VALIDATION",
            "INVALID_INPUT_FORMAT",
            400,
        )
        .await;
    }
    for path in [signals(), one(ODOMETER)] {
        let ask = Ask::post(&format!("/v3{path}"), "application/json", "{}");
        refused(&app, ask, missing, "PATH", 405).await;
    }
    let without_user = Ask::without_user(&signals());
    refused(&app, without_user, "VALIDATION", "MISSING_PARAMETER", 400).await;

    let plan = Plan {
        only_known: true,
        ..Plan::default()
    };
    let closed = app_of(Tokens::default(), &plan);
    for path in [signals(), format!("/vehicles/{ANY_VEHICLE}")] {
        refused(&closed, Ask::v3(&path), missing, "VEHICLE_NOT_FOUND", 404).await;
    }
    let query = format!("/connections?filter[vehicleId]={ANY_VEHICLE}");
    assert_eq!(get(&closed, &query).await.body["meta"]["totalCount"], 0);
}

/// Code, error type and error code of a signal.
pub(super) async fn status(app: &App, code: &str) -> (Value, Value, Value) {
    let body = get(app, &one(code)).await.body;
    let status = &body["data"]["attributes"]["status"];
    let error = &status["error"];
    if status["value"] == "ERROR" {
        assert!(body["data"]["attributes"].get("body").is_none());
        assert!(body["data"]["meta"].get("oemUpdatedAt").is_none());
    }
    (
        status["value"].clone(),
        error["type"].clone(),
        error["code"].clone(),
    )
}

#[tokio::test]
async fn a_vehicle_has_the_signals_of_its_kind() {
    let good = || (json!("SUCCESS"), Value::Null, Value::Null);
    let failed = |kind: &str, code: Option<&str>| (json!("ERROR"), json!(kind), json!(code));
    let app = app_of_one(|it| {
        let it = it.make("FORD").powertrain(Powertrain::Ice);
        it.permissions(["read_odometer", "read_fuel", "read_battery"])
    });
    assert_eq!(status(&app, ODOMETER).await, good());
    assert_eq!(
        status(&app, "internalcombustionengine-fuellevel").await,
        good()
    );
    let no_battery = failed("COMPATIBILITY", Some("VEHICLE_NOT_CAPABLE"));
    assert_eq!(
        status(&app, "tractionbattery-stateofcharge").await,
        no_battery
    );
    assert_eq!(
        status(&app, "vehicleidentification-vin").await,
        failed("PERMISSION", None)
    );

    // Another make's signal, and a state that the vehicle lacks.
    let app = app_of_one(|it| it.make("KIA").powertrain(Powertrain::Bev));
    let other_make = failed("COMPATIBILITY", Some("SMARTCAR_NOT_CAPABLE"));
    assert_eq!(status(&app, "hvac-iscabinhvacactive").await, other_make);
    let app = app_of_one(|it| it.make("TESLA").battery_fraction(0.9).charge_limit(0.8));
    let idle = failed("VEHICLE_STATE", Some("NOT_CHARGING"));
    assert_eq!(status(&app, "charge-timetocomplete").await, idle);
    // A signal without a v2.0 endpoint follows its group, or is available.
    assert_eq!(status(&app, "charge-chargetimers").await, good());
    assert_eq!(status(&app, "lowvoltagebattery-status").await, good());
}

#[tokio::test]
async fn the_vehicle_needs_no_user_and_may_end_in_a_slash() {
    let app = app_of_one(|it| it.make("FORD").model("Focus").powertrain(Powertrain::Ice));
    let path = format!("/vehicles/{ANY_VEHICLE}");
    let with = Ask::without_user(&format!("{path}/")).send(&app).await;
    assert_eq!(with.text, get(&app, &path).await.text);
    let data = &with.body["data"];
    let attributes = &data["attributes"];
    assert_eq!(
        (&data["id"], &data["type"]),
        (&json!(ANY_VEHICLE), &json!("vehicle"))
    );
    assert_eq!(
        (&attributes["make"], &attributes["powertrainType"]),
        (&json!("FORD"), &json!("ICE"))
    );
    assert_eq!(
        data["links"]["self"],
        format!("http://localhost:4010/v3{path}")
    );
}

#[tokio::test]
async fn connections_come_in_pages_and_are_filtered() {
    let vehicles = (0..23).map(|n| SimulatedVehicle::new(format!("car {n}")).make("KIA"));
    let app = app_seeded(1, vehicles);
    let first = get(&app, "/connections").await.body;
    assert_eq!(first["data"].as_array().unwrap().len(), 10);
    assert_eq!(
        (&first["meta"]["totalCount"], &first["links"]["prev"]),
        (&json!(23), &Value::Null)
    );
    let mut ids = Vec::new();
    let mut next = Some("/connections?page[size]=9".to_owned());
    while let Some(path) = next {
        let page = get(&app, &path).await.body;
        for connection in page["data"].as_array().unwrap() {
            let vehicle = &connection["relationships"]["vehicle"]["data"]["id"];
            ids.push(vehicle.as_str().unwrap().to_owned());
            let address = connection["links"]["self"].as_str().unwrap();
            let address = address.strip_prefix("http://localhost:4010/v3").unwrap();
            assert_eq!(&get(&app, address).await.body["data"], connection);
        }
        let link = page["links"]["next"].as_str().map(str::to_owned);
        next = link.map(|it| {
            it.strip_prefix("http://localhost:4010/v3")
                .unwrap()
                .to_owned()
        });
    }
    let expected: Vec<_> = (0..23).map(|n| format!("car {n}")).collect();
    assert_eq!(ids, expected);
    let user = first["data"][0]["relationships"]["user"]["data"]["id"]
        .as_str()
        .unwrap();
    for (query, count) in [
        ("filter[vehicleId]=car+7".to_owned(), 1),
        ("filter[vehicle.mode]=simulated".to_owned(), 0),
        ("filter[vehicle.mode]=live".to_owned(), 23),
        ("filter[vehicle.mode]=live&page[number]=2".to_owned(), 23),
        (format!("filter[userId]={user}"), 23),
        ("filter[userId]=other".to_owned(), 0),
        ("filter[user.externalId]=x".to_owned(), 0),
    ] {
        let page = get(&app, &format!("/connections?{query}")).await.body;
        assert_eq!(page["meta"]["totalCount"], count, "{query}");
    }
}

#[tokio::test]
async fn a_request_for_signals_counts_as_one() {
    let app = app();
    app.set_limits(Limits::off().vehicle_monthly(2));
    for path in [signals(), one(ODOMETER)] {
        assert_eq!(get(&app, &path).await.status, 200);
    }
    let free = format!("/vehicles/{ANY_VEHICLE}");
    assert_eq!(get(&app, &free).await.status, 200);
    let expected = (
        "BILLING".to_owned(),
        Some("VEHICLE_REQUEST_LIMIT".to_owned()),
        430,
    );
    assert_eq!(error(&get(&app, &signals()).await), expected);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let run = async || {
        let app = app_seeded(5, [SimulatedVehicle::new(ANY_VEHICLE).make("TESLA")]);
        let mut text = String::new();
        for _ in 0..5 {
            app.clock.advance(Duration::from_secs(5 * 3_600));
            text.push_str(&get(&app, &signals()).await.text);
        }
        text
    };
    assert_eq!(run().await, run().await);
}

#[tokio::test]
async fn the_default_token_is_good_for_both_versions() {
    let app = app();
    assert_eq!(Ask::read("/odometer").send(&app).await.status, 200);
    assert_eq!(get(&app, &one(ODOMETER)).await.status, 200);
    assert!(app.tokens().expire(DEFAULT_TOKEN));
    assert_eq!(get(&app, &one(ODOMETER)).await.status, 401);
}
