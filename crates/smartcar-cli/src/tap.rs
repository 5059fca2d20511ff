//! A transport that shows what passes through it.
//!
//! Invariant: requests and responses pass unchanged.

use smartcar_batch::bytes::Bytes;
use smartcar_batch::{Error, HttpTransport, Transport, TransportFuture, http};

/// Sees each response, with the method and path of its request.
pub(crate) trait Watcher: Send + Sync + 'static {
    fn see(&self, request: &Asked, response: &http::Response<Bytes>);
}

/// A request, without its headers and body.
pub(crate) struct Asked {
    pub(crate) method: http::Method,
    pub(crate) path: String,
}

/// The HTTP transport, with a watcher.
pub(crate) struct Tap<W> {
    inner: HttpTransport,
    watcher: W,
}

impl<W: Watcher> Tap<W> {
    /// A proxy of the environment cannot reach this machine's own servers.
    pub(crate) fn new(watcher: W, is_local: bool) -> Result<Self, Error> {
        let inner =
            HttpTransport::configured(move |http| if is_local { http.no_proxy() } else { http })?;
        Ok(Self { inner, watcher })
    }
}

impl<W: Watcher> Transport for Tap<W> {
    fn send(&self, request: http::Request<Bytes>) -> TransportFuture<'_> {
        let asked = Asked {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
        };
        Box::pin(async move {
            let response = self.inner.send(request).await?;
            self.watcher.see(&asked, &response);
            Ok(response)
        })
    }
}

/// Whether the API is on this machine, by the flag or else by the environment.
pub(crate) fn is_local_api(origin: Option<&str>) -> bool {
    let variables = ["SMARTCAR_API_V3_ORIGIN", "SMARTCAR_API_ORIGIN"].into_iter();
    let mut set = variables.filter_map(|name| std::env::var(name).ok());
    let origin = origin.map(str::to_owned);
    let origin = origin.or_else(|| set.find(|it| !it.is_empty()));
    is_local(origin.as_deref())
}

/// Whether an origin is on this machine.
fn is_local(origin: Option<&str>) -> bool {
    let host = origin.and_then(|origin| url::Url::parse(origin).ok());
    let host = host.and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| host == "localhost" || host == "[::1]" || host.starts_with("127."))
}
