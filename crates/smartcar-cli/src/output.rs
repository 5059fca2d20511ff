//! Writing to stdout and stderr.
//!
//! Invariant: a reader that went away (`smartcar endpoints | head -1`) is
//! neither a panic nor a message.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::exit::Exit;

/// Prints a text and a line end on stdout, whole, and gives the exit code that
/// belongs to it.
pub(crate) fn print(text: &str, exit: Exit) -> Exit {
    match write(text).and_then(|()| write("\n")) {
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

/// Writes a text on stdout, and does not keep it back.
pub(crate) fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Prints one line on stderr: `error: …`, `warning: …`, `help: …`.
pub(crate) fn complain(label: &str, message: &dyn Display) {
    let colour = match label {
        "error" => AnsiColor::Red,
        "warning" => AnsiColor::Yellow,
        _ => AnsiColor::Green,
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    // `eprintln!` panics where stderr is closed; there is nobody to tell then.
    let mut stderr = AutoStream::auto(io::stderr());
    let _ = writeln!(stderr, "{style}{label}:{style:#} {message}");
}

/// Prints one line on stderr that needs no label.
pub(crate) fn note(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// How many columns stdout has, if it is a terminal.
pub(crate) fn width() -> Option<usize> {
    columns(io::stdout())
}

/// How many columns stderr has, if it is a terminal.
pub(crate) fn stderr_width() -> Option<usize> {
    columns(io::stderr())
}

#[cfg(unix)]
fn columns(stream: impl std::os::fd::AsFd) -> Option<usize> {
    /// A terminal that says less does not know its width.
    const NARROWEST: usize = 20;
    let (width, _) = terminal_size::terminal_size_of(stream)?;
    Some(usize::from(width.0)).filter(|width| *width >= NARROWEST)
}

#[cfg(windows)]
fn columns(stream: impl std::os::windows::io::AsHandle) -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(stream)?;
    Some(usize::from(width.0))
}

/// Whether stdout shows colours: a terminal that has them and no `NO_COLOR`, or
/// `CLICOLOR_FORCE`.
pub(crate) fn has_colours() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}
