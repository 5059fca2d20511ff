//! What the environment says.
//!
//! Invariant: nothing is used before the version of the API is decided.

use crate::access_token::AccessToken;
use crate::api::Api;
use crate::client_credentials::ClientCredentials;

/// What the environment says; the version decides what of it is used, and may be
/// set afterwards.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) access_token: Option<AccessToken>,
    pub(super) api_origin: Option<String>,
    pub(super) v3_origin: Option<String>,
    pub(crate) management_origin: Option<String>,
    pub(crate) credentials: Option<ClientCredentials>,
}

impl Settings {
    /// The API's origin, and the variable that it is from.
    pub(crate) fn origin(&self, api: Api) -> Option<(&str, &'static str)> {
        let v3 = self.v3_origin.as_deref().filter(|_| api == Api::V3);
        let v3 = v3.map(|origin| (origin, "SMARTCAR_API_V3_ORIGIN"));
        let any = self.api_origin.as_deref();
        v3.or_else(|| any.map(|origin| (origin, "SMARTCAR_API_ORIGIN")))
    }
}
