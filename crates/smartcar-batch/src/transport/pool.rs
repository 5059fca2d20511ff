//! The HTTP client of one server, and its replacement.
//!
//! Invariant: after an HTTP/2 request timed out, no later request uses its
//! connection.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};

use smartcar_model::Error;

type Make = dyn Fn() -> Result<reqwest::Client, Error> + Send + Sync;

/// The HTTP client of one server.
pub(crate) struct Pool {
    make: Box<Make>,
    current: RwLock<Arc<Pooled>>,
}

/// An HTTP client with its connections.
pub(crate) struct Pooled {
    pub(crate) http: reqwest::Client,
    protocol: AtomicU8,
}

/// Nothing was answered yet.
const UNKNOWN: u8 = 0;
const HTTP_1: u8 = 1;
const HTTP_2: u8 = 2;

impl Pooled {
    fn new(http: reqwest::Client) -> Arc<Self> {
        Arc::new(Self {
            http,
            protocol: AtomicU8::new(UNKNOWN),
        })
    }

    /// Notes the version of HTTP that a response came with.
    pub(crate) fn note(&self, is_http_2: bool) {
        let protocol = if is_http_2 { HTTP_2 } else { HTTP_1 };
        self.protocol.store(protocol, Relaxed);
    }
}

impl Pool {
    pub(crate) fn new(
        make: impl Fn() -> Result<reqwest::Client, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let current = RwLock::new(Pooled::new(make()?));
        Ok(Self {
            make: Box::new(make),
            current,
        })
    }

    pub(crate) fn current(&self) -> Arc<Pooled> {
        let current = self.current.read();
        // Nothing panics while it is held.
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// A request that was sent with this client timed out. Over HTTP/1 its
    /// connection closes. Over HTTP/2 it stays in the pool, where the next request
    /// would wait on it too, so the client is replaced. Requests under way keep
    /// the old one.
    pub(crate) fn timed_out(&self, pooled: &Arc<Pooled>) {
        if pooled.protocol.load(Relaxed) == HTTP_1 {
            return;
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // Others may have timed out with it, and replaced it already.
        if Arc::ptr_eq(&current, pooled)
            && let Ok(http) = (self.make)()
        {
            *current = Pooled::new(http);
        }
    }
}
