//! Where requests go.
//!
//! Invariant: a token is only ever sent over TLS, or to this machine.

use url::{Host, Url};

use smartcar_model::{Error, ErrorKind, InvalidReason};

/// What the errors show as an example.
const DEFAULT: &str = "https://api.smartcar.com";

/// A checked origin: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    url: Url,
}

/// A host and its port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) port: u16,
}

impl Origin {
    pub(crate) fn parse(text: &str, plain_http: bool) -> Result<Self, Error> {
        let refuse = |why: String| Err(Error::new(ErrorKind::InvalidRequest, why));
        let Ok(url) = Url::parse(text) else {
            return refuse(format!(
                "the API origin is no URL: write scheme, host and port, such as {DEFAULT}"
            ));
        };
        if !url.username().is_empty() || url.password().is_some() {
            // Not shown: what stands there may be a secret.
            return refuse(
                "the API origin has user info: remove it, the access token is passed apart"
                    .to_owned(),
            );
        }
        let origin = Self { url };
        if !["", "/"].contains(&origin.url.path())
            || origin.url.query().is_some()
            || origin.url.fragment().is_some()
        {
            return refuse(format!(
                "the API origin has more than scheme, host and port: write `{}`, without the version",
                origin.text()
            ));
        }
        match origin.url.scheme() {
            "https" => Ok(origin),
            "http" if plain_http || origin.is_loopback() => Ok(origin),
            "http" => refuse(format!(
                "the API origin `{}` is plain http to another machine, which would show the token to the network: use https, or `allow_plain_http` if the network is yours",
                origin.text()
            ))
            .map_err(|error| error.with_invalid_reason(InvalidReason::PlainHttp)),
            scheme => refuse(format!(
                "the API origin has the scheme `{scheme}`: use https"
            )),
        }
    }

    /// Scheme, host and port, without a slash at the end: what else an input
    /// had may be a secret.
    pub(crate) fn text(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Host and port, as spans name a server.
    pub(crate) fn server(&self) -> Server {
        Server {
            address: self.url.host_str().unwrap_or_default().to_owned(),
            port: self.url.port_or_known_default().unwrap_or_default(),
        }
    }

    pub(crate) fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    pub(crate) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, String> {
        Origin::parse(text, false)
            .map(|origin| origin.text())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn https_anywhere_and_http_at_home() {
        for good in [
            "https://api.smartcar.com",
            "http://127.0.0.1:4010",
            "http://[::1]:4010",
            "http://localhost:4010",
        ] {
            assert_eq!(parse(good), Ok(good.to_owned()));
        }
        assert_eq!(parse("https://api.smartcar.com/"), Ok(DEFAULT.to_owned()));
        for bad in [
            "http://api.smartcar.com",
            "http://127.0.0.1.example.com",
            "ftp://127.0.0.1",
            "api.smartcar.com",
            "",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(Origin::parse("http://mock.internal:80", true).is_ok());
    }

    #[test]
    fn only_an_origin_and_no_secret_in_the_error() {
        for bad in [
            "https://api.smartcar.com/v2.0",
            "https://api.smartcar.com?a=hunter2",
            "https://api.smartcar.com/#hunter2",
        ] {
            let error = parse(bad).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
            assert!(
                error.contains("write `https://api.smartcar.com`"),
                "{error}"
            );
        }
        let error = parse("https://user:hunter2@api.smartcar.com").unwrap_err();
        assert!(
            error.contains("user info") && !error.contains("hunter2"),
            "{error}"
        );
    }
}
