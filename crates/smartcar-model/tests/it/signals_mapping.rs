//! Each entry of the mapping from version 3 to v2.0, on bodies as documented: the
//! resulting body, its age and its unit system.
//!
//! Invariant: the expected bodies are written out and not computed from the
//! mapping.

#![allow(clippy::needless_pass_by_value, reason = "a case is written in place")]

use serde_json::{Value, json};
use smartcar_model::v3::{Needed, SIGNALS, SignalInfo, Signals, signal};
use smartcar_model::{
    ApiError, Batch, Charge, ENDPOINTS, Endpoint, EndpointInfo, Fuel, ItemError, Location,
    NotAvailableReason, Odometer, Outcomes, UnitSystem, tesla,
};

fn one(code: &str, body: &Value) -> Value {
    json!({
        "id": code, "type": "signal",
        "attributes": {"code": code, "status": {"value": "SUCCESS"}, "body": body},
        "meta": {"retrievedAt": "2026-03-14T09:27:08.004Z", "oemUpdatedAt": "2026-03-14T09:12:31.000Z"},
    })
}

/// A store with these signals.
fn store(signals: &[(&str, Value)]) -> Signals {
    let data: Vec<_> = signals.iter().map(|(code, body)| one(code, body)).collect();
    let mut read = Signals::new();
    read.read(json!({ "data": data }).to_string(), Some("r1"))
        .unwrap();
    read
}

/// The body of a path, as its type reads and serializes it.
fn body(signals: &Signals, path: &str) -> Value {
    let reading = signals.answer(path).unwrap().read_raw().unwrap();
    let info = EndpointInfo::of(path).unwrap();
    serde_json::from_str(info.normalize(&reading.body).unwrap().get()).unwrap()
}

fn check(path: &str, signals: &[(&str, Value)], expected: Value) {
    assert_eq!(body(&store(signals), path), expected, "{path}");
    // Only what is listed as needed is read.
    let needed = Needed::of([path]);
    for (code, _) in signals {
        assert!(needed.signals.contains(code), "{path} needs {code}");
    }
}

fn value(value: impl Into<Value>) -> Value {
    json!({ "value": value.into() })
}

fn unit(value: impl Into<Value>, unit: &str) -> Value {
    json!({ "value": value.into(), "unit": unit })
}

#[test]
fn plain_values() {
    #[rustfmt::skip]
    let rows = [
        ("/vin", "vehicleidentification-vin", value("KNAC381AZP5000042"), json!({"vin": "KNAC381AZP5000042"})),
        ("/odometer", "odometer-traveleddistance", unit(18250.6, "km"), json!({"distance": 18250.6})),
        ("/engine/oil", "internalcombustionengine-oillife", unit(48, "percent"), json!({"lifeRemaining": 0.48})),
        ("/battery/capacity", "tractionbattery-nominalcapacity", json!({"capacity": 77.0, "unit": "kWh"}), json!({"capacity": 77.0})),
        ("/cadillac/charge/voltmeter", "charge-voltage", unit(231.0, "volts"), json!({"voltage": 231.0})),
        ("/chevrolet/charge/voltmeter", "charge-voltage", unit(231.0, "V"), json!({"voltage": 231.0})),
        ("/tesla/charge/voltmeter", "charge-voltage", value(231.0), json!({"voltage": 231.0})),
        ("/tesla/charge/wattmeter", "charge-wattage", unit(10900, "watts"), json!({"wattage": 10.9})),
        ("/tesla/charge/wattmeter", "charge-wattage", unit(10.9, "kilowatts"), json!({"wattage": 10.9})),
        ("/tesla/charge/wattmeter", "charge-wattage", value(10900), json!({"wattage": 10.9})),
        ("/tesla/charge/ammeter", "charge-amperage", unit(16.0, "ampere"), json!({"amperage": 16.0})),
        ("/tesla/speedometer", "motion-currentspeed", unit(63.4, "kph"), json!({"speed": 63.4})),
        ("/tesla/thermometer/exterior", "climate-externaltemperature", unit(11.5, "celsius"), json!({"temperature": 11.5})),
        ("/tesla/thermometer/interior", "climate-internaltemperature", unit(19.0, "degrees-celsius"), json!({"temperature": 19.0})),
        ("/tesla/climate/steering_wheel", "hvac-issteeringheateractive", value(true), json!({"status": "ON"})),
        ("/tesla/virtual_key", "connectivitystatus-isdigitalkeypaired", value(true), json!({"isPaired": true})),
    ];
    for (path, code, found, expected) in rows {
        check(path, &[(code, found)], expected);
    }
}

#[test]
fn a_number_that_needs_no_conversion_is_written_as_it_came() {
    for (number, written) in [
        (json!(18250), "18250"),
        (json!(1.10), "1.1"),
        (json!("18250"), "18250.0"),
    ] {
        let signals = store(&[("odometer-traveleddistance", unit(number, "km"))]);
        let raw = signals.answer("/odometer").unwrap().read_raw().unwrap();
        assert_eq!(raw.body.get(), format!(r#"{{"distance":{written}}}"#));
    }
}

#[test]
fn location_and_compass() {
    let place =
        json!({"latitude": 52.5163, "longitude": 13.3777, "heading": 221.5, "direction": "SW"});
    let signals = [("location-preciselocation", place)];
    check(
        "/location",
        &signals,
        json!({"latitude": 52.5163, "longitude": 13.3777}),
    );
    check(
        "/tesla/compass",
        &signals,
        json!({"direction": "SW", "heading": 221.5}),
    );
}

#[test]
fn fuel_and_battery() {
    check(
        "/fuel",
        &[
            ("internalcombustionengine-fuellevel", unit(62, "percent")),
            (
                "internalcombustionengine-amountremaining",
                unit(31.4, "liters"),
            ),
            ("internalcombustionengine-range", unit(438.0, "km")),
        ],
        json!({"percentRemaining": 0.62, "amountRemaining": 31.4, "range": 438.0}),
    );
    // What the vehicle does not report is null, as on v2.0.
    check(
        "/fuel",
        &[("internalcombustionengine-range", unit(438.0, "km"))],
        json!({"percentRemaining": null, "range": 438.0}),
    );
    let range = store(&[("internalcombustionengine-range", unit(438.0, "km"))]);
    let raw = range.answer("/fuel").unwrap().read_raw().unwrap().body;
    let raw: Value = serde_json::from_str(raw.get()).unwrap();
    assert_eq!(raw, json!({"percentRemaining": null, "range": 438.0}));
    let range = json!({"value": 289.0, "unit": "km", "type": "DEFAULT", "additionalValues": [
        {"type": "ESTIMATED", "value": 254.3}, {"type": "ideal_conditions", "value": 301.9}]});
    let battery = [
        ("tractionbattery-stateofcharge", unit(64, "percent")),
        ("tractionbattery-range", range),
    ];
    check(
        "/battery",
        &battery,
        json!({"percentRemaining": 0.64, "range": 289.0}),
    );
    let mut tesla = battery.to_vec();
    tesla.push(("tractionbattery-isheateractive", value(false)));
    tesla.push(("tractionbattery-maxrangechargecounter", unit(4, "count")));
    let expected = json!({"percentRemaining": 0.64, "range": 289.0, "rangeEstimated": 254.3,
        "rangeIdeal": 301.9, "heaterOn": false, "maxRangeChargeCounter": 4});
    check("/tesla/battery", &tesla, expected);
}

#[test]
fn nominal_capacity() {
    let list = json!([{"capacity": 52.0, "description": "BEV:Pure"}, {"capacity": 77.0, "description": null}]);
    let found = json!({"capacity": 77.0, "source": "USER_SELECTED", "availableCapacities": list, "unit": "kWh"});
    let expected = json!({
        "availableCapacities": [{"capacity": 52.0, "description": "BEV:Pure"}, {"capacity": 77.0}],
        "capacity": {"nominal": 77.0, "source": "USER_SELECTED"}, "url": null});
    check(
        "/battery/nominal_capacity",
        &[("tractionbattery-nominalcapacity", found)],
        expected,
    );
    let found = json!({"capacity": null, "source": null, "availableCapacities": []});
    let expected = json!({"availableCapacities": [], "capacity": null, "url": null});
    check(
        "/battery/nominal_capacity",
        &[("tractionbattery-nominalcapacity", found)],
        expected,
    );
}

#[test]
fn charge_and_its_limit() {
    let plugged = ("charge-ischargingcableconnected", value(true));
    let detailed = ("charge-detailedchargingstatus", value("FULLY_CHARGED"));
    let charging = ("charge-ischarging", value(false));
    let state = |state: &str| json!({"isPluggedIn": true, "state": state});
    check(
        "/charge",
        &[plugged.clone(), detailed, charging.clone()],
        state("FULLY_CHARGED"),
    );
    check(
        "/charge",
        &[plugged.clone(), charging],
        state("NOT_CHARGING"),
    );
    check(
        "/charge",
        &[plugged, ("charge-ischarging", value(true))],
        state("CHARGING"),
    );

    let limits = |active: Value, values: Value| {
        [(
            "charge-chargelimits",
            json!({"activeLimit": active, "values": values, "unit": "percent"}),
        )]
    };
    check(
        "/charge/limit",
        &limits(json!(90), json!([])),
        json!({"limit": 0.9}),
    );
    let values = json!([{"type": "LOCATION", "limit": 60}, {"type": "global", "limit": "80", "condition": null}]);
    check(
        "/charge/limit",
        &limits(Value::Null, values),
        json!({"limit": 0.8}),
    );
}

#[test]
fn tire_pressure_only_where_unit_and_size_agree() {
    let tires = |size: f64, unit: &str| {
        let tire =
            |row: u8, column: u8| json!({"row": row, "column": column, "tirePressure": size});
        let values = [tire(1, 1), tire(0, 0), tire(1, 0), tire(0, 1)];
        [(
            "wheel-tires",
            json!({"values": values, "rowCount": 2, "columnCount": 2, "unit": unit}),
        )]
    };
    let all = |size: f64| json!({"frontLeft": size, "frontRight": size, "backLeft": size, "backRight": size});
    check("/tires/pressure", &tires(231.0, "kPa"), all(231.0));
    check("/tires/pressure", &tires(2.5, "bar"), all(250.0));
    check("/tires/pressure", &tires(34.0, "psi"), all(34.0));
    let imperial = store(&tires(34.0, "psi"));
    let reading = imperial
        .answer("/tires/pressure")
        .unwrap()
        .read_raw()
        .unwrap();
    assert_eq!(reading.meta.unit_system, Some(UnitSystem::Imperial));
    for (size, unit) in [
        (231.0, "bar"),
        (34.0, "kPa"),
        (34.0, "bar"),
        (231.0, ""),
        (2.5, "atm"),
    ] {
        let signals = store(&tires(size, unit));
        let error = signals.answer("/tires/pressure").unwrap_err();
        assert!(
            matches!(error, ItemError::Malformed(_)),
            "{size} {unit}: {error}"
        );
        assert!(
            error.to_string().contains("request the signal itself"),
            "{error}"
        );
        // The signal itself has both as received.
        let raw = signals.answer(signal::wheel::Tires::PATH).unwrap();
        let raw = raw.read::<signal::wheel::Tires>().unwrap();
        assert_eq!(raw.unit.as_deref(), Some(unit));
        assert_eq!(raw.values.as_ref().unwrap()[0].tire_pressure, Some(size));
    }
}

#[test]
fn security_by_row_and_column() {
    let signals = [
        ("closure-islocked", value(true)),
        (
            "closure-doors",
            json!({"values": [
            {"row": 1, "column": 0, "isOpen": true, "isLocked": false}, {"row": 0, "column": 0, "isOpen": false},
            {"row": 0, "column": 1, "isOpen": null}]}),
        ),
        (
            "closure-windows",
            json!({"values": [{"row": 1, "column": 1, "isOpen": true}]}),
        ),
        ("closure-sunroof", json!({"isOpen": false})),
        (
            "closure-reartrunk",
            json!({"isOpen": true, "isLocked": false}),
        ),
        ("closure-enginecover", json!({"isOpen": false})),
        ("charge-ischargingportflapopen", value(true)),
    ];
    let expected = json!({
        "isLocked": true,
        "doors": [{"type": "frontLeft", "status": "CLOSED"}, {"type": "frontRight", "status": "UNKNOWN"},
            {"type": "backLeft", "status": "OPEN"}],
        "windows": [{"type": "backRight", "status": "OPEN"}],
        "sunroof": [{"type": "sunroof", "status": "CLOSED"}],
        "storage": [{"type": "front", "status": "CLOSED"}, {"type": "rear", "status": "OPEN"}],
        "chargingPort": [{"type": "chargingPort", "status": "OPEN"}]});
    check("/security", &signals, expected);
    let empty = json!({"isLocked": false, "doors": [], "windows": [], "sunroof": [], "storage": [], "chargingPort": []});
    check("/security", &[("closure-islocked", value(false))], empty);
}

#[test]
fn the_front_follows_the_powertrain() {
    let front = |powertrain: Value| {
        let data = [
            one("closure-islocked", &value(true)),
            one("closure-fronttrunk", &json!({"isOpen": true})),
            one("closure-enginecover", &json!({"isOpen": false})),
        ];
        let vehicle = json!({"id": "v", "attributes": {"powertrainType": powertrain}});
        let mut signals = Signals::new();
        let text = json!({"data": data, "included": {"vehicle": vehicle}}).to_string();
        signals.read(&text, None).unwrap();
        body(&signals, "/security")["storage"][0]["status"].clone()
    };
    assert_eq!(front(json!("BEV")), "OPEN");
    assert_eq!(front(json!("ICE")), "CLOSED");
    assert_eq!(front(json!("PHEV")), "CLOSED");
    assert_eq!(
        front(Value::Null),
        "OPEN",
        "without it the first that is there"
    );
}

#[test]
fn diagnostics() {
    let signals = [
        (
            "diagnostics-brakefluid",
            json!({"status": "ALERT", "description": "level low"}),
        ),
        (
            "diagnostics-mil",
            json!({"status": "OK", "description": null}),
        ),
        ("diagnostics-evhvbattery", json!({"status": "OK"})),
    ];
    let expected = json!({"systems": [
        {"systemId": "SYSTEM_BRAKE_FLUID", "status": "ALERT", "description": "level low"},
        {"systemId": "SYSTEM_EV_HV_BATTERY", "status": "OK"},
        {"systemId": "SYSTEM_MIL", "status": "OK"}]});
    check("/diagnostics/system_status", &signals, expected);
    let codes = json!({"values": [{"code": "P0128", "timestamp": "2026-03-14T09:26:53.000Z"},
        {"code": "U0100", "timestamp": null}, {"code": "B1", "timestamp": 1_773_480_413_000_u64}]});
    let expected = json!({"activeCodes": [{"code": "P0128", "timestamp": "2026-03-14T09:26:53.000Z"},
        {"code": "U0100"}, {"code": "B1", "timestamp": "2026-03-14T09:26:53Z"}]});
    check(
        "/diagnostics/dtcs",
        &[("diagnostics-dtclist", codes)],
        expected,
    );
}

#[test]
fn service_history() {
    let records = json!({"values": [{"id": 7781, "time": 1_773_480_413, "odometer": 15020.0,
        "cost": {"amount": 184.5, "currency": "EUR"}, "tasks": [{"id": "12", "description": "Brake fluid change"}],
        "details": [{"id": "Dealer", "description": null}]}]});
    let expected = json!([{"serviceId": "7781", "serviceDate": "2026-03-14T09:26:53Z", "odometerDistance": 15020.0,
        "serviceTasks": [{"taskId": "12", "taskDescription": "Brake fluid change"}],
        "serviceDetails": [{"type": "Dealer"}], "serviceCost": {"totalCost": 184.5, "currency": "EUR"}}]);
    check(
        "/service/history",
        &[("service-records", records)],
        expected,
    );
}

#[test]
fn the_vehicle_and_the_connection() {
    let mut signals = Signals::new();
    let vehicle =
        r#"{"data": {"id": "v1", "attributes": {"make": "KIA", "model": "EV6", "year": "2024"}}}"#;
    signals.set_vehicle(Ok(vehicle));
    signals.set_connection(Ok(
        r#"{"id": "c", "attributes": {"permissions": ["read_vin", "new"]}}"#,
    ));
    assert!(signals.has_vehicle());
    assert_eq!(
        body(&signals, "/"),
        json!({"id": "v1", "make": "KIA", "model": "EV6", "year": 2024})
    );
    assert_eq!(
        body(&signals, "/permissions"),
        json!({"permissions": ["read_vin", "new"]})
    );
    let needed = Needed::of(["/", "/permissions", "/"]);
    assert!(needed.vehicle && needed.connection && needed.signals.is_empty());
    let refused = ApiError::from_status(403);
    signals.set_connection(Err(ItemError::Api(Box::new(refused))));
    assert_eq!(
        signals.answer("/permissions").unwrap_err().status(),
        Some(403)
    );
}

#[test]
fn minutes_are_counted_from_the_retrieval() {
    for path in [
        "/cadillac/charge/completion",
        "/chevrolet/charge/completion",
        "/tesla/charge/completion",
    ] {
        let expected = json!({"time": "2026-03-14T11:02:08.004Z"});
        check(
            path,
            &[("charge-timetocomplete", value(95))],
            expected.clone(),
        );
        check(
            path,
            &[("charge-timetocomplete", unit(5700, "seconds"))],
            expected,
        );
    }
}

#[test]
fn charging_records() {
    let record = json!({"id": "R-7", "startTime": "2026-03-01T18:02:11Z", "endTime": "2026-03-01T21:40:09Z",
        "startStateOfCharge": 34, "endStateOfCharge": 80, "energyAdded": 28.7, "connectorType": "IEC",
        "isPublicCharger": false, "cost": {"currency": "EUR", "energyAmount": 16.7, "otherAmount": "0"},
        "location": {"name": "Ulm, DE", "address": "12 Harbour Road"}});
    let signals = [("charge-chargerecords", json!({"values": [record]}))];
    let expected = json!({"records": [{"chargeStart": "2026-03-01T18:02:11Z", "chargeEnd": "2026-03-01T21:40:09Z",
        "location": "12 Harbour Road", "energy": 28.7, "startPercentRemaining": 0.34,
        "endPercentRemaining": 0.8, "isPublic": false}]});
    for path in [
        "/bmw/charge/records",
        "/mini/charge/records",
        "/tesla/charge/records",
    ] {
        check(path, &signals, expected.clone());
    }
    let expected = json!({"hasMoreData": false, "records": [{"recordId": "R-7",
        "chargeStart": "2026-03-01T18:02:11Z", "chargeEnd": "2026-03-01T21:40:09Z", "location": "Ulm, DE",
        "energyConsumed": 28.7, "cost": {"currency": "EUR", "energy": 16.7, "other": 0.0}}]});
    check("/tesla/charge/records/billing", &signals, expected);
}

#[test]
fn tesla_and_audi_charge() {
    let signals = [
        ("charge-amperage", unit(16.0, "ampere")),
        ("charge-timetocomplete", value(95)),
        ("charge-wattage", unit(11000, "watts")),
        ("charge-voltage", unit(230.0, "volts")),
        ("charge-ischargingcableconnected", value(true)),
        ("charge-detailedchargingstatus", value("CHARGING")),
        ("charge-chargelimits", json!({"activeLimit": 85})),
        ("charge-amperagerequested", unit(16.0, "amps")),
        ("charge-energyadded", unit(9.4, "kWhr")),
        ("charge-chargerate", unit(57.5, "km/h")),
        ("charge-chargingconnectortype", value("IEC")),
        ("charge-isfastchargerpresent", value(false)),
        ("charge-fastchargertype", value("invalid")),
        ("charge-chargeportstatuscolor", value("GREEN")),
        ("charge-ischargingportflapopen", value(true)),
        ("charge-chargerphases", unit(3.0, "count")),
    ];
    let expected = json!({"amperage": 16.0, "completionTime": "2026-03-14T11:02:08.004Z", "wattage": 11.0,
        "voltage": 230.0, "isPluggedIn": true, "state": "CHARGING", "socLimit": 0.85, "amperageRequested": 16.0,
        "energyAdded": 9.4, "chargeRate": 57.5, "connector": "IEC", "fastChargerPresent": false,
        "fastChargerType": "invalid", "chargePortColor": "GREEN", "chargePortOpen": true, "chargerPhases": 3.0});
    check("/tesla/charge", &signals, expected);
    let audi = store(&signals);
    let expected = json!({"isPluggedIn": true, "wattage": 11.0, "chargeRate": 57.5, "chargePortColor": "GREEN",
        "completionTime": "2026-03-14T11:02:08.004Z", "socLimit": 0.85});
    assert_eq!(body(&audi, "/audi/charge"), expected);
}

#[test]
fn other_tesla_bodies() {
    let signals = [
        ("hvac-iscabinhvacactive", value(true)),
        ("hvac-cabintargettemperature", unit(21.5, "celsius")),
    ];
    check(
        "/tesla/climate/cabin",
        &signals,
        json!({"status": "ON", "temperature": 21.5}),
    );
    let signals = [
        ("hvac-isfrontdefrosteractive", value(false)),
        ("hvac-isreardefrosteractive", value(true)),
    ];
    check(
        "/tesla/climate/defroster",
        &signals,
        json!({"frontStatus": "OFF", "rearStatus": "ON"}),
    );
    let asleep = [
        ("connectivitystatus-isasleep", value(true)),
        ("service-isinservice", value(false)),
        ("transmission-gearstate", value("PARK")),
    ];
    check(
        "/tesla/status",
        &asleep,
        json!({"status": "ASLEEP", "inService": false, "gear": "PARK"}),
    );
    let awake = store(&[("connectivitystatus-isasleep", value(false))]);
    let error = awake.answer("/tesla/status").unwrap_err();
    assert!(
        matches!(&error, ItemError::Unsupported(found) if found.member.as_deref() == Some("status")),
        "{error}"
    );
    let access = [
        ("vehicleuseraccount-role", value("OWNER")),
        (
            "vehicleuseraccount-permissions",
            json!({"values": ["vehicle_device_data"]}),
        ),
    ];
    check(
        "/tesla/user/access",
        &access,
        json!({"accessType": "OWNER", "permissions": ["vehicle_device_data"]}),
    );

    let mut signals = store(&[
        (
            "connectivitysoftware-currentfirmwareversion",
            value("2026.8.3"),
        ),
        ("vehicleidentification-nickname", value("Blue")),
        ("vehicleidentification-exteriorcolor", value("DeepBlue")),
        ("vehicleidentification-trim", value("50")),
        ("wheel-style", value("Aero18")),
        ("location-isathome", value(true)),
        ("surveillance-isenabled", value(false)),
    ]);
    signals.set_vehicle(Ok(
        r#"{"id": "v", "attributes": {"make": "TESLA", "model": "Model 3", "year": 2022}}"#,
    ));
    let expected = json!({"id": "v", "make": "TESLA", "model": "Model 3", "year": 2022,
        "firmwareVersion": "2026.8.3", "trimBadging": "50", "nickname": "Blue", "atHome": true,
        "sentryMode": {"enabled": false}, "style": {"exteriorColor": "DeepBlue"}, "wheel": {"style": "Aero18"}});
    assert_eq!(body(&signals, "/tesla/attributes"), expected);
}

#[test]
fn what_version_3_has_not_is_an_outcome_of_its_own() {
    let none = [
        "/ford/charge/schedule_by_location",
        "/lincoln/charge/schedule_by_location",
        "/nissan/charge/schedule",
        "/tesla/charge/schedule",
        "/tesla/alerts",
        "/tesla/user/info",
        "/tesla/migration",
        "/new/path",
    ];
    let signals = store(&[("odometer-traveleddistance", unit(1, "km"))]);
    for path in none {
        let error = signals.answer(path).unwrap_err();
        assert!(
            matches!(&error, ItemError::Unsupported(found) if found.path == path),
            "{path}: {error}"
        );
        assert!(!error.is_retryable() && !error.is_missing());
        assert!(Needed::of([path]).is_empty(), "{path}");
    }
    // Every other endpoint has a source.
    for info in ENDPOINTS.iter().filter(|info| !none.contains(&info.path)) {
        assert!(!Needed::of([info.path]).is_empty(), "{}", info.path);
    }
}

#[test]
fn an_empty_store_and_a_missing_signal_say_so() {
    let empty = store(&[]);
    let error = empty.answer("/battery").unwrap_err();
    let ItemError::NotAvailable(missing) = &error else {
        panic!("{error}");
    };
    assert_eq!(missing.reason, NotAvailableReason::EmptyStore);
    assert_eq!(
        missing.signals,
        ["tractionbattery-stateofcharge", "tractionbattery-range"]
    );
    assert!(
        error.is_missing() && error.to_string().contains("is empty"),
        "{error}"
    );
    let other = store(&[("tractionbattery-range", unit(1, "km"))]);
    let error = other.answer("/odometer").unwrap_err();
    assert!(
        matches!(&error, ItemError::NotAvailable(missing) if missing.reason == NotAvailableReason::NotStored),
        "{error}"
    );
    // Nothing was requested, so nothing is known.
    assert_eq!(
        Signals::new().answer("/odometer").unwrap_err(),
        ItemError::Missing
    );
}

#[test]
fn signals_are_endpoints_like_any_other() {
    type Both = (signal::odometer::TraveledDistance, Odometer, Location);
    let signals = store(&[("odometer-traveleddistance", unit(11340.2, "miles"))]);
    let paths = Both::PATHS.to_vec();
    let asked: Vec<_> = paths.iter().copied().enumerate().collect();
    let mut outcomes = <Both as Batch>::outcomes();
    signals.answer_all(&asked, &mut outcomes);
    assert!(outcomes.error(2).unwrap().is_missing());
    let (signal, odometer, _) = Both::data(outcomes).unwrap();
    let (signal, odometer) = (signal.unwrap(), odometer.unwrap());
    assert_eq!(
        (signal.value, signal.unit.as_deref()),
        (Some(11340.2), Some("miles"))
    );
    assert!((odometer.distance - 11340.2).abs() < 1e-9);
    for meta in [&signal.meta, &odometer.meta] {
        assert_eq!(meta.unit_system, Some(UnitSystem::Imperial));
        assert_eq!(meta.data_age, "2026-03-14T09:12:31Z".parse().ok());
        assert_eq!(meta.fetched_at, "2026-03-14T09:27:08.004Z".parse().ok());
        assert_eq!(meta.request_id.as_deref(), Some("r1"));
    }
}

#[test]
fn the_oldest_signal_is_the_age_and_mixed_units_are_no_reading() {
    let mut old = one("internalcombustionengine-range", &unit(438, "km"));
    old["meta"] = json!({"retrievedAt": "2026-03-10T00:00:00Z", "oemUpdatedAt": 1_773_100_800});
    let new = one(
        "internalcombustionengine-amountremaining",
        &unit(31.4, "liters"),
    );
    let mut signals = Signals::new();
    signals
        .read(json!({"data": [old, new]}).to_string(), None)
        .unwrap();
    let fuel = signals.answer("/fuel").unwrap().read::<Fuel>().unwrap();
    assert_eq!(fuel.meta.data_age, "2026-03-10T00:00:00Z".parse().ok());
    assert_eq!(fuel.meta.fetched_at, "2026-03-10T00:00:00Z".parse().ok());
    assert_eq!(fuel.meta.unit_system, Some(UnitSystem::Metric));
    let mixed = store(&[
        ("internalcombustionengine-range", unit(438, "km")),
        (
            "internalcombustionengine-amountremaining",
            unit(8.3, "gallons"),
        ),
    ]);
    assert!(matches!(
        mixed.answer("/fuel"),
        Err(ItemError::Malformed(_))
    ));
}

#[test]
fn a_failed_signal_fails_what_needs_it_and_is_told_where_it_does_not() {
    let failed = json!({"id": "tractionbattery-range", "attributes": {"status": {"value": "ERROR",
        "error": {"type": "UPSTREAM", "code": "NO_RESPONSE", "detail": "no answer", "description": "deprecated",
            "resolution": {"type": "RETRY_LATER"}}}, "body": {"value": 3}}});
    let data = json!([
        one("tractionbattery-stateofcharge", &unit(64, "percent")),
        failed
    ]);
    let mut signals = Signals::new();
    signals
        .read(json!({ "data": data }).to_string(), None)
        .unwrap();
    let error = signals.answer("/battery").unwrap_err();
    let api = error.api_error().unwrap();
    assert_eq!(
        (api.status, api.description.as_deref()),
        (502, Some("no answer"))
    );
    assert!(error.is_retryable());
    let (answer, member_errors) = signals.answer_with_member_errors("/tesla/battery").unwrap();
    assert_eq!(
        answer.read::<tesla::Battery>().unwrap().percent_remaining,
        Some(0.64)
    );
    assert!(
        member_errors
            .iter()
            .any(|gap| gap.member == "/range" && gap.error == error),
        "{member_errors:?}"
    );
}

#[test]
fn the_table_of_signals() {
    assert_eq!(SIGNALS.len(), 96);
    assert_eq!(
        SIGNALS.iter().filter(|info| info.certainty == "D").count(),
        90
    );
    let info = SignalInfo::of_path("/signals/charge-wattage").unwrap();
    assert_eq!(
        info.used_by,
        ["/audi/charge", "/tesla/charge", "/tesla/charge/wattmeter"]
    );
    assert_eq!(info.unit.unwrap().metric, "W");
    let raw = serde_json::value::to_raw_value(&json!({"value": "10900", "other": 1})).unwrap();
    assert_eq!(info.normalize(&raw).unwrap().get(), r#"{"value":10900.0}"#);
}

#[test]
fn a_value_of_the_wrong_type_is_located_in_the_body_made_of_it() {
    let signals = store(&[
        (
            "charge-ischargingcableconnected",
            value(json!({"on": true})),
        ),
        ("charge-detailedchargingstatus", value("CHARGING")),
    ]);
    match signals.answer("/charge").unwrap().read::<Charge>() {
        Err(ItemError::Malformed(malformed)) => {
            assert_eq!(malformed.pointer(), "/body/isPluggedIn");
            assert_eq!(malformed.reason(), "expected a boolean, found an object");
        }
        other => panic!("{other:?}"),
    }
}
