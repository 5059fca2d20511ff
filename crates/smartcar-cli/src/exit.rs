//! The exit codes.
//!
//! Invariant: scripts depend on these numbers, so their meaning never changes.

use std::process::ExitCode;

/// The help's section on exit codes.
pub(crate) const HELP: &str = "\
Exit codes:
  0    success
  1    the output could not be written
  2    the input was rejected before anything was sent
  3    some or all items failed; in a fleet, some vehicles or
       items failed or must wait; a signature does not match
  4    the batch, the simulator or the receiver failed; in a fleet, no
       vehicle had results, the account's vehicles could not
       be listed, or the token was rejected; the server of a
       queue or budget cannot be used
  130  a fleet was interrupted (Ctrl-C, SIGTERM), or the
       receiver (Ctrl-C)";

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Success.
    Good,
    /// The output could not be written.
    Unwritable,
    /// The input was rejected before anything was sent.
    Refused,
    /// There was a response; some or all items failed.
    Items,
    /// The batch failed as a whole.
    Failed,
    /// A fleet was interrupted by a signal.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Good => 0u8,
            Exit::Unwritable => 1,
            Exit::Refused => 2,
            Exit::Items => 3,
            Exit::Failed => 4,
            Exit::Interrupted => 130,
        })
    }
}
