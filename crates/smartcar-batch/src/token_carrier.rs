//! A token source together with the transport of its client.
//!
//! Invariant: the token server is reached like the API: through the same proxy, with
//! the same root certificates, over the same transport.

use std::fmt;
use std::sync::Arc;

use smartcar_client::Transport;

use crate::token_source::{TokenFuture, TokenSource};

/// A token source that uses its client's transport.
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
