//! Settings from environment variables.
//!
//! Invariant: variables are read when a builder is made, never per call. Errors name
//! the variable and never show its value.

pub(crate) mod settings;

use std::ffi::OsString;

use smartcar_model::{Error, ErrorKind, UserId};

use crate::access_token::AccessToken;
use crate::api::Api;
use crate::builder::ClientBuilder;
use crate::client::Client;
use crate::client_credentials::ClientCredentials;
use crate::client_secret::ClientSecret;
use settings::Settings;

impl ClientBuilder {
    /// A builder with settings from environment variables:
    ///
    /// | Variable | Meaning |
    /// |---|---|
    /// | `SMARTCAR_ACCESS_TOKEN` | [`ClientBuilder::access_token`] |
    /// | `SMARTCAR_API` | API version: `v2` (default) or `v3` |
    /// | `SMARTCAR_USER_ID` | [`ClientBuilder::user`] |
    /// | `SMARTCAR_API_ORIGIN` | [`ClientBuilder::api_origin`]; `https://api.smartcar.com` if not set |
    /// | `SMARTCAR_API_V3_ORIGIN` | origin for v3, which overrides `SMARTCAR_API_ORIGIN`; `https://vehicle.api.smartcar.com` if neither is set |
    /// | `SMARTCAR_MANAGEMENT_ORIGIN` | [`ClientBuilder::management_origin`] |
    /// | `SMARTCAR_CLIENT_ID`, `SMARTCAR_CLIENT_SECRET`, `SMARTCAR_AUTH_ORIGIN` | [`crate::ClientCredentials`] for v3, if no access token is set |
    ///
    /// An empty variable counts as not set. The variables are read once, here.
    /// Settings of the builder take precedence over them. If an origin comes from a
    /// variable, it is logged (feature `tracing`) when it is used, because it decides
    /// where the token goes.
    ///
    /// Fails with [`ErrorKind::InvalidRequest`] for a token that is not a valid
    /// header value, an unknown API version, an invalid user ID, invalid client
    /// credentials or token origin, and a value that is not UTF-8. The error names
    /// the setting and does not show its value.
    pub fn from_env() -> Result<Self, Error> {
        read(|name| std::env::var_os(name))
    }
}

impl Client {
    /// A client with settings from environment variables only:
    /// [`ClientBuilder::from_env`].
    ///
    /// Fails like [`ClientBuilder::from_env`] and [`ClientBuilder::build`].
    ///
    /// ```no_run
    /// let client = smartcar_batch::Client::from_env()?;
    /// # Ok::<(), smartcar_batch::Error>(())
    /// ```
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }
}

fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<ClientBuilder, Error> {
    let text = |name: &str| match variable(name).map(OsString::into_string) {
        None => Ok(None),
        Some(Ok(text)) if text.is_empty() => Ok(None),
        Some(Ok(text)) => Ok(Some(text)),
        Some(Err(_)) => Err(refuse(format!(
            "{name} is not valid UTF-8: set it to plain text"
        ))),
    };
    let mut builder = Client::builder();
    if let Some(api) = text("SMARTCAR_API")? {
        let api: Api = api
            .parse()
            .map_err(|error| refuse(format!("SMARTCAR_API: {error}")))?;
        builder = builder.api(api);
    }
    if let Some(user) = text("SMARTCAR_USER_ID")? {
        let user = UserId::new(user);
        builder = builder.user(user.map_err(|error| refuse(format!("SMARTCAR_USER_ID: {error}")))?);
    }
    let access_token = text("SMARTCAR_ACCESS_TOKEN")?.map(AccessToken::new);
    Ok(builder.environment(Settings {
        access_token: access_token.transpose()?,
        api_origin: text("SMARTCAR_API_ORIGIN")?,
        v3_origin: text("SMARTCAR_API_V3_ORIGIN")?,
        management_origin: text("SMARTCAR_MANAGEMENT_ORIGIN")?,
        credentials: credentials(&text)?,
    }))
}

/// The application's credentials, if both the ID and the secret are set.
fn credentials(
    text: &impl Fn(&str) -> Result<Option<String>, Error>,
) -> Result<Option<ClientCredentials>, Error> {
    let (Some(id), Some(secret)) = (text("SMARTCAR_CLIENT_ID")?, text("SMARTCAR_CLIENT_SECRET")?)
    else {
        return Ok(None);
    };
    let mut credentials = ClientCredentials::new(id, ClientSecret::new(secret)?)?;
    if let Some(origin) = text("SMARTCAR_AUTH_ORIGIN")? {
        credentials = credentials.auth_origin(&origin)?.origin_from_env();
    }
    Ok(Some(credentials))
}

fn refuse(message: String) -> Error {
    Error::new(ErrorKind::InvalidRequest, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(variables: &[(&str, &str)]) -> Result<Client, String> {
        let find = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        super::read(find)
            .and_then(ClientBuilder::build)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn reads_token_and_origin() {
        let client = build(&[
            ("SMARTCAR_ACCESS_TOKEN", "top-secret"),
            ("SMARTCAR_API_ORIGIN", "http://127.0.0.1:4010"),
            ("SMARTCAR_API", ""),
        ])
        .unwrap();
        let shown = format!("{client:?}");
        assert!(shown.contains("http://127.0.0.1:4010"), "{shown}");
        assert!(!shown.contains("top-secret"), "{shown}");
    }

    #[test]
    fn says_which_variable_to_set() {
        assert!(build(&[]).unwrap_err().contains("SMARTCAR_ACCESS_TOKEN"));
        let error = build(&[("SMARTCAR_ACCESS_TOKEN", "t"), ("SMARTCAR_API", "v9")]).unwrap_err();
        assert!(error.contains("SMARTCAR_API"), "{error}");
    }

    #[test]
    fn a_user_who_cannot_be_one_is_told_by_the_variable() {
        let token = ("SMARTCAR_ACCESS_TOKEN", "t");
        let build = |user| build(&[token, ("SMARTCAR_USER_ID", user)]);
        let user = |user| build(user).unwrap().shared.user.clone();
        assert_eq!(user("user-1"), UserId::new("user-1").ok());
        assert_eq!(user(""), None);
        let error = build("hush hush").unwrap_err();
        assert!(error.starts_with("SMARTCAR_USER_ID: "), "{error}");
        assert!(!error.contains("hush"), "{error}");
    }

    #[test]
    fn the_version_decides_which_origin_is_used() {
        let v3 = ("SMARTCAR_API_V3_ORIGIN", "http://127.0.0.1:4030");
        let any = ("SMARTCAR_API_ORIGIN", "http://127.0.0.1:4020");
        let token = ("SMARTCAR_ACCESS_TOKEN", "t");
        for (version, variables, origin) in [
            ("v3", vec![v3, any], "http://127.0.0.1:4030"),
            ("v3", vec![any], "http://127.0.0.1:4020"),
            ("v3", vec![], "https://vehicle.api.smartcar.com"),
            ("v2", vec![v3, any], "http://127.0.0.1:4020"),
            ("v2", vec![v3], "https://api.smartcar.com"),
        ] {
            let mut variables = variables;
            variables.extend([token, ("SMARTCAR_API", version)]);
            let shown = format!("{:?}", build(&variables).unwrap());
            let expected = format!("api_origin: \"{origin}\"");
            assert!(shown.contains(&expected), "{version}: {shown}");
        }
    }

    #[test]
    fn version_3_takes_the_applications_credentials() {
        let variables = [
            ("SMARTCAR_API", "v3"),
            ("SMARTCAR_CLIENT_ID", "client_1"),
            ("SMARTCAR_CLIENT_SECRET", "top-secret"),
            ("SMARTCAR_AUTH_ORIGIN", "http://127.0.0.1:4040"),
        ];
        let shown = format!("{:?}", build(&variables).unwrap());
        assert!(shown.contains("http://127.0.0.1:4040"), "{shown}");
        assert!(!shown.contains("top-secret"), "{shown}");
        // v2.0 does not use them, and half of them is never enough.
        assert!(build(&variables[1..]).is_err());
        let error = build(&variables[..2]).unwrap_err();
        assert!(error.contains("SMARTCAR_CLIENT_SECRET"), "{error}");
    }
}
