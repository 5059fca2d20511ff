//! Settings from environment variables.
//!
//! Invariant: read when a client is made, never per call, and a value is named
//! in an error by its variable only.

use std::ffi::OsString;

use crate::{AccessToken, Client, ClientBuilder, Error, ErrorKind};

pub(crate) fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<ClientBuilder, Error> {
    let text = |name: &str| match variable(name).map(OsString::into_string) {
        None => Ok(None),
        Some(Ok(text)) if text.is_empty() => Ok(None),
        Some(Ok(text)) => Ok(Some(text)),
        Some(Err(_)) => Err(refuse(format!("{name} is not UTF-8: set it to plain text"))),
    };
    let mut builder = Client::builder();
    match text("SMARTCAR_API")?.as_deref() {
        None | Some("v2" | "v2.0") => {}
        Some(_) => {
            return Err(refuse(
                "SMARTCAR_API names an API version that this client does not speak: use `v2`"
                    .to_owned(),
            ));
        }
    }
    if let Some(token) = text("SMARTCAR_ACCESS_TOKEN")? {
        builder = builder.access_token(AccessToken::new(token)?);
    }
    if let Some(origin) = text("SMARTCAR_API_ORIGIN")? {
        builder = builder.origin_from_env(origin);
    }
    Ok(builder)
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
}
