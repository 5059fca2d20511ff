//! The HTTP client: what the user sets, then what always holds.
//!
//! Invariant: whatever the user sets, no redirect is followed, nothing is sent
//! twice by the library, and nothing is unpacked.

use std::fmt;
use std::sync::{Arc, OnceLock};

use smartcar_model::{Error, ErrorKind};

use crate::limits::{CONNECT_TIMEOUT, PING_INTERVAL, PING_TIMEOUT, POOL_IDLE_TIMEOUT};
use crate::origin::Reach;

type Change = dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync;

/// What the user sets on the HTTP client, for each that is made.
#[derive(Clone)]
pub(crate) struct Configure(Arc<Change>);

impl Configure {
    pub(crate) fn new(
        change: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder
        + Clone
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self(Arc::new(move |builder| (change.clone())(builder)))
    }

    /// This, and then another.
    pub(crate) fn then(self, next: Self) -> Self {
        Self(Arc::new(move |builder| next.apply(self.apply(builder))))
    }

    fn apply(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        (self.0)(builder)
    }
}

impl fmt::Debug for Configure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Configure")
    }
}

/// An HTTP client that follows no redirect, repeats nothing and unpacks nothing.
pub(crate) fn http_client(
    reach: Reach,
    configure: Option<&Configure>,
) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        // A lost route closes no connection: without pings each request on it
        // would wait to its deadline. Over HTTP/1 it is one request.
        .http2_keep_alive_interval(PING_INTERVAL)
        .http2_keep_alive_timeout(PING_TIMEOUT);
    if reach.loopback {
        // The system's proxy cannot reach this machine's loopback. One that the
        // user sets is added below.
        builder = builder.no_proxy();
    }
    if let Some(configure) = configure {
        builder = configure.apply(builder);
    }
    builder
        // A redirect would turn the POST into a GET, or send the body elsewhere.
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // Each request on the wire is counted, so only the call loop repeats.
        .retry(reqwest::retry::never())
        // Another crate may have turned these on: what is not unpacked
        // cannot be a bomb.
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .https_only(reach.https_only)
        .build()
        .map_err(|error| {
            Error::new(
                ErrorKind::InvalidRequest,
                "the HTTP client could not be set up",
            )
            .with_source(error.without_url())
        })
}

/// An HTTP client that builds requests and sends none: a transport does.
pub(crate) fn bare_client() -> Result<reqwest::Client, Error> {
    static BARE: OnceLock<reqwest::Client> = OnceLock::new();
    if let Some(bare) = BARE.get() {
        return Ok(bare.clone());
    }
    let reach = Reach {
        https_only: false,
        loopback: true,
    };
    let bare = http_client(reach, None)?;
    Ok(BARE.get_or_init(|| bare).clone())
}
