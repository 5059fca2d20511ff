//! The end of a call with open items.
//!
//! Invariant: if an error caused the end, the reason includes it.

use smartcar_model::{Error, ErrorKind, StopReason};
use tokio::time::{Instant, timeout_at};

/// Why a call ended with open items.
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

/// The error if the deadline passed before the request was sent.
pub(super) fn too_late() -> End {
    let message = "the deadline passed before the request could be sent";
    End::failed(Error::new(ErrorKind::Timeout, message))
}

/// Waits for a future, but not past the deadline.
pub(super) async fn in_time<T>(
    deadline: Instant,
    future: impl Future<Output = T>,
) -> Result<T, End> {
    timeout_at(deadline, future).await.map_err(|_| too_late())
}
