//! The `cargo xtask` command.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::commands;
use xtask::exit::WRONG;

/// Commands for maintainers.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Generate the checked-in sources from spec/, or check that they are current
    Regen(commands::regen::Regen),
    /// Run all checks and external judges
    Test(commands::test::Test),
    /// Run the judges against deliberately broken simulators and list what they detect
    Broken(commands::broken::Listing),
    /// Measure instructions, allocations and times beside their limits
    Bench(commands::bench::Bench),
    /// Compare recorded responses with the spec, without printing their values
    Audit(commands::audit::Audit),
    /// Check the dependencies' licences, sources and advisories
    Deny(commands::deny::Deny),
    /// Change the code where faults cost most, and list the changes that no test notices
    Mutants(commands::mutants::Mutants),
    /// Make the packages, check them, and build them unpacked against each other
    Package(commands::package::Packages),
    /// Show what a release would be: changes, version, changelog, order of publishing
    Release(commands::release::Release),
    /// Send a million batches under every fault, and compare what was sent with what was charged
    Soak(commands::soak::Soak),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Regen(options) => commands::regen::run(&options),
        Command::Test(options) => commands::test::run(&options),
        Command::Broken(options) => commands::broken::run(&options),
        Command::Bench(options) => commands::bench::run(&options),
        Command::Audit(options) => commands::audit::run(&options),
        Command::Deny(options) => commands::deny::run(&options),
        Command::Mutants(options) => commands::mutants::run(&options),
        Command::Package(options) => commands::package::run(&options),
        Command::Release(options) => commands::release::run(&options),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosted_workflows_run_commands_that_exist() {
        let folder = commands::root().join(".github/workflows");
        let mut count = 0;
        for entry in folder.read_dir().expect("there are workflows") {
            let path = entry.expect("it can be listed").path();
            let text = std::fs::read_to_string(&path).expect("it can be read");
            for line in text
                .lines()
                .filter_map(|line| line.trim().strip_prefix("- run: "))
            {
                let Some(arguments) = line.strip_prefix("cargo xtask ") else {
                    let installs = ["rustup ", "cargo +nightly install "];
                    assert!(
                        installs.iter().any(|start| line.starts_with(start)),
                        "{line}"
                    );
                    continue;
                };
                let words = std::iter::once("xtask").chain(arguments.split(' '));
                let parsed = Arguments::try_parse_from(words);
                let command = parsed
                    .unwrap_or_else(|error| panic!("{line}: {error}"))
                    .command;
                if let Command::Test(options) = command {
                    let unknown = options.unknown_steps();
                    assert!(unknown.is_empty(), "{line}: {unknown:?}");
                }
                count += 1;
            }
        }
        assert!(count > 9, "only {count} commands were found");
    }
}
