//! Parses the arguments and reports invalid ones.
//!
//! Invariant: with `--json`, wherever it is among the arguments, stdout has one JSON
//! object even if the arguments are invalid.

use std::borrow::Cow;
use std::ffi::OsString;

use clap::{Command, Parser};

use crate::environment::Refusal;
use crate::exit::Exit;
use crate::report::failed::Failed;

/// Maximum width of the help, and its width in a pipe.
pub(crate) const WIDEST: usize = 100;

/// Parses the arguments. Prints help, the version or an error.
pub(crate) fn parse<T: Parser>() -> Result<T, Exit> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    T::try_parse_from(&arguments).map_err(|error| {
        // Ignored: if the output is closed, the error cannot be reported.
        let _ = error.print();
        if !error.use_stderr() {
            return Exit::Good;
        }
        if options(&arguments).any(|option| option == "--json") {
            let vehicle = vehicle(T::command(), &arguments);
            let refusal = Refusal {
                message: summary(&error),
                cure: None,
            };
            return Failed::refused(vehicle, refusal).print(true);
        }
        Exit::Refused
    })
}

/// Clap's message without tips and usage, on one line.
fn summary(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines: Vec<_> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let line = lines.join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}

/// The names of all given options, known or not.
fn options(arguments: &[OsString]) -> impl Iterator<Item = Cow<'_, str>> {
    arguments
        .iter()
        .skip(1)
        .map(|argument| argument.to_string_lossy())
        .take_while(|argument| argument != "--")
        .filter(|argument| argument.starts_with('-'))
        .map(|argument| match argument.split_once('=') {
            Some((name, _)) => Cow::Owned(name.to_owned()),
            None => argument,
        })
}

/// The vehicle ID, if it can be found in the invalid arguments.
fn vehicle(command: Command, arguments: &[OsString]) -> Option<String> {
    let batch = command.find_subcommand("batch")?;
    let known = |option: &str| {
        let mut longs = batch.get_arguments().filter_map(clap::Arg::get_long);
        longs.any(|long| option.strip_prefix("--") == Some(long))
    };
    if !options(arguments).all(|option| known(&option)) {
        // The value of an unknown option (`--token …`) would be mistaken for the
        // ID, and may be a secret.
        return None;
    }
    let matches = command
        .ignore_errors(true)
        .try_get_matches_from(arguments)
        .ok()?;
    let (_, verb) = matches.subcommand()?;
    verb.try_get_one::<String>("vehicle").ok()?.cloned()
}
