//! The client: what all its calls share.
//!
//! Invariant: cheap to clone; everything is in what the clones share.

use std::fmt;
use std::sync::Arc;

use crate::shared::Shared;

/// A client of the Smartcar API. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}
