//! `cargo xtask …`: a table of contents.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::commands;
use xtask::exit::WRONG;

/// Maintainers' commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Generate the checked-in sources from spec/, or check them
    Regen(commands::regen::Regen),
    /// Run every check and every outside judge
    Test(commands::test::Test),
    /// List which judge notices which simulator that is broken on purpose
    Broken(commands::broken::Listing),
    /// Report where recorded answers differ from the spec, without their values
    Audit(commands::audit::Audit),
    /// Check licences, sources and advisories of the dependencies (installs cargo-deny)
    Deny(commands::deny::Deny),
    /// Send a million batches under every fault, and compare what was sent with what was charged
    Soak(commands::soak::Soak),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Regen(options) => commands::regen::run(&options),
        Command::Test(options) => commands::test::run(&options),
        Command::Broken(options) => commands::broken::run(&options),
        Command::Audit(options) => commands::audit::run(&options),
        Command::Deny(options) => commands::deny::run(&options),
        Command::Soak(options) => commands::soak::run(&options),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitCode::from(WRONG)
        }
    }
}
