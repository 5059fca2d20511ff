//! Arguments, and how a wrong one is reported.
//!
//! Invariant: wherever `--json` stands among the arguments, stdout has one JSON
//! object, even where the arguments could not be read.

use std::borrow::Cow;
use std::ffi::OsString;

use clap::{Command, Parser};

use crate::environment::Refusal;
use crate::exit::Exit;
use crate::report::failed::Failed;

/// Longer lines of help are hard to read. Also its width in a pipe.
pub(crate) const WIDEST: usize = 100;

/// Reads the arguments; prints help, version or what is wrong with them.
pub(crate) fn parse<T: Parser>() -> Result<T, Exit> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    T::try_parse_from(&arguments).map_err(|error| {
        // A closed stderr or stdout has no reader to tell.
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

/// What clap says before it comes to tips and usage, on one line.
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

/// The names of all options given, known or not.
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

/// The vehicle's id, if the arguments tell it in spite of the fault.
fn vehicle(command: Command, arguments: &[OsString]) -> Option<String> {
    let batch = command.find_subcommand("batch")?;
    let known = |option: &str| {
        let mut longs = batch.get_arguments().filter_map(clap::Arg::get_long);
        longs.any(|long| option.strip_prefix("--") == Some(long))
    };
    if !options(arguments).all(|option| known(&option)) {
        // The value of an option that does not exist (`--token …`) would be
        // taken for the id, and may be a secret.
        return None;
    }
    let matches = command
        .ignore_errors(true)
        .try_get_matches_from(arguments)
        .ok()?;
    let (_, verb) = matches.subcommand()?;
    verb.try_get_one::<String>("vehicle").ok()?.cloned()
}
