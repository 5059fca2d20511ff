//! One test for each known irregularity of v2.0 responses.
//!
//! Irregularities of HTTP itself (content types, headers of the outer response,
//! no response) are in the cross-crate tests.

use std::time::Duration;

use crate::common::{
    LOCATION, ODOMETER, answer, between, between_with_warnings, body, good, is_malformed, item,
    raw, read,
};
use smartcar_model::decode::ItemResponse;
use smartcar_model::error::Retry;
use smartcar_model::{
    ApiError, Attributes, Battery, Charge, ChargeLimit, DoorStatus, Dtcs, EndpointInfo, Fuel,
    ItemError, Location, NominalCapacity, Odometer, ResponseHeaders, RetryAfter, Security,
    ServiceHistory, SystemHealth, SystemId, SystemStatus, TirePressure, UnitSystem, audi, ford,
    nissan, tesla,
};

const CHARGE: &str = r#"{"isPluggedIn": true, "state": "CHARGING"}"#;

/// An error as the body of an item.
fn error(code: u16, body: &str) -> ApiError {
    let error = between::<Charge>(&item("/charge", code, body)).unwrap_err();
    error.api_error().unwrap().clone()
}

/// An error as a whole response.
fn outer(status: u16, body: &str) -> ApiError {
    ApiError::read(status, &ResponseHeaders::default(), Some(body))
}

/// A good charge with these headers, as JSON.
fn with_headers(headers: &str) -> String {
    format!(r#"{{"path": "/charge", "code": 200, "body": {CHARGE}, "headers": {headers}}}"#)
}

#[test]
fn an_object_without_responses() {
    let text = r#"{"portal": "please sign in"}"#;
    assert!(read::<(Odometer,)>(text).is_err());
}

#[test]
fn text_and_html() {
    for text in ["<!doctype html><html></html>", "Bad Gateway", ""] {
        assert!(read::<(Odometer,)>(text).is_err(), "{text}");
        assert_eq!(outer(502, text), ApiError::from_status(502), "{text}");
    }
}

#[test]
fn a_text_where_the_content_type_says_json() {
    assert_eq!(
        outer(500, "upstream connect error"),
        ApiError::from_status(500)
    );
}

#[test]
fn an_error_with_an_empty_body_or_null() {
    for status in [401, 500] {
        assert_eq!(outer(status, ""), ApiError::from_status(status));
        assert_eq!(outer(status, "null"), ApiError::from_status(status));
        let none = ApiError::read(status, &ResponseHeaders::default(), None);
        assert_eq!(none, ApiError::from_status(status));
    }
}

#[test]
fn truncated_json() {
    let text = r#"{"type": "SERVER", "code": "INT"#;
    assert_eq!(outer(500, text), ApiError::from_status(500));
}

#[test]
fn the_shape_of_v1() {
    let plain = outer(
        403,
        r#"{"error": "permission_error", "message": "not granted"}"#,
    );
    assert_eq!(plain.error_type.as_deref(), Some("permission_error"));
    assert_eq!(plain.description.as_deref(), Some("not granted"));
    assert_eq!(plain.code, None);
    assert_eq!(plain.retry(), Retry::No);
    let coded = outer(
        409,
        r#"{"error": "vehicle_state_error", "message": "asleep", "code": "VS_001"}"#,
    );
    assert_eq!(coded.code.as_deref(), Some("VS_001"));
    assert_eq!(coded.retry(), Retry::Later, "by its status");
}

#[test]
fn the_shape_of_oauth() {
    let error = outer(
        401,
        r#"{"error": "invalid_grant", "error_description": "expired"}"#,
    );
    assert_eq!(error.error_type.as_deref(), Some("invalid_grant"));
    assert_eq!(error.description.as_deref(), Some("expired"));
}

#[test]
fn neither_type_nor_error() {
    let error = outer(500, r#"{"description": "broken", "requestId": "r"}"#);
    assert_eq!(error.error_type, None);
    assert_eq!(error.description.as_deref(), Some("broken"));
    assert_eq!(error.retry(), Retry::Auto, "by its status");
}

#[test]
fn error_beside_members_of_v2() {
    let error = outer(
        502,
        r#"{"error": "UPSTREAM", "code": "NO_RESPONSE", "resolution": {"type": "RETRY_LATER"}}"#,
    );
    assert_eq!(error.error_type.as_deref(), Some("UPSTREAM"));
    assert_eq!(error.retry(), Retry::Auto);
}

#[test]
fn a_status_outside_the_usual_range() {
    for status in [100, 199, 300, 430, 600, 999] {
        assert_eq!(error(status, "{}").status, status);
        assert_eq!(error(status, "{}").retry(), Retry::No, "{status}");
    }
    assert_eq!(
        error(430, r#"{"type": "BILLING"}"#).error_type.as_deref(),
        Some("BILLING")
    );
}

#[test]
fn no_request_id() {
    let mut outcomes = <(Odometer,) as smartcar_model::Batch>::outcomes();
    let text = answer([ODOMETER]);
    smartcar_model::decode::batch(&text, None, &[(0, "/odometer")], &mut outcomes).unwrap();
    assert_eq!(outcomes.0.outcome().unwrap().meta.request_id, None);
}

#[test]
fn an_item_inherits_nothing_but_the_request_id() {
    let charge = between::<Charge>(&good::<Charge>(CHARGE)).unwrap();
    assert_eq!(charge.meta.data_age, None);
    assert_eq!(charge.meta.unit_system, None);
    assert_eq!(charge.meta.request_id.as_deref(), Some("request-1"));
}

#[test]
fn retry_after_as_text_number_and_epoch_milliseconds() {
    let wait = |value: &str| {
        let item = format!(
            r#"{{"path": "/charge", "code": 429, "body": {{}}, "headers": {{"Retry-After": {value}}}}}"#
        );
        between::<Charge>(&item).unwrap_err().retry_after()
    };
    let seconds = |count| Some(RetryAfter::Delay(Duration::from_secs(count)));
    assert_eq!(wait("\"120\""), seconds(120));
    assert_eq!(wait("120"), seconds(120));
    let year = seconds(366 * 24 * 60 * 60);
    assert_eq!(wait("1782345600000"), year);
    assert_eq!(wait("\"1782345600000\""), year);
}

#[test]
fn members_in_any_order_unknown_members_unknown_paths() {
    let charge =
        format!(r#"{{"x": [1], "body": {CHARGE}, "y": {{}}, "code": 200, "path": "/charge"}}"#);
    assert!(between::<Charge>(&charge).is_ok());
    let unknown = item("/unheard/of", 200, "{}");
    let (charge, warnings) = between_with_warnings::<Charge>(&unknown);
    assert_eq!(charge, Err(ItemError::Missing));
    assert_eq!(warnings[0].path, "/unheard/of");
}

#[test]
fn no_headers() {
    assert!(between::<Charge>(&good::<Charge>(CHARGE)).is_ok());
    assert_eq!(error(403, r#"{"type": "PERMISSION"}"#).status, 403);
}

#[test]
fn empty_headers() {
    assert!(between::<Charge>(&with_headers("{}")).is_ok());
    let failed = r#"{"path": "/charge", "code": 403, "body": {}, "headers": {}}"#;
    assert_eq!(between::<Charge>(failed).unwrap_err().status(), Some(403));
}

#[test]
fn a_failed_item_with_headers_of_a_good_one() {
    let failed = r#"{"path": "/charge", "code": 409, "body": {"type": "VEHICLE_STATE"},
        "headers": {"sc-unit-system": "metric", "sc-data-age": "2026-03-14T09:26:53Z"}}"#;
    assert_eq!(between::<Charge>(failed).unwrap_err().status(), Some(409));
}

#[test]
fn headers_twice_in_an_error_and_in_a_success() {
    let waits = r#""headers": {"retry-after": "7"}, "headers": {"retry-after": "9"}"#;
    let failed = format!(
        r#"{{"path": "/charge", "code": 429, {waits},
            "body": {{"type": "RATE_LIMIT", "code": "VEHICLE"}}}}"#
    );
    let error = between::<Charge>(&failed).unwrap_err();
    let api = error
        .api_error()
        .expect("an error stays an error of the API");
    assert_eq!((api.status, api.retry_after), (429, None), "neither counts");
    let good = format!(r#"{{"path": "/charge", "code": 200, {waits}, "body": {CHARGE}}}"#);
    let malformed = between::<Charge>(&good).unwrap_err();
    assert!(
        matches!(&malformed, ItemError::Malformed(why) if why.pointer() == "/headers"),
        "{malformed}"
    );
}

#[test]
fn the_first_of_two_headers_counts_in_an_item() {
    let day = |day: u8| format!("2026-03-{day}T09:26:53Z");
    let headers = format!(
        r#"{{"sc-data-age": "{}", "sc-unit-system": "imperial", "sc-fetched-at": "{}",
            "sc-data-age": "{}", "SC-Unit-System": "metric", "sc-fetched-at": "{}"}}"#,
        day(14),
        day(15),
        day(16),
        day(17)
    );
    let meta = between::<Charge>(&with_headers(&headers)).unwrap().meta;
    assert_eq!(meta.data_age, day(14).parse().ok());
    assert_eq!(meta.fetched_at, day(15).parse().ok());
    assert_eq!(meta.unit_system, Some(UnitSystem::Imperial));
}

#[test]
fn header_names_in_any_letter_case() {
    for name in [
        "sc-unit-system",
        "SC-Unit-System",
        "SC-UNIT-SYSTEM",
        "sC-uNIT-sYSTEM",
    ] {
        let charge = between::<Charge>(&with_headers(&format!(r#"{{"{name}": "imperial"}}"#)));
        assert_eq!(charge.unwrap().meta.unit_system, Some(UnitSystem::Imperial));
    }
}

#[test]
fn a_header_value_that_is_a_number() {
    for headers in [
        r#"{"sc-data-age": 1571877826, "sc-unit-system": "metric"}"#,
        r#"{"x-anything": 3.5, "sc-unit-system": "metric"}"#,
    ] {
        let meta = between::<Charge>(&with_headers(headers)).unwrap().meta;
        assert_eq!(meta.unit_system, Some(UnitSystem::Metric));
        assert_eq!(meta.data_age, None, "a number is no date");
    }
}

#[test]
fn headers_without_some_of_the_known_names() {
    let age = r#"{"sc-data-age": "2026-03-14T09:26:53.000Z"}"#;
    let meta = between::<Charge>(&with_headers(age)).unwrap().meta;
    assert!(meta.data_age.is_some() && meta.fetched_at.is_none() && meta.unit_system.is_none());
    let unit = r#"{"sc-unit-system": "metric"}"#;
    let meta = between::<Charge>(&with_headers(unit)).unwrap().meta;
    assert!(meta.data_age.is_none() && meta.unit_system.is_some());
}

#[test]
fn a_unit_system_where_there_are_no_units() {
    let headers = r#"{"sc-unit-system": "imperial"}"#;
    let meta = between::<Charge>(&with_headers(headers)).unwrap().meta;
    assert_eq!(meta.unit_system, Some(UnitSystem::Imperial), "as it came");
}

#[test]
fn dates_with_and_without_milliseconds_and_none() {
    let age = |date: &str| {
        let headers = format!(r#"{{"sc-data-age": "{date}"}}"#);
        between::<Charge>(&with_headers(&headers))
            .unwrap()
            .meta
            .data_age
    };
    let whole = age("2026-03-14T09:26:53Z");
    assert!(whole.is_some());
    assert_eq!(age("2026-03-14T09:26:53.000Z"), whole);
    assert_eq!(age("Sat Mar 14 2026"), None);
    assert_eq!(age(""), None);
}

#[test]
fn a_path_without_its_slash() {
    assert!(between::<Charge>(&item("charge", 200, CHARGE)).is_ok());
}

#[test]
fn every_item_failed() {
    let items = ["/odometer", "/location"].map(|path| item(path, 403, r#"{"type": "PERMISSION"}"#));
    let ((odometer, location), warnings) = read::<(Odometer, Location)>(&answer(items)).unwrap();
    assert!(warnings.is_empty());
    assert_eq!(odometer.unwrap_err().status(), Some(403));
    assert_eq!(location.unwrap_err().status(), Some(403));
}

#[test]
fn a_path_that_is_not_answered() {
    let ((odometer, charge), _) = read::<(Odometer, Charge)>(&answer([ODOMETER])).unwrap();
    assert!(odometer.is_ok());
    assert_eq!(charge, Err(ItemError::Missing));
}

#[test]
fn another_order() {
    let text = answer([LOCATION, ODOMETER]);
    let ((odometer, location), _) = read::<(Odometer, Location)>(&text).unwrap();
    assert!(odometer.is_ok() && location.is_ok());
}

#[test]
fn code_204() {
    let empty = r#"{"path": "/charge", "code": 204}"#;
    assert!(is_malformed(&between::<Charge>(empty)));
    let full = item("/charge", 204, CHARGE);
    assert!(between::<Charge>(&full).is_ok(), "two SDKs accept it");
}

#[test]
fn a_validation_error_of_an_item() {
    let error = error(
        400,
        r#"{"type": "VALIDATION", "code": null, "detail": [{"field": ["requests", 0], "message": "no"}]}"#,
    );
    assert_eq!(error.error_type.as_deref(), Some("VALIDATION"));
    let detail = error.detail.as_ref().unwrap();
    assert_eq!(detail[0]["field"][0], "requests");
    assert_eq!(detail[0]["field"][1], 0);
    assert_eq!(error.retry(), Retry::No);
}

#[test]
fn a_limit_of_an_item_with_its_wait() {
    let item = r#"{"path": "/charge", "code": 429, "headers": {"Retry-After": "60"},
        "body": {"type": "RATE_LIMIT", "code": "VEHICLE", "statusCode": 429}}"#;
    let error = between::<Charge>(item).unwrap_err();
    let wait = RetryAfter::Delay(Duration::from_secs(60));
    assert_eq!(error.retry_after(), Some(wait));
    assert_eq!(error.api_error().unwrap().retry(), Retry::Wait);
}

#[test]
fn an_item_in_the_shape_of_v1() {
    for (body, code) in [
        (r#"{"error": "vehicle_state_error", "message": "m"}"#, None),
        (
            r#"{"error": "vehicle_state_error", "message": "m", "code": "VS_003"}"#,
            Some("VS_003"),
        ),
    ] {
        let error = error(409, body);
        assert_eq!(error.error_type.as_deref(), Some("vehicle_state_error"));
        assert_eq!(error.code.as_deref(), code);
    }
}

#[test]
fn one_request_id_in_all_errors() {
    let items = ["/odometer", "/location"].map(|path| item(path, 500, r#"{"requestId": "r-7"}"#));
    let ((odometer, location), _) = read::<(Odometer, Location)>(&answer(items)).unwrap();
    for error in [odometer.unwrap_err(), location.unwrap_err()] {
        let api = error.api_error().unwrap();
        assert_eq!(api.request_id.as_deref(), Some("r-7"));
    }
    let without = error(500, "{}");
    assert_eq!(without.request_id.as_deref(), Some("request-1"));
}

/// An error with a resolution, as JSON.
fn resolved(resolution: &str) -> ApiError {
    error(
        500,
        &format!(r#"{{"type": "NEW", "resolution": {resolution}}}"#),
    )
}

#[test]
fn a_resolution_is_an_object_a_text_null_or_absent() {
    for (resolution, kind) in [
        (r#"{"type": "RETRY_LATER"}"#, Some("RETRY_LATER")),
        (r#""CONTACT_SUPPORT""#, Some("CONTACT_SUPPORT")),
        ("null", None),
    ] {
        let error = resolved(resolution);
        assert_eq!(error.resolution_type(), kind);
        assert_eq!(error.error_type.as_deref(), Some("NEW"));
    }
    let absent = error(500, r#"{"type": "NEW"}"#);
    assert_eq!(absent.resolution, None);
}

#[test]
fn a_resolution_without_url_type_or_both() {
    let whole = resolved(r#"{"type": "REAUTHENTICATE", "url": "https://x"}"#);
    assert_eq!(whole.resolution.unwrap().url.as_deref(), Some("https://x"));
    for (resolution, retry) in [
        (r#"{"type": "REAUTHENTICATE"}"#, Retry::No),
        (r#"{"type": null, "url": null}"#, Retry::Auto),
        (r#"{"kind": "REAUTHENTICATE"}"#, Retry::Auto),
        ("{}", Retry::Auto),
    ] {
        let error = resolved(resolution);
        assert_eq!(error.retry(), retry, "{resolution}");
        assert_eq!(error.resolution.unwrap().url, None);
    }
}

#[test]
fn resolutions_outside_the_documented_three() {
    for kind in ["FINANCE", "ACTION_REQUIRED", "SOMETHING_NEW"] {
        let error = resolved(&format!(r#"{{"type": "{kind}"}}"#));
        assert_eq!(error.resolution_type(), Some(kind));
        assert_eq!(error.retry(), Retry::No, "not known to pass with time");
    }
}

#[test]
fn a_code_that_is_null_in_mixed_case_or_unknown() {
    let code = |code: &str| error(429, &format!(r#"{{"type": "RATE_LIMIT", "code": {code}}}"#));
    assert_eq!(code("null").code, None);
    assert_eq!(code(r#""Vehicle""#).code.as_deref(), Some("Vehicle"));
    for text in ["null", r#""Vehicle""#, r#""NEVER_SEEN""#, "7"] {
        assert_eq!(code(text).retry(), Retry::Wait, "by its status: {text}");
    }
}

#[test]
fn a_doc_url_that_is_null_absent_or_old() {
    let old = "https://smartcar.com/docs/errors/v2.0/vehicle-state/#asleep";
    let error_of = |member: &str| error(409, &format!(r#"{{"type": "VEHICLE_STATE"{member}}}"#));
    assert_eq!(error_of(r#", "docURL": null"#).doc_url, None);
    assert_eq!(error_of("").doc_url, None);
    let with = error_of(&format!(r#", "docURL": "{old}""#));
    assert_eq!(with.doc_url.as_deref(), Some(old));
}

#[test]
fn no_description_and_no_message_for_the_user() {
    let error = error(502, r#"{"type": "UPSTREAM", "code": "NO_RESPONSE"}"#);
    assert_eq!(error.description, None);
    assert_eq!(error.suggested_user_message, None);
    assert_eq!(error.to_string(), "status 502 UPSTREAM NO_RESPONSE");
}

#[test]
fn a_detail_of_any_kind() {
    let detail = |detail: &str| {
        error(
            400,
            &format!(r#"{{"type": "VALIDATION", "detail": {detail}}}"#),
        )
    };
    assert_eq!(detail("null").detail, None);
    assert_eq!(error(400, "{}").detail, None);
    for kept in [
        r#"[{"field":["requests",0,"path"],"message":"is required"}]"#,
        r#"[{"capacities":[52,77.5]}]"#,
        r#"["one","two"]"#,
        r#"{"message":"no list"}"#,
        r#""text""#,
    ] {
        assert_eq!(detail(kept).detail.unwrap().to_string(), kept);
    }
}

#[test]
fn whole_numbers_and_the_noise_of_single_precision() {
    let limit = body::<ChargeLimit>(r#"{"limit": 1}"#).unwrap();
    assert_eq!(limit.limit.to_bits(), 1.0_f64.to_bits());
    let battery =
        body::<Battery>(r#"{"percentRemaining": 0.7099999785423279, "range": 302}"#).unwrap();
    assert_eq!(
        battery.percent_remaining.to_bits(),
        f64::from(0.71_f32).to_bits()
    );
    let tires = r#"{"frontLeft": 231, "frontRight": 229.5, "backLeft": 0, "backRight": 1e2}"#;
    let tires = body::<TirePressure>(tires).unwrap();
    assert_eq!(tires.back_right.to_bits(), 100.0_f64.to_bits());
}

#[test]
fn a_year_as_text_or_number() {
    for year in ["2024", "\"2024\"", "2024.0"] {
        let text = format!(r#"{{"id": "i", "make": "KIA", "model": "EV6", "year": {year}}}"#);
        assert_eq!(body::<Attributes>(&text).unwrap().year, 2024, "{year}");
        let tesla = body::<tesla::Attributes>(&text).unwrap();
        assert_eq!(tesla.year, 2024, "{year}");
    }
}

#[test]
fn fuel_members_that_are_null_or_missing() {
    let fuel = body::<Fuel>(r#"{"percentRemaining": null, "amountRemaining": null, "range": 1}"#);
    let fuel = fuel.unwrap();
    assert_eq!(
        (fuel.percent_remaining, fuel.amount_remaining),
        (None, None)
    );
    assert_eq!(fuel.range, Some(1.0));
    let fuel = body::<Fuel>(r#"{"percentRemaining": 0.5, "range": null}"#).unwrap();
    assert_eq!((fuel.amount_remaining, fuel.range), (None, None));
}

#[test]
fn the_three_cases_of_the_nominal_capacity() {
    let sure = r#"{"availableCapacities": [{"capacity": 77, "description": null}],
        "capacity": {"nominal": 77, "source": "SMARTCAR"}, "url": null}"#;
    let sure = body::<NominalCapacity>(sure).unwrap();
    assert_eq!(sure.capacity.unwrap().nominal, Some(77.0));
    assert_eq!(sure.available_capacities[0].description, None);
    let open = r#"{"availableCapacities": [{"capacity": 52, "description": "free text: any"}, {"capacity": null}],
        "capacity": null, "url": "https://connect.smartcar.com/x?redirect_uri="}"#;
    let open = body::<NominalCapacity>(open).unwrap();
    assert!(open.capacity.is_none() && open.url.is_some());
    assert_eq!(
        open.available_capacities[0].description.as_deref(),
        Some("free text: any")
    );
    let picked = r#"{"availableCapacities": [], "capacity": {"nominal": 52.5, "source": "USER_SELECTED"},
        "url": "https://connect.smartcar.com/x"}"#;
    let picked = body::<NominalCapacity>(picked).unwrap().capacity.unwrap();
    assert_eq!(picked.source.unwrap().as_str(), "USER_SELECTED");
    let unknown = r#"{"availableCapacities": [], "capacity": {"nominal": null, "source": null}, "url": null}"#;
    assert!(body::<NominalCapacity>(unknown).is_ok());
}

#[test]
fn security_empty_locked_unknown_and_in_any_order() {
    let empty = r#"{"isLocked": false, "doors": [], "windows": [], "sunroof": [], "storage": [], "chargingPort": []}"#;
    let empty = body::<Security>(empty).unwrap();
    assert!(empty.doors.is_empty() && empty.charging_port.is_empty());
    let full = r#"{"doors": [{"type": "backRight", "status": "LOCKED"}, {"status": "UNKNOWN", "type": "frontLeft"}],
        "chargingPort": [], "storage": [{"type": "trunk", "status": "AJAR"}], "sunroof": [], "windows": [], "isLocked": true}"#;
    let full = body::<Security>(full).unwrap();
    assert_eq!(full.doors[0].status, DoorStatus::Locked);
    assert_eq!(full.doors[1].status, DoorStatus::Unknown);
    assert_eq!(full.doors[0].type_.as_str(), "backRight");
    assert_eq!(full.storage[0].status.as_str(), "AJAR");
}

#[test]
fn trouble_codes_with_null_and_more_members() {
    let codes = r#"{"activeCodes": [{"code": "P0128", "timestamp": null, "severity": 3}, {"code": "U0100"}], "more": []}"#;
    let codes = body::<Dtcs>(codes).unwrap();
    assert_eq!(codes.active_codes.len(), 2);
    assert!(
        codes
            .active_codes
            .iter()
            .all(|code| code.timestamp.is_none())
    );
    assert!(body::<Dtcs>(r#"{"activeCodes": []}"#).is_ok());
}

#[test]
fn systems_with_odd_ids_states_and_descriptions() {
    let systems = r#"{"systems": [
        {"systemId": "SYSTEM_MIL", "status": "OK", "description": null},
        {"systemID": "SYSTEM_ABS", "status": "ALERT"},
        {"systemId": "TPMS", "status": "WARNING", "description": "low"}]}"#;
    let systems = body::<SystemStatus>(systems).unwrap().systems;
    assert_eq!(systems[0].description, None);
    assert_eq!(systems[1].system_id, SystemId::Abs);
    assert_eq!(systems[1].status, SystemHealth::Alert);
    assert_eq!(systems[2].system_id.as_str(), "TPMS");
    assert_eq!(systems[2].status.as_str(), "WARNING");
}

#[test]
fn service_history_as_list_object_or_wrapped_list() {
    let record = r#"{"serviceId": "7781", "odometerDistance": 15020.0}"#;
    for text in [
        format!("[{record}]"),
        record.to_owned(),
        format!(r#"{{"serviceHistory": [{record}]}}"#),
        format!(r#"{{"serviceHistory": {record}}}"#),
        // Anything before or after the list.
        format!(r#"{{"paging": {{"count": 1}}, "serviceHistory": [{record}], "more": 1}}"#),
    ] {
        let history = body::<ServiceHistory>(&text).unwrap();
        assert_eq!(history.len(), 1, "{text}");
        assert_eq!(history[0].service_id.as_deref(), Some("7781"), "{text}");
        assert_eq!(history[0].odometer_distance, Some(15020.0), "{text}");
    }
    for text in [
        "[]",
        r#"{"serviceHistory": []}"#,
        r#"{"a": 1, "serviceHistory": []}"#,
    ] {
        assert!(body::<ServiceHistory>(text).unwrap().is_empty(), "{text}");
    }
    for text in ["{}", "3", "\"none\"", "true"] {
        assert!(is_malformed(&body::<ServiceHistory>(text)), "{text}");
    }
}

#[test]
fn members_of_a_service_record_in_every_form() {
    let record = |members: &str| {
        let history = body::<ServiceHistory>(&format!("[{{{members}}}]")).unwrap();
        history.0.into_iter().next().unwrap()
    };
    for (id, read) in [
        ("\"7781\"", Some("7781")),
        ("7781", Some("7781")),
        ("null", None),
    ] {
        for name in ["serviceId", "serviceID"] {
            let record = record(&format!(r#""{name}": {id}"#));
            assert_eq!(record.service_id.as_deref(), read);
        }
        for name in ["taskId", "taskID"] {
            let record = record(&format!(r#""serviceTasks": [{{"{name}": {id}}}]"#));
            assert_eq!(record.service_tasks.unwrap()[0].task_id.as_deref(), read);
        }
    }
    for details in [
        r#"[{"type": "Dealer", "value": null}]"#,
        r#"{"type": "Dealer"}"#,
    ] {
        let details = record(&format!(r#""serviceDetails": {details}"#)).service_details;
        assert_eq!(details.unwrap()[0].type_.as_deref(), Some("Dealer"));
    }
    for (cost, read) in [
        ("184.5", Some(184.5)),
        ("\"184.50\"", Some(184.5)),
        ("null", None),
    ] {
        let cost = record(&format!(
            r#""serviceCost": {{"totalCost": {cost}, "currency": null}}"#
        ));
        assert_eq!(cost.service_cost.unwrap().total_cost, read);
    }
    assert_eq!(record(r#""serviceCost": null"#).service_cost, None);
    let date = record(r#""serviceDate": "2026-01-20""#)
        .service_date
        .unwrap();
    assert_eq!(date.timestamp(), "2026-01-20T00:00:00Z".parse().ok());
    let odometer = record(r#""odometerDistance": "15020.5""#).odometer_distance;
    assert_eq!(odometer, Some(15020.5));
}

#[test]
fn tesla_charge_with_invalid_anywhere() {
    let info = EndpointInfo::of("/tesla/charge").unwrap();
    for field in info.fields {
        let text = format!(r#"{{"{}": "<invalid>"}}"#, field.name);
        let charge = body::<tesla::Charge>(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(charge, tesla::Charge::default(), "{text}");
        assert_eq!(info.normalize(&raw(&text)).unwrap().get(), "{}");
    }
    let sample = r#"{"voltage": 230, "connector": "<invalid>", "fastChargerType": "<invalid>",
        "isPluggedIn": true, "state": "CHARGING", "amperage": "16"}"#;
    let charge = body::<tesla::Charge>(sample).unwrap();
    assert_eq!((charge.voltage, charge.amperage), (Some(230.0), Some(16.0)));
    assert_eq!((charge.connector, charge.is_plugged_in), (None, Some(true)));
    let odd = body::<tesla::Charge>(r#"{"amperage": "<unknown>"}"#);
    assert!(is_malformed(&odd), "another text is no number");
}

#[test]
fn every_member_of_three_bodies_can_be_null() {
    for path in ["/audi/charge", "/tesla/charge", "/tesla/battery"] {
        let info = EndpointInfo::of(path).unwrap();
        let members: Vec<_> = info
            .fields
            .iter()
            .map(|field| format!(r#""{}": null"#, field.name))
            .collect();
        let text = format!("{{{}}}", members.join(", "));
        assert_eq!(info.normalize(&raw(&text)).unwrap().get(), "{}", "{path}");
        assert_eq!(info.normalize(&raw("{}")).unwrap().get(), "{}", "{path}");
    }
    let charging = r#"{"isPluggedIn": null, "chargingStatus": "CHARGING"}"#;
    assert_eq!(body::<audi::Charge>(charging).unwrap().is_plugged_in, None);
}

#[test]
fn a_bill_with_costs_as_text_and_an_empty_page_of_more() {
    let billing = r#"{"records": [{"cost": {"currency": "EUR", "energy": "16.70", "other": 0}}], "hasMoreData": false}"#;
    let billing = body::<tesla::ChargeRecordsBilling>(billing).unwrap();
    let cost = billing.records[0].cost.as_ref().unwrap();
    assert_eq!((cost.energy, cost.other), (Some(16.7), Some(0.0)));
    let empty = r#"{"records": [], "hasMoreData": true}"#;
    let empty = body::<tesla::ChargeRecordsBilling>(empty).unwrap();
    assert!(empty.records.is_empty() && empty.has_more_data);
}

#[test]
fn alerts_without_a_list_and_texts_in_two_forms() {
    let none = body::<tesla::Alerts>(r#"{"alerts": null}"#).unwrap();
    assert_eq!(none.alerts, None);
    for text in [r#""Washer fluid low""#, r#"["Washer fluid low"]"#] {
        let alerts = format!(r#"{{"alerts": [{{"name": "a", "userText": {text}}}]}}"#);
        let alerts = body::<tesla::Alerts>(&alerts).unwrap().alerts.unwrap();
        assert_eq!(
            alerts[0].user_text.as_deref().unwrap(),
            ["Washer fluid low"]
        );
    }
}

#[test]
fn times_of_a_nissan_schedule_in_two_forms() {
    for (start, end) in [
        ("22:30", "05:00"),
        ("2023-01-01T22:30:00.000Z", "2023-01-02T05:00:00.000Z"),
    ] {
        let text = format!(
            r#"{{"chargeSchedules": [{{"start": "{start}", "end": "{end}", "days": ["MONDAY", "HOLIDAY"]}}]}}"#
        );
        let schedule = body::<nissan::ChargeSchedule>(&text).unwrap();
        let entry = &schedule.charge_schedules[0];
        assert_eq!((entry.start.as_str(), entry.end.as_str()), (start, end));
        assert_eq!(entry.days[1].as_str(), "HOLIDAY");
    }
}

#[test]
fn a_ford_schedule_with_one_place_instead_of_a_list() {
    let place = r#"{"chargeLimit": 0.9, "location": {"latitude": 50.9, "longitude": 6.9},
        "chargingSchedules": {"weekday": [], "weekend": [{"start": "23:00", "end": "06:00"}]}}"#;
    for text in [
        format!(r#"{{"chargingLocation": {place}}}"#),
        format!(r#"{{"chargingLocations": {place}}}"#),
        format!(r#"{{"chargingLocations": [{place}]}}"#),
    ] {
        let schedule = body::<ford::ChargeScheduleByLocation>(&text).unwrap();
        assert_eq!(schedule.charging_locations.len(), 1);
        let weekend = &schedule.charging_locations[0].charging_schedules.weekend;
        assert_eq!(weekend[0].start, "23:00");
    }
}

#[test]
fn a_documented_member_is_missing_and_another_is_there() {
    let text = answer([
        item("/odometer", 200, r#"{"mileage": 7}"#),
        LOCATION.to_owned(),
    ]);
    let ((odometer, location), _) = read::<(Odometer, Location)>(&text).unwrap();
    assert!(is_malformed(&odometer));
    assert!(location.is_ok());
    // The same for a single endpoint.
    let headers = ResponseHeaders::default();
    let alone = ItemResponse::of_endpoint(200, headers, r#"{"mileage": 7}"#, None);
    assert!(is_malformed(&alone.read::<Odometer>()));
}
