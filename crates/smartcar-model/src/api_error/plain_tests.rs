//! The documented form of the error object, and others.
//!
//! Invariant: the one pass gives what reading with care gives, or nothing.

use super::{ApiError, plain};

const WHOLE: &str = r#"{"type": "RATE_LIMIT", "code": "VEHICLE", "description": "too \u00e9 many\n",
    "statusCode": 429, "docURL": null, "requestId": "", "resolution": {"type": "RETRY_LATER", "url": null},
    "suggestedUserMessage": "Please try again."}"#;

fn both(body: &str) -> (bool, ApiError, ApiError) {
    let (mut plain, mut careful) = (ApiError::from_status(429), ApiError::from_status(429));
    careful.read_with_care(body);
    let read = plain::read(body);
    let filled = read.is_some();
    if let Some(read) = read {
        plain.fill_plain(read);
    }
    (filled, plain, careful)
}

#[test]
fn the_documented_form_is_read_as_with_care() {
    let (filled, plain, careful) = both(WHOLE);
    assert!(filled);
    assert_eq!(plain, careful);
    assert_eq!(plain.description.as_deref(), Some("too é many"));
    assert_eq!(plain.request_id, None);
}

#[test]
fn any_other_form_is_left_to_care() {
    for (what, with) in [
        (
            r#""statusCode": 429"#,
            r#""statusCode": 429, "statusCode": 429"#,
        ),
        (r#""statusCode": 429"#, r#""detail": "x""#),
        (r#""statusCode": 429"#, r#""errors": []"#),
        (r#""type": "RATE_LIMIT""#, r#""type": null, "error": "x""#),
        (r#""type": "RATE_LIMIT""#, r#""type": null"#),
        (r#""type": "RATE_LIMIT""#, r#""type": 3"#),
        (r#""code": "VEHICLE""#, r#""code": 1e400"#),
        (r#""code": "VEHICLE""#, r#""code": "\ud800""#),
        (r#""code": "VEHICLE""#, r#""code": "A", "code": "B""#),
        (r#"{"type": "RETRY_LATER", "url": null}"#, "\"RETRY_LATER\""),
        (r#"{"type": "RETRY_LATER", "url": null}"#, "{\"kind\": 1}"),
    ] {
        let body = WHOLE.replace(what, with);
        assert_ne!(body, WHOLE, "{what}");
        let (filled, plain, _) = both(&body);
        assert!(!filled, "{body}");
        assert_eq!(plain, ApiError::from_status(429), "{body}");
    }
}
