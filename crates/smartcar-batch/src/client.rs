//! The client.
//!
//! Invariant: clones are cheap and share all state.

use std::fmt;
use std::sync::Arc;

use crate::shared::Shared;

/// A client of the Smartcar API: [`Client::builder`] or [`Client::from_env`]. Cheap
/// to clone; clones share connections, tokens, the budget and the retry quota.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}
