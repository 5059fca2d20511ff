//! The client that the environment and `--api-origin` describe.
//!
//! Invariant: the token, or what one is got for, comes from the environment
//! alone, and no message shows a variable's value.

use smartcar_batch::{AccessToken, Api, Client, ClientBuilder, Error, UserId};
use smartcar_simulator::Simulator;

use crate::refusal;

/// Why there is no client: what is wrong, and what to do about it.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// What is wrong.
    pub(crate) message: String,
    /// What mends it, where the message does not say so itself.
    pub(crate) cure: Option<&'static str>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self {
            message: refusal::in_our_words(error).to_string(),
            cure: None,
        }
    }
}

/// The version of the API that SMARTCAR_API names, if it is set.
pub(crate) fn api() -> Result<Option<Api>, Refusal> {
    let Some(name) = std::env::var_os("SMARTCAR_API").filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    // Not shown where it cannot be read: it may be a secret in the wrong place.
    let api = name.to_str().unwrap_or_default().parse();
    Ok(Some(api.map_err(|error: Error| Refusal {
        message: format!("SMARTCAR_API: {error}"),
        cure: None,
    })?))
}

/// A client-to-be of a version of the API, or of the origin that stands in for it.
pub(crate) fn builder(api: Api, origin: Option<&str>) -> Result<ClientBuilder, Refusal> {
    let mut builder = ClientBuilder::from_env()?.api(api);
    if !builder.has_token() {
        return Err(no_token(api));
    }
    if let Some(origin) = origin {
        builder = builder.api_origin(origin);
    }
    Ok(builder)
}

fn no_token(api: Api) -> Refusal {
    let (message, cure) = match api {
        Api::V3 => (
            "SMARTCAR_CLIENT_ID and SMARTCAR_CLIENT_SECRET are not both set",
            "set them to the application's credentials, or SMARTCAR_ACCESS_TOKEN to a token \
             that they got, or try --simulate",
        ),
        _ => (
            "SMARTCAR_ACCESS_TOKEN is not set",
            "set it to an access token of the vehicle's owner, or try --simulate",
        ),
    };
    Refusal {
        message: message.to_owned(),
        cure: Some(cure),
    }
}

/// A client-to-be of a simulator. Of the environment only the version counts.
pub(crate) fn simulated(api: Api, simulator: &Simulator) -> Result<ClientBuilder, Refusal> {
    let builder = Client::builder()
        .api(api)
        .access_token(AccessToken::new(simulator.token())?)
        .user(UserId::new(simulator.user())?);
    Ok(builder.api_origin(simulator.origin()))
}
