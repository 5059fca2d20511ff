//! Ctrl-C, and on Unix SIGTERM.
//!
//! Invariant: signals are caught from the call on, before any work starts that they
//! should stop.

use std::io;

use crate::exit::Exit;

/// Signals that ask this process to stop.
#[cfg(unix)]
pub(crate) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Starts to catch signals.
    pub(crate) fn catch() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) {
        self.next_kind().await;
    }

    /// Waits for the next signal, and returns the exit code of a service that it
    /// ends.
    pub(crate) async fn next_kind(&mut self) -> Exit {
        tokio::select! {
            _ = self.interrupt.recv() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Good,
        }
    }
}

/// SIGHUP, which asks to open files anew.
#[cfg(unix)]
pub(crate) struct HangUps(Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl HangUps {
    /// Starts to catch the signal, if it is wanted. Otherwise it ends the process, as
    /// usual.
    pub(crate) fn catch(is_wanted: bool) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let caught = is_wanted.then(|| signal(SignalKind::hangup()));
        Ok(Self(caught.transpose()?))
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) {
        match &mut self.0 {
            Some(signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        }
    }
}

/// Signals that ask this process to stop.
#[cfg(windows)]
pub(crate) struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Signals {
    /// Starts to catch signals.
    pub(crate) fn catch() -> io::Result<Self> {
        Ok(Self {
            interrupt: tokio::signal::windows::ctrl_c()?,
        })
    }

    /// Waits for the next signal.
    pub(crate) async fn next(&mut self) {
        self.next_kind().await;
    }

    /// Waits for the next signal, and returns the exit code of a service that it
    /// ends.
    pub(crate) async fn next_kind(&mut self) -> Exit {
        self.interrupt.recv().await;
        Exit::Interrupted
    }
}

/// There is no such signal here.
#[cfg(windows)]
pub(crate) struct HangUps;

#[cfg(windows)]
impl HangUps {
    /// Does nothing.
    pub(crate) fn catch(_: bool) -> io::Result<Self> {
        Ok(Self)
    }

    /// Never returns.
    pub(crate) async fn next(&mut self) {
        std::future::pending().await
    }
}
