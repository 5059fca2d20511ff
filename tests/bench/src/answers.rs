//! The answers that are measured: synthetic, compact, six items in 999 bytes.
//!
//! Invariant: every contestant reads the same bytes.

/// A path and its body.
pub type Entry = (&'static str, &'static str);

/// Fourteen endpoints; an answer of two or six has the first of them.
pub const ENTRIES: [Entry; 14] = [
    ("/odometer", r#"{"distance":18250.6}"#),
    ("/location", r#"{"latitude":52.5163,"longitude":13.3777}"#),
    (
        "/fuel",
        r#"{"percentRemaining":0.62,"amountRemaining":31.4,"range":438.0}"#,
    ),
    ("/battery", r#"{"percentRemaining":0.71,"range":302.5}"#),
    ("/charge", r#"{"isPluggedIn":true,"state":"CHARGING"}"#),
    ("/engine/oil", r#"{"lifeRemaining":0.48}"#),
    (
        "/tires/pressure",
        r#"{"frontLeft":231.0,"frontRight":229.5,"backLeft":240.2,"backRight":241.0}"#,
    ),
    ("/charge/limit", r#"{"limit":0.9}"#),
    ("/vin", r#"{"vin":"KNAC381AZP5000042"}"#),
    (
        "/",
        r#"{"id":"3f1c9a52-6d0e-4b8f-9c37-5e2a7d40b611","make":"KIA","model":"EV6","year":2024}"#,
    ),
    (
        "/security",
        r#"{"isLocked":true,"doors":[{"type":"frontLeft","status":"CLOSED"},{"type":"frontRight","status":"CLOSED"},{"type":"backLeft","status":"CLOSED"},{"type":"backRight","status":"UNKNOWN"}],"windows":[{"type":"frontLeft","status":"OPEN"}],"sunroof":[],"storage":[{"type":"front","status":"CLOSED"},{"type":"rear","status":"CLOSED"}],"chargingPort":[{"type":"chargingPort","status":"OPEN"}]}"#,
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
        "/battery/nominal_capacity",
        r#"{"availableCapacities":[{"capacity":52,"description":"BEV:Pure"},{"capacity":77,"description":null}],"capacity":{"nominal":77,"source":"USER_SELECTED"},"url":null}"#,
    ),
];

const HEADERS: &str = r#"{"sc-data-age":"2026-03-14T09:12:31.000Z","sc-unit-system":"metric"}"#;

const ERROR: &str = r#"{"type":"RATE_LIMIT","code":"VEHICLE","description":"too many requests to this vehicle","statusCode":429,"docURL":"https://smartcar.com/docs/errors/api-errors/rate-limit-errors#vehicle","requestId":"b0f7a3d4-52c6-4e19-8a77-9d1e6c3f2b80","resolution":{"type":"RETRY_LATER"},"suggestedUserMessage":"Please try again in a few minutes."}"#;

fn whole(items: &[String]) -> String {
    format!(r#"{{"responses":[{}]}}"#, items.join(","))
}

fn documented((path, body): &Entry) -> String {
    format!(r#"{{"path":"{path}","code":200,"body":{body},"headers":{HEADERS}}}"#)
}

/// The first items in the documented order of members.
pub fn documented_order(items: usize) -> String {
    let items: Vec<_> = ENTRIES[..items].iter().map(documented).collect();
    whole(&items)
}

/// The same with an age of its own for each.
pub fn own_ages(items: usize) -> String {
    let aged = |(minute, entry): (usize, &Entry)| {
        documented(entry).replace("09:12:31", &format!("09:{minute:02}:31"))
    };
    let items: Vec<_> = ENTRIES[..items].iter().enumerate().map(aged).collect();
    whole(&items)
}

/// The same with each body before its path.
pub fn body_first(items: usize) -> String {
    let item = |(path, body): &Entry| {
        format!(r#"{{"body":{body},"headers":{HEADERS},"code":200,"path":"{path}"}}"#)
    };
    let items: Vec<_> = ENTRIES[..items].iter().map(item).collect();
    whole(&items)
}

/// Six items of which the second and the fifth changed places.
pub fn swapped() -> String {
    let mut items: Vec<_> = ENTRIES[..6].iter().map(documented).collect();
    items.swap(1, 4);
    whole(&items)
}

/// Six items of which the third is an error.
pub fn one_error() -> String {
    let mut items: Vec<_> = ENTRIES[..6].iter().map(documented).collect();
    items[2] = format!(r#"{{"path":"/fuel","code":429,"body":{ERROR}}}"#);
    whole(&items)
}
