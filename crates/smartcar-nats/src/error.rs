//! Why a queue cannot be used.
//!
//! Invariant: no message has a URL's user, password or token.

use std::error::Error as StdError;
use std::fmt;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a queue cannot be used, or why a message was not stored.
#[derive(Debug)]
#[non_exhaustive]
pub enum QueueError {
    /// The URL is not one of a NATS server.
    Url {
        /// What is wrong with it.
        fault: String,
    },
    /// The server cannot be reached, or it refused the connection.
    Unreachable {
        /// The error of the NATS client.
        source: Source,
    },
    /// The server is older than the oldest version with scheduled messages.
    TooOld {
        /// The server's version.
        version: String,
    },
    /// JetStream is off for the server or for the account.
    NoJetStream {
        /// The server's version.
        version: String,
    },
    /// A stream or consumer exists with a setting that does not work for the queue.
    Unsuitable {
        /// The name of the stream or consumer.
        name: String,
        /// The setting, as the server names it, and its value.
        setting: String,
        /// The value that is needed.
        needed: String,
    },
    /// A stream or consumer could not be created or read.
    Setup {
        /// The name of the stream or consumer.
        name: &'static str,
        /// The error of the NATS client.
        source: Source,
    },
    /// A message was not stored. It can be stored again.
    NotStored {
        /// The error of the NATS client.
        source: Source,
    },
    /// A message is larger than the server accepts. Storing it again does not help.
    TooLarge,
}

impl QueueError {
    pub(crate) fn unreachable(source: impl Into<Source>) -> Self {
        let source = source.into();
        Self::Unreachable { source }
    }

    pub(crate) fn setup(name: &'static str, source: impl Into<Source>) -> Self {
        let source = source.into();
        Self::Setup { name, source }
    }

    pub(crate) fn not_stored(source: impl Into<Source>) -> Self {
        let source = source.into();
        Self::NotStored { source }
    }
}

impl fmt::Display for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url { fault } => write!(f, "the NATS URL is not valid: {fault}"),
            Self::Unreachable { .. } => f.write_str("the NATS server cannot be reached"),
            Self::TooOld { version } => write!(
                f,
                "NATS server {version} is too old: scheduled messages need version 2.12 or newer"
            ),
            Self::NoJetStream { version } => write!(
                f,
                "NATS server {version} has JetStream disabled: start it with --jetstream, or \
                 enable JetStream for the account"
            ),
            Self::Unsuitable {
                name,
                setting,
                needed,
            } => write!(
                f,
                "JetStream {name} exists with {setting}, but {needed} is needed"
            ),
            Self::Setup { name, .. } => write!(f, "JetStream {name} cannot be used"),
            Self::NotStored { .. } => f.write_str("NATS JetStream did not store the message"),
            Self::TooLarge => f.write_str("the message is larger than the NATS server accepts"),
        }
    }
}

impl StdError for QueueError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Unreachable { source }
            | Self::Setup { source, .. }
            | Self::NotStored { source } => Some(&**source),
            Self::Url { .. }
            | Self::TooOld { .. }
            | Self::NoJetStream { .. }
            | Self::Unsuitable { .. }
            | Self::TooLarge => None,
        }
    }
}
