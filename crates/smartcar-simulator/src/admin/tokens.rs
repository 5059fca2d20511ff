//! Access tokens and authorization codes.
//!
//! Invariant: every permission that a token or a code has is known.

use serde::Deserialize;
use serde_json::json;

use super::outcome::{Outcome, created, good, refused};
use crate::app::App;
use crate::tokens::{Grant, NewToken};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    add: Option<NewToken>,
    expire: Option<String>,
}

/// Adds a token, or lets one expire.
pub(super) fn change(app: &App, change: Change) -> Outcome {
    match (change.add, change.expire) {
        (Some(token), None) => {
            app.add_token(token).map_err(refused)?;
            Ok(created(json!({"added": true})))
        }
        (None, Some(token)) => Ok(good(json!({"expired": app.tokens().expire(&token)}))),
        _ => Err(refused("give either `add` or `expire`")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Consent {
    /// If absent, every permission, as for a token.
    #[serde(default, rename = "permissions")]
    grant: Grant,
}

/// Creates a code, as if an owner had given consent.
pub(super) fn code(app: &App, Consent { grant }: Consent) -> Outcome {
    let code = app.add_code(grant).map_err(refused)?;
    Ok(created(json!({"code": code})))
}
