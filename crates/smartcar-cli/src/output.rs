//! Writing to stdout and stderr.
//!
//! Invariant: a closed pipe (`smartcar endpoints | head -1`) causes neither a panic
//! nor an error message.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::exit::Exit;

/// Prints a text and a newline on stdout. Returns the given exit code, or the one
/// for a failed write.
pub(crate) fn print(text: &str, exit: Exit) -> Exit {
    match write(text).and_then(|()| write("\n")) {
        // The reader closed the pipe because it has read enough.
        Ok(()) => exit,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit,
        Err(error) => {
            complain("error", &format!("cannot write the output: {error}"));
            Exit::Unwritable
        }
    }
}

/// Writes a text to stdout and flushes it.
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
    // Not `eprintln!`, which panics if stderr is closed. The error is ignored then.
    let mut stderr = AutoStream::auto(io::stderr());
    let _ = writeln!(stderr, "{style}{label}:{style:#} {message}");
}

/// Prints one line on stderr without a label.
pub(crate) fn note(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// The width of stdout in columns, if it is a terminal.
pub(crate) fn width() -> Option<usize> {
    columns(io::stdout())
}

/// The width of stderr in columns, if it is a terminal.
pub(crate) fn stderr_width() -> Option<usize> {
    columns(io::stderr())
}

#[cfg(unix)]
fn columns(stream: impl std::os::fd::AsFd) -> Option<usize> {
    /// A terminal that reports less does not know its width.
    const NARROWEST: usize = 20;
    let (width, _) = terminal_size::terminal_size_of(stream)?;
    Some(usize::from(width.0)).filter(|width| *width >= NARROWEST)
}

#[cfg(windows)]
fn columns(stream: impl std::os::windows::io::AsHandle) -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(stream)?;
    Some(usize::from(width.0))
}

/// Whether stdout shows colours: with `CLICOLOR_FORCE`, or if it is a terminal with
/// colours and `NO_COLOR` is not set.
pub(crate) fn has_colours() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}
