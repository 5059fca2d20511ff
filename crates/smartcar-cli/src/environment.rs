//! The client that the environment and `--api-origin` describe.
//!
//! Invariant: the token, or what one is got for, comes from the environment
//! alone, and no message shows a variable's value.

use smartcar_batch::{AccessToken, Client, ClientBuilder, Error, UserId};
use smartcar_simulator::Simulator;

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
            message: error.to_string(),
            cure: None,
        }
    }
}

/// A client-to-be of the API, or of the origin that stands in for it.
pub(crate) fn builder(origin: Option<&str>) -> Result<ClientBuilder, Refusal> {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !is_set("SMARTCAR_ACCESS_TOKEN") && !is_set("SMARTCAR_CLIENT_SECRET") {
        return Err(Refusal {
            message: "SMARTCAR_ACCESS_TOKEN is not set".into(),
            cure: Some("set it to an access token of the vehicle's owner, or try --simulate"),
        });
    }
    let mut builder = ClientBuilder::from_env()?;
    if let Some(origin) = origin {
        builder = builder.api_origin(origin);
    }
    Ok(builder)
}

/// A client-to-be of a simulator, whatever the environment says.
pub(crate) fn simulated(simulator: &Simulator) -> Result<ClientBuilder, Refusal> {
    let builder = Client::builder()
        .access_token(AccessToken::new(simulator.token())?)
        .user(UserId::new(simulator.user())?);
    Ok(builder.api_origin(simulator.origin()))
}
