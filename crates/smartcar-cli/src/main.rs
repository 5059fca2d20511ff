//! The `smartcar` command: a table of contents.
//!
//! Invariant: nothing happens here but reading the arguments and handing them
//! to the verb they name.

mod age;
mod commands;
mod environment;
mod exit;
mod output;
mod report;
mod table;
mod text;
mod usage;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Ask a vehicle several things in one request through Smartcar.
#[derive(Debug, Parser)]
#[command(name = "smartcar", version, after_help = exit::HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

// Each verb's help is the documentation of its options.
#[derive(Debug, Subcommand)]
enum Command {
    Batch(commands::batch::Batch),
    Endpoints(commands::endpoints::Endpoints),
    Simulate(commands::simulate::Simulate),
}

fn main() -> ExitCode {
    let arguments = match usage::parse::<Arguments>() {
        Ok(arguments) => arguments,
        Err(code) => return code.into(),
    };
    let code = match arguments.command {
        Command::Batch(options) => commands::batch::run(&options),
        Command::Endpoints(options) => commands::endpoints::run(&options),
        Command::Simulate(options) => commands::simulate::run(&options),
    };
    code.into()
}
