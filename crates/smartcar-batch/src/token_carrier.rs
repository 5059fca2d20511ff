//! A token source together with the transport of its client.
//!
//! Invariant: the token's server is reached as the API's is: by the same proxy,
//! with the same roots, over the same transport.

use std::fmt;
use std::sync::Arc;

use smartcar_client::Transport;

use crate::token_source::{TokenFuture, TokenSource};

/// A source that asks over its client's transport.
pub(crate) struct Carried {
    pub(crate) source: Arc<dyn TokenSource>,
    pub(crate) transport: Arc<dyn Transport>,
}

impl TokenSource for Carried {
    fn fetch(&self) -> TokenFuture<'_> {
        self.source.fetch_over(&*self.transport)
    }
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}
