//! Writing to stdout and stderr.
//!
//! Invariant: a reader that went away (`smartcar endpoints | head -1`) is
//! neither a panic nor a message.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use crate::exit::Exit;

/// Prints a text and a line end on stdout, whole, and gives the exit code that
/// belongs to it.
pub(crate) fn print(text: &str, exit: Exit) -> Exit {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.write_all(b"\n"))
        .and_then(|()| stdout.flush());
    match written {
        // Whoever closed the pipe has read what they wanted.
        Ok(()) => exit,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit,
        Err(error) => {
            complain(
                "error",
                &format!("the output could not be written: {error}"),
            );
            Exit::Unwritable
        }
    }
}

/// Prints one line on stderr: `error: …`, `warning: …`, `help: …`.
pub(crate) fn complain(label: &str, message: &dyn Display) {
    // `eprintln!` panics where stderr is closed; there is nobody to tell then.
    let _ = writeln!(io::stderr(), "{label}: {message}");
}

/// Whether stdout is a terminal, which bounds the width of a table.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether stdout shows colours: a terminal that has them, and no `NO_COLOR`.
pub(crate) fn has_colours() -> bool {
    is_terminal() && AutoStream::choice(&io::stdout()) != ColorChoice::Never
}
