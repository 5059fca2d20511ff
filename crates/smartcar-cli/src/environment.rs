//! The client configured by the environment and `--api-origin`.
//!
//! Invariant: tokens and credentials come only from the environment, and no
//! message shows a variable's value.

use smartcar_batch::{AccessToken, Api, Client, ClientBuilder, Error, UserId};
use smartcar_simulator::Simulator;

use crate::refusal;

/// Input rejected by the command: what is wrong, and what to do about it.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// What is wrong.
    pub(crate) message: String,
    /// How to fix it, if the message does not say so itself.
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

/// The variable with the URL of a shared budget.
pub(crate) const BUDGET_URL: &str = "SMARTCAR_BUDGET_URL";

/// The URL in `SMARTCAR_BUDGET_URL`, if it is set.
pub(crate) fn budget_url() -> Result<Option<String>, Refusal> {
    let Some(url) = std::env::var_os(BUDGET_URL).filter(|url| !url.is_empty()) else {
        return Ok(None);
    };
    let url = url.into_string().map_err(|_| Refusal {
        message: format!("{BUDGET_URL} is not valid UTF-8"),
        cure: None,
    })?;
    Ok(Some(url))
}

/// The client ID in `SMARTCAR_CLIENT_ID`, if it is set.
pub(crate) fn client_id() -> Option<String> {
    let id = std::env::var("SMARTCAR_CLIENT_ID").ok();
    id.filter(|id| !id.is_empty())
}

/// The API version in `SMARTCAR_API`, if it is set.
pub(crate) fn api() -> Result<Option<Api>, Refusal> {
    let Some(name) = std::env::var_os("SMARTCAR_API").filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    // An invalid value is not shown: it may be a secret in the wrong variable.
    let api = name.to_str().unwrap_or_default().parse();
    Ok(Some(api.map_err(|error: Error| Refusal {
        message: format!("SMARTCAR_API: {error}"),
        cure: None,
    })?))
}

/// A client builder for the API, or for another origin.
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

/// The same for a version that the credentials may not be for: it is sent a token that
/// no server knows, to see whether the version answers at all.
pub(crate) fn builder_of_any(api: Api, origin: Option<&str>) -> Result<ClientBuilder, Refusal> {
    let mut builder = ClientBuilder::from_env()?.api(api);
    if !builder.has_token() {
        builder = builder.access_token(AccessToken::new("none")?);
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
             obtained with them, or try --simulate",
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

/// A simulator inside this process, whose clock starts now.
pub(crate) async fn simulator() -> std::io::Result<Simulator> {
    let builder = Simulator::builder().start_at(jiff::Timestamp::now());
    builder.start().await
}

/// A client builder for a simulator. Only the API version comes from the environment.
pub(crate) fn simulated(api: Api, simulator: &Simulator) -> Result<ClientBuilder, Refusal> {
    let builder = Client::builder()
        .api(api)
        .access_token(AccessToken::new(simulator.token())?)
        .user(UserId::new(simulator.user())?);
    Ok(builder.api_origin(simulator.origin()))
}
