//! The trait of token sources.
//!
//! Invariant: a source only fetches. The client decides when, and which calls get the
//! token.

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

/// A source of valid access tokens.
///
/// A client fetches a token before its first request, before the token expires, and
/// once when the API responds with 401. If many tasks get a 401, one fetch serves all
/// of them.
///
/// A fetch belongs to the client and runs in its own task, on the runtime of the call
/// that needed it first. It continues if that call is dropped or its deadline passes,
/// so that a single-use refresh token is not lost. Later calls wait for the same
/// fetch. It ends early if the last clone of the client is dropped, if the runtime
/// shuts down, or after two minutes.
///
/// ```
/// use smartcar_batch::{AccessToken, IssuedToken, TokenFuture, TokenSource};
///
/// /// Calls the service that stores the owner's refresh token.
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
    /// Returns a token that is valid now.
    ///
    /// An error fails the call with [`ErrorKind::Token`](crate::ErrorKind::Token),
    /// and all calls that waited for this fetch; the next call fetches again. A
    /// [retryable](TokenError::retryable) error is retried by the call's policy
    /// instead, after the wait that it states, and counts as an attempt. No call
    /// fetches before that wait is over.
    ///
    /// A panic is a final error for all calls that waited.
    fn fetch(&self) -> TokenFuture<'_>;

    /// Like [`TokenSource::fetch`], with the transport of the client. The client
    /// calls this method if it has a transport of its own or a configured HTTP
    /// client, so that its proxy and root certificates apply to the token server too.
    ///
    /// The default calls [`TokenSource::fetch`]. A source that wraps another one
    /// should forward this call.
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

/// A token from a [`TokenSource`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct IssuedToken {
    /// The token.
    pub token: AccessToken,
    /// How long it is valid from now; `None`: until the API rejects it.
    pub lifetime: Option<Duration>,
}

impl IssuedToken {
    /// A token that is valid until the API rejects it.
    pub fn new(token: AccessToken) -> Self {
        Self {
            token,
            lifetime: None,
        }
    }

    /// Sets how long it is valid from now.
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }
}
