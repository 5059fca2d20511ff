//! Where access tokens come from, and the one refresh that all tasks share.
//!
//! Invariant: while a refresh runs everyone who needs its outcome waits for it;
//! a task that is dropped in the middle leaves the next one to do it.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use smartcar_client::Transport;
use smartcar_model::{Error, ErrorKind};

use crate::access_token::AccessToken;
use crate::limits::TOKEN_MARGIN;

/// What a [`TokenSource`] fails with; its text must not show a secret.
pub type TokenError = Box<dyn StdError + Send + Sync>;

/// The future of a [`TokenSource`].
pub type TokenFuture<'a> =
    Pin<Box<dyn Future<Output = Result<IssuedToken, TokenError>> + Send + 'a>>;

/// Gives access tokens that are valid now.
///
/// A client fetches a token before its first request, before the token's
/// lifetime ends, and once when the API answers 401. However many tasks meet
/// that 401, one fetch serves them all.
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
    /// An error fails the call with [`ErrorKind::Token`], and so every call that
    /// waited for this fetch; the next call fetches anew. It is not repeated by the
    /// client: a source knows better whether that helps.
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

/// The tokens of a client and its clones.
#[derive(Debug)]
pub(crate) enum Tokens {
    /// One token for the client's life.
    Static(AccessToken),
    /// A source and what it gave last.
    Source(Arc<dyn TokenSource>, Mutex<Kept>),
}

#[derive(Debug, Default)]
pub(crate) struct Kept {
    current: Option<Lease>,
    /// Counts fetches, so that a task can tell whether the token that was
    /// refused is still the current one.
    generation: u64,
    /// The last failure: who waited for that fetch shares its outcome.
    failed: Option<(Instant, Arc<str>)>,
}

/// A token and which fetch it came from.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    pub(crate) token: AccessToken,
    generation: u64,
    renew_at: Option<Instant>,
}

impl Tokens {
    pub(crate) fn of(source: Arc<dyn TokenSource>) -> Self {
        Self::Source(source, Mutex::default())
    }

    /// The token to send now.
    pub(crate) async fn current(&self) -> Result<Lease, Error> {
        match self {
            Self::Static(token) => Ok(Lease {
                token: token.clone(),
                generation: 0,
                renew_at: None,
            }),
            Self::Source(source, kept) => {
                let since = Instant::now();
                let mut kept = kept.lock().await;
                match &kept.current {
                    Some(lease) if lease.renew_at.is_none_or(|at| Instant::now() < at) => {
                        Ok(lease.clone())
                    }
                    _ => fetch(&**source, &mut kept, since).await,
                }
            }
        }
    }

    /// Another token after the API refused one; `None` where there is no other.
    pub(crate) async fn after_refusal(&self, refused: &Lease) -> Option<Result<Lease, Error>> {
        let Self::Source(source, kept) = self else {
            return None;
        };
        let since = Instant::now();
        let mut kept = kept.lock().await;
        Some(match &kept.current {
            // Someone else has fetched since.
            Some(lease) if lease.generation != refused.generation => Ok(lease.clone()),
            _ => fetch(&**source, &mut kept, since).await,
        })
    }
}

async fn fetch(source: &dyn TokenSource, kept: &mut Kept, since: Instant) -> Result<Lease, Error> {
    let refuse = |cause: &str| {
        Error::new(
            ErrorKind::Token,
            format!("no access token could be had: {cause}"),
        )
    };
    if let Some((at, cause)) = &kept.failed
        && *at > since
    {
        return Err(refuse(cause));
    }
    match source.fetch().await {
        Ok(IssuedToken { token, lifetime }) => {
            kept.generation += 1;
            kept.failed = None;
            let lease = Lease {
                token,
                generation: kept.generation,
                // A short lifetime is halved rather than used up by the margin.
                renew_at: lifetime.and_then(|lifetime| {
                    let margin = TOKEN_MARGIN.min(lifetime / 2);
                    Instant::now().checked_add(lifetime.saturating_sub(margin))
                }),
            };
            kept.current = Some(lease.clone());
            Ok(lease)
        }
        Err(error) => {
            let cause: Arc<str> = error.to_string().into();
            kept.failed = Some((Instant::now(), Arc::clone(&cause)));
            Err(refuse(&cause).with_source(error))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    use super::*;

    #[derive(Debug, Default)]
    struct Counting {
        fetched: AtomicU64,
        lifetime: Option<Duration>,
        fails: bool,
    }

    impl TokenSource for Counting {
        fn fetch(&self) -> TokenFuture<'_> {
            Box::pin(async {
                let count = self.fetched.fetch_add(1, SeqCst) + 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
                if self.fails {
                    return Err("the vault is closed".into());
                }
                let issued = IssuedToken::new(AccessToken::new(format!("token-{count}"))?);
                Ok(match self.lifetime {
                    Some(lifetime) => issued.with_lifetime(lifetime),
                    None => issued,
                })
            })
        }
    }

    fn tokens(source: Counting) -> (Arc<Counting>, Arc<Tokens>) {
        let source = Arc::new(source);
        (Arc::clone(&source), Arc::new(Tokens::of(source)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_refusals_cause_one_fetch() {
        let (source, tokens) = tokens(Counting::default());
        let refused = tokens.current().await.unwrap();
        let tasks: Vec<_> = (0..100)
            .map(|_| {
                let (tokens, refused) = (Arc::clone(&tokens), refused.clone());
                tokio::spawn(async move { tokens.after_refusal(&refused).await.unwrap().unwrap() })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap().generation, 2);
        }
        assert_eq!(source.fetched.load(SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_fetch_is_shared_by_those_who_waited_and_tried_again_later() {
        let (source, tokens) = tokens(Counting {
            fails: true,
            ..Counting::default()
        });
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let tokens = Arc::clone(&tokens);
                tokio::spawn(async move { tokens.current().await.unwrap_err().to_string() })
            })
            .collect();
        for task in tasks {
            assert_eq!(
                task.await.unwrap(),
                "no access token could be had: the vault is closed"
            );
        }
        assert_eq!(source.fetched.load(SeqCst), 1);
        tokens.current().await.unwrap_err();
        assert_eq!(source.fetched.load(SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_before_it_ends() {
        let lifetime = Some(Duration::from_secs(3600));
        let (source, tokens) = tokens(Counting {
            lifetime,
            ..Counting::default()
        });
        tokens.current().await.unwrap();
        tokio::time::advance(Duration::from_secs(3600 - 61)).await;
        tokens.current().await.unwrap();
        assert_eq!(source.fetched.load(SeqCst), 1);
        tokio::time::advance(Duration::from_secs(2)).await;
        tokens.current().await.unwrap();
        assert_eq!(source.fetched.load(SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_refresh_leaves_the_next_to_do_it() {
        let (source, tokens) = tokens(Counting::default());
        let short = Duration::from_millis(5);
        assert!(tokio::time::timeout(short, tokens.current()).await.is_err());
        assert_eq!(tokens.current().await.unwrap().generation, 1);
        assert_eq!(source.fetched.load(SeqCst), 2);
    }
}
