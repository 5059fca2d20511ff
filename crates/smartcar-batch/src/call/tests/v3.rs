//! The send policy on v3: requests are chosen by cost, and only those with missing or
//! failed results are retried.

mod failures;
mod last_known;

use std::num::NonZeroU32;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use smartcar_model::v3::signal::{motion::CurrentSpeed, odometer::TraveledDistance};

use super::{Script, Step, builder, client_of, seconds, vehicle};
use crate::budget::InProcessBudget;
use crate::{
    Api, Attributes, Charge, ClientBuilder, ErrorKind, FleetVehicle, Fuel, ItemError, Location,
    NotAvailableReason, Odometer, Permissions, Plan, Rate, StopReason, UserId, Vehicle, VehicleId,
};

/// A store with an odometer and a location.
pub(super) const STORE: &str = r#"{"data": [
    {"id": "odometer-traveleddistance", "attributes": {"status": {"value": "SUCCESS"},
     "body": {"value": 18250.5, "unit": "kilometers"}},
     "meta": {"oemUpdatedAt": "2026-03-14T09:12:31.000Z", "retrievedAt": "2026-03-14T09:27:08.004Z"}},
    {"id": "location-preciselocation", "attributes": {"status": {"value": "SUCCESS"},
     "body": {"latitude": 52.5, "longitude": 13.5}}}],
  "included": {"vehicle": {"id": "vehicle-1",
     "attributes": {"make": "KIA", "model": "EV6", "year": 2024}}}}"#;
pub(super) const ODOMETER: &str = r#"{"data": {"id": "odometer-traveleddistance",
    "attributes": {"status": {"value": "SUCCESS"}, "body": {"value": 7.5, "unit": "kilometers"}}}}"#;
const SPEED: &str = r#"{"data": {"id": "motion-currentspeed",
    "attributes": {"status": {"value": "SUCCESS"}, "body": {"value": 80, "unit": "km/h"}}}}"#;
pub(super) const VEHICLE: &str = r#"{"data": {"id": "vehicle-1", "type": "vehicle",
    "attributes": {"make": "KIA", "model": "EV6", "year": 2024}}}"#;
pub(super) const CONNECTIONS: &str = r#"{"data": [
    {"id": "c0", "attributes": {"permissions": ["read_fuel"], "user": {"id": "user-0"}},
     "relationships": {"vehicle": {"data": {"id": "vehicle-1"}}}},
    {"id": "c1", "attributes": {"permissions": ["read_odometer"], "user": {"id": "user-1"}},
     "relationships": {"vehicle": {"data": {"id": "vehicle-1"}}}}]}"#;

type Two = (TraveledDistance, CurrentSpeed);

fn v3() -> ClientBuilder {
    builder().api(Api::V3)
}

fn of(builder: ClientBuilder, script: &Script) -> Vehicle {
    client_of(builder, script)
        .vehicle(VehicleId::new("vehicle-1").unwrap())
        .with_user(UserId::new("user-1").unwrap())
}

/// A client with a `signals_cost` of ten: it requests signals one by one.
fn one_by_one(script: &Script) -> Vehicle {
    of(v3().signals_cost(NonZeroU32::new(10).unwrap()), script)
}

fn ok(body: &str) -> Step {
    Step::Answer(200, Vec::new(), body.to_owned())
}

/// An error in the format of v3.
fn error(status: u16, kind: &str, code: &str) -> Step {
    let body = format!(
        r#"{{"errors": [{{"status": "{status}", "type": "{kind}", "code": "{code}", "title": "no"}}]}}"#
    );
    Step::Answer(status, Vec::new(), body)
}

fn signal_error(code: &str, kind: &str, word: &str) -> String {
    format!(
        r#"{{"id": "{code}", "attributes": {{"status": {{"value": "ERROR",
            "error": {{"type": "{kind}", "code": "{word}"}}}}, "body": {{"value": 1}}}}}}"#
    )
}

#[tokio::test(start_paused = true)]
async fn several_signals_are_one_request_and_one_alone_is_its_own() {
    let script = Script::default();
    let vehicle = of(v3(), &script);
    let request = vehicle.batch::<(Odometer, Location, Fuel)>();
    assert_eq!(request.cost(), 1);
    let answered = request.send().await.unwrap();
    assert_eq!(script.asked(), [["/signals"]]);
    assert_eq!(answered.plan, Plan::Signals);
    assert_eq!(
        (answered.attempts, answered.requests, answered.charged),
        (1, 1, 1)
    );
    let (odometer, location, fuel) = answered.data;
    let odometer = odometer.unwrap();
    assert!((odometer.distance - 18250.5).abs() < 1e-9 && location.is_ok());
    let moment = |text: &str| text.parse().ok();
    assert_eq!(odometer.meta.data_age, moment("2026-03-14T09:12:31Z"));
    assert_eq!(odometer.meta.fetched_at, moment("2026-03-14T09:27:08.004Z"));
    let fuel = fuel.unwrap_err();
    assert!(
        fuel.is_missing() && fuel.to_string().contains("store"),
        "{fuel}"
    );

    let answered = vehicle.batch::<(Odometer,)>().send().await.unwrap();
    assert_eq!(script.asked()[1], ["/signals/odometer-traveleddistance"]);
    assert_eq!((answered.plan, answered.charged), (Plan::Singles(1), 1));
    let odometer = vehicle.get::<Odometer>().send().await.unwrap().data;
    assert!((odometer.distance - 7.5).abs() < 1e-9);
}

#[tokio::test(start_paused = true)]
async fn the_assumed_price_of_all_signals_decides() {
    for (price, asked, charged) in [
        (1, 1, 1),
        (2, 1, 2), // the same price: one request
        (3, 2, 2),
    ] {
        let steps = if asked == 1 {
            vec![ok(STORE)]
        } else {
            vec![ok(ODOMETER), ok(SPEED)]
        };
        let script = Script::of(steps);
        let vehicle = of(v3().signals_cost(NonZeroU32::new(price).unwrap()), &script);
        let request = vehicle.signals::<Two>();
        assert_eq!(request.cost(), charged);
        let answered = request.send().await.unwrap();
        assert_eq!((script.sent().len(), answered.charged), (asked, charged));
        assert_eq!(answered.requests as usize, asked);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_store_has_not_is_missing_and_says_why() {
    let gap = |error: &ItemError| match error {
        ItemError::NotAvailable(absent) => absent.reason,
        other => panic!("{other}"),
    };
    let empty = r#"{"data": [], "meta": {"totalCount": 0}}"#;
    let script = Script::of([ok(empty)]);
    let answered = of(v3(), &script).signals::<Two>().send().await.unwrap();
    assert_eq!(
        gap(&answered.failures()[1].error),
        NotAvailableReason::EmptyStore
    );

    let script = Script::of([error(404, "RESOURCE_NOT_FOUND", "SIGNAL_NOT_FOUND")]);
    let answered = of(v3(), &script).batch::<(CurrentSpeed,)>();
    let answered = answered.send().await.unwrap();
    assert_eq!(
        gap(&answered.failures()[0].error),
        NotAvailableReason::NotStored
    );
    assert_eq!(script.sent().len(), 1);

    let none =
        r#"{"data": {"id": "motion-currentspeed", "attributes": {"status": "UNAVAILABLE"}}}"#;
    let script = Script::of([ok(none)]);
    let failed = of(v3(), &script).get::<CurrentSpeed>().send().await;
    let failed = failed.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::RequiredItem);
    assert_eq!(gap(failed.item().unwrap()), NotAvailableReason::NotOffered);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_not_all_is_completed_one_by_one() {
    let page = r#"{"data": [{"id": "odometer-traveleddistance", "attributes": {"body": {"value": 1}}}],
        "meta": {"totalCount": 2}, "links": {"next": "https://elsewhere.example/"}}"#;
    let script = Script::of([ok(page), ok(SPEED)]);
    let answered = of(v3(), &script).signals::<Two>().send().await.unwrap();
    assert!(answered.all_ok(), "{:?}", answered.failures());
    assert_eq!(
        (answered.attempts, answered.requests, answered.charged),
        (1, 2, 2)
    );
    assert_eq!(script.asked()[1], ["/signals/motion-currentspeed"]);
}

#[tokio::test(start_paused = true)]
async fn the_vehicle_is_asked_only_where_no_answer_brought_it_along() {
    let script = Script::default();
    let answered = of(v3(), &script).batch::<(Odometer, Attributes, Location)>();
    assert!(answered.send().await.unwrap().all_ok());
    assert_eq!(script.asked(), [["/signals"]]);

    let script = Script::default();
    let answered = of(v3(), &script).batch::<(Odometer, Attributes)>();
    let answered = answered.send().await.unwrap();
    assert!(answered.all_ok(), "{:?}", answered.failures());
    assert_eq!(script.sent().len(), 2, "a single signal came without it");
    assert_eq!(
        (answered.attempts, answered.requests, answered.charged),
        (1, 2, 2)
    );
    assert_eq!(script.waits(), [seconds(0)]);

    // It needs no user.
    let script = Script::default();
    let vehicle = client_of(v3(), &script).vehicle(VehicleId::new("vehicle-1").unwrap());
    let answered = vehicle.batch::<(Attributes,)>().send().await.unwrap();
    assert!(answered.all_ok() && answered.plan == Plan::Resources);
}

#[tokio::test(start_paused = true)]
async fn permissions_are_those_of_the_users_connection() {
    let script = Script::default();
    let answered = of(v3(), &script).batch::<(Permissions, Odometer)>();
    let answered = answered.send().await.unwrap();
    let granted = answered.data.0.unwrap().into_body().permissions;
    assert_eq!(granted, [crate::model::Permission::from("read_odometer")]);
    assert_eq!(script.sent().len(), 2);
    let script = Script::of([ok(r#"{"data": []}"#)]);
    let answered = of(v3(), &script).batch::<(Permissions,)>();
    let answered = answered.send().await.unwrap();
    assert_eq!(answered.data.0.unwrap_err(), ItemError::Missing);
}

#[tokio::test(start_paused = true)]
async fn what_no_version_3_has_is_said_without_sending() {
    let script = Script::default();
    let vehicle = of(v3(), &script);
    let request = vehicle
        .batch_paths(["/ford/charge/schedule_by_location", "/nothing/known"])
        .unwrap();
    let answered = request.clone().send().await.unwrap();
    assert!(script.sent().is_empty());
    assert_eq!(
        (request.cost(), answered.charged, answered.attempts),
        (0, 0, 0)
    );
    assert_eq!(answered.plan, Plan::Nothing);
    assert!(
        answered
            .failures()
            .iter()
            .all(|failure| matches!(failure.error, ItemError::Unsupported(_)))
    );
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_asked_is_refused_with_the_cure() {
    let script = Script::default();
    let refused = vehicle(&script).signals::<Two>().send().await.unwrap_err();
    assert!(refused.to_string().contains(".api(Api::V3)"), "{refused}");
    let without = client_of(v3(), &script).vehicle(VehicleId::new("vehicle-1").unwrap());
    let refused = without.batch::<(Charge,)>().send().await.unwrap_err();
    assert!(refused.is_invalid_request());
    for cure in [
        "`Vehicle::with_user`",
        "`ClientBuilder::user`",
        "SMARTCAR_USER_ID",
    ] {
        assert!(refused.to_string().contains(cure), "{refused}");
    }
    assert!(script.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_clients_user_is_asked_for_where_a_vehicle_names_none() {
    let script = Script::default();
    let user = |name: &str| UserId::new(name).unwrap();
    let client = client_of(v3().user(user("everyone")), &script);
    let id = VehicleId::new("vehicle-1").unwrap();
    let vehicle = client.vehicle(id.clone());
    vehicle.get::<Odometer>().send().await.unwrap();
    vehicle.loader().get::<Odometer>().await.unwrap();
    let own = vehicle.with_user(user("own")).get::<Odometer>();
    own.send().await.unwrap();
    let entries = [
        FleetVehicle::from(id.clone()),
        (id.clone(), user("own")).into(),
        (id, None).into(),
    ];
    let fleet = client.fleet::<(Odometer,)>().concurrency(1);
    let outcomes = fleet.run(stream::iter(entries.clone()));
    let outcomes: Vec<_> = outcomes.collect().await;
    let users: Vec<_> = script.users();
    assert_eq!(
        users,
        ["everyone", "everyone", "own", "everyone", "own", "everyone"]
    );
    // Retries are for the same user.
    assert!(outcomes.iter().all(|outcome| outcome.result.is_ok()));
    assert_eq!(outcomes[0].user, Some(user("everyone")));
    assert_eq!(outcomes[1].fleet_vehicle(), entries[1]);
}

#[tokio::test(start_paused = true)]
async fn budgets_give_what_is_sent() {
    let rate = Rate::new(NonZeroU32::new(2).unwrap(), seconds(50));
    let budget = InProcessBudget::unlimited().per_vehicle(rate);
    let script = Script::of([ok(ODOMETER), error(500, "SERVER", "INTERNAL"), ok(SPEED)]);
    let price = NonZeroU32::new(10).unwrap();
    let vehicle = of(v3().signals_cost(price).budget(Arc::new(budget)), &script);
    let answered = vehicle.signals::<Two>().send().await.unwrap();
    assert!(answered.all_ok());
    assert_eq!(answered.charged as usize, script.units());
    assert!(
        script.waits()[1] >= seconds(49),
        "the third waits for a unit"
    );
}
