//! What every request carries, as hooks around the generated methods.
//!
//! Invariant: the token is written into one place, a header marked sensitive,
//! and no output of this module shows it.

use progenitor_client::{ClientHooks, Error, OperationInfo};
use reqwest::header::{AUTHORIZATION, HeaderValue, USER_AGENT};
use secrecy::{ExposeSecret, SecretString};

use crate::{Client, v3};

/// The access token and the user agent of a client.
///
/// ```
/// let session = smartcar_client::Session::new("secret-token".into(), "my-service/1.0").unwrap();
/// assert!(!format!("{session:?}").contains("secret-token"));
/// ```
#[derive(Debug, Clone)]
pub struct Session {
    access_token: SecretString,
    user_agent: HeaderValue,
}

impl Session {
    /// A session with a token. `None` if the user agent cannot be a header's value.
    pub fn new(access_token: SecretString, user_agent: &str) -> Option<Self> {
        Some(Self {
            access_token,
            user_agent: HeaderValue::from_str(user_agent).ok()?,
        })
    }

    /// `Bearer …`, marked sensitive so that HTTP libraries do not print or
    /// compress it. `None` if the token cannot be a header's value.
    fn authorization(&self) -> Option<HeaderValue> {
        let text = format!("Bearer {}", self.access_token.expose_secret());
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Puts onto a request what every request carries. `None` if the token
    /// cannot be a header's value.
    fn prepare(&self, request: &mut reqwest::Request) -> Option<()> {
        let authorization = self.authorization()?;
        let headers = request.headers_mut();
        // progenitor adds it to every request; the API does not know it.
        headers.remove("api-version");
        headers.insert(AUTHORIZATION, authorization);
        headers.insert(USER_AGENT, self.user_agent.clone());
        Some(())
    }
}

fn refused<E>() -> Error<E> {
    Error::InvalidRequest("the access token has characters that a header cannot carry".to_owned())
}

impl ClientHooks<Session> for Client {
    async fn pre<E>(
        &self,
        request: &mut reqwest::Request,
        _: &OperationInfo,
    ) -> Result<(), Error<E>> {
        self.inner.prepare(request).ok_or_else(refused)
    }
}

impl ClientHooks<Session> for v3::Client {
    async fn pre<E>(
        &self,
        request: &mut reqwest::Request,
        _: &OperationInfo,
    ) -> Result<(), Error<E>> {
        self.inner.prepare(request).ok_or_else(refused)
    }
}
