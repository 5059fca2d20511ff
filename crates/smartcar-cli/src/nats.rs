//! The option `--nats`, and the queue that it names.
//!
//! Invariant: the URL is shown without user, password and token.

use std::error::Error as _;

use smartcar_nats::{Queue, QueueError};
use url::Url;

use crate::exit::Exit;
use crate::{output, text};

/// The variable with the default for `--nats`.
const VARIABLE: &str = "SMARTCAR_NATS_URL";

/// The help's section on the variable.
pub(crate) const ENVIRONMENT: &str = "  SMARTCAR_NATS_URL
      Default for --nats. It can have a user and password";

// No doc comment: it would replace the command's.
#[derive(Debug, clap::Args)]
pub(crate) struct Nats {
    /// NATS server with JetStream, version 2.12 or newer, such as `nats://127.0.0.1:4222`
    #[arg(
        id = "nats",
        long = "nats",
        value_name = "URL",
        env = "SMARTCAR_NATS_URL",
        hide_env = true
    )]
    url: String,
}

/// The same option where a queue is not required, and a file can be written instead.
#[derive(Debug, clap::Args)]
pub(crate) struct OptionalNats {
    /// Store deliveries in the queue's stream of outcomes instead of printing them
    #[arg(
        id = "nats",
        long = "nats",
        value_name = "URL",
        conflicts_with = "output"
    )]
    url: Option<String>,
}

impl OptionalNats {
    /// The option; without it the variable, unless the command has a file to write to.
    pub(crate) fn given(&self, has_file: bool) -> Option<Nats> {
        let variable = || {
            let url = std::env::var_os(VARIABLE).filter(|url| !has_file && !url.is_empty())?;
            // What is not UTF-8 is not a URL either, and is refused as such.
            Some(url.to_string_lossy().into_owned())
        };
        let url = self.url.clone().or_else(variable)?;
        Some(Nats { url })
    }
}

impl Nats {
    /// Connects, and creates the streams if they are missing. Prints the error if that
    /// fails.
    pub(crate) async fn queue(&self) -> Result<Queue, Exit> {
        let connected = Queue::connect(&self.url).await;
        connected.map_err(|error| self.complain(&error))
    }

    /// The number of jobs that are in the queue, scheduled ones included. Nothing is
    /// created. `None` if the server or the stream is not there.
    pub(crate) async fn count(&self) -> Option<u64> {
        Queue::count(&self.url).await.ok().flatten()
    }

    /// Prints one line about an error.
    pub(crate) fn complain(&self, error: &QueueError) -> Exit {
        let mut message = match error {
            QueueError::Url { .. } => format!("--nats: {error}"),
            _ => format!("--nats {}: {error}", self.shown()),
        };
        if let Some(cause) = error.source() {
            message.push_str(&format!(": {cause}"));
        }
        output::complain("error", &text::shown(&message));
        match error {
            QueueError::Url { .. } => Exit::Refused,
            _ => Exit::Failed,
        }
    }

    /// The URL without user info.
    pub(crate) fn shown(&self) -> String {
        let urls: Vec<_> = self.url.split(',').map(without_user).collect();
        urls.join(",")
    }
}

/// A URL without user info. What is not a URL is not shown at all.
fn without_user(url: &str) -> String {
    let Ok(mut url) = Url::parse(url.trim()) else {
        return "…".to_owned();
    };
    // These fail only for URLs that cannot have a user.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_user() {
        for (url, shown) in [
            ("nats://127.0.0.1:4222", "nats://127.0.0.1:4222"),
            ("nats://user:secret@a:1,tls://token@b", "nats://a:1,tls://b"),
            ("secret", "…"),
        ] {
            let nats = Nats {
                url: url.to_owned(),
            };
            assert_eq!(nats.shown(), shown);
        }
    }
}
