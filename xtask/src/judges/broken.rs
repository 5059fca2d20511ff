//! Simulators that are broken on purpose, to see who notices.
//!
//! Invariant: each is the honest simulator with permanent faults and nothing
//! else; the judges and our own tests hear the same ones.

/// A simulator with something wrong in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// What is wrong, in a few words.
    pub name: &'static str,
    /// The faults, as `smartcar simulate --fault` takes them.
    pub faults: &'static [&'static str],
    /// The check of our own that must catch it.
    pub check: &'static str,
}

/// The simulator as it is: whoever objects to it says nothing about the others.
pub const HONEST: Broken = Broken {
    name: "nothing",
    faults: &[],
    check: "",
};

/// All of them.
pub const BROKEN: &[Broken] = &[
    Broken {
        name: "a text where a number belongs",
        faults: &[r#"item = "/odometer", body = {distance = "18250.6"}"#],
        check: "body",
    },
    Broken {
        name: "a required member left out",
        faults: &[r#"item = "/location", body = {latitude = 37.4292}"#],
        check: "body",
    },
    Broken {
        name: "null where none is allowed",
        faults: &[r#"item = "/odometer", body_json = '{"distance": null}'"#],
        check: "body",
    },
    Broken {
        name: "a declared header left out",
        faults: &[r#"path = "/odometer", unchanged = true, without_headers = ["sc-unit-system"]"#],
        check: "declared-header",
    },
    Broken {
        name: "items without headers",
        faults: &["without_item_headers = true"],
        check: "item-headers",
    },
    Broken {
        name: "a unit system where none belongs",
        faults: &[r#"item = "/vin", item_headers = {sc-unit-system = "metric"}"#],
        check: "undeclared-header",
    },
    Broken {
        name: "imperial numbers called metric",
        faults: &[r#"item = "/odometer", item_headers = {sc-unit-system = "metric"}"#],
        check: "unit-system",
    },
    Broken {
        name: "metric numbers called imperial",
        faults: &[r#"item = "/odometer", body = {distance = 18250.6}"#],
        check: "units",
    },
    Broken {
        name: "data younger than its fetch",
        faults: &[
            r#"item = "/odometer", item_headers = {sc-data-age = "2099-01-01T00:00:00.000Z"}"#,
        ],
        check: "age",
    },
    Broken {
        name: "an item dropped",
        faults: &[r#"item = "/fuel", missing = true"#],
        check: "missing-item",
    },
    Broken {
        name: "an item twice",
        faults: &[r#"item = "/fuel", duplicated = true"#],
        check: "second-item",
    },
    Broken {
        name: "an item nobody asked",
        faults: &[r#"unasked = "/wings""#],
        check: "unasked-item",
    },
    Broken {
        name: "more items than paths",
        faults: &["extra = {code = 200, headers = {}, body = {}}"],
        check: "item-count",
    },
    Broken {
        name: "items in another order",
        faults: &["reordered = true"],
        check: "item-order",
    },
    Broken {
        name: "an item's code as a text",
        faults: &[
            r#"item = "/vin", replaced = {path = "/vin", code = "200", headers = {}, body = {vin = "1HGCM82633A004352"}}"#,
        ],
        check: "item-shape",
    },
    Broken {
        name: "an error's body under 200",
        faults: &[
            r#"item = "/fuel", replaced = {path = "/fuel", code = 200, headers = {}, body = {type = "UPSTREAM", code = "NO_RESPONSE", statusCode = 502}}"#,
        ],
        check: "alone",
    },
    Broken {
        name: "a good body under 502",
        faults: &[
            r#"item = "/odometer", replaced = {path = "/odometer", code = 502, headers = {}, body = {distance = 18250.6}}"#,
        ],
        check: "item-code",
    },
    Broken {
        name: "a batch answered with 201",
        faults: &[r#"path = "/batch", unchanged = true, status = 201"#],
        check: "outer-status",
    },
    Broken {
        name: "JSON called HTML",
        faults: &[r#"unchanged = true, headers = {content-type = "text/html"}"#],
        check: "content-type",
    },
    Broken {
        name: "half of the JSON",
        faults: &[r#"path = "/batch", raw_body = '{"responses": ['"#],
        check: "json",
    },
    Broken {
        name: "no request id",
        faults: &[r#"unchanged = true, without_headers = ["sc-request-id"]"#],
        check: "request-id",
    },
    Broken {
        name: "an error without a type",
        faults: &[
            r#"item = "/fuel", replaced_json = '{"path": "/fuel", "code": 403, "headers": {}, "body": {"code": null, "statusCode": 403, "description": "x", "docURL": "x", "requestId": "x", "resolution": null}}'"#,
        ],
        check: "error-body",
    },
    Broken {
        name: "an error that names another status",
        faults: &[
            r#"item = "/fuel", replaced_json = '{"path": "/fuel", "code": 403, "headers": {}, "body": {"type": "PERMISSION", "code": null, "statusCode": 502, "description": "x", "docURL": "x", "requestId": "x", "resolution": {"type": "REAUTHENTICATE"}}}'"#,
        ],
        check: "error-status",
    },
    Broken {
        name: "an error of another request",
        faults: &[
            r#"item = "/fuel", replaced_json = '{"path": "/fuel", "code": 403, "headers": {}, "body": {"type": "PERMISSION", "code": null, "statusCode": 403, "description": "x", "docURL": "x", "requestId": "x", "resolution": {"type": "REAUTHENTICATE"}}}'"#,
        ],
        check: "error-request-id",
    },
    Broken {
        name: "an error that nobody documented",
        faults: &[
            r#"item = "/fuel", replaced_json = '{"path": "/fuel", "code": 418, "headers": {}, "body": {"type": "TEAPOT", "code": null, "statusCode": 418, "description": "x", "docURL": "x", "requestId": "x", "resolution": null}}'"#,
        ],
        check: "error-catalogue",
    },
    Broken {
        name: "a Retry-After that lies",
        faults: &[r#"item = "/vin", item_headers = {Retry-After = "1"}"#],
        check: "retry-after",
    },
    Broken {
        name: "a limit that never refuses",
        faults: &[r#"item = "/vin", body = {vin = "1HGCM82633A004352"}"#],
        check: "limit-law",
    },
    Broken {
        name: "a limit with another limit's error",
        faults: &[r#"item = "/vin", error = "RATE_LIMIT/SMARTCAR_API""#],
        check: "limit-error",
    },
];
