//! The origins that requests are sent to.
//!
//! Invariant: a token is only sent over TLS or to this machine, unless plain HTTP is
//! allowed. Errors name the setting of an origin.

use url::{Host, Url};

use smartcar_model::{Error, ErrorKind, InvalidReason};

/// The setting that an origin belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OriginName {
    Api,
    Management,
    Auth,
}

impl OriginName {
    /// The name of the builder's method.
    fn text(self) -> &'static str {
        match self {
            Self::Api => "api_origin",
            Self::Management => "management_origin",
            Self::Auth => "auth_origin",
        }
    }

    /// The live origin, which errors show as an example.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::Api => "https://api.smartcar.com",
            Self::Management => "https://vehicle.api.smartcar.com",
            Self::Auth => "https://iam.smartcar.com",
        }
    }
}

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

/// The servers that an HTTP client may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Only over TLS.
    pub(crate) https_only: bool,
    /// Only on this machine.
    pub(crate) loopback: bool,
}

impl Origin {
    pub(crate) fn parse(name: OriginName, text: &str, plain_http: bool) -> Result<Self, Error> {
        let refuse = |why: String| {
            let message = format!("`{}` {why}", name.text());
            Err(Error::new(ErrorKind::InvalidRequest, message))
        };
        let Ok(url) = Url::parse(text) else {
            return refuse(format!(
                "is not a URL: use scheme, host and port, such as {}",
                name.example()
            ));
        };
        if !url.username().is_empty() || url.password().is_some() {
            // The value is not shown: it may be a secret.
            return refuse("has user info: remove it, tokens are passed separately".to_owned());
        }
        let origin = Self { url };
        if !["", "/"].contains(&origin.url.path())
            || origin.url.query().is_some()
            || origin.url.fragment().is_some()
        {
            return refuse(format!(
                "has more than scheme, host and port: use `{}`, without a path",
                origin.text()
            ));
        }
        match origin.url.scheme() {
            "https" => Ok(origin),
            "http" if plain_http || origin.is_loopback() => Ok(origin),
            "http" => {
                let allow = match name {
                    OriginName::Auth => "",
                    _ => ", or `allow_plain_http` on a private network",
                };
                refuse(format!(
                    "`{}` is plain http to another machine, which would show the token to the network: use https{allow}",
                    origin.text()
                ))
                .map_err(|error| error.with_invalid_reason(InvalidReason::PlainHttp))
            }
            scheme => refuse(format!("has the scheme `{scheme}`: use https")),
        }
    }

    /// Scheme, host and port, without a trailing slash. Other parts of an input may
    /// be secret.
    pub(crate) fn text(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The origin with a path.
    pub(crate) fn with_path(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }

    /// Host and port, for spans.
    pub(crate) fn server(&self) -> Server {
        Server {
            address: self.url.host_str().unwrap_or_default().to_owned(),
            port: self.url.port_or_known_default().unwrap_or_default(),
        }
    }

    /// The servers that an HTTP client for this origin needs to reach.
    pub(crate) fn reach(&self) -> Reach {
        Reach {
            https_only: self.url.scheme() == "https",
            loopback: self.is_loopback(),
        }
    }

    fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, String> {
        Origin::parse(OriginName::Api, text, false)
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
        assert_eq!(
            parse("https://api.smartcar.com/"),
            Ok(OriginName::Api.example().to_owned())
        );
        for bad in [
            "http://api.smartcar.com",
            "http://127.0.0.1.example.com",
            "ftp://127.0.0.1",
            "api.smartcar.com",
            "",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(Origin::parse(OriginName::Api, "http://mock.internal:80", true).is_ok());
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
            assert!(error.contains("use `https://api.smartcar.com`"), "{error}");
        }
        let error = parse("https://user:hunter2@api.smartcar.com").unwrap_err();
        assert!(
            error.contains("user info") && !error.contains("hunter2"),
            "{error}"
        );
    }

    #[test]
    fn an_origin_is_called_by_the_name_of_its_setting() {
        for (name, called) in [
            (OriginName::Api, "`api_origin`"),
            (OriginName::Management, "`management_origin`"),
            (OriginName::Auth, "`auth_origin`"),
        ] {
            for bad in [
                "",
                "https://user@host",
                "https://host/path",
                "http://host",
                "ftp://host",
            ] {
                let error = Origin::parse(name, bad, false).unwrap_err().to_string();
                assert!(error.starts_with(called), "{bad}: {error}");
            }
        }
    }
}
