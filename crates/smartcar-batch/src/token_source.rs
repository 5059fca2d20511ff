//! Where access tokens come from.
//!
//! Invariant: a source only fetches; when, and for whom, is the client's matter.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use smartcar_client::Transport;

use crate::access_token::AccessToken;
use crate::token_error::TokenError;

/// The future of a [`TokenSource`].
pub type TokenFuture<'a> =
    Pin<Box<dyn Future<Output = Result<IssuedToken, TokenError>> + Send + 'a>>;

/// Gives access tokens that are valid now.
///
/// A client fetches a token before its first request, before the token's
/// lifetime ends, and once when the API answers 401. However many tasks meet
/// that 401, one fetch serves them all.
///
/// A fetch belongs to the client and runs in a task of its own, on the runtime of
/// the call that needed it first. It goes on when that call's deadline passes or
/// the call is dropped, so that a refresh token that is good for one use is not
/// lost; later calls wait for the same fetch. It ends early when the last clone
/// of the client is dropped, when the runtime shuts down, or after two minutes.
///
/// ```
/// use smartcar_batch::{AccessToken, IssuedToken, TokenFuture, TokenSource};
///
/// /// Asks the service that keeps the owner's refresh token.
/// #[derive(Debug)]
/// struct Vault;
///
/// impl TokenSource for Vault {
///     fn fetch(&self) -> TokenFuture<'_> {
///         Box::pin(async {
///             let token = AccessToken::new("from the vault".replace(' ', "-"))?;
///             Ok(IssuedToken::new(token).with_lifetime(std::time::Duration::from_secs(7200)))
///         })
///     }
/// }
/// ```
pub trait TokenSource: fmt::Debug + Send + Sync + 'static {
    /// A token that is valid now.
    ///
    /// An error fails the call with [`ErrorKind::Token`](crate::ErrorKind::Token),
    /// and so every call that waited for this fetch; the next call fetches anew. A
    /// [retryable](TokenError::retryable) error is retried by the call's policy
    /// instead, after the wait that it states, and counts as an attempt. Until that
    /// wait has passed nobody fetches.
    ///
    /// A panic is such an error too, for everyone who waited, and is not
    /// retryable.
    fn fetch(&self) -> TokenFuture<'_>;

    /// The same, with the transport of the client that asks. A client that has a
    /// transport of its own or a configured HTTP client calls this one, so that
    /// its proxy and its roots apply to the token's server too.
    ///
    /// Without an implementation it is [`TokenSource::fetch`]. A source that wraps
    /// another passes the call on.
    fn fetch_over<'a>(&'a self, transport: &'a dyn Transport) -> TokenFuture<'a> {
        let _ = transport;
        self.fetch()
    }
}

impl<T: TokenSource + ?Sized> TokenSource for Arc<T> {
    fn fetch(&self) -> TokenFuture<'_> {
        (**self).fetch()
    }

    fn fetch_over<'a>(&'a self, transport: &'a dyn Transport) -> TokenFuture<'a> {
        (**self).fetch_over(transport)
    }
}

/// A token as a source gives it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct IssuedToken {
    /// The token.
    pub token: AccessToken,
    /// How long it is valid from now; `None`: until the API refuses it.
    pub lifetime: Option<Duration>,
}

impl IssuedToken {
    /// A token that is valid until the API refuses it.
    pub fn new(token: AccessToken) -> Self {
        Self {
            token,
            lifetime: None,
        }
    }

    /// Says how long it is valid.
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }
}
