//! Errors of the token server.
//!
//! Invariant: text from the server is bounded and stripped, and text that repeats a
//! part of the secret is not shown.

use jiff::Timestamp;
use smartcar_model::ApiError;

use crate::client_secret::ClientSecret;
use crate::token_error::TokenError;
use crate::transport::Reply;

/// The error for a response other than 200.
pub(super) fn refusal(answer: &Reply, client_id: &str, secret: &ClientSecret) -> TokenError {
    let status = answer.status;
    let text = std::str::from_utf8(&answer.body).ok();
    let api = ApiError::read(status, &answer.headers, text);
    // The server may repeat what it was sent; that is not shown.
    let shown = |words: Option<String>| {
        let words = words.filter(|words| words.chars().any(char::is_alphanumeric));
        words.filter(|words| !secret.is_told_by(words))
    };
    let word = shown(api.error_type);
    let mut message = format!(
        "the token server responded with status {status}, {}",
        word.as_deref().unwrap_or("unknown error")
    );
    let reason = shown(api.description);
    if let Some(reason) = &reason {
        message.push_str(&format!(" ({reason})"));
    }
    let advice = |word| advice(word, reason.is_some());
    if let Some(advice) = word.as_deref().and_then(advice) {
        message.push_str(": ");
        message.push_str(advice);
    }
    if word.as_deref() == Some("invalid_client") && !client_id.starts_with(CLIENT) {
        message.push_str(NOT_A_CLIENT_ID);
    }
    let error = TokenError::new(message).with_status(status);
    if !matches!(status, 408 | 429 | 500..) {
        return error;
    }
    let now = answer.headers.date.unwrap_or_else(Timestamp::now);
    match answer.headers.retry_after {
        Some(wait) => error.retry_after(wait.delay_from(now)),
        None => error.retryable(),
    }
}

/// The beginning of Smartcar's client IDs for v3.
const CLIENT: &str = "client_";
/// Said only after the server rejected the ID: other servers have IDs of their own.
const NOT_A_CLIENT_ID: &str = "; a client id of v3 begins with `client_`, and the given one does not: it may be the application id, which is something else";

/// What the user can do about an OAuth error code, by whether the server gave a
/// reason.
fn advice(word: &str, has_reason: bool) -> Option<&'static str> {
    Some(match word {
        "invalid_client" => "check the client id and the client secret",
        // A guess beside the server's own reason would mislead.
        "unauthorized_client" if has_reason => {
            "check in the dashboard what the application is allowed to do"
        }
        "unauthorized_client" => {
            "the application may not get tokens with its id and secret: check in the dashboard that it is a v3 application"
        }
        "unsupported_grant_type" => {
            "the server does not issue tokens for a client id and secret: check `auth_origin`"
        }
        "invalid_scope" | "invalid_grant" => "check the application's settings in the dashboard",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use smartcar_model::ResponseHeaders;

    use super::*;

    const SECRET: &str = "s3cr3t-0f-the-app";

    fn refused(status: u16, headers: &[(&str, &str)], body: &str) -> smartcar_model::Error {
        refused_of("client_1", status, headers, body)
    }

    fn refused_of(
        id: &str,
        status: u16,
        headers: &[(&str, &str)],
        body: &str,
    ) -> smartcar_model::Error {
        let reply = Reply {
            status,
            headers: headers.iter().copied().collect::<ResponseHeaders>(),
            request_id: None,
            content_type: None,
            date: None,
            body: Bytes::from(body.to_owned()),
        };
        refusal(&reply, id, &ClientSecret::new(SECRET).unwrap()).into_error()
    }

    #[test]
    fn a_busy_server_is_retryable_with_its_wait() {
        let dates = [
            ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("Retry-After", "Sun, 06 Nov 1994 08:49:41 GMT"),
        ];
        for (status, headers, wait) in [
            (429, vec![("Retry-After", "1")], Some(1)),
            (503, dates.to_vec(), Some(4)),
            (500, Vec::new(), None),
            (502, Vec::new(), None),
            (408, Vec::new(), None),
        ] {
            let error = refused(status, &headers, r#"{"error": "rate_limited"}"#);
            assert!(error.is_retryable(), "{status}");
            assert_eq!(error.status(), Some(status));
            assert_eq!(
                error.retry_after(),
                wait.map(Duration::from_secs),
                "{status}"
            );
            assert!(error.to_string().contains("rate_limited"), "{error}");
        }
        for status in [302, 400, 401, 403, 404] {
            assert!(!refused(status, &[("Retry-After", "1")], "").is_retryable());
        }
    }

    #[test]
    fn the_servers_reason_is_shown_and_what_to_do_fits_it() {
        let told = |body| refused(400, &[], body).to_string();
        let no_grant = told(
            r#"{"error": "unauthorized_client", "error_description": "no\u001b[2J grant\u202e"}"#,
        );
        let says = "no access token: the token server responded with status 400, unauthorized_client (no[2J grant): check in the dashboard what";
        assert!(no_grant.starts_with(says), "{no_grant}");
        let no_reason = told(r#"{"error": "unauthorized_client"}"#);
        let says = "unauthorized_client: the application may not get tokens";
        assert!(no_reason.contains(says), "{no_reason}");
        let unknown = told(r#"{"error": "invalid_client"}"#);
        assert!(
            unknown.ends_with("invalid_client: check the client id and the client secret"),
            "{unknown}"
        );
        let long = told(&format!(
            r#"{{"error": "x", "error_description": "{}"}}"#,
            "y".repeat(9999)
        ));
        assert!(long.len() < 500, "{long}");
    }

    #[test]
    fn an_application_id_in_place_of_the_client_id_is_hinted_at() {
        let body =
            r#"{"error": "invalid_client", "error_description": "Client authentication failed"}"#;
        let application = "a3f0c9d2-7b1e-4c58-8f26-1d2e3f405162";
        let told = refused_of(application, 401, &[], body).to_string();
        assert!(told.contains("begins with `client_`"), "{told}");
        assert!(told.contains("application id"), "{told}");
        let told = refused_of("client_1", 401, &[], body).to_string();
        assert!(!told.contains("client_"), "{told}");
        // Another refusal has another reason.
        let busy = refused_of(application, 503, &[], r#"{"error": "busy"}"#).to_string();
        assert!(!busy.contains("client_"), "{busy}");
    }

    #[test]
    fn words_that_repeat_a_part_of_the_secret_are_not_shown() {
        for repeated in [SECRET, "f-the-app", "x S3CR3T-0f", "=0f-the-"] {
            let body =
                format!(r#"{{"error": "{repeated}", "error_description": "no {repeated}"}}"#);
            let told = refused(401, &[], &body).to_string();
            let says = "no access token: the token server responded with status 401, unknown error";
            assert_eq!(told, says);
        }
    }
}
