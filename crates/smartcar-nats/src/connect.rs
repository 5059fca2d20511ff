//! Opens the connection and checks the server.
//!
//! Invariant: a server that cannot serve is rejected before anything is created on it.

use std::time::Duration;

use async_nats::jetstream::context::{AccountErrorKind, ContextBuilder};
use async_nats::jetstream::{Context, ErrorCode};
use async_nats::{Client, ConnectOptions, ServerAddr};
use url::Url;

use crate::error::QueueError;

/// The time for a connection to open.
const OPEN: Duration = Duration::from_secs(5);

/// The time for the server to reply to a request.
const REPLY: Duration = Duration::from_secs(5);

/// Messages whose acknowledgement by the server is pending. More of them wait.
const PENDING: usize = 4096;

/// The oldest version with scheduled messages.
const OLDEST: (u64, u64) = (2, 12);

/// Connects to the servers of a URL, or of a list of URLs separated by commas.
pub(crate) async fn open(urls: &str) -> Result<Client, QueueError> {
    let mut servers = Vec::new();
    for url in urls.split(',') {
        servers.push(address(url.trim())?);
    }
    ConnectOptions::new()
        .name("smartcar")
        .connection_timeout(OPEN)
        .connect(servers)
        .await
        .map_err(QueueError::unreachable)
}

fn address(url: &str) -> Result<ServerAddr, QueueError> {
    let fault = |fault: String| QueueError::Url { fault };
    let parsed = Url::parse(url).map_err(|error| fault(error.to_string()))?;
    match parsed.scheme() {
        "nats" | "tls" => {}
        other => {
            return Err(fault(format!(
                "expected nats:// or tls://, found {other}://"
            )));
        }
    }
    ServerAddr::from_url(parsed).map_err(|error| fault(error.to_string()))
}

/// A JetStream context on a server that has what the queue needs.
pub(crate) async fn jetstream(client: &Client) -> Result<Context, QueueError> {
    let version = client.server_info().version;
    if !is_new_enough(&version) {
        return Err(QueueError::TooOld { version });
    }
    let context = ContextBuilder::new()
        .timeout(REPLY)
        .ack_timeout(REPLY)
        .max_ack_inflight(PENDING)
        .backpressure_on_inflight(true)
        .build(client.clone());
    match context.query_account().await {
        Ok(_) => Ok(context),
        Err(error) => match error.kind() {
            AccountErrorKind::JetStreamUnavailable => Err(QueueError::NoJetStream { version }),
            AccountErrorKind::JetStream(refusal)
                if [
                    ErrorCode::JETSTREAM_NOT_ENABLED,
                    ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT,
                ]
                .contains(&refusal.error_code()) =>
            {
                Err(QueueError::NoJetStream { version })
            }
            _ => Err(QueueError::unreachable(error)),
        },
    }
}

/// A version that cannot be read counts as too old.
fn is_new_enough(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(major), Some(minor)) => (major, minor) >= OLDEST,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_came_with_2_12() {
        for version in ["2.12.0", "2.12.0-RC.1", "2.15.1", "3.0.0"] {
            assert!(is_new_enough(version), "{version}");
        }
        for version in ["2.11.9", "2.9.10", "1.4.1", "", "latest"] {
            assert!(!is_new_enough(version), "{version}");
        }
    }

    #[test]
    fn an_error_about_a_url_has_no_password() {
        for url in [
            "nats//a:secret@b",
            "redis://a:secret@b",
            "https://a:secret@b",
            "",
        ] {
            let error = address(url).unwrap_err().to_string();
            assert!(error.starts_with("the NATS URL is not valid: "), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(address("nats://a:secret@127.0.0.1:4222").is_ok());
        assert!(address("tls://example.com").is_ok());
    }
}
