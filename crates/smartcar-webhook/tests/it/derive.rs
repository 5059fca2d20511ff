//! A derived batch with this crate alone.

use smartcar_webhook::{
    Attributes, Batch, Battery, Fuel, ItemError, Location, MemberError, Odometer, Reading, signal,
};

use crate::support::{state, with_signals};

#[derive(Batch)]
#[batch(crate = "smartcar_webhook")]
struct Snapshot {
    attributes: Reading<Attributes>,
    odometer: Reading<Odometer>,
    battery: Option<Reading<Battery>>,
    fuel: Option<Reading<Fuel>>,
    location: Result<Reading<Location>, ItemError>,
    charge: Option<Reading<signal::traction_battery::StateOfCharge>>,
}

#[test]
fn a_struct_is_filled_without_the_client() {
    let state = state(&with_signals(
        r#"[{"code":"odometer-traveleddistance","body":{"value":"18250.6","unit":"km"},
             "meta":{"oemUpdatedAt":1773479551000,"retrievedAt":1773480428004}},
            {"code":"tractionbattery-stateofcharge","body":{"value":71,"unit":"percent"}},
            {"code":"tractionbattery-range","body":{"value":310,"unit":"km"}},
            {"code":"location-preciselocation","status":{"value":"ERROR",
             "error":{"type":"PERMISSION","code":null}}}]"#,
    ));
    let response = state.batch::<Snapshot>().unwrap();
    assert_eq!(
        (response.attempts, response.requests, response.charged),
        (0, 0, 0)
    );
    let snapshot = response.data;
    assert_eq!(snapshot.attributes.make, "KIA");
    assert_eq!(snapshot.odometer.distance.to_string(), "18250.6");
    let recorded = "2026-03-14T09:12:31Z".parse().unwrap();
    assert_eq!(snapshot.odometer.meta.data_age, Some(recorded));
    assert_eq!(
        snapshot.battery.unwrap().percent_remaining.to_string(),
        "0.71"
    );
    assert_eq!(snapshot.charge.unwrap().value, Some(71.0));
    assert!(snapshot.fuel.is_none());
    let error = snapshot.location.unwrap_err();
    assert_eq!(error.status(), Some(403));
    let ids = (state.event_id(), state.delivery_id(), state.sequence());
    assert_eq!(ids, (Some("e1"), Some("d1"), Some(41)));
    assert_eq!(state.vehicle().unwrap().as_str(), "v1");
    assert_eq!(state.user().unwrap().as_str(), "u1");
    assert_eq!(state.external_user_id(), Some("x1"));
}

#[test]
fn a_missing_required_item_keeps_the_others() {
    let state = state(&with_signals(
        r#"[{"code":"tractionbattery-stateofcharge","body":{"value":71,"unit":"percent"}},
            {"code":"tractionbattery-range","body":{"value":310,"unit":"km"}}]"#,
    ));
    let error = state.batch::<Snapshot>().err().unwrap();
    assert_eq!(error.item_path(), Some("/odometer"));
    assert!(error.to_string().contains("was not delivered"), "{error}");
    let battery = error.results().unwrap().get::<Battery>().unwrap();
    assert_eq!(battery.unwrap().percent_remaining.to_string(), "0.71");
    let members: &[MemberError] = state.unread();
    assert!(members.is_empty());
}
