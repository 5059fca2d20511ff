//! The URL of a store.
//!
//! Invariant: what is shown of a URL has no user name, password, path or query.

use std::fmt;

use redis::{Client, IntoConnectionInfo};

use crate::error::RedisBudgetError;

/// One server, or a cluster with one of its nodes.
#[derive(Clone)]
pub(crate) enum Target {
    One(Client),
    #[cfg(feature = "cluster")]
    Cluster(redis::cluster::ClusterClient),
}

/// A target and how to show it.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) target: Target,
    shown: String,
}

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, RedisBudgetError> {
        let refuse = RedisBudgetError::invalid_url;
        let url = url::Url::parse(text).map_err(|error| refuse(format!("invalid URL: {error}")))?;
        let scheme = url.scheme().to_owned();
        let (single, is_cluster) = match scheme.strip_suffix("+cluster") {
            Some(single) => (single, true),
            None => (scheme.as_str(), false),
        };
        if !matches!(single, "redis" | "rediss" | "valkey" | "valkeys" | "unix") {
            return Err(refuse(format!(
                "the scheme `{scheme}` is not one of redis, rediss, valkey and valkeys"
            )));
        }
        if cfg!(not(feature = "rustls")) && matches!(single, "rediss" | "valkeys") {
            return Err(refuse("TLS needs the feature `rustls`".to_owned()));
        }
        let plain = format!("{single}{}", &text.trim_start()[scheme.len()..]);
        let info = plain
            .as_str()
            .into_connection_info()
            // The message of the error may show the URL.
            .map_err(|_| refuse("the URL is not that of a Redis or Valkey server".to_owned()))?;
        let shown = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{scheme}://{host}:{port}"),
            (Some(host), None) => format!("{scheme}://{host}"),
            (None, _) => format!("{scheme}:{}", url.path()),
        };
        let fail = |_| refuse("the URL cannot be used".to_owned());
        let target = if is_cluster {
            cluster(info)?
        } else {
            Target::One(Client::open(info).map_err(fail)?)
        };
        Ok(Self { target, shown })
    }
}

#[cfg(feature = "cluster")]
fn cluster(info: redis::ConnectionInfo) -> Result<Target, RedisBudgetError> {
    let fail = |_| RedisBudgetError::invalid_url("the URL cannot be used for a cluster");
    let client = redis::cluster::ClusterClient::builder([info])
        .connection_timeout(crate::link::CONNECT_TIMEOUT)
        .response_timeout(crate::link::RESPONSE_TIMEOUT)
        .retries(2)
        .build();
    Ok(Target::Cluster(client.map_err(fail)?))
}

#[cfg(not(feature = "cluster"))]
fn cluster(_: redis::ConnectionInfo) -> Result<Target, RedisBudgetError> {
    Err(RedisBudgetError::invalid_url(
        "a cluster needs the feature `cluster`",
    ))
}

/// The URL without user name and password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_secrets() {
        for (url, shown) in [
            ("redis://127.0.0.1:6379", "redis://127.0.0.1:6379"),
            ("redis://ann:pw@db.example/3", "redis://db.example"),
            (
                "valkey://:pw@db.example:7000/?protocol=resp3",
                "valkey://db.example:7000",
            ),
        ] {
            let address = Address::parse(url).unwrap();
            assert_eq!(address.to_string(), shown);
            assert_eq!(format!("{address:?}"), shown);
        }
    }

    #[test]
    fn what_is_not_a_store_is_refused_without_showing_it() {
        for url in [
            "http://ann:secret@h",
            "secret",
            "redis://ann:secret@h/db",
            "",
        ] {
            let error = Address::parse(url).unwrap_err();
            assert!(error.is_invalid_url());
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
