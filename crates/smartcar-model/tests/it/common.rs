//! A batch of three whose middle result is under test, and an example body of
//! every endpoint.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::value::RawValue;
use smartcar_model::decode::{self, Warning};
use smartcar_model::{Batch, Endpoint, ItemError, Location, Malformed, Odometer, Reading};

pub(crate) const ODOMETER: &str =
    r#"{"path": "/odometer", "code": 200, "body": {"distance": 37829.5}, "headers": {}}"#;
pub(crate) const LOCATION: &str = r#"{"path": "/location", "code": 200,
    "body": {"latitude": 37.4292, "longitude": 122.1381}, "headers": {}}"#;

/// The results that a batch of type `B` reads from a response.
pub(crate) fn read<B: Batch>(text: &str) -> Result<(B::Data, Vec<Warning>), Malformed> {
    let paths = B::PATHS.to_vec();
    let asked: Vec<_> = paths.into_iter().enumerate().collect();
    let mut outcomes = B::outcomes();
    let warnings = decode::batch(text, Some("request-1"), &asked, &mut outcomes)?;
    let items = B::data(outcomes).unwrap_or_else(|_| panic!("a tuple requires nothing"));
    Ok((items, warnings))
}

/// The outer object around items.
pub(crate) fn answer<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<_> = items
        .into_iter()
        .map(|item| item.as_ref().to_owned())
        .collect();
    format!(r#"{{"responses": [{}]}}"#, items.join(", "))
}

/// The result of `E` in a response whose other two items are good. Panics if
/// those are not read completely.
pub(crate) fn between<E: Endpoint>(item: &str) -> Result<Reading<E>, ItemError> {
    let (outcome, _) = between_with_warnings(item);
    outcome
}

pub(crate) fn between_with_warnings<E: Endpoint>(
    item: &str,
) -> (Result<Reading<E>, ItemError>, Vec<Warning>) {
    let text = answer([ODOMETER, item, LOCATION]);
    let ((odometer, outcome, location), warnings) = read::<(Odometer, E, Location)>(&text)
        .unwrap_or_else(|error| panic!("the whole answer was lost to {item:.200}: {error}"));
    whole(&odometer, &location);
    (outcome, warnings)
}

pub(crate) fn whole(
    odometer: &Result<Reading<Odometer>, ItemError>,
    location: &Result<Reading<Location>, ItemError>,
) {
    assert_eq!(
        odometer.as_ref().unwrap().distance.to_bits(),
        37829.5_f64.to_bits()
    );
    let location = location.as_ref().unwrap();
    assert_eq!(location.latitude.to_bits(), 37.4292_f64.to_bits());
    assert_eq!(location.longitude.to_bits(), 122.1381_f64.to_bits());
}

/// An item with code 200 and no headers.
pub(crate) fn good<E: Endpoint>(body: &str) -> String {
    item(E::PATH, 200, body)
}

pub(crate) fn item(path: &str, code: u16, body: &str) -> String {
    format!(r#"{{"path": "{path}", "code": {code}, "body": {body}}}"#)
}

/// A body read as an endpoint's type, between two good items.
pub(crate) fn body<E: Endpoint>(body: &str) -> Result<E, ItemError> {
    between::<E>(&good::<E>(body)).map(Reading::into_body)
}

pub(crate) fn is_malformed<T: std::fmt::Debug>(outcome: &Result<T, ItemError>) -> bool {
    matches!(outcome, Err(ItemError::Malformed(_)))
}

pub(crate) fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

/// JSON text of any shape, a few levels deep.
pub(crate) fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<u64>().prop_map(|value| value.to_string()),
        (-1e300..1e300_f64).prop_map(|value| format!("{value:e}")),
        string(),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(|list| format!("[{}]", list.join(","))),
            vec((string(), inner), 0..5).prop_map(|members| {
                let members: Vec<_> = members
                    .into_iter()
                    .map(|(name, value)| format!("{name}: {value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

/// A string as JSON text.
pub(crate) fn string() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| quoted(&text))
}

pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Nested arrays or objects.
pub(crate) fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

/// An example body of every endpoint.
pub(crate) const EXAMPLES: &[(&str, &str)] = &[
    (
        "/",
        r#"{"id":"3f1c9a52-6d0e-4b8f-9c37-5e2a7d40b611","make":"KIA","model":"EV6","year":2024}"#,
    ),
    ("/vin", r#"{"vin":"KNAC381AZP5000042"}"#),
    ("/odometer", r#"{"distance":18250.6}"#),
    ("/location", r#"{"latitude":52.5163,"longitude":13.3777}"#),
    (
        "/fuel",
        r#"{"percentRemaining":0.62,"amountRemaining":31.4,"range":438.0}"#,
    ),
    ("/battery", r#"{"percentRemaining":0.71,"range":302.5}"#),
    ("/battery/capacity", r#"{"capacity":58}"#),
    (
        "/battery/nominal_capacity",
        r#"{"availableCapacities":[{"capacity":52,"description":"BEV:Pure"},{"capacity":77,"description":null}],"capacity":{"nominal":77,"source":"USER_SELECTED"},"url":null}"#,
    ),
    ("/charge", r#"{"isPluggedIn":true,"state":"CHARGING"}"#),
    ("/charge/limit", r#"{"limit":0.9}"#),
    ("/engine/oil", r#"{"lifeRemaining":0.48}"#),
    (
        "/tires/pressure",
        r#"{"frontLeft":231.0,"frontRight":229.5,"backLeft":240.2,"backRight":241.0}"#,
    ),
    (
        "/security",
        r#"{"isLocked":true,"doors":[{"type":"frontLeft","status":"CLOSED"},{"type":"frontRight","status":"CLOSED"},{"type":"backLeft","status":"CLOSED"},{"type":"backRight","status":"UNKNOWN"}],"windows":[{"type":"frontLeft","status":"OPEN"}],"sunroof":[],"storage":[{"type":"front","status":"CLOSED"},{"type":"rear","status":"CLOSED"}],"chargingPort":[{"type":"chargingPort","status":"OPEN"}]}"#,
    ),
    (
        "/permissions",
        r#"{"permissions":["read_odometer","read_location","read_battery"],"paging":{"count":3,"offset":0}}"#,
    ),
    (
        "/diagnostics/system_status",
        r#"{"systems":[{"systemId":"SYSTEM_BRAKE_FLUID","status":"ALERT","description":"level low"},{"systemId":"SYSTEM_MIL","status":"OK","description":null}]}"#,
    ),
    (
        "/diagnostics/dtcs",
        r#"{"activeCodes":[{"code":"P0128","timestamp":"2026-03-14T09:26:53.000Z"},{"code":"U0100","timestamp":null}]}"#,
    ),
    (
        "/service/history",
        r#"[{"serviceId":"7781","serviceDate":"2026-01-20T08:15:00.000Z","odometerDistance":15020.0,"serviceTasks":[{"taskId":"12","taskDescription":"Brake fluid change"}],"serviceDetails":[{"type":"Dealer","value":null}],"serviceCost":{"totalCost":184.5,"currency":"EUR"}}]"#,
    ),
    (
        "/audi/charge",
        r#"{"chargingStatus":"CHARGING","isPluggedIn":true,"wattage":10.8,"chargeRate":58,"chargeType":"ac","chargePortColor":"green","chargePortLatch":"locked","completionTime":"2026-03-14T21:05:00.000Z","chargeMode":"timer","socLimit":0.85,"externalPowerStatus":"active"}"#,
    ),
    (
        "/tesla/charge",
        r#"{"amperage":16,"completionTime":"2026-03-14T21:05:00.000Z","wattage":11,"voltage":230,"isPluggedIn":true,"state":"CHARGING","socLimit":0.85,"socLimitMax":1,"socLimitMin":0.5,"socLimitDefault":0.9,"amperageMaxVehicle":32,"amperageRequested":16,"amperageMaxCharger":16,"energyAdded":9.4,"rangeAddedRated":61.2,"rangeAddedIdeal":66.0,"chargeRate":57.5,"connector":"IEC","fastChargerPresent":false,"fastChargerType":null,"fastChargerBrand":null,"chargePortColor":null,"chargePortOpen":true,"chargePortLatch":"Locked","chargerPhases":3}"#,
    ),
    (
        "/tesla/battery",
        r#"{"percentRemaining":0.64,"percentRemainingUsable":0.63,"range":289.0,"rangeEstimated":254.3,"rangeIdeal":301.9,"heaterOn":false,"notEnoughPowerToHeat":null,"maxRangeChargeCounter":4}"#,
    ),
    ("/tesla/charge/wattmeter", r#"{"wattage":10.9}"#),
    ("/tesla/charge/ammeter", r#"{"amperage":16}"#),
    (
        "/tesla/charge/schedule",
        r#"{"departureTime":{"enabled":true,"time":"07:15"},"startTime":{"enabled":false,"time":null}}"#,
    ),
    (
        "/nissan/charge/schedule",
        r#"{"chargeSchedules":[{"start":"22:30","end":"05:00","days":["MONDAY","TUESDAY"]}]}"#,
    ),
    (
        "/ford/charge/schedule_by_location",
        r#"{"chargingLocations":[{"chargeLimit":0.9,"location":{"latitude":50.9413,"longitude":6.9583},"chargingSchedules":{"weekday":[{"start":"23:00","end":"06:00"}],"weekend":[]}}]}"#,
    ),
    (
        "/bmw/charge/records",
        r#"{"records":[{"chargeStart":"2026-03-01T18:02:11Z","chargeEnd":"2026-03-01T21:40:09Z","location":"12 Harbour Road","energy":28.7,"isPublic":false,"startPercentRemaining":0.34,"endPercentRemaining":0.8,"chargingType":"AC"}]}"#,
    ),
    (
        "/tesla/charge/records/billing",
        r#"{"records":[{"chargeStart":"2026-02-11T10:00:00.000Z","chargeEnd":"2026-02-11T10:31:00.000Z","energyConsumed":37.2,"cost":{"currency":"EUR","energy":16.7,"other":0},"location":"Ulm, DE","recordId":"R-20260211-0007"}],"hasMoreData":true}"#,
    ),
    ("/tesla/compass", r#"{"direction":"SW","heading":221.5}"#),
    ("/tesla/speedometer", r#"{"speed":63.4}"#),
    ("/tesla/thermometer/exterior", r#"{"temperature":11.5}"#),
    ("/tesla/thermometer/interior", r#"{"temperature":19.0}"#),
    (
        "/tesla/climate/cabin",
        r#"{"status":"ON","temperature":21.5}"#,
    ),
    (
        "/tesla/climate/steering_wheel",
        r#"{"status":"UNAVAILABLE"}"#,
    ),
    (
        "/tesla/climate/defroster",
        r#"{"frontStatus":"OFF","rearStatus":"ON"}"#,
    ),
    (
        "/tesla/attributes",
        r#"{"id":"3f1c9a52-6d0e-4b8f-9c37-5e2a7d40b611","make":"TESLA","model":"Model 3","year":2022,"firmwareVersion":"2026.8.3","trimBadging":"50","efficiencyPackage":"E3","performancePackage":"P1","nickname":"Blue","driverAssistVersion":"DA4","atHome":null,"sentryMode":{"available":true,"enabled":false},"style":{"exteriorColor":"DeepBlue","exteriorTrim":"Black","interiorTrim":"White"},"wheel":{"style":"Aero18","diameter":457.2},"driveUnit":{"front":"FDU-2","rear":"RDU-5"}}"#,
    ),
    (
        "/tesla/status",
        r#"{"status":"ASLEEP","inService":false,"gear":"PARK"}"#,
    ),
    (
        "/tesla/alerts",
        r#"{"alerts":[{"name":"VCFRONT_a182","dateTime":"2026-03-12T06:44:00.000Z","audience":["customer"],"userText":"Washer fluid low"}]}"#,
    ),
    (
        "/tesla/user/access",
        r#"{"accessType":"OWNER","permissions":["vehicle_device_data"]}"#,
    ),
    ("/tesla/user/info", r#"{"email":"owner@example.com"}"#),
    ("/tesla/migration", r#"{"requiresMigration":false}"#),
    ("/tesla/virtual_key", r#"{"isPaired":true}"#),
    (
        "/tesla/charge/completion",
        r#"{"time":"2026-03-14T21:05:00.000Z"}"#,
    ),
    (
        "/cadillac/charge/completion",
        r#"{"time":"2026-03-14T21:05:00.000Z"}"#,
    ),
    (
        "/chevrolet/charge/completion",
        r#"{"time":"2026-03-14T21:05:00.000Z"}"#,
    ),
    ("/tesla/charge/voltmeter", r#"{"voltage":231}"#),
    ("/cadillac/charge/voltmeter", r#"{"voltage":231}"#),
    ("/chevrolet/charge/voltmeter", r#"{"voltage":231}"#),
    (
        "/lincoln/charge/schedule_by_location",
        r#"{"chargingLocations":[{"chargeLimit":0.9,"location":{"latitude":50.9413,"longitude":6.9583},"chargingSchedules":{"weekday":[{"start":"23:00","end":"06:00"}],"weekend":[]}}]}"#,
    ),
    (
        "/mini/charge/records",
        r#"{"records":[{"chargeStart":"2026-03-01T18:02:11Z","chargeEnd":"2026-03-01T21:40:09Z","location":"12 Harbour Road","energy":28.7,"isPublic":false,"startPercentRemaining":0.34,"endPercentRemaining":0.8,"chargingType":"AC"}]}"#,
    ),
    (
        "/tesla/charge/records",
        r#"{"records":[{"chargeStart":"2026-03-01T18:02:11Z","chargeEnd":"2026-03-01T21:40:09Z","location":"12 Harbour Road","energy":28.7,"isPublic":false,"startPercentRemaining":0.34,"endPercentRemaining":0.8,"chargingType":"AC"}]}"#,
    ),
];
