//! How a call ends with something left to ask.
//!
//! Invariant: the reason says more than that asking stopped, where there is more
//! to say.

use smartcar_model::{Error, ErrorKind, StopReason};
use tokio::time::{Instant, timeout_at};

/// Why asking ended with something left to ask.
#[derive(Debug)]
pub(super) struct End {
    pub(super) stopped: StopReason,
    pub(super) retry_at: Option<Instant>,
}

impl End {
    pub(super) fn of(stopped: StopReason) -> Self {
        Self {
            stopped,
            retry_at: None,
        }
    }

    pub(super) fn failed(error: Error) -> Self {
        Self::of(StopReason::Failed(error))
    }
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::failed(error)
    }
}

/// The deadline passed while the call waited for something of its own.
pub(super) fn too_late() -> End {
    let message = "the deadline passed before the request could be sent";
    End::failed(Error::new(ErrorKind::Timeout, message))
}

/// Waits for something of the call's own, but not past the deadline.
pub(super) async fn in_time<T>(
    deadline: Instant,
    future: impl Future<Output = T>,
) -> Result<T, End> {
    timeout_at(deadline, future).await.map_err(|_| too_late())
}
