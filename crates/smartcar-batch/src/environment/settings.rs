//! The settings read from environment variables.
//!
//! Invariant: nothing is used before the API version is known.

use crate::access_token::AccessToken;
use crate::api::Api;
use crate::client_credentials::ClientCredentials;

/// The settings read from environment variables. The API version decides which of
/// them are used, and may be set later.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) access_token: Option<AccessToken>,
    pub(super) api_origin: Option<String>,
    pub(super) v3_origin: Option<String>,
    pub(crate) management_origin: Option<String>,
    pub(crate) credentials: Option<ClientCredentials>,
}

impl Settings {
    /// The origin of the API, and the name of its variable.
    pub(crate) fn origin(&self, api: Api) -> Option<(&str, &'static str)> {
        let v3 = self.v3_origin.as_deref().filter(|_| api == Api::V3);
        let v3 = v3.map(|origin| (origin, "SMARTCAR_API_V3_ORIGIN"));
        let any = self.api_origin.as_deref();
        v3.or_else(|| any.map(|origin| (origin, "SMARTCAR_API_ORIGIN")))
    }
}
