//! What the exit code says.
//!
//! Invariant: these numbers are a contract with scripts; none changes its
//! meaning.

use std::process::ExitCode;

/// The codes, as `--help` explains them.
pub(crate) const HELP: &str = "\
Exit codes:
  0    everything asked for was answered
  1    the output could not be written
  2    refused before anything was sent
  3    the batch was answered, and some or all of its items
       failed; of a fleet, some vehicles or items failed or
       must wait
  4    the batch, or the simulator, failed; of a fleet, no
       vehicle was answered, the account's list could not be
       read, or the token was not accepted
  130  a fleet was interrupted (Ctrl-C, SIGTERM)";

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything asked for is there.
    Good,
    /// What was to be printed could not be written.
    Unwritable,
    /// The input was refused before anything was sent.
    Refused,
    /// The batch was answered; some or all items failed.
    Items,
    /// The batch failed as a whole.
    Failed,
    /// A fleet was asked to stop.
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
